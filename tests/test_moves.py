"""What people do with a request beside deciding it, and with a meeting, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from casework import tables
from casework.agenda_paper import agenda_paper
from casework.amend import amend_request, submission_of
from casework.budget_moves import record_correction, record_return, record_transfer
from casework.budget_record import import_budget, position, request_lines
from casework.clock_record import clocks_of_request
from casework.decide import decide, declare_interest, speak
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of, import_directory, import_people, whole_directory
from casework.drafts import discard_draft, draft_of, save_draft
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.journal import story_of
from casework.meeting_record import add_action, close_action, mark_attendance, register_of, write_minutes
from casework.minutes_paper import minutes_paper
from casework.moderate import moderate
from casework.request_moves import (
    close_request,
    defer_request,
    let_in_late,
    pay_request,
    reopen_request,
    return_request,
    withdraw_request,
)
from casework.request_record import request_row
from casework.schedule import move_meeting, schedule_meetings, set_agenda_times
from casework.sweep import sweep
from communities.budget import LineKind
from communities.calendars import at_london
from communities.clocks import Standing, submissions_close_on
from communities.decisions import DecidedBy, Response, Voice
from communities.directory import Directory, Mail, Person, Role
from communities.intake import Outcome
from communities.lifecycle import RULES, State, Who
from communities.meetings import Attendee, Mark
from communities.overrides import Override
from communities.requests import AMENDABLE, DECIDED_ON, TITLES, Support
from tests.conftest import Bench, begun
from tests.test_record import (
    MEETING,
    NEXT,
    a_budget,
    approve,
    arrive,
    chair,
    count,
    home,
    on_agenda,
    one_decided,
    one_waiting,
    set_up,
    slot,
)

decided = begun(one_decided)
waiting = begun(one_waiting)


KCC = "morgan.vale@kent.example"
R1 = "R-2026-0001"


def clerk(directory: Directory) -> str:
    person = directory.clerk_of(home(directory))
    assert person is not None
    return person.mail


def state(bench: Bench, request_id: str = R1) -> tuple[str, str | None]:
    with bench.desk.work() as work:
        row = request_row(work, request_id)
        return row.state, row.meeting_id[-2:] if row.meeting_id else None


def balance(work: Work, community: str) -> int:
    stands = position(work, community, "2026-27")
    assert stands is not None
    return stands.balance_pence


def test_a_returned_request_is_mended_in_the_form_and_heard(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench)
    with bench.desk.work() as work:
        return_request(work, R1, "Say which adult supports Zebedee Quill", clerk(directory))
    assert state(bench) == ("Returned for correction", "T2")
    assert arrive(bench, outcomes="Named adults, calmer afternoons") is Outcome.ACCEPTED
    assert state(bench) == ("Received", "T2")
    with bench.desk.work() as work:
        assert request_row(work, R1).submission["outcomes"].startswith("Named")
        told = " ".join(e.sentence for e in story_of(work.conn, R1))
    assert "It was returned to the school for correction. Say which adult supports [pupil]" in told
    assert "Quill" not in told


def test_a_deferred_request_comes_onto_the_next_agenda_by_itself(waiting: Bench, directory: Directory) -> None:
    with waiting.desk.work() as work:
        defer_request(work, R1, "The school could not come", chair(directory))
    assert state(waiting) == ("Deferred", "T3")
    waiting.at(submissions_close_on(NEXT).replace(day=submissions_close_on(NEXT).day + 1))
    sweep(waiting.desk)
    assert state(waiting) == ("On the agenda", "T3")
    waiting.at(NEXT)
    sweep(waiting.desk)
    assert len(waiting.effects("card.ask")) == 2


def test_only_the_chair_lets_a_late_request_in_and_only_with_a_reason(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    bench.at(date(2026, 10, 26))
    sweep(bench.desk)
    arrive(bench, completed=bench.clock.now())
    assert state(bench) == ("Received", "T3")
    with pytest.raises(NotAllowed, match="let in late by the chair of"), bench.desk.work() as work:
        let_in_late(work, R1, "Urgent", clerk(directory))
    with pytest.raises(InputRefused, match="Say why"), bench.desk.work() as work:
        let_in_late(work, R1, " ", chair(directory))
    with bench.desk.work() as work:
        let_in_late(work, R1, "The placement is at risk", chair(directory))
    assert state(bench) == ("On the agenda", "T2")


def test_a_school_withdraws_its_own_request_and_no_other(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    arrive(bench)
    with pytest.raises(NotAllowed), bench.desk.work() as work:
        withdraw_request(work, R1, "x", "somebody@else.example")
    with bench.desk.work() as work:
        withdraw_request(work, R1, "The pupil moved away", "sam.field@school.example")
    assert state(bench)[0] == "Withdrawn"


def test_a_reopened_decision_gives_its_money_back_and_is_decided_in_a_new_round(
    waiting: Bench, directory: Directory
) -> None:
    community = home(directory)
    with waiting.desk.work() as work:
        decide(work, R1, approve(), chair(directory))
        assert balance(work, community) == 300_000
        reopen_request(work, R1, "The amount was for two terms", chair(directory))
        assert balance(work, community) == 500_000
    assert state(waiting) == ("Received", "T3")
    waiting.at(NEXT)
    sweep(waiting.desk)
    with waiting.desk.work() as work:
        decide(work, R1, approve(1_000), chair(directory))
        rounds = work.conn.execute(select(tables.decisions.c.round, tables.decisions.c.amount_pence)).all()
        assert balance(work, community) == 400_000
    assert sorted(rounds) == [(1, 200_000), (2, 100_000)]


def moderated(bench: Bench, directory: Directory) -> str:
    community = set_up(bench, directory)
    on_agenda(bench, directory)
    with bench.desk.work() as work:
        decide(work, R1, approve(), chair(directory))
        moderate(work, R1, 190_000, "Morgan Vale", date(2026, 11, 5), KCC)
    bench.at(date(2026, 12, 2))
    return community


def test_a_payment_settles_the_commitment_and_its_difference_stays_visible(bench: Bench, directory: Directory) -> None:
    community = moderated(bench, directory)
    with bench.desk.work() as work:
        pay_request(work, R1, 191_000, date(2026, 12, 1), KCC, Override(allowed_by=KCC, reason="One day more"))
        stands = position(work, community, "2026-27")
    assert stands is not None
    assert (stands.outstanding_pence, stands.paid_pence, stands.payment_difference_pence) == (0, 191_000, 1_000)
    assert stands.balance_pence == 309_000
    with bench.desk.work() as work:
        record_return(work, R1, 50_000, "The assistant left in March", KCC)
        assert balance(work, community) == 359_000
    with pytest.raises(InputRefused, match="more than what is left"), bench.desk.work() as work:
        record_return(work, R1, 141_001, "x", KCC)
    with bench.desk.work() as work:
        close_request(work, R1, clerk(directory))
    assert state(bench)[0] == "Closed"


def test_what_is_not_paid_yet_cannot_be_closed(bench: Bench, directory: Directory) -> None:
    moderated(bench, directory)
    with pytest.raises(AlreadyDone, match="waits to be paid"), bench.desk.work() as work:
        close_request(work, R1, clerk(directory))


def test_a_transfer_sums_to_nothing_and_never_takes_what_is_not_there(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory)
    other = directory.communities[1].name
    with bench.desk.work() as work:
        import_budget(work, a_budget(other, 100))
        record_transfer(work, (community, "2026-27"), (other, "2026-27"), 50_000, "Shared adviser", CONSOLE)
        assert (balance(work, community), balance(work, other)) == (450_000, 60_000)
    with pytest.raises(InputRefused, match="is more"), bench.desk.work() as work:
        record_transfer(work, (other, "2026-27"), (community, "2026-27"), 60_001, "x", CONSOLE)
    with pytest.raises(NotAllowed), bench.desk.work() as work:
        record_correction(work, community, 1, "x", chair(directory))


def test_spending_below_zero_is_recorded_with_who_allowed_it_and_why(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory, pounds=100)
    on_agenda(bench, directory)
    allowed = Override(allowed_by="Morgan Vale", reason="Agreed with KCC finance")
    with bench.desk.work() as work:
        decide(work, R1, approve(override=allowed), chair(directory))
        assert balance(work, community) == -190_000
        assert any("allowed by Morgan Vale: Agreed with KCC finance" in e.sentence for e in story_of(work.conn, R1))


def test_an_amendment_keeps_what_it_replaced_and_holds_to_the_forms_rules(waiting: Bench, directory: Directory) -> None:
    with pytest.raises(InputRefused, match="201 words"), waiting.desk.work() as work:
        amend_request(work, R1, {"outcomes": "word " * 201}, "Clearer", clerk(directory))
    with waiting.desk.work() as work:
        titles = amend_request(work, R1, {"requested_pence": 100_000}, "Two terms only", clerk(directory))
        assert titles == ("Total funding request (£)",)
        assert submission_of(work, R1, "test").requested_pence == request_row(work, R1).requested_pence == 100_000
        kept = work.conn.execute(select(tables.amendments)).one()
    assert b"2400" not in kept.sealed
    with pytest.raises(InputRefused, match="would be another request"), waiting.desk.work() as work:
        amend_request(work, R1, {"school": "Another"}, "x", clerk(directory))


CHANGED = {
    "contact": "Sam, the office", "trust": "A trust", "solution": "Another", "outcomes": "More calm",
    "support": (Support.ADVICE,), "sen_support": 9, "ehcp": 9, "looked_after": 9, "key_stages": ("KS4",),
    "funding_use": "Books", "requested_pence": 500_000, "already_supported": "Much", "pupils": (),
}  # fmt: skip


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("field", AMENDABLE)
@pytest.mark.parametrize("state", [State.DECIDED, State.FORWARDED, State.MODERATED, State.PAID])
def test_what_was_decided_on_stays_and_whom_to_ask_may_be_corrected(
    decided: Bench, directory: Directory, field: str, state: State
) -> None:
    with decided.desk.work() as work:
        work.conn.execute(update(tables.requests).values(state=state.value))
        before = submission_of(work, R1, "test")
    if field in DECIDED_ON:
        with (
            pytest.raises(InputRefused, match="stays as it was decided on") as refused,
            decided.desk.work() as work,
        ):
            amend_request(work, R1, {field: CHANGED[field]}, "Better", clerk(directory))
        assert TITLES[field] in str(refused.value)
        assert ("new request" if state is State.PAID else "open the request again") in str(refused.value)
    else:
        with decided.desk.work() as work:
            assert amend_request(work, R1, {field: CHANGED[field]}, "Better", clerk(directory)) == (TITLES[field],)
    with decided.desk.work() as work:
        after = submission_of(work, R1, "test")
    assert {f for f in DECIDED_ON if getattr(after, f) != getattr(before, f)} == set()


def test_a_chair_with_an_interest_needs_consensus_or_another_chair(waiting: Bench, directory: Directory) -> None:
    own = directory.community(home(directory))
    assert own is not None
    near = next(c for c in directory.communities if c != own and c.community_area == own.community_area)
    other = directory.chair_of(near.name)
    assert other is not None
    by_chair = approve(made_by=DecidedBy.CHAIR)
    with pytest.raises(NotAllowed), waiting.desk.work() as work:
        decide(work, R1, by_chair, other.mail)
    with waiting.desk.work() as work:
        declare_interest(work, R1, chair(directory), "My niece goes there")
    with pytest.raises(InputRefused, match="by another chair"), waiting.desk.work() as work:
        decide(work, R1, by_chair, chair(directory))
    with waiting.desk.work() as work:
        decide(work, R1, by_chair, other.mail)
    assert state(waiting)[0] == "Decided"


def test_each_attending_school_has_one_voice(waiting: Bench, directory: Directory) -> None:
    community = home(directory)
    first, second = (s.name for s in directory.schools_of(community)[:2])
    meeting = f"{community} 2026-27 T2"
    with waiting.desk.work() as work:
        mark_attendance(work, meeting, [Attendee(of=first, person="Sam", mark=Mark.PRESENT)], clerk(directory))
        for voice in (Voice.AGREES, Voice.OBJECTS):
            speak(work, R1, first, voice, clerk(directory))
        assert count(work, tables.voices) == 1
    with pytest.raises(InputRefused, match="not marked present"), waiting.desk.work() as work:
        speak(work, R1, second, Voice.AGREES, clerk(directory))
    with pytest.raises(InputRefused, match="There is no consensus"), waiting.desk.work() as work:
        decide(work, R1, approve(), chair(directory))
    with waiting.desk.work() as work:
        decide(work, R1, approve(made_by=DecidedBy.CHAIR), chair(directory))


def test_a_review_date_reminds_once(waiting: Bench, directory: Directory) -> None:
    with waiting.desk.work() as work:
        decide(work, R1, approve(0, responses=(Response.ADVICE,), conditions="A plan"), chair(directory))
    waiting.at(date(2027, 2, 1))
    sweep(waiting.desk)
    sweep(waiting.desk)
    assert waiting.effects("mail.review") == [R1]


def test_a_meeting_moved_earlier_after_submissions_closed_keeps_its_requests(
    bench: Bench, directory: Directory
) -> None:
    community = set_up(bench, directory)
    arrive(bench)
    bench.at(date(2026, 10, 26))
    sweep(bench.desk)
    meeting = f"{community} 2026-27 T2"
    with bench.desk.work() as work:
        move_meeting(work, meeting, at_london(date(2026, 10, 29), time(9)), clerk(directory))
    sweep(bench.desk)  # the papers are due already: they go out at once
    assert state(bench) == ("On the agenda", "T2")
    assert bench.effects("agenda.upload") == [meeting]
    with bench.desk.work() as work:
        submission, papers = clocks_of_request(work, R1)
    assert submission.standing(date(2026, 10, 26)) is not Standing.RUNNING
    assert papers.standing(date(2026, 10, 26)) is Standing.MISSED, "asked for, and not sent yet"
    assert papers.due_on == date(2026, 10, 22)


def test_the_chairs_times_are_printed_and_too_many_minutes_refused(bench: Bench, directory: Directory) -> None:
    community = set_up(bench, directory)
    meeting = f"{community} 2026-27 T2"
    with pytest.raises(InputRefused, match="take 121 minutes and the meeting 120"), bench.desk.work() as work:
        set_agenda_times(work, meeting, [5, 10, 10, 10, 61, 25], chair(directory))
    with bench.desk.work() as work:
        set_agenda_times(work, meeting, [5, 10, 10, 10, 60, 25], chair(directory))
        assert [i.time for i in agenda_paper(work, meeting).items][-2:] == ["14:05", "15:05"]


def test_matters_and_open_actions_return_on_the_next_agenda_until_they_are_closed(
    waiting: Bench, directory: Directory
) -> None:
    community = home(directory)
    meeting, following = (f"{community} 2026-27 T{n}" for n in (2, 3))
    waiting.at(MEETING, 17)
    sweep(waiting.desk)
    school = directory.schools_of(community)[0].name
    with waiting.desk.work() as work:
        mark_attendance(work, meeting, [Attendee(of=school, person="Sam", mark=Mark.APOLOGIES)], clerk(directory))
        action = add_action(work, community, "Share the audit", school, date(2026, 12, 1), clerk(directory), meeting)
        write_minutes(work, meeting, {1: "Welcomed everybody"}, ["Visit to the library"], clerk(directory))
        minutes = minutes_paper(work, meeting)
    assert minutes.items[0].note == "Welcomed everybody"
    assert next(a for a in minutes.register if a.of == school).mark == "Apologies"
    waiting.at(date(2026, 12, 3))
    with waiting.desk.work() as work:
        agenda = agenda_paper(work, following)
        assert [a.stands for a in agenda.actions] == ["Overdue"]
        assert "Visit to the library" in agenda.matters
        assert any("was not decided" in m for m in agenda.matters)
        close_action(work, action, "Shared with all", clerk(directory))
        assert [a.stands for a in agenda_paper(work, following).actions] == ["Closed: Shared with all"]
    with pytest.raises(InputRefused, match="is no school of"), waiting.desk.work() as work:
        mark_attendance(work, meeting, [Attendee(of="Hogwarts", person="", mark=Mark.PRESENT)], clerk(directory))
    with waiting.desk.work() as work:
        assert len(register_of(work, meeting)) == len(directory.schools_of(community)) + 3


def test_a_first_meeting_in_june_has_its_own_agenda(bench: Bench, directory: Directory) -> None:
    community = home(directory)
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(community, date(2027, 6, 10), 6)])
        paper = agenda_paper(work, f"{community} 2026-27 T6")
    assert paper.items[0].title == "Terms of reference"


def test_a_chair_who_changes_in_the_middle_of_a_year_is_still_known_for_before(
    bench: Bench, directory: Directory
) -> None:
    community, before = home(directory), chair(directory)
    new = Person(name="New Chair", mail=Mail("new@x.example"), role=Role.CHAIR, of=community)
    people = [*(p for p in directory.people if (p.role, p.of) != (Role.CHAIR, community)), new]
    bench.at(date(2027, 1, 11))
    with bench.desk.work() as work:
        import_people(work, people)
        now = directory_of(work).chair_of(community)
        then = whole_directory(work).on(date(2027, 1, 10)).chair_of(community)
    assert now is not None
    assert then is not None
    assert (now.mail, then.mail) == ("new@x.example", before)


def test_a_school_that_joins_another_community_is_in_each_at_its_time(bench: Bench, directory: Directory) -> None:
    school, target = directory.schools[0], directory.communities[5].name
    assert school.community != target
    moved = [replace(s, community=target) if s == school else s for s in directory.schools]
    bench.at(date(2027, 4, 12))
    with bench.desk.work() as work:
        import_directory(work, replace(directory, schools=tuple(moved)))
        whole = whole_directory(work)
    for day, community in ((date(2027, 4, 11), school.community), (date(2027, 4, 12), target)):
        assert [s.community for s in whole.on(day).schools_named(school.name)] == [community]


def test_a_change_announced_for_later_outlives_an_import_of_today(bench: Bench, directory: Directory) -> None:
    community, before = home(directory), chair(directory)
    new = Person(name="New Chair", mail=Mail("new@x.example"), role=Role.CHAIR, of=community)
    people = [*(p for p in directory.people if (p.role, p.of) != (Role.CHAIR, community)), new]
    with bench.desk.work() as work:
        import_people(work, people, date(2027, 1, 4))
        import_people(work, directory.people)
        whole = whole_directory(work)
    for day, mail in ((date(2026, 12, 31), before), (date(2027, 1, 4), "new@x.example")):
        assert [p.mail for p in whole.on(day).people_with(Role.CHAIR, community)] == [mail]
    with bench.desk.work() as work:
        import_people(work, directory.people, date(2027, 1, 4))  # it does not happen after all
        assert [p.mail for p in whole_directory(work).on(date(2027, 1, 4)).people_with(Role.CHAIR, community)] == [
            before
        ]


def test_a_draft_is_its_writers_alone_and_sealed(bench: Bench) -> None:
    with bench.desk.work() as work:
        save_draft(work, "Sam@School.example", {"pupils": "Zebedee Quill"})
        save_draft(work, "sam@school.example", {"pupils": "Zebedee Quill", "ehcp": 1})
        assert draft_of(work, "sam@school.example") == {"pupils": "Zebedee Quill", "ehcp": 1}
        assert draft_of(work, "other@school.example") is None
        assert b"Quill" not in work.conn.execute(select(tables.drafts.c.sealed)).scalar_one()
        discard_draft(work, "sam@school.example")
        assert count(work, tables.drafts) == 0


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "Commitment", "amount_pence": -100},
        {"kind": "Commitment", "amount_pence": 100, "request_id": R1, "round": 1},
        {"kind": "Bribe", "amount_pence": 100},
        {"kind": "Correction", "amount_pence": 100, "request_id": R1},
        {"kind": "Correction", "amount_pence": 100, "entry": 99_999},
    ],
)
def test_the_database_itself_refuses_a_ledger_line_that_cannot_be(
    waiting: Bench, directory: Directory, row: dict[str, Any]
) -> None:
    community = home(directory)
    with waiting.desk.work() as work:
        decide(work, R1, approve(0, responses=(Response.ADVICE,)), chair(directory))
    line = {"community": community, "academic_year": "2026-27", "entry": 1, **row}
    with pytest.raises(IntegrityError), waiting.desk.work() as work:
        work.conn.execute(insert(tables.ledger).values(line))


def test_the_database_itself_refuses_a_second_decision_or_commitment_of_a_round(
    waiting: Bench, directory: Directory
) -> None:
    with waiting.desk.work() as work:
        decide(work, R1, approve(), chair(directory))
        decision = dict(work.conn.execute(select(tables.decisions)).one()._mapping)
        lines = work.conn.execute(select(tables.ledger).where(tables.ledger.c.request_id == R1)).all()
        assert [x.kind for x in request_lines(work, R1, 1)] == [LineKind.COMMITMENT]
    line = {k: v for k, v in lines[0]._mapping.items() if k != "id"}
    for table, row in ((tables.decisions, decision), (tables.ledger, line)):
        with pytest.raises(IntegrityError), waiting.desk.work() as work:
            work.conn.execute(insert(table).values(row))


MAKERS: dict[str, Callable[[Work, str], None]] = {
    "return request": lambda work, by: return_request(work, R1, "x", by),
    "defer request": lambda work, by: defer_request(work, R1, "x", by),
    "withdraw request": lambda work, by: withdraw_request(work, R1, "x", by),
    "amend request": lambda work, by: void(amend_request(work, R1, {"contact": "Sam, the office"}, "x", by)),
    "decide request": lambda work, by: void(decide(work, R1, approve(), by)),
}


def void(_: object) -> None:
    """For commands that return something."""


@pytest.mark.parametrize("command", MAKERS)
def test_who_may_make_a_move_is_what_the_table_says(waiting: Bench, directory: Directory, command: str) -> None:
    rule = next(r for r in RULES if r.command == command)
    people = {
        Who.SCHOOL: "sam.field@school.example", Who.CHAIR: chair(directory), Who.CLERK: clerk(directory),
        Who.MODERATOR: KCC, Who.ADMINISTRATOR: CONSOLE,
    }  # fmt: skip
    for who, mail in people.items():
        if who in rule.who:
            with waiting.desk.work() as work:
                MAKERS[command](work, mail)
                work.conn.rollback()
        else:
            with pytest.raises(NotAllowed), waiting.desk.work() as work:
                MAKERS[command](work, mail)
    assert state(waiting)[0] == State.ON_AGENDA
