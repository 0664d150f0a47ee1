"""Product and tenant over real HTTP: provisioning, both ways in, the whole way of one request, KCC's edit."""

from __future__ import annotations

import base64
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import delete, select

import graph_sync.provision as provision_module
from casework import tables
from casework.budget_record import position
from casework.decide import decide
from casework.desk import Work
from casework.directory_record import directory_of
from casework.schedule import schedule_meetings
from casework.status import status
from casework.working_list import LIST
from communities.calendars import at_london
from communities.decisions import DecidedBy, Decision, Response
from communities.directory import CommunityName, Person
from communities.intake import Outcome
from communities.meetings import MeetingSlot
from graph_sync.intake import RESPONSES_LIST, WORKBOOK_NAME
from graph_sync.places import APPLICATION, place_or_none
from local_tenant.card_text import card_as_text
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm
from tests.conftest import START, World, begins
from tests.word_check import text_of

MEETING = date(2026, 11, 5)
COMMUNITY = "Canterbury Downs 1"


async def test_provisioning_a_second_time_changes_nothing(world: World) -> None:
    said = await world.office.provision(lambda *_: None)
    assert said == []


async def test_a_column_that_a_newer_manifest_has_is_added(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = provision_module.load_lists()["requests"]
    extra = {"name": "Brandnew", "displayName": "Brand new", "text": {}}
    grown = {"requests": {**schema, "columns": [*schema["columns"], extra]}}
    monkeypatch.setattr(provision_module, "load_lists", lambda: grown)
    said = await world.office.provision(lambda *_: None)
    assert said == [f"Added the column 'Brand new' to '{LIST}'."]


async def deliver(world: World, rows: list[int], form: SampleForm, *, by_list: bool = True) -> None:
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, form.workbook_with(rows), FLOW)
    if by_list:
        await world.hand.add_items(RESPONSES_LIST, FLOW, form.items(rows))


async def test_61_responses_by_two_ways_enter_once_however_often_the_sync_runs(world: World) -> None:
    form = SampleForm(AUTUMN)
    rows = form.due(START.replace(year=2027))
    assert len(rows) == form.total == 61
    await deliver(world, rows, form)
    pulls = [await world.office.pull() for _ in range(3)]
    assert pulls[0] == {Outcome.ACCEPTED: 41, Outcome.REFUSED: 19, Outcome.HELD: 1}
    assert [sum(p.values()) for p in pulls[1:]] == [0, 0]
    with world.desk.work() as work:
        assert status(work)["responses"] == {"accepted": 41, "refused": 19, "held": 1}


async def test_an_unreadable_workbook_is_told_once_and_read_when_it_is_mended(world: World) -> None:
    form = SampleForm(AUTUMN)
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, b"not a workbook", FLOW)
    await world.office.pull()
    await world.office.pull()
    await world.carry_out()
    counts = await world.hand.call("GET", "counts")
    assert counts["mails"] == 1
    await deliver(world, form.due(START), form, by_list=False)
    await world.office.pull()
    with world.desk.work() as work:
        assert sum(status(work)["responses"].values()) == len(form.due(START))


async def test_a_renamed_workbook_is_still_found(world: World) -> None:
    form = SampleForm(AUTUMN)
    rows = form.due(START.replace(year=2027))
    await deliver(world, rows[:5], form, by_list=False)
    await world.office.pull()
    known = await world.desk.run("test", _workbook_id)
    assert known
    await deliver(world, rows, form, by_list=False)
    await world.office.pull()
    with world.desk.work() as work:
        assert sum(status(work)["responses"].values()) == 61


def _workbook_id(work: Work) -> Any:
    return work.conn.execute(select(tables.places.c.value).where(tables.places.c.key.like("workbook:%"))).scalar()


def slots() -> list[MeetingSlot]:
    starts, ends = at_london(MEETING, time(13, 30)), at_london(MEETING, time(15, 30))
    return [MeetingSlot(community=CommunityName(COMMUNITY), term=2, starts_at=starts, ends_at=ends)]


REQUEST = "R-2026-0001"


async def to_the_meeting(world: World) -> None:
    """One request, received and on the agenda, on the morning of the meeting."""
    form = SampleForm(AUTUMN)
    await world.desk.run("test", schedule_meetings, slots())
    await world.set_clock(at_london(date(2026, 10, 5), time(12)))
    await deliver(world, form.due(world.clock.now())[:1], form)
    await world.office.pull()
    for day in (date(2026, 10, 23), date(2026, 10, 29), MEETING):
        await world.set_clock(at_london(day, time(9)))
        await world.office.sweep()
        await world.carry_out()


DECISION = Decision(
    responses=(Response.FINANCIAL,), details="Agreed", amount_pence=120_000, review_on=date(2027, 2, 1),
    made_by=DecidedBy.CONSENSUS,
)  # fmt: skip


