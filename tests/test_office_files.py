"""Office files that SharePoint writes into after an upload: nothing is put beside, read back or voided for that."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document

from casework.meeting_record import minutes_row
from casework.minutes_reading import watched_minutes
from casework.report_filing import path_of
from casework.reporting import report_row, sign_report
from communities.directory import Role
from local_tenant.office_files import rewritten
from papers.marker import Marker, fingerprint, marked, marker_of
from papers.wording import wording_hash
from tests.conftest import World, begins
from tests.sample_papers import DOCUMENTS
from tests.test_filed_papers import mails, person
from tests.test_filing import CLERK, files
from tests.test_minutes_in_word import below, minutes_file, save, written
from tests.test_reports import KIT, a_minute_later, complete, drafted, people
from tests.test_sync import COMMUNITY

PATH = "Minutes/m.docx"


def paper(text: str, *, bold: bool = False) -> bytes:
    document = Document()
    document.add_paragraph().add_run(text).bold = bold
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "Item"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def changed(content: bytes, change: Callable[[Any], None]) -> bytes:
    document = Document(io.BytesIO(content))
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_sharepoint_does_to_a_paper_changes_neither_its_fingerprint_nor_what_it_says(name: str) -> None:
    content = DOCUMENTS[name]("ABC")
    ours = marked(content, PATH)
    after = rewritten(rewritten(ours))
    assert after != ours
    assert marker_of(after) == Marker(name=PATH, fingerprint=fingerprint(content))
    assert fingerprint(after) == fingerprint(ours) == fingerprint(content)
    assert wording_hash(after) == wording_hash(content)
    assert marked(ours, PATH) == ours == marked(content, PATH)
    assert [p.text for p in Document(io.BytesIO(after)).paragraphs] == [
        p.text for p in Document(io.BytesIO(content)).paragraphs
    ]


DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _pictured(document: Any) -> None:
    document.add_picture(io.BytesIO(DOT))


@pytest.mark.parametrize(
    ("change", "says_another"),
    [
        (lambda d: setattr(d.paragraphs[0], "text", "Other"), True),
        (lambda d: setattr(d.tables[0].cell(0, 1), "text", "x"), True),
        (lambda d: d.tables[0].add_row(), True),
        (_pictured, True),
        (lambda d: setattr(d.sections[0].header.paragraphs[0], "text", "Draft"), True),
        (lambda d: setattr(d.paragraphs[0].runs[0], "bold", True), False),
        (lambda d: d.paragraphs[0].add_run(""), False),
        (lambda d: setattr(d.core_properties, "title", "Other"), None),
    ],
)
def test_what_people_change_is_seen(change: Callable[[Any], None], says_another: bool | None) -> None:
    """None: a property of the file that nobody reads is neither an edit nor other words."""
    before = paper("Hello")
    after = changed(before, change)
    assert (fingerprint(after) == fingerprint(before)) == (says_another is None)
    assert (wording_hash(after) != wording_hash(before)) == bool(says_another)


ALONE = {"office-rewrite-names-system": True}


@pytest.mark.parametrize("behaviours", [{}, ALONE], ids=["as the uploader", "as the system"])
async def test_papers_put_again_and_again_land_once_each_and_nothing_beside(
    world: World, behaviours: dict[str, bool]
) -> None:
    """Six papers, so that SharePoint writes into them during the upload, at the next request and at the one after."""
    await world.hand.call("POST", "behaviours", json=behaviours)
    port = world.office.ports.files
    for turn in ("first", "second"):
        for _ in range(3):
            for n in range(6):
                assert not (await port.put("ABC", f"Agendas/{n}.docx", paper(f"{turn} {n}"))).is_beside
    assert await files(world) == {f"ABC/Agendas/{n}.docx": 2 for n in range(6)}


@pytest.mark.parametrize("behaviours", [{}, ALONE], ids=["as the uploader", "as the system"])
async def test_a_paper_whose_filing_was_not_remembered_is_known_by_its_mark(
    world: World, behaviours: dict[str, bool]
) -> None:
    """The answer was lost, or the record is restored from a backup."""
    await world.hand.call("POST", "behaviours", json=behaviours)
    port = world.office.ports.files
    for n in range(3):
        await port.put("ABC", f"{n}.docx", paper(f"first {n}"))
    with world.desk.work() as work:
        work.conn.exec_driver_sql("DELETE FROM graph_files")
    for n in range(3):
        assert not (await port.put("ABC", f"{n}.docx", paper(f"first {n}"))).is_beside
    assert set((await files(world)).values()) == {1}
    with world.desk.work() as work:
        work.conn.exec_driver_sql("DELETE FROM graph_files")
    for n in range(3):
        assert not (await port.put("ABC", f"{n}.docx", paper(f"second {n}"))).is_beside
    assert await files(world) == {f"ABC/{n}.docx": 2 for n in range(3)}


@pytest.mark.parametrize("bold", [False, True], ids=["the text", "its looks"])
async def test_a_paper_a_person_edited_stays_though_sharepoint_wrote_into_it_too(world: World, bold: bool) -> None:
    port = world.office.ports.files
    for n in range(3):
        path = f"Minutes/{n}.docx"
        await port.put("ABC", path, paper("first"))
        theirs = paper("first", bold=True) if bold else paper("edited by hand")
        await world.hand.save_file("ABC", path, theirs, CLERK)
        for _ in range(2):
            assert (await port.put("ABC", path, paper("second"))).is_beside
        assert wording_hash(await port.read("ABC", path) or b"") == wording_hash(theirs)
    assert len(await files(world)) == 6


async def test_a_person_who_only_opened_and_saved_it_holds_nothing_up(world: World) -> None:
    port = world.office.ports.files
    await port.put("ABC", PATH, paper("first"))
    await world.hand.save_file("ABC", PATH, await port.read("ABC", PATH) or b"", CLERK)
    assert not (await port.put("ABC", PATH, paper("second"))).is_beside


@pytest.mark.parametrize("ignores", [False, True], ids=["If-Match holds", "If-Match is ignored"])
@pytest.mark.parametrize("refused", [False, True], ids=["no 412", "412 at times"])
async def test_what_a_person_saves_in_the_moment_of_our_write_is_never_covered(
    world: World, ignores: bool, refused: bool
) -> None:
    await world.hand.call(
        "POST", "behaviours", json={"put-ignores-if-match": ignores, "if-match-refused-though-right": refused}
    )
    port = world.office.ports.files
    for n in range(3):
        path = f"{n}.docx"
        await port.put("ABC", path, paper("first"))
        saved = {"by": CLERK, "path": path, "saves": base64.b64encode(paper("theirs")).decode()}
        await world.hand.call("POST", "files/ABC", json=saved)
        assert (await port.put("ABC", path, paper("second"))).is_beside
        assert (await port.put("ABC", path, paper("second"))).is_beside
        assert wording_hash(await port.read("ABC", path) or b"") == wording_hash(paper("theirs"))
    assert len(await files(world)) == 6


async def test_a_library_without_versions_holds_nothing_up(world: World) -> None:
    await world.hand.call("POST", "behaviours", json={"library-keeps-versions": False})
    port = world.office.ports.files
    for turn in ("first", "second", "third"):
        for n in range(3):
            assert not (await port.put("ABC", f"{n}.docx", paper(turn))).is_beside
    assert len(await files(world)) == 3


@pytest.mark.parametrize("when", range(3), ids=["in the upload", "after one request", "after two"])
async def test_minutes_nobody_touched_are_not_read_back_whoever_wrote_into_them(world: World, when: int) -> None:
    await world.hand.call("POST", "behaviours", json=ALONE)
    world.tenant.office_uploads = when
    await written(world)
    for _ in range(4):
        await world.office.pull_minutes()
    await world.carry_out()
    assert not await mails(world, "The minutes of")
    with world.desk.work() as work:
        (watched,) = watched_minutes(work)
        assert minutes_row(work, watched.meeting_id).version == 1


@pytest.mark.parametrize("behaviours", [{}, ALONE], ids=["as the uploader", "as the system"])
async def test_minutes_a_clerk_edited_are_read_once(world: World, behaviours: dict[str, bool]) -> None:
    await world.hand.call("POST", "behaviours", json=behaviours)
    await written(world)
    name, clerk = minutes_file(world), person(world, Role.CLERK)

    def change(document: Any) -> None:
        below(document, "1. ").text = "Everybody was welcomed, and a new SENCO."

    for turn in (2, 2, 2, 3):
        if turn == 3:
            await save(world, name, clerk, lambda d: setattr(below(d, "1. "), "text", "Once more."))
        else:
            await save(world, name, clerk, change)
        for _ in range(3):
            await world.office.pull_minutes()
        with world.desk.work() as work:
            (watched,) = watched_minutes(work)
            assert minutes_row(work, watched.meeting_id).version == turn
    await world.carry_out()
    assert not await mails(world, "The minutes of")


@begins(drafted)
async def test_signatures_hold_while_the_report_says_the_same(world: World) -> None:
    """Between the two, SharePoint writes into the file, and the chair saves it without another word."""
    clerk_of, chair_of = people(world)
    await complete(world, clerk_of, "Schools ask for help with transition.")
    with world.desk.work() as work:
        sign_report(work, KIT, clerk_of)
    await world.carry_out()
    with world.desk.work() as work:
        path = path_of(report_row(work, KIT))
    before = await world.office.ports.files.read(COMMUNITY, path) or b""
    again = changed(before, lambda d: d.paragraphs[0].add_run(""))
    await world.hand.save_file(COMMUNITY, path, again, chair_of)
    await a_minute_later(world)
    assert fingerprint(again) != fingerprint(before)
    with world.desk.work() as work:
        sign_report(work, KIT, chair_of)
    await world.carry_out()
    assert not await mails(world, "Please sign again")
    assert len(await mails(world, f"KiT report November 2026 of {COMMUNITY}")) == 1
    with world.desk.work() as work:
        assert report_row(work, KIT).sent_at is not None


async def test_a_paper_filed_before_is_not_put_beside_what_a_person_made_of_it_since(world: World) -> None:
    """The effect that filed it was killed before that was noted, and the clerk was quick."""
    port = world.office.ports.files
    await port.put("ABC", PATH, paper("first"))
    await world.hand.save_file("ABC", PATH, paper("edited by hand"), CLERK)
    assert not (await port.put("ABC", PATH, paper("first"))).is_beside
    assert (await port.put("ABC", PATH, paper("second"))).is_beside
    assert wording_hash(await port.read("ABC", PATH) or b"") == wording_hash(paper("edited by hand"))
