"""Minutes edited in Word by the clerk are read back; what cannot be taken is told; they go on to the next meeting."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from docx import Document

from casework import tables
from casework.directory_record import directory_of
from casework.due import AHEAD, due_of
from casework.errors import AlreadyDone, NotAllowed
from casework.meeting_record import actions_of, minutes_row, register_of, write_minutes
from casework.minutes_proposals import open_proposals, settle_proposal
from casework.schedule import meetings_of, schedule_meetings
from casework.sweep import sweep
from communities.calendars import at_london
from communities.directory import Role
from communities.dues import Task
from communities.meetings import AGENDA_ITEMS, Mark
from papers.minutes import RegisterLine, render_minutes
from papers.minutes_reading import MinutesUnreadable, read_minutes
from papers.word import template
from service.sample_tenant import FLOW
from tests.conftest import World, begins
from tests.sample_papers import minutes
from tests.test_filed_papers import MEETING_ID, mails, person
from tests.test_record import slot
from tests.test_sync import COMMUNITY, MEETING, to_the_meeting

TITLES = [title for title, _ in AGENDA_ITEMS]


def rendered() -> bytes:
    return render_minutes(minutes("ABC"), template("minutes.docx"))


def edited(content: bytes, change: Callable[[Any], None]) -> bytes:
    document = Document(io.BytesIO(content))
    change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def below(document: Any, heading: str) -> Any:
    """The first paragraph after the one that begins so."""
    found = list(document.paragraphs)
    return found[next(n for n, p in enumerate(found) if p.text.startswith(heading)) + 1]


def test_what_was_written_is_what_is_read() -> None:
    paper, read = minutes("ABC"), read_minutes(rendered(), TITLES)
    written = {i.number: i.note for i in paper.items if i.note != "No note was taken."}
    assert read.notes == {n: " ".join(note.split()) for n, note in written.items()}
    assert read.matters == paper.matters
    assert read.register == tuple((r.of, "" if r.person == "–" else r.person, r.mark) for r in paper.register)
    assert [(a.number, a.what) for a in read.actions] == [(a.number, a.what) for a in paper.actions]
    assert isinstance(paper.register[0], RegisterLine)


def test_lines_tables_and_a_reworded_heading_are_read() -> None:
    def change(document: Any) -> None:
        below(document, "1. ").text = "First line\nSecond line"
        heading = next(p for p in document.paragraphs if p.text.startswith("3. "))
        heading.text = "3.  Outcomes data (access to the dashboard)"

    read = read_minutes(edited(rendered(), change), TITLES)
    assert read.notes[1] == "First line\nSecond line"


def test_a_heading_that_is_gone_is_named() -> None:
    def change(document: Any) -> None:
        next(p for p in document.paragraphs if p.text.startswith("5. ")).text = "Chat"

    with pytest.raises(MinutesUnreadable, match=r"The heading '5\. Group solution discussions"):
        read_minutes(edited(rendered(), change), TITLES)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"x" * 100])
def test_a_file_that_is_no_document_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(MinutesUnreadable, match="no Word document"):
        read_minutes(content, TITLES)


async def written(world: World) -> None:
    """A meeting held, its minutes filed."""
    await to_the_meeting(world)
    await world.set_clock(at_london(MEETING, time(17)))
    sweep(world.desk)
    clerk = person(world, Role.CLERK)
    with world.desk.work() as work:
        write_minutes(work, MEETING_ID, {1: "Everybody was welcomed"}, ["The hall"], clerk)
    await world.carry_out()


def minutes_file(world: World) -> str:
    """The name of the file."""
    with world.desk.work() as work:
        papers = tables.papers
        return str(work.conn.execute(papers.select().where(papers.c.kind == "minutes")).one().name)


async def save(world: World, name: str, by: str, change: Callable[[Any], None]) -> None:
    content = await world.office.ports.files.read(COMMUNITY, f"Minutes/{name}")
    await world.hand.save_file(COMMUNITY, f"Minutes/{name}", edited(content or b"", change), by)


@begins(written)
async def test_the_clerks_changes_in_word_come_into_the_record_and_the_file_stays(world: World) -> None:
    name, clerk = minutes_file(world), person(world, Role.CLERK)
    with world.desk.work() as work:
        school = str(directory_of(work).schools_of(COMMUNITY)[0].name)

    def change(document: Any) -> None:
        below(document, "1. ").text = "Everybody was welcomed, and a new SENCO."
        below(document, "Matters arising").text = "The car park"
        register = document.tables[0]
        row = next(r for r in register.rows if r.cells[0].text == school)
        row.cells[2].text = "Apologies"
        heading = next(p for p in document.paragraphs if p.text == "Actions")
        table = document.add_table(rows=2, cols=5)
        for cell, text in zip(table.rows[1].cells, ("", "Share the reading list", "Ben Ward", "4 December 2026", ""),
                              strict=True):  # fmt: skip
            cell.text = text
        heading._p.addnext(table._tbl)

    await save(world, name, clerk, change)
    await world.office.pull_minutes()
    await world.office.pull_minutes()
    with world.desk.work() as work:
        row = minutes_row(work, MEETING_ID)
        assert row.notes["1"] == "Everybody was welcomed, and a new SENCO."
        assert row.matters == ["The car park"]
        assert next(a.mark for a in register_of(work, MEETING_ID) if a.of == school) is Mark.APOLOGIES
        (action,) = actions_of(work, COMMUNITY)
        assert (action.what, action.owner, action.due_on) == ("Share the reading list", "Ben Ward", date(2026, 12, 4))
    await world.carry_out()
    assert not await mails(world, "The minutes of")


@pytest.mark.parametrize("by_clerk", [True, False])
@begins(written)
async def test_what_cannot_be_taken_is_told_to_the_clerk_once(world: World, by_clerk: bool) -> None:
    name = minutes_file(world)

    def change(document: Any) -> None:
        if by_clerk:
            next(p for p in document.paragraphs if p.text.startswith("2. ")).text = "?"
        else:
            below(document, "1. ").text = "Nobody was welcomed"

    await save(world, name, person(world, Role.CLERK) if by_clerk else FLOW, change)
    for _ in range(2):
        await world.office.pull_minutes()
    await world.carry_out()
    (told,) = await mails(world, "The minutes of" if by_clerk else "Changes to the minutes of")
    assert ("is not there any more" if by_clerk else f"Note to item 1: written by {FLOW}") in str(told["body"])
    assert "Nobody was welcomed" not in str(told["body"])
    with world.desk.work() as work:
        assert minutes_row(work, MEETING_ID).notes == {"1": "Everybody was welcomed"}


@begins(written)
async def test_minutes_as_they_stand_in_word_go_out_with_the_next_agenda(world: World) -> None:
    name, clerk = minutes_file(world), person(world, Role.CLERK)

    def change(document: Any) -> None:
        below(document, "1. ").text = "As the clerk left it."

    await save(world, name, clerk, change)
    with world.desk.work() as work:
        schedule_meetings(work, [slot(COMMUNITY, date(2027, 1, 20), 3)])
        last = meetings_of(work, COMMUNITY)[-1]
    for day in (last.submissions_close_at.at.date(), last.papers_due_on):
        await world.set_clock(at_london(day, time(9)))
        sweep(world.desk)
    await world.carry_out()
    agenda = (await mails(world, f"Agenda: {COMMUNITY}"))[-1]
    assert [a["name"] for a in agenda["attachments"]][-1] == name  # type: ignore[attr-defined]


def says(text: str) -> Callable[[Any], None]:
    return lambda document: setattr(below(document, "1. "), "text", text)


def action(what: str) -> Callable[[Any], None]:
    """Add a row to the actions, and their table where there is none."""

    def change(document: Any) -> None:
        tables_there = [t for t in document.tables if len(t.columns) == 5]
        table = tables_there[-1] if tables_there else document.add_table(rows=1, cols=5)
        heading = next(p for p in document.paragraphs if p.text == "Actions")
        for cell, text in zip(table.add_row().cells, ("", what, "Ben Ward", "4 December 2026", ""), strict=True):
            cell.text = text
        heading._p.addnext(table._tbl)

    return change


def waiting(world: World) -> list[tuple[str, str]]:
    with world.desk.work() as work:
        return [(p.where, p.authors) for p in open_proposals(work, MEETING_ID)]


@pytest.mark.parametrize("last", ["the clerk", "somebody else"])
@pytest.mark.parametrize("keeps_versions", [True, False])
@begins(written)
async def test_each_of_two_people_who_saved_between_two_pulls_is_taken_by_their_own_name(
    world: World, last: str, keeps_versions: bool
) -> None:
    name, clerk = minutes_file(world), person(world, Role.CLERK)
    await world.hand.call("POST", "behaviours", json={"library-keeps-versions": keeps_versions})
    saves = [(clerk, action("By the clerk")), (FLOW, says("Not by the clerk"))]
    for by, change in saves if last == "somebody else" else saves[::-1]:
        await save(world, name, by, change)
    await world.office.pull_minutes()
    await world.carry_out()
    with world.desk.work() as work:
        assert minutes_row(work, MEETING_ID).notes == {"1": "Everybody was welcomed"}
        assert [a.what for a in actions_of(work, COMMUNITY)] == (["By the clerk"] if keeps_versions else [])
    note, row = "Note to item 1", "A new action"
    nobody = "somebody we cannot name"
    assert waiting(world) == ([(note, FLOW)] if keeps_versions else [(row, nobody), (note, nobody)])
    assert len(await mails(world, "Changes to the minutes of")) == 1


async def test_one_save_by_the_clerk_is_taken_where_the_library_keeps_no_versions(world: World) -> None:
    await world.hand.call("POST", "behaviours", json={"library-keeps-versions": False, "office-files-rewritten": False})
    await written(world)
    name, clerk = minutes_file(world), person(world, Role.CLERK)
    for text in ("First", "Second"):
        await save(world, name, clerk, says(text))
        await world.office.pull_minutes()
        with world.desk.work() as work:
            assert minutes_row(work, MEETING_ID).notes["1"] == text
    assert waiting(world) == []


@begins(written)
async def test_words_the_clerk_wrote_into_anothers_wait_and_a_revert_takes_the_question_back(world: World) -> None:
    name, clerk = minutes_file(world), person(world, Role.CLERK)
    for by, text in ((FLOW, "Theirs"), (clerk, "Theirs, and mine")):
        await save(world, name, by, says(text))
        await world.office.pull_minutes()
    assert waiting(world) == [("Note to item 1", " and ".join(sorted((clerk, FLOW))))]
    await save(world, name, clerk, says("Everybody was welcomed"))
    await world.office.pull_minutes()
    assert waiting(world) == []
    await save(world, name, clerk, says("Mine"))
    await world.office.pull_minutes()
    with world.desk.work() as work:
        assert minutes_row(work, MEETING_ID).notes == {"1": "Mine"}


@pytest.mark.parametrize("is_accepted", [True, False])
@begins(written)
async def test_chair_and_clerk_accept_or_reject_what_others_wrote(world: World, is_accepted: bool) -> None:
    name, clerk = minutes_file(world), person(world, Role.CLERK)
    await save(world, name, FLOW, says("Theirs"))
    await world.office.pull_minutes()
    with world.desk.work() as work:
        lines = [d for d in due_of(work, [COMMUNITY], work.today + AHEAD) if d.task is Task.PROPOSED]
        assert [d.subject for d in lines] == [MEETING_ID]
        (proposal,) = open_proposals(work, MEETING_ID)
        with pytest.raises(NotAllowed):
            settle_proposal(work, proposal.id, True, FLOW)
        settle_proposal(work, proposal.id, is_accepted, clerk)
        with pytest.raises(AlreadyDone):
            settle_proposal(work, proposal.id, True, clerk)
        row = minutes_row(work, MEETING_ID)
        assert row.notes == {"1": "Theirs" if is_accepted else "Everybody was welcomed"}
        assert row.written_by == clerk
    await save(world, name, clerk, says("Theirs, and mine"))
    await world.office.pull_minutes()
    assert bool(waiting(world)) is not is_accepted, "rejected words are not the clerk's either"


@begins(written)
async def test_a_version_nobody_can_read_makes_the_next_one_nobodys_alone(world: World) -> None:
    name, clerk = minutes_file(world), person(world, Role.CLERK)

    def broken(document: Any) -> None:
        next(p for p in document.paragraphs if p.text.startswith("2. ")).text = "?"

    def mended(document: Any) -> None:
        next(p for p in document.paragraphs if p.text == "?").text = f"2. {TITLES[1]}"

    await save(world, name, FLOW, lambda d: (says("Theirs")(d), broken(d))[0])
    await world.office.pull_minutes()
    await save(world, name, clerk, mended)
    await world.office.pull_minutes()
    assert waiting(world) == [("Note to item 1", "somebody we cannot name")]