@begins(to_the_meeting)
async def test_the_whole_way_of_one_request(world: World) -> None:
    counts = await world.hand.call("GET", "counts")
    assert counts["files"] == {
        f"{COMMUNITY}/Agendas/Agenda 2026-11-05 {COMMUNITY}.docx": 1,
        f"{COMMUNITY}/Papers/Papers 2026-11-05 {COMMUNITY}.docx": 1, f"{FORMS_LIBRARY}/{WORKBOOK_NAME}": 1,
    }  # fmt: skip
    assert counts["events"] == 1
    (item,) = await world.hand.items(LIST)
    assert item["fields"]["Status"] == "On the agenda"
    with world.desk.work() as work:
        chair = next(p.mail for p in _people(work) if p.role == "Chair" and p.of == COMMUNITY)
    (card,) = await world.hand.chat_of(chair)
    content = card["activity"]["attachments"][0]["content"]
    answer = await world.hand.click(
        chair, card["id"], "decide",
        {"request_id": REQUEST, "responses": "Financial contribution", "amount": 1200, "details": "Agreed",
         "review_on": "2027-02-01", "made_by": "Consensus"},
    )  # fmt: skip
    assert content["actions"][0]["verb"] == "decide"
    assert answer["status"] == 200
    assert "Decided: R-2026-0001" in card_as_text(answer["answer"]["value"])
    await world.carry_out()
    (item,) = await world.hand.items(LIST)
    assert (item["fields"]["Status"], item["fields"]["AmountApproved"]) == ("Forwarded", 1200)
    posts = await world.hand.call("GET", f"channels/{COMMUNITY}")
    texts = [card_as_text(p["activity"]["attachments"][0]["content"]) for p in posts]
    assert len(texts) == 3
    assert "Everything is decided" in texts[1]
    assert texts[2].startswith("Decision on R-2026-0001")
    mails = [m for m in await world.hand.call("GET", "mails") if "how effective" not in m["subject"]]
    assert len(mails) == 5  # receipt, agenda, restricted pack, letter, forward; schools are asked to evaluate as well


def _people(work: Work) -> tuple[Person, ...]:
    return directory_of(work).people


async def agreed(world: World) -> None:
    """Decided by the chair at the meeting and forwarded."""
    await to_the_meeting(world)
    with world.desk.work() as work:
        chair = next(p.mail for p in _people(work) if p.role == "Chair" and p.of == COMMUNITY)
    await world.desk.run(chair, decide, REQUEST, DECISION, chair)
    await world.carry_out()
    await world.office.pull()


async def moderated(world: World, by: str) -> dict[str, Any]:
    """The whole way to KCC's section as that person fills it in."""
    await agreed(world)
    return await fill_in(world, by)


async def fill_in(world: World, by: str) -> dict[str, Any]:
    """KCC's section is filled in; the item's fields as they stand once that was pulled."""
    (item,) = await world.hand.items(LIST)
    today = f"{world.desk.clock.now():%Y-%m-%dT00:00:00Z}"
    edit = {"FinalAmount": 1100.0, "KccModerated": True, "ModeratedBy": "M", "DateProcessed": today}
    await world.hand.edit_item(LIST, item["id"], by, edit)
    await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    (item,) = await world.hand.items(LIST)
    return dict(item["fields"])


@begins(agreed)
async def test_kccs_moderation_in_the_list_is_recorded_posted_and_answered(world: World) -> None:
    fields = await fill_in(world, "morgan.vale@kent.example")
    assert (fields["Status"], fields["PaymentMonth"]) == ("Moderated", "December 2026")
    assert fields["ModeratedBy"] == "Morgan Vale"
    assert not fields.get("DeskNote"), "nothing was put back"
    with world.desk.work() as work:
        stands = position(work, COMMUNITY, "2025-26")
    assert stands is not None
    assert (stands.committed_pence, stands.moderated_pence) == (120_000, -10_000)
    posts = await world.hand.call("GET", f"channels/{COMMUNITY}")
    assert "Difference: -£100" in card_as_text(posts[-1]["activity"]["attachments"][0]["content"])


@begins(agreed)
async def test_an_item_another_application_added_does_not_make_it_us(world: World) -> None:
    await fill_in(world, "morgan.vale@kent.example")
    lists = next(site.lists for site in world.tenant.sites.values() if site.lists)
    (working_list,) = [found for found in lists.values() if found.display_name == LIST]
    world.tenant.add_item(working_list, {"Title": "Not ours"}, {"application": {"id": "another"}})
    before = await world.desk.run("test", place_or_none, APPLICATION)
    await world.office.pull()
    assert before is not None
    assert await world.desk.run("test", place_or_none, APPLICATION) == before


@begins(agreed)
async def test_somebody_elses_edit_of_kccs_section_is_put_back_with_the_reason(world: World) -> None:
    fields = await fill_in(world, "amira.yorke@kent.example")
    assert fields["Status"] == "Forwarded"
    assert "can be moderated by a KCC moderator only" in fields["DeskNote"]


@pytest.mark.parametrize("unlike", [{"list-delta-no-editor": False}, {"application-beside-user": False},
                                    {"item-names-no-editor": True}], ids=str)  # fmt: skip
