"""Files SharePoint does not let us write: open, checked out, protected by a label, no room, names it refuses."""

from __future__ import annotations

import random
from datetime import date, time
from typing import Any

import pytest

from casework.errors import NeedsAttention
from casework.ports import Kept
from casework.reporting import sign_report
from casework.schedule import meetings_of, schedule_meetings
from casework.sweep import sweep
from communities.calendars import at_london
from communities.directory import Role
from graph_sync import provision as provision_module
from graph_sync.names import PATH_CHARACTERS, file_path, library_name
from local_tenant.office_files import encrypted, is_allowed_name
from papers.encrypted import ENCRYPTED, is_encrypted
from papers.minutes_reading import MinutesUnreadable, read_minutes
from papers.word import DOCX, TemplateBroken, render
from tests.conftest import World, begins
from tests.sample_papers import DOCUMENTS, minutes
from tests.test_filed_papers import mails, person
from tests.test_filing import CLERK, files
from tests.test_minutes_in_word import TITLES, minutes_file, written
from tests.test_office_files import paper
from tests.test_record import slot
from tests.test_reports import KIT, drafted, path_of, people, report_row
from tests.test_sync import COMMUNITY, to_the_meeting

PATH = "Agendas/a.docx"
CHARACTERS = '"*:<>?/\\|'
NASTY = (
    *(f"St Mary{c}s" for c in CHARACTERS), *(f"{c}Swale{c}" for c in CHARACTERS), CHARACTERS,
    " Swale", "Swale ", "Swale.", "Swale...", "~$Swale", "_vti_Swale", "Swale_VTI_North", "Forms", "forms", "CON",
    "con", "Aux", "NUL", "COM1", "lpt9", ".lock", "desktop.ini", "Canterbury\tDowns", "Deal\nand Sandwich", " ", "",
    "#1 & 50%", "St. Peter's", "Ysgol Gyfun Ŵŷ", "学校", "🏫 One", "x" * 500, "Swale: " + "a very long name " * 30,
    "." * 300,
)  # fmt: skip


async def act(world: World, **what: Any) -> None:
    await world.hand.call("POST", "files/ABC", json={"by": CLERK, "path": PATH, **what})


@pytest.mark.parametrize(
    ("acts", "why"),
    [({"locked": True}, Kept.OPEN), ({"checked_out": True}, Kept.CHECKED_OUT), ({"labelled": True}, Kept.PROTECTED)],
    ids=["open", "checked out", "labelled"],
)
@pytest.mark.parametrize("read_encrypted", [True, False], ids=["read encrypted", "read in the clear"])
@pytest.mark.usefixtures("impatient")
async def test_a_paper_that_cannot_be_replaced_stays_and_the_new_version_stands_beside_it(
    world: World, acts: dict[str, bool], why: Kept, read_encrypted: bool
) -> None:
    await world.hand.call("POST", "behaviours", json={"labelled-read-encrypted": read_encrypted})
    port = world.office.ports.files
    await port.put("ABC", PATH, paper("first"))
    await act(world, **acts)
    kept = [(await port.put("ABC", PATH, paper("second"))).kept for _ in range(2)]
    assert kept == [why] * 2
    assert sorted((await files(world)).values()) == [1, 1]
    await act(world, locked=False, checked_out=False, labelled=False)
    assert (await port.put("ABC", PATH, paper("third"))).kept is None


async def test_a_lock_of_a_moment_is_waited_for(world: World) -> None:
    port = world.office.ports.files
    await port.put("ABC", PATH, paper("first"))
    await world.hand.call("POST", "faults", json={"faults": "423=0.3,seed=3"})
    assert (await port.put("ABC", PATH, paper("second"))).kept is None
    met = await world.hand.call("POST", "faults", json={"faults": ""})
    assert met["423"]


async def test_in_a_library_that_demands_check_out_papers_are_checked_in(world: World) -> None:
    await world.hand.call("POST", "behaviours", json={"check-out-demanded": True})
    port = world.office.ports.files
    for text in ("first", "second"):
        assert (await port.put("ABC", PATH, paper(text))).kept is None
    assert {i.checked_out_by is None for d in world.tenant.drives.values() for i in d.items.values()} == {True}


async def test_a_full_site_is_an_administrators_matter(world: World) -> None:
    port = world.office.ports.files
    await port.put("ABC", PATH, paper("first"))
    await world.hand.call("POST", "behaviours", json={"storage-full": True})
    for path in (PATH, "Agendas/b.docx"):
        with pytest.raises(NeedsAttention, match="The storage of the SharePoint site is full"):
            await port.put("ABC", path, paper("second"))
    assert await files(world) == {f"ABC/{PATH}": 1}
    await world.hand.call("POST", "behaviours", json={"storage-full": False})
    assert (await port.put("ABC", PATH, paper("second"))).kept is None


@pytest.mark.parametrize("name", NASTY)
def test_every_name_becomes_one_that_sharepoint_takes(name: str) -> None:
    path = file_path(f"Agendas/Agenda 2026-11-05 {name}.docx")
    folder, _, file = path.partition("/")
    beside = file.replace(".docx", " (new version abc123).docx")
    assert is_allowed_name(library_name(name))
    assert all(is_allowed_name(part) for part in (folder, file, beside))
    assert len(f"sites/communities-of-schools/{library_name(name)}/{folder}/{beside}") <= PATH_CHARACTERS
    assert file.endswith(".docx")
    assert file_path(path) == path
    assert library_name(library_name(name)) == library_name(name)


