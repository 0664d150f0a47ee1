"""The record, on SQLite and on PostgreSQL: what commands change, and what they refuse."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from casework import tables
from casework.agenda_paper import agenda_paper
from casework.budget_check import differences
from casework.budget_record import import_budget, position
from casework.circulate import close_submissions
from casework.decide import decide, decision_ask
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of, import_directory, preview_directory, whole_directory
from casework.entering import Arrival
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.moderate import moderate
from casework.ports import ListItem
from casework.pupils import read_pupils
from casework.receive import discard_held, receive, release_held
from casework.schedule import MeetingState, schedule_meetings
from casework.status import status
from casework.sweep import sweep
from casework.working_list import fields_of, take_edit
from communities.budget import BudgetSummary
from communities.calendars import at_london
from communities.clocks import papers_due_on, submissions_close_on
from communities.decisions import DecidedBy, Decision, Response
from communities.directory import CommunityName, Directory, SchoolName
from communities.intake import Outcome
from communities.meetings import MeetingSlot
from forms_ingest.request_for_support import FORM, read_response
from papers.budget_workbook import BudgetSheet
from tests.conftest import START, Bench, begun, submitted
from tests.list_saves import saved

MEETING = date(2026, 11, 5)
NEXT = date(2026, 12, 10)


def arrive(bench: Bench, route: str = "list", **changed: Any) -> Outcome | None:
    number = changed.pop("id", 1)
    with bench.desk.work() as work:
        answers = submitted(directory_of(work), number, **changed)
        reading = read_response(answers, directory_of(work), arrived_at=work.now)
        assert reading is not None
        return next(receive(work, [Arrival(form=FORM, route=route, reading=reading)]))


def slot(community: str, day: date, term: int) -> MeetingSlot:
    starts = at_london(day, datetime.min.time().replace(hour=13, minute=30))
    return MeetingSlot(
        community=CommunityName(community), term=term, starts_at=starts, ends_at=starts + timedelta(hours=2)
    )


def home(directory: Directory) -> str:
    return directory.communities[0].name


def set_up(bench: Bench, directory: Directory, pounds: int = 5_000) -> str:
    """Two meetings and a budget for the first community."""
    community = home(directory)
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(community, MEETING, 2), slot(community, NEXT, 3)])
        import_budget(work, a_budget(community, pounds))
    return community


def a_budget(community: str, pounds: int) -> BudgetSummary:
    return BudgetSummary(
        community=CommunityName(community), academic_year="2026-27", before_top_slices_pence=pounds * 100,
        stls_top_slice_pence=0, chair_and_clerking_pence=0, protected_payments_pence=0, agreed_payments_pence=0,
        schools=(),
    )  # fmt: skip


def a_sheet(summary: BudgetSummary) -> BudgetSheet:
    """KCC's sheet of a budget with nothing on it that follows from its lines."""
    return BudgetSheet(summary=summary, derived={})


def on_agenda(bench: Bench, directory: Directory, **changed: Any) -> str:
    """A request that waits for its decision, on the day of the meeting."""
    arrive(bench, **changed)
    bench.at(MEETING)
    sweep(bench.desk)
    return "R-2026-0001"


def one_waiting(bench: Bench, directory: Directory) -> None:
    """A budget of £5,000, two meetings, a request on the agenda of the first, on its day."""
    set_up(bench, directory)
    on_agenda(bench, directory)


def one_decided(bench: Bench, directory: Directory) -> None:
    """The same, and £2,000 approved."""
    one_waiting(bench, directory)
    with bench.desk.work() as work:
        decide(work, "R-2026-0001", approve(2_000), chair(directory))


waiting = begun(one_waiting)


def chair(directory: Directory) -> str:
    person = directory.chair_of(home(directory))
    assert person is not None
    return person.mail


