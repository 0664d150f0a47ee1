"""Questions to KCC: by the form in three parts, in chat and in the list; answered once for all who asked the same."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from bot.cards.question import VERB
from bot.guidance import search
from casework import tables
from casework.asking_kcc import answer, ask, group_of, open_questions, question_row, questions_of, receive_question
from casework.effects import attempt
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.question_list import LIST
from casework.surgery_list import LIST as SURGERIES
from casework.surgery_record import surgery_row
from communities.directory import Directory, Role
from communities.intake import Outcome
from communities.questions import Part, part_of, same_as
from communities.requests import ANONYMOUS
from communities.surgeries import SurgeryState
from forms_ingest.questions import read_questions
from service.sample_tenant import FLOW, FORMS_LIBRARY
from tests.conftest import Bench, World
from tests.test_chat import asked, senco
from tests.test_record import home
from tests.test_submitting import press, shown

MODERATOR = "morgan.vale@kent.example"
CARRY = "Can a community carry unspent money over to the next year?"


def put(bench: Bench, text: str, by: str, part: Part = Part.OPERATIONS) -> str:
    with bench.desk.work() as work:
        return ask(work, part, text, by)


def test_the_form_has_three_parts_and_each_answer_is_a_question() -> None:
    rows = {"id": 7.0, "sender": "anonymous", "structure": " Who chairs? ", "resources": "n/a", "operations": CARRY}
    found = read_questions(rows)
    assert [(q.key, q.part, q.text, q.sender) for q in found] == [
        ("questions/7/1", Part.STRUCTURE, "Who chairs?", ANONYMOUS),
        ("questions/7/3", Part.OPERATIONS, CARRY, ANONYMOUS),
    ]  # fmt: skip
    assert read_questions({"id": None, "structure": "x"}) == []


@pytest.mark.parametrize(
    ("text", "part"),
    [(CARRY, Part.OPERATIONS), ("How do we reach the speech therapist?", Part.RESOURCES),
     ("Which schools are in our community?", Part.STRUCTURE)],
)  # fmt: skip
def test_a_question_of_chat_finds_its_part(text: str, part: Part) -> None:
    assert part_of(text) is part


def test_near_duplicates_are_grouped() -> None:
    known = [("Q-1", CARRY), ("Q-2", "Who pays for school nursing?")]
    for twin in ("Can communities carry over unspent money to next year?", "can a community carry unspent money over"
                 " to the next year please", CARRY.upper()):  # fmt: skip
        assert same_as(twin, known) == "Q-1", twin
    for other in ("Can a community carry out its own audit?", "Who pays for the minibus?", "Who chairs the meeting?"):
        assert same_as(other, known) is None, other


def test_an_answer_goes_to_everybody_who_asked_the_same_and_later_askers_get_it_at_once(
    bench: Bench, directory: Directory
) -> None:
    first, second = put(bench, CARRY, "a@x.example"), put(bench, CARRY.lower(), "b@x.example")
    with bench.desk.work() as work:
        assert [r.id for r in group_of(work, first)] == [first, second]
        assert [r.id for r in open_questions(work)] == [first]
        with pytest.raises(NotAllowed, match="answered by KCC"):
            answer(work, second, "No.", senco(directory), is_published=False)
        answer(work, second, "No: it returns to the county.", MODERATOR, is_published=False)
        assert open_questions(work) == []
        with pytest.raises(AlreadyDone):
            answer(work, first, "No: it returns to the county.", MODERATOR, is_published=False)
    assert bench.effects("mail.answer") == [first, second]
    third = put(bench, CARRY, "c@x.example")
    with bench.desk.work() as work:
        assert question_row(work, third).answer == "No: it returns to the county."
        assert [r.id for r in questions_of(work, "C@x.example")] == [third]
    assert bench.effects("mail.answer") == [first, second, third]


def test_a_question_that_names_a_child_is_refused_and_the_forms_goes_back_without_the_name(bench: Bench) -> None:
    named = "What can we do for a boy called Amir?"
    with bench.desk.work() as work:
        with pytest.raises(InputRefused, match="seems to name a child"):
            ask(work, Part.STRUCTURE, named, "a@x.example")
        for _ in range(2):
            said = [receive_question(work, Part.STRUCTURE, named, "a@x.example", "questions/1/1")]
        assert said == [None]
        assert receive_question(work, Part.OPERATIONS, CARRY, "a@x.example", "questions/1/3") is Outcome.ACCEPTED
        assert receive_question(work, Part.OPERATIONS, CARRY, "a@x.example", "questions/1/3") is None
    assert bench.effects("mail.form-back") == ["questions/1/1"]


def test_in_chat_a_question_is_put_after_a_press_and_its_answer_is_guidance_once_published(
    bench: Bench, directory: Directory
) -> None:
    mail = senco(directory)
    form = asked(bench, "I have a question for KCC about who insures borrowed minibuses, please pass it on", mail)
    assert "About who insures borrowed minibuses?" in shown(bench, form)
    again = press(bench, mail, VERB, text="A girl called Zoe", part="Structure")
    assert "seems to name a child" in again.title
    said = press(bench, mail, VERB, text="Who insures borrowed minibuses?", part=Part.OPERATIONS.value)
    assert said.title == "Q-2026-0001 is with KCC"
    assert "waits for KCC" in shown(bench, asked(bench, "I have a question for KCC", mail))
    assert "minibus" not in asked(bench, "explain the rules on insuring minibuses", mail).title
    with bench.desk.work() as work:
        answer(work, "Q-2026-0001", "The school that lends them does.", MODERATOR, is_published=True)
    found = asked(bench, "what is the guidance on insuring borrowed minibuses", mail)
    assert found.title == "Who insures borrowed minibuses?"
    assert "KCC's answer to Q-2026-0001" in found.as_text()
    assert search("minibuses insured") == [] or "minibus" not in search("minibuses insured")[0].title


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Id", "Start time", "Completion time", "Email", "Name", "Part 1: Structure ",
                  "Part 2: Professional Resources", "Part 3: Operations"])  # fmt: skip
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_the_form_is_pulled_the_list_shows_it_and_kccs_answer_goes_back(world: World) -> None:
    when = datetime(2026, 10, 5, 9, 0, tzinfo=UTC).replace(tzinfo=None)
    mail = "head@school.example"
    rows = [[1, when, when, mail, "H", "Who chairs?", None, CARRY], [2, when, when, "anonymous", "", CARRY, None, None]]
    await world.hand.save_file(FORMS_LIBRARY, "Questions and Answers.xlsx", workbook(rows), FLOW)
    assert (await world.office.pull())[Outcome.ACCEPTED] == 3
    assert not await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    items = {i["fields"]["Title"]: i for i in await world.hand.items(LIST)}
    assert [i["fields"]["Part"] for i in items.values()] == ["Structure", "Operations", "Structure"]
    assert mail not in str(items)
    target = next(i for i in items.values() if i["fields"]["Part"] == "Operations")
    await world.hand.edit_item(LIST, target["id"], "amira.yorke@kent.example", {"Answer": "Yes."})
    await world.office.pull()
    await world.carry_out()
    fields = next(i["fields"] for i in await world.hand.items(LIST) if i["id"] == target["id"])
    assert "answered by KCC" in fields["DeskNote"]
    assert not fields.get("Answer")
    await world.hand.edit_item(LIST, target["id"], MODERATOR, {"Answer": "No: it returns.", "Published": True})
    await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    fields = next(i["fields"] for i in await world.hand.items(LIST) if i["id"] == target["id"])
    assert (fields["Answer"], fields["Published"], fields["DeskNote"]) == ("No: it returns.", True, "")
    mails = [m for m in await world.hand.call("GET", "mails") if "is answered" in m["subject"]]
    assert [r["emailAddress"]["address"] for m in mails for r in m["toRecipients"]] == [mail]
    await world.hand.add_items(LIST, "amira.yorke@kent.example", [{"Question": "Who keeps the terms of reference?"}])
    await world.office.pull()
    await world.carry_out()
    added = [i["fields"] for i in await world.hand.items(LIST) if "terms of reference" in i["fields"]["Question"]]
    assert [(f["Title"], f["Part"]) for f in added] == [("Q-2026-0004", "Structure")]
    await world.hand.add_items(LIST, "amira.yorke@kent.example", [{"Question": "Who helps a boy called Zebedee?"}])
    await world.office.pull()
    await world.carry_out()
    noted = [i["fields"]["DeskNote"] for i in await world.hand.items(LIST) if "Zebedee" in i["fields"]["Question"]]
    assert ["seems to name a child" in n and "Zebedee" not in n for n in noted] == [True]
    with world.desk.work() as work:
        assert "Zebedee" not in str(work.conn.execute(select(tables.journal.c.details)).all())


async def test_an_adviser_publishes_and_calls_off_in_the_list(world: World, directory: Directory) -> None:
    adviser = directory.people_with(Role.SEN_IA, home(directory))[0].mail
    good = {"Starts": "2026-11-12T14:00:00Z", "Slots": 3}
    await world.hand.add_items(SURGERIES, adviser, [good, {"Starts": "2026-11-14T14:00:00Z", "Slots": 3}])
    await world.hand.add_items(SURGERIES, "amira.yorke@kent.example", [{"Starts": "2026-11-13T14:00:00Z", "Slots": 3}])
    await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    first, second, third = [await found(world, "Starts", f"2026-11-{day}T14:00:00Z") for day in (12, 14, 13)]
    assert (first["Title"], first["Booked"], first["Status"]) == ("S-2026-0001", "0 of 3", "Published")
    assert "is at a weekend" in second["DeskNote"]
    assert "is no SEN IA" in third["DeskNote"]
    await world.hand.edit_item(SURGERIES, first["id"], adviser, {"Slots": 9})
    await world.hand.edit_item(SURGERIES, second["id"], adviser, {"Starts": "2026-11-16T14:00:00Z"})
    await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    again, taken = await found(world, "id", first["id"]), await found(world, "id", second["id"])
    assert again["Slots"] == 3
    assert "call it off and add a new one" in again["DeskNote"]
    assert (taken["Title"], taken["DeskNote"]) == ("S-2026-0002", "")
    await world.hand.edit_item(SURGERIES, first["id"], adviser, {"Status": "Cancelled"})
    await world.office.pull()
    await world.carry_out()
    with world.desk.work() as work:
        assert surgery_row(work, "S-2026-0001").state == SurgeryState.CANCELLED
    await world.hand.call("DELETE", f"lists/{SURGERIES}/items/{second['id']}", params={"by": adviser})
    await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    assert (await found(world, "Title", "S-2026-0002"))["Status"] == "Published"


async def test_an_item_mended_before_its_note_was_written_is_still_the_session_it_became(
    world: World, directory: Directory
) -> None:
    adviser = directory.people_with(Role.SEN_IA, home(directory))[0].mail
    await world.hand.add_items(SURGERIES, adviser, [{"Starts": "2026-11-14T14:00:00Z", "Slots": 3}])
    await world.office.pull()
    (item,) = await world.hand.items(SURGERIES)
    await world.hand.edit_item(SURGERIES, item["id"], adviser, {"Starts": "2026-11-16T14:00:00Z"})
    await world.office.pull()
    with world.desk.work() as work:
        effects = tables.effects
        wanted = select(effects.c.id).where(effects.c.kind == "list.surgery")
        writes = work.conn.execute(wanted.order_by(effects.c.subject.like("item:%"))).scalars().all()
    assert [w.partition(":")[2][:4] for w in writes][-1] == "item", "the note's write comes last, late"
    for write in writes:
        await attempt(world.desk, world.office.ports, write)
    await world.carry_out()
    await world.office.pull()
    await world.hand.edit_item(SURGERIES, item["id"], adviser, {"Slots": 9})
    await world.office.pull()
    await world.carry_out()
    with world.desk.work() as work:
        assert work.conn.execute(select(tables.surgeries.c.id)).scalars().all() == ["S-2026-0001"]
    assert (await found(world, "Title", "S-2026-0001"))["Slots"] == 3


async def found(world: World, column: str, value: str) -> dict[str, Any]:
    """The one item of the list with that value, its id beside its fields."""
    items = [{**i["fields"], "id": i["id"]} for i in await world.hand.items(SURGERIES)]
    (one,) = (i for i in items if i.get(column) == value)
    return one