@pytest.mark.parametrize("path", ["Agendas/Agenda 2026-11-05 ABC.docx", "Templates/agenda.docx", "small.txt",
                                  "Reports/KiT report November 2026 Swale and Rural.docx"])  # fmt: skip
def test_names_that_are_taken_stay_as_they_are(path: str) -> None:
    assert file_path(path) == path


def test_names_of_any_characters_become_allowed_ones() -> None:
    chance = random.Random(9)
    for _ in range(3_000):
        name = "".join(chance.choice('ab ~$._vti"*:<>?/\\|\n\x7fé') for _ in range(chance.randrange(12)))
        assert is_allowed_name(library_name(name)), name
        assert is_allowed_name(file_path(f"Minutes/{name}.docx").partition("/")[2]), name


async def test_papers_of_communities_with_such_names_are_filed_and_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {library_name(n).casefold(): n for n in NASTY}
    monkeypatch.setattr(provision_module, "_community_names", lambda _: list(names.values()))
    await world.office.provision(lambda *_: None)
    assert await world.office.provision(lambda *_: None) == []
    port, before = world.office.ports.files, len(await files(world))
    for community in names.values():
        path = f"Minutes/Minutes 2026-11-05 {community}.docx"
        for text in ("first", "second"):
            assert (await port.put(community, path, paper(text))).kept is None
        assert await port.read(community, path)
    assert len(await files(world)) - before == len(names)


async def test_two_communities_whose_libraries_would_be_one_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provision_module, "_community_names", lambda _: ["Deal/Sandwich", "Deal:Sandwich"])
    with pytest.raises(NeedsAttention, match=r"'Deal/Sandwich' and 'Deal:Sandwich' would have one library"):
        await world.office.provision(lambda *_: None)


def test_an_encrypted_file_is_told_from_one_that_is_broken() -> None:
    content = encrypted(DOCUMENTS["minutes.docx"]("ABC"), "k")
    assert is_encrypted(content)
    assert not is_encrypted(DOCUMENTS["minutes.docx"]("ABC"))
    with pytest.raises(MinutesUnreadable) as unread:
        read_minutes(content, TITLES)
    with pytest.raises(TemplateBroken) as broken:
        render(content, minutes("ABC"), title="x")
    assert str(unread.value) == str(broken.value) == ENCRYPTED


async def labelled(world: World, path: str) -> None:
    by = person(world, Role.CLERK)
    await world.hand.call("POST", f"files/{COMMUNITY}", json={"by": by, "path": path, "labelled": True})


@begins(written)
async def test_minutes_that_come_back_encrypted_are_said_to_be_and_the_filed_ones_go_out(world: World) -> None:
    name = minutes_file(world)
    await labelled(world, f"Minutes/{name}")
    for _ in range(2):
        await world.office.pull_minutes()
    await world.carry_out()
    (told,) = await mails(world, f"The minutes of {COMMUNITY}")
    assert "choose a label without encryption" in str(told["body"])
    with world.desk.work() as work:
        schedule_meetings(work, [slot(COMMUNITY, date(2027, 1, 20), 3)])
        last = meetings_of(work, COMMUNITY)[-1]
    for day in (last.submissions_close_at.at.date(), last.papers_due_on):
        await world.set_clock(at_london(day, time(9)))
        sweep(world.desk)
    await world.carry_out()
    agenda = (await mails(world, f"Agenda: {COMMUNITY}"))[-1]
    (sent,) = [a for a in agenda["attachments"] if a["name"] == name]  # type: ignore[attr-defined]
    assert sent["contentType"] == DOCX


@begins(drafted)
async def test_a_report_that_is_encrypted_is_not_signed_unread(world: World) -> None:
    clerk_of, _ = people(world)
    with world.desk.work() as work:
        path = path_of(report_row(work, KIT))
        sign_report(work, KIT, clerk_of)
    await labelled(world, path)
    await world.carry_out()
    with world.desk.work() as work:
        (stuck,) = work.conn.exec_driver_sql("SELECT problem FROM effects WHERE state = 'stuck'").all()
    assert "cannot be signed. It is encrypted" in stuck.problem


@begins(to_the_meeting)
async def test_the_clerk_is_told_why_a_paper_was_kept(world: World) -> None:
    with world.desk.work() as work:
        meeting = meetings_of(work, COMMUNITY)[0].id
        entry = work.journal("keep an edited paper", meeting, kind="agenda", why=Kept.CHECKED_OUT.value)
        older = work.journal("keep an edited paper", meeting, kind="agenda")
        for number in (entry, older):
            work.effect("mail.beside", f"{meeting}#agenda#{number}")
    await world.carry_out()
    subjects = [str(m["subject"]) for m in await world.hand.call("GET", "mails")]
    assert sum(s.endswith(" is checked out") for s in subjects) == 1
    assert sum(s.endswith(" was edited by hand") for s in subjects) == 1