def approve(pounds: int = 2_000, **changed: Any) -> Decision:
    values: dict[str, Any] = {
        "responses": (Response.FINANCIAL,), "details": "Agreed", "amount_pence": pounds * 100,
        "review_on": date(2027, 2, 1), "made_by": DecidedBy.CONSENSUS,
    }  # fmt: skip
    return Decision(**{**values, **changed})


def count(work: Work, table: Any) -> int:
    return int(work.conn.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_response_enters_once_however_often_and_by_whatever_way_it_comes(bench: Bench) -> None:
    assert arrive(bench, "workbook") is Outcome.ACCEPTED
    assert [arrive(bench, r) for r in ("workbook", "list", "list", "workbook")] == [None] * 4
    with bench.desk.work() as work:
        assert count(work, tables.requests) == 1
    assert bench.effects("mail.receipt") == ["R-2026-0001"]


def test_a_refused_response_that_is_mended_in_the_form_is_read_again(bench: Bench) -> None:
    assert arrive(bench, signature="") is Outcome.REFUSED
    assert arrive(bench, signature="") is None
    assert arrive(bench) is Outcome.ACCEPTED
    assert len(bench.effects("mail.refusal")) == 1


@pytest.mark.parametrize("order", ["a b a b", "a b c a b c a b c", "a a a", "x x a", "x a b x b a", "x a x a x"])
def test_responses_edited_while_they_lie_in_one_portion_enter_once_each(
    bench: Bench, directory: Directory, order: str
) -> None:
    """As in a list whose items were edited before anybody looked, or a workbook with a row twice; x is refused."""
    keys, rows = {"a": 1, "b": 2, "c": 3, "x": 4}, []
    for place, name in enumerate(order.split()):
        changed = {"signature": ""} if name == "x" else {}
        rows.append(submitted(directory, keys[name], outcomes=f"Said at {place}", **changed))
    readings = [read_response(r, directory, arrived_at=r["completed"]) for r in rows]
    with bench.desk.work() as work:
        arrivals = [Arrival(form="request-for-support", route="list", reading=r) for r in readings if r is not None]
        assert len(list(receive(work, arrivals))) == len(rows)
    with bench.desk.work() as work:
        assert count(work, tables.responses) == len(set(order.split()))
        assert count(work, tables.requests) == len(set(order.split()) - {"x"})


def test_what_comes_by_workbook_and_by_list_at_the_same_time_enters_once(bench: Bench, directory: Directory) -> None:
    """The second way in begins while the first has recorded everything and not committed yet."""
    readings = [read_response(submitted(directory, n), directory, arrived_at=START) for n in (1, 2, 3)]
    begun, may_end = threading.Event(), threading.Event()

    def take(route: str, holds: bool) -> list[Outcome | None]:
        with bench.desk.work() as work:
            arrivals = [Arrival(form="request-for-support", route=route, reading=r) for r in readings if r is not None]
            outcomes = list(receive(work, arrivals))
            begun.set()
            assert not holds or may_end.wait(30)
            return outcomes

    with ThreadPoolExecutor(2) as both:
        first = both.submit(take, "workbook", holds=True)
        assert begun.wait(30)
        second = both.submit(take, "list", holds=False)
        assert not wait([second], timeout=0.3).done, "it waits for the first"
        may_end.set()
        assert (first.result(30), second.result(30)) == ([Outcome.ACCEPTED] * 3, [None] * 3)
    with bench.desk.work() as work:
        assert count(work, tables.requests) == 3


def test_an_amendment_that_cannot_be_is_told_to_the_clerk_and_costs_nobody_elses_answers(bench: Bench) -> None:
    arrive(bench)
    assert arrive(bench, pupils="") is None
    assert len(bench.effects("mail.changed")) == 1
    assert arrive(bench, id=2, solution="Another") is Outcome.ACCEPTED


def test_an_answer_changed_in_the_form_amends_a_request_that_is_not_on_an_agenda_yet(bench: Bench) -> None:
    arrive(bench)
    assert arrive(bench, solution="Something else altogether", pupils="Ann Other 01/02/2014") is None
    assert arrive(bench, "workbook", solution="Something else altogether", pupils="Ann Other 01/02/2014") is None
    assert (bench.effects("mail.changed"), bench.effects("mail.told")) == ([], ["R-2026-0001"])
    with bench.desk.work() as work:
        assert work.conn.execute(select(tables.requests.c.submission)).scalar_one()["solution"].startswith("Something")
        assert read_pupils(work, "R-2026-0001", "test").pupils[0].name == "Ann Other"
        assert count(work, tables.amendments) == 1


def test_an_answer_changed_when_the_papers_are_made_is_told_to_the_clerk_and_changes_nothing(waiting: Bench) -> None:
    assert arrive(waiting, solution="Something else altogether") is None
    assert len(waiting.effects("mail.changed")) == 1
    with waiting.desk.work() as work:
        assert work.conn.execute(select(tables.requests.c.submission)).scalar_one()["solution"].startswith("A quiet")


def test_an_answer_changed_by_somebody_unknown_or_to_nothing_is_told_to_the_clerk(bench: Bench) -> None:
    arrive(bench)
    for changed in ({"sender": "anonymous"}, {"solution": ""}, {"sender": "other@school.example"}):
        assert arrive(bench, **{"outcomes": f"Changed {changed}", **changed}) is None
    assert len(bench.effects("mail.changed")) == 3


def test_a_probable_duplicate_is_held_until_the_clerk_releases_or_discards_it(bench: Bench) -> None:
    arrive(bench)
    for number, act, state in ((2, release_held, "Received"), (3, discard_held, "Withdrawn")):
        assert arrive(bench, id=number, solution="A quiet corner at lunch, request 1") is Outcome.HELD
        request_id = f"R-2026-000{number}"
        with bench.desk.work() as work:
            act(work, request_id, CONSOLE)
            row = work.conn.execute(select(tables.requests.c.state).where(tables.requests.c.id == request_id))
            assert row.scalar_one() == state
    assert bench.effects("mail.held") == ["R-2026-0002", "R-2026-0003"]


def test_the_same_text_five_weeks_later_is_a_request_of_its_own(bench: Bench) -> None:
    arrive(bench)
    bench.at(date(2026, 11, 12))
    later = datetime.fromisoformat("2026-11-12T09:00:00+00:00")
    assert arrive(bench, id=2, solution="A quiet corner at lunch, request 1", completed=later) is Outcome.ACCEPTED


def test_pupils_names_are_nowhere_but_sealed_and_every_reading_is_journaled(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench, solution="Zebedee needs quiet")
    with bench.desk.work() as work:
        for table in tables.metadata.sorted_tables:
            if table.name == "requests":
                continue  # the school's own free text, masked wherever it is circulated
            for row in work.conn.execute(select(table)):
                assert "Quill" not in repr(tuple(row))
                assert "Zebedee" not in repr(tuple(row))
        row = work.conn.execute(select(tables.requests)).one()
        assert "Quill" not in repr(tuple(row))
        assert read_pupils(work, "R-2026-0001", "test").pupils[0].name == "Zebedee Quill"
        commands = work.conn.execute(select(tables.journal.c.command)).scalars().all()
    assert "read pupils' data" in commands


def test_a_request_in_time_goes_to_the_coming_meeting(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    last = at_london(submissions_close_on(MEETING), datetime.max.time().replace(microsecond=0))
    bench.at(submissions_close_on(MEETING), 8)
    arrive(bench, completed=last)
    with bench.desk.work() as work:
        assert work.conn.execute(select(tables.requests.c.meeting_id)).scalar_one().endswith("T2")


def test_a_late_request_waits_for_the_next_meeting(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    late = at_london(submissions_close_on(MEETING) + timedelta(days=1), datetime.min.time())
    bench.at(submissions_close_on(MEETING) + timedelta(days=1))
    arrive(bench, completed=late)
    with bench.desk.work() as work:
        assert work.conn.execute(select(tables.requests.c.meeting_id)).scalar_one().endswith("T3")
        assert "too late for the earlier meeting" in work.conn.execute(select(tables.journal.c.command)).scalars().all()


def test_a_request_in_time_that_arrives_late_is_still_heard_until_the_papers_are_out(
    bench: Bench, directory: Directory
) -> None:
    set_up(bench, directory)
    bench.at(submissions_close_on(MEETING) + timedelta(days=1))
    sweep(bench.desk)
    arrive(bench, completed=at_london(submissions_close_on(MEETING), datetime.min.time()))
    bench.at(papers_due_on(MEETING))
    sweep(bench.desk)
    arrive(bench, id=2, completed=at_london(submissions_close_on(MEETING), datetime.min.time()))
    with bench.desk.work() as work:
        placed = {r.id: (r.meeting_id[-2:], r.state) for r in work.conn.execute(select(tables.requests))}
    assert placed == {"R-2026-0001": ("T2", "On the agenda"), "R-2026-0002": ("T3", "Received")}


def test_a_request_received_before_any_meeting_is_booked_is_placed_when_one_is(
    bench: Bench, directory: Directory
) -> None:
    arrive(bench)
    set_up(bench, directory)
    sweep(bench.desk)
    with bench.desk.work() as work:
        assert work.conn.execute(select(tables.requests.c.meeting_id)).scalar_one().endswith("T2")


def aside(bench: Bench) -> int:
    """How often a sweep looked after clerks' desks and asked for evaluations: another test's matter."""
    effects = tables.effects
    kinds = ("desk.nudge", "desk.digest", "mail.evaluate")
    with bench.desk.work() as work:
        return len(work.conn.execute(select(effects.c.id).where(effects.c.kind.in_(kinds))).all())


def test_the_clocks_close_make_papers_and_ask_each_once(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench)
    done = []
    for day in (submissions_close_on(MEETING), submissions_close_on(MEETING) + timedelta(days=1),
                papers_due_on(MEETING), MEETING):  # fmt: skip
        bench.at(day)
        told = aside(bench)
        count, again = sweep(bench.desk), sweep(bench.desk)
        done.append((count - (aside(bench) - told), again))
    assert done == [(0, 0), (1, 0), (1, 0), (2, 0)]
    assert bench.effects("agenda.upload") == [f"{home(directory)} 2026-27 T2"]
    assert bench.effects("card.ask") == ["R-2026-0001"]


def test_meetings_are_booked_once_and_none_whose_submissions_have_closed(bench: Bench, directory: Directory) -> None:
    slots = [slot(home(directory), date(2026, 10, 12), 1), slot(home(directory), MEETING, 2)]
    with bench.desk.work() as work:
        assert [schedule_meetings(work, slots) for _ in range(2)] == [1, 0]


def test_the_agenda_carries_no_pupils_name(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    on_agenda(bench, directory, solution="Zebedee Quill and Zebedee need quiet")
    with bench.desk.work() as work:
        paper = agenda_paper(work, f"{home(directory)} 2026-27 T2")
        ask = decision_ask(work, "R-2026-0001")
    for text in (repr(paper), repr(ask)):
        assert "Zebedee" not in text
        assert "Quill" not in text
        assert "[pupil] and [pupil] need quiet" in text


def test_a_decision_is_one_transaction_with_its_money_and_its_effects(waiting: Bench, directory: Directory) -> None:
    community = home(directory)
    request_id = "R-2026-0001"
    with waiting.desk.work() as work:
        post = decide(work, request_id, approve(), chair(directory))
        stands = position(work, community, "2026-27")
        assert fields_of(work, request_id)["AmountApproved"] == 2000.0
    assert stands is not None
    assert (stands.committed_pence, stands.balance_pence) == (200_000, 300_000)
    assert post.before is not None
    assert post.after is not None
    assert (post.before.balance_pence, post.after.balance_pence) == (500_000, 300_000)
    assert post.after.split.first_pence + post.after.split.second_pence == 300_000
    for kind in ("post.decision", "mail.forward"):
        assert waiting.effects(kind) == [request_id]


def test_a_decision_without_money_is_not_forwarded(waiting: Bench, directory: Directory) -> None:
    request_id = "R-2026-0001"
    with waiting.desk.work() as work:
        decide(work, request_id, approve(0, responses=(Response.ADVICE,)), chair(directory))
    assert waiting.effects("mail.forward") == []


def test_a_second_decision_changes_nothing(waiting: Bench, directory: Directory) -> None:
    community = home(directory)
    request_id = "R-2026-0001"
    with waiting.desk.work() as work:
        decide(work, request_id, approve(), chair(directory))
    with pytest.raises(AlreadyDone, match="was decided on Thursday 5 November 2026"), waiting.desk.work() as work:
        decide(work, request_id, approve(1), chair(directory))
    with waiting.desk.work() as work:
        stands = position(work, community, "2026-27")
    assert stands is not None
    assert stands.committed_pence == 200_000


def test_two_who_decide_at_once_make_one_decision(waiting: Bench, directory: Directory) -> None:
    community = home(directory)
    request_id = "R-2026-0001"
    outcomes: list[str] = []

    def press(pounds: int) -> None:
        try:
            with waiting.desk.work() as work:
                decide(work, request_id, approve(pounds), chair(directory))
            outcomes.append("decided")
        except AlreadyDone:
            outcomes.append("told")

    threads = [threading.Thread(target=press, args=(1000 + n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided"] + ["told"] * 5
    with waiting.desk.work() as work:
        stands = position(work, community, "2026-27")
        decided = work.conn.execute(select(tables.decisions.c.amount_pence)).scalar_one()
    assert stands is not None
    assert stands.committed_pence == decided


def test_two_requests_never_spend_the_same_last_pound(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory, pounds=2_500)
    for number in (1, 2, 3, 4):
        arrive(bench, id=number)
    bench.at(MEETING)
    sweep(bench.desk)
    outcomes: list[str] = []

    def press(number: int) -> None:
        try:
            with bench.desk.work() as work:
                decide(work, f"R-2026-000{number}", approve(2_000), chair(directory))
            outcomes.append("decided")
        except InputRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=press, args=(n,)) for n in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided"] + ["refused"] * 3
    with bench.desk.work() as work:
        stands = position(work, community, "2026-27")
    assert stands is not None
    assert stands.balance_pence == 50_000


def test_more_than_the_balance_is_refused(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory, pounds=1_999)
    request_id = on_agenda(bench, directory)
    with pytest.raises(InputRefused, match="£2,000 is more than the balance of £1,999"), bench.desk.work() as work:
        decide(work, request_id, approve(), chair(directory))


def test_without_a_budget_no_money_is_approved(bench: Bench, directory: Directory) -> None:
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(home(directory), MEETING, 2)])
    request_id = on_agenda(bench, directory)
    with pytest.raises(InputRefused, match="No budget of"), bench.desk.work() as work:
        decide(work, request_id, approve(), chair(directory))


def test_only_the_chair_decides_and_the_clerk_records_consensus(waiting: Bench, directory: Directory) -> None:
    request_id = "R-2026-0001"
    clerk = directory.clerk_of(home(directory))
    other = directory.chair_of(directory.communities[1].name)
    assert clerk is not None
    assert other is not None
    for mail, decision in (
        (other.mail, approve()),
        ("nobody@x.example", approve()),
        (clerk.mail, approve(made_by=DecidedBy.CHAIR)),
    ):
        with pytest.raises(NotAllowed), waiting.desk.work() as work:
            decide(work, request_id, decision, mail)
    with waiting.desk.work() as work:
        decide(work, request_id, approve(), clerk.mail)


def test_a_corrected_budget_adds_the_difference_and_edits_nothing(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory)
    with bench.desk.work() as work:
        assert "(unchanged)" in import_budget(work, a_budget(community, 5_000))
        assert "£500" in import_budget(work, a_budget(community, 5_500))
        stands = position(work, community, "2026-27")
        assert count(work, tables.ledger) == 2
    assert stands is not None
    assert stands.opening_pence == 550_000


def decided_and_listed(bench: Bench, directory: Directory) -> tuple[str, ListItem]:
    set_up(bench, directory)
    request_id = on_agenda(bench, directory)
    with bench.desk.work() as work:
        decide(work, request_id, approve(), chair(directory))
        work.conn.execute(tables.list_items.insert().values(request_id=request_id, item_id="7", etag='"a,1"'))
        work.conn.execute(tables.effects.update().values(state="done"))
        fields = fields_of(work, request_id)
    return request_id, ListItem(id="7", etag='"a,2"', fields=fields)


KCC = {
    "FinalAmount": 1900.5,
    "KccModerated": True,
    "ModeratedBy": "Morgan Vale",
    "DateProcessed": "2026-11-05T00:00:00Z",
}


def test_kccs_section_filled_in_the_list_is_recorded_with_its_difference(bench: Bench, directory: Directory) -> None:
    request_id, item = decided_and_listed(bench, directory)
    with bench.desk.work() as work:
        assert take_edit(work, saved(item, "morgan.vale@kent.example", **KCC))
        stands = position(work, home(directory), "2026-27")
        final = work.conn.execute(select(tables.moderations)).one()
    assert stands is not None
    assert (stands.moderated_pence, stands.balance_pence) == (-9_950, 309_950)
    assert (final.final_pence, final.pays_on) == (190_050, date(2026, 12, 1))
    assert bench.effects("post.moderation") == [request_id]


def test_our_own_write_coming_back_is_no_edit(bench: Bench, directory: Directory) -> None:
    _, item = decided_and_listed(bench, directory)
    with bench.desk.work() as work:
        assert not take_edit(work, replace(item, etag='"a,1"'))


@pytest.mark.parametrize(
    ("by", "fields", "why"),
    [
        ("amira.yorke@kent.example", KCC, "can be moderated by a KCC moderator only"),
        ("morgan.vale@kent.example", {**KCC, "FinalAmount": 2000.01}, "must lie between £0 and the £2,000"),
        ("morgan.vale@kent.example", {"AmountApproved": 9.0}, "AmountApproved can be changed in CoS Desk only"),
        ("amira.yorke@kent.example", {"Status": "Received"}, "Status can be changed in CoS Desk only"),
    ],
)
def test_an_edit_that_may_not_be_made_is_put_back_with_the_reason(
    bench: Bench, directory: Directory, by: str, fields: dict[str, Any], why: str
) -> None:
    request_id, item = decided_and_listed(bench, directory)
    with bench.desk.work() as work:
        assert take_edit(work, saved(item, by, **fields))
        assert why in fields_of(work, request_id)["DeskNote"]
        assert count(work, tables.moderations) == 0
    assert len(bench.effects("list.write")) >= 2


def test_a_list_that_is_behind_the_record_is_no_edit(bench: Bench, directory: Directory) -> None:
    request_id, item = decided_and_listed(bench, directory)
    with bench.desk.work() as work:
        work.effect("list.write", f"{request_id}#9")
        behind = saved(item, "amira.yorke@kent.example", ModeratedBy="x")
        behind = replace(behind, fields={**behind.fields, "Status": "On the agenda"})  # as our write found it
        assert take_edit(work, behind)
        assert "Put back" not in fields_of(work, request_id)["DeskNote"]


def test_moderating_twice_is_refused(bench: Bench, directory: Directory) -> None:
    request_id, _ = decided_and_listed(bench, directory)
    with bench.desk.work() as work:
        moderate(work, request_id, 100, "M", MEETING, "morgan.vale@kent.example")
    with pytest.raises(AlreadyDone), bench.desk.work() as work:
        moderate(work, request_id, 100, "M", MEETING, "morgan.vale@kent.example")


def test_a_directory_that_drops_a_school_with_requests_is_refused_whole(bench: Bench, directory: Directory) -> None:
    arrive(bench)
    gone = directory.schools_of(home(directory))[0]
    smaller = replace(directory, schools=tuple(s for s in directory.schools if s != gone))
    with pytest.raises(InputRefused, match="which the record holds open requests of"), bench.desk.work() as work:
        import_directory(work, smaller)
    with bench.desk.work() as work:
        assert len(directory_of(work).schools) == 600


def test_a_refused_command_leaves_no_trace(waiting: Bench, directory: Directory) -> None:
    request_id = "R-2026-0001"
    before = len(waiting.enqueued)
    with pytest.raises(InputRefused), waiting.desk.work() as work:
        decide(work, request_id, approve(9_999), chair(directory))
    assert len(waiting.enqueued) == before
    with waiting.desk.work() as work:
        assert status(work)["requests"] == {"On the agenda": 1}


def test_closing_puts_every_accepted_request_on_the_agenda(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    for number in (1, 2, 3):
        arrive(bench, id=number)
    with bench.desk.work() as work:
        assert close_submissions(work, f"{home(directory)} 2026-27 T2") == 3
        assert status(work)["meetings"] == {MeetingState.CLOSED: 1, MeetingState.SCHEDULED: 1}


def test_a_directory_is_compared_before_it_is_applied(bench: Bench, directory: Directory) -> None:
    first, second, *rest = directory.schools
    moved = replace(second, community=directory.communities[0].name)
    fresh = replace(first, name=SchoolName("Brand New School"), dfe=1)
    after_import = replace(directory, schools=(moved, fresh, *rest))
    with bench.desk.work() as work:
        change = preview_directory(work, after_import)
        assert directory_of(work).schools == directory.schools
        assert preview_directory(work, directory).is_empty
    assert change.added == (f"'Brand New School' in '{first.community}'",)
    assert change.gone == (f"'{first.name}' in '{first.community}'",)
    assert change.changed == (f"'{second.name}': community '{second.community}' becomes '{moved.community}'",)


def test_the_ledger_is_checked_against_kccs_workbook_line_by_line(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory)
    with bench.desk.work() as work:
        assert list(differences(work, a_sheet(a_budget(community, 5_000)))) == []
        assert (
            list(differences(work, a_sheet(replace(a_budget(community, 5_000), before_top_slices_pence=500_100)))) == []
        )
        later = list(differences(work, a_sheet(replace(a_budget(community, 5_000), stls_top_slice_pence=-20_000))))
    assert [s.partition(": ")[2] for s in later] == [
        "the workbook says -£200, the record £0.", "the workbook says £4,800, the record £5,000.",
    ]  # fmt: skip
    request_id = on_agenda(bench, directory)
    with bench.desk.work() as work:
        decide(work, request_id, approve(), chair(directory))
        said = "\n".join(differences(work, a_sheet(a_budget(community, 5_000))))
    assert "'Payments agreed by Community': the workbook says £0, the record £2,000." in said
    assert "'Balance': the workbook says £5,000, the record £3,000." in said
    assert "additional payments agreed: the workbook says £0, the record £2,000." in said


def test_the_directory_is_read_once_however_many_ask_for_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the day changes while effects are at work: reading a county's takes a part of a second."""
    readings = []

    def slowly(work: Work) -> Directory:
        readings.append(threading.current_thread().name)
        time.sleep(0.2)
        return whole_directory(work)

    def ask() -> int:
        with bench.desk.reading() as work:
            return len(directory_of(work).communities)

    bench.at(MEETING)
    monkeypatch.setattr("casework.directory_record.whole_directory", slowly)
    with ThreadPoolExecutor(4) as all_at_once:
        assert [f.result(30) for f in [all_at_once.submit(ask) for _ in range(4)]] == [53] * 4
    assert len(readings) == 1