async def test_a_moderators_edit_is_theirs_however_graph_names_who_made_it(
    world: World, unlike: dict[str, bool]
) -> None:
    await world.hand.call("POST", "behaviours", json=unlike)
    fields = await moderated(world, "morgan.vale@kent.example")
    assert (fields["Status"], fields["ModeratedBy"]) == ("Moderated", "Morgan Vale")


@pytest.mark.parametrize("versions", [True, False])
async def test_what_a_clerk_filled_in_before_the_moderators_tick_is_not_carried_out(
    world: World, versions: bool
) -> None:
    await world.hand.call("POST", "behaviours", json={"list-versions-off": not versions})
    await agreed(world)
    (item,) = await world.hand.items(LIST)
    clerk, moderator = "amira.yorke@kent.example", "morgan.vale@kent.example"
    await world.hand.edit_item(LIST, item["id"], clerk, {"FinalAmount": 900.0, "AmountPaid": 250_000.0})
    await world.hand.edit_item(LIST, item["id"], moderator, {"KccModerated": True})
    await world.office.pull()
    await world.carry_out()
    await world.office.pull()
    (item,) = await world.hand.items(LIST)
    fields = item["fields"]
    assert (fields["Status"], fields["FinalAmount"], fields["AmountPaid"]) == ("Forwarded", None, None)
    assert fields["KccModerated"] is versions, "without versions nobody can say whose the tick was"
    assert fields["DeskNote"].startswith("Put back:")


@begins(to_the_meeting)
async def test_an_edit_between_our_read_and_write_is_never_overwritten(world: World) -> None:
    with world.desk.work() as work:
        chair = next(p.mail for p in _people(work) if p.role == "Chair" and p.of == COMMUNITY)
    await world.desk.run(chair, decide, REQUEST, DECISION, chair)
    (item,) = await world.hand.items(LIST)
    await world.hand.edit_item(LIST, item["id"], "morgan.vale@kent.example", {"FinalAmount": 900.0})
    await world.carry_out()
    (item,) = await world.hand.items(LIST)
    assert item["fields"]["FinalAmount"] == 900
    assert item["fields"]["AmountApproved"] == 1200


@begins(to_the_meeting)
async def test_no_pupils_name_reaches_channel_list_papers_or_journal(world: World) -> None:
    name = "Mutasa"  # the pupil of the first sample response
    posts = await world.hand.call("GET", f"channels/{COMMUNITY}")
    items = await world.hand.items(LIST)
    with world.desk.work() as work:
        journal = [tuple(r) for r in work.conn.execute(select(tables.journal))]
        papers = work.conn.execute(select(tables.papers.c.content)).scalars().all()
    assert len(papers) == 2  # agenda and the public papers
    for shown in (repr(posts), repr(items), repr(journal), *map(text_of, papers)):
        assert name not in shown


@begins(to_the_meeting)
async def test_the_restricted_papers_name_the_pupils_and_go_to_chair_and_clerk_alone(world: World) -> None:
    with world.desk.work() as work:
        directory = directory_of(work)
    people = directory.chair_of(COMMUNITY), directory.clerk_of(COMMUNITY)
    sent = [m for m in await world.hand.call("GET", "mails") if m["subject"].startswith("Restricted")]
    assert [sorted(r["emailAddress"]["address"] for r in m["toRecipients"]) for m in sent] == [
        sorted(p.mail for p in people if p)
    ]
    (attachment,) = sent[0]["attachments"]
    assert "Mutasa" in text_of(base64.b64decode(attachment["contentBytes"]))


@pytest.mark.parametrize("kind", ["agenda.upload", "agenda.mail", "meeting.book", "list.write", "mail.receipt"])
@begins(to_the_meeting)
async def test_an_effect_that_runs_twice_lands_once(world: World, kind: str) -> None:
    before = await world.hand.call("GET", "counts")
    items = await world.hand.items(LIST)
    with world.desk.work() as work:
        effects = tables.effects
        work.conn.execute(effects.update().where(effects.c.kind == kind).values(state="waiting"))
    assert await world.carry_out() >= 1
    after = await world.hand.call("GET", "counts")
    for what in ("mails", "drafts", "events", "files", "posts"):
        assert before[what] == after[what]
    assert [_said(i) for i in await world.hand.items(LIST)] == [_said(i) for i in items]


def _said(item: dict[str, Any]) -> dict[str, Any]:
    """What an item says: a column that was emptied says nothing, like one never filled in."""
    return {name: value for name, value in item["fields"].items() if value is not None}


@begins(to_the_meeting)
async def test_what_was_stuck_for_want_of_a_library_goes_on_when_it_is_provisioned(world: World) -> None:
    def forget(work: Work) -> None:
        work.conn.execute(delete(tables.places))

    await world.desk.run("test", forget)
    await world.desk.run("test", lambda work: work.effect("list.write", f"{REQUEST}#again"))
    await world.carry_out()
    assert [s["effect"] for s in (await world.desk.run("test", status))["stuck"]] == [f"list.write:{REQUEST}#again"]
    await world.office.provision(lambda *_: None)
    await world.carry_out()
    assert (await world.desk.run("test", status))["stuck"] == []
