"""The year's end and start: the balance agreed with KCC, what is open carried over, the next year opened."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Barrier, Thread

import pytest

from casework import tables
from casework.budget_moves import record_correction, record_return, record_transfer
from casework.budget_record import import_budget, position
from casework.decide import decide
from casework.desk import Work
from casework.due import due_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.moderate import moderate
from casework.request_moves import pay_request
from casework.request_record import request_row
from casework.schedule import MeetingState, meetings_of, schedule_meetings
from casework.sweep import sweep
from casework.year_end import agree_balance, close_year, year_standing
from casework.year_record import is_closed
from casework.year_start import open_year
from communities.budget import BudgetSummary
from communities.calendars import SchoolYear, academic_year, london
from communities.decisions import Response
from communities.directory import CommunityName, Directory
from communities.lifecycle import State
from communities.meetings import Template
from communities.year_end import close_by
from papers.term_dates import TermDatesUnreadable, load_school_years
from tests.conftest import Bench, begun
from tests.test_chat import senco
from tests.test_moves import KCC, R1, clerk
from tests.test_record import MEETING, a_budget, approve, chair, home, on_agenda, one_waiting, set_up, slot

waiting = begun(one_waiting)


YEAR, NEXT = "2026-27", "2027-28"
TERMS_OF_NEXT = [
    ["2027-09-01", "2027-10-15"], ["2027-11-01", "2027-12-17"], ["2028-01-04", "2028-02-11"],
    ["2028-02-21", "2028-03-31"], ["2028-04-18", "2028-05-26"], ["2028-06-05", "2028-07-21"],
]  # fmt: skip


def own_terms(tmp_path: Path, terms: object = TERMS_OF_NEXT) -> Path:
    file = tmp_path / "terms.json"
    file.write_text(json.dumps({"terms": {NEXT: terms}}), "utf-8")
    return file


def meetings_held(bench: Bench, directory: Directory) -> None:
    """The year's meetings are over."""
    with bench.desk.work() as work:
        for m in meetings_of(work, home(directory)):
            work.conn.execute(
                tables.meetings.update().where(tables.meetings.c.id == m.id).values(state=MeetingState.HELD.value)
            )


@begun
def year(bench: Bench, directory: Directory) -> None:
    """A budget, a request approved with money, all meetings held."""
    set_up(bench, directory)
    on_agenda(bench, directory)
    with bench.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
    meetings_held(bench, directory)
    bench.at(date(2027, 7, 26))


def close(work: Work, directory: Directory, **how: bool) -> object:
    return close_year(work, home(directory), YEAR, clerk(directory), **how)


def test_a_year_is_closed_once_all_is_paid_and_the_balance_agreed(year: Bench, directory: Directory) -> None:
    with year.desk.work() as work:
        moderate(work, R1, 200_000, "Morgan Vale", MEETING, KCC)
        pay_request(work, R1, 200_000, date(2026, 12, 1), KCC)
        agree_balance(work, home(directory), YEAR, 300_000, KCC)
        assert close(work, directory) == ()
        assert is_closed(work, home(directory), YEAR)
        with pytest.raises(AlreadyDone, match="closed already"):
            close(work, directory)
        with pytest.raises(AlreadyDone, match="closed already"):
            agree_balance(work, home(directory), YEAR, 300_000, KCC)
    assert year.effects("mail.year-closed") == [home(directory)]


def test_everything_that_stands_against_it_is_named(year: Bench, directory: Directory) -> None:
    with year.desk.work() as work:
        with pytest.raises(InputRefused) as refused:
            close(work, directory)
        assert refused.value.sentences == (
            f"KCC has not agreed the balance of {home(directory)} {YEAR} (£3,000) yet.",
            f"{R1} is approved and not paid. Finish it, or carry it over.",
        )
        with pytest.raises(NotAllowed):
            close_year(work, home(directory), YEAR, senco(directory))
        with pytest.raises(InputRefused, match=r"No budget of .* 2030-31"):
            close_year(work, home(directory), "2030-31", clerk(directory))


def test_a_meeting_to_come_keeps_the_year_open(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    with bench.desk.work() as work, pytest.raises(InputRefused, match="2 meetings to come"):
        close(work, directory, carry=True)


def test_what_is_open_is_carried_over_and_named(year: Bench, directory: Directory) -> None:
    with year.desk.work() as work:
        agree_balance(work, home(directory), YEAR, 300_000, KCC)
        assert close(work, directory, carry=True) == (R1,)
        stands = year_standing(work, home(directory), YEAR)
        assert (stands.unpaid_pence, stands.is_closed) == (200_000, True)
        moderate(work, R1, 200_000, "Morgan Vale", MEETING, KCC)  # it goes on where it stood
        pay_request(work, R1, 200_000, date(2027, 7, 26), KCC)
        assert position(work, home(directory), YEAR).balance_pence == 300_000  # type: ignore[union-attr]


def test_what_was_not_decided_is_heard_in_the_new_year(waiting: Bench, directory: Directory) -> None:
    meetings_held(waiting, directory)
    waiting.at(date(2027, 7, 26))
    with waiting.desk.work() as work:
        schedule_meetings(work, [slot(home(directory), date(2027, 9, 21), 1)])
        agree_balance(work, home(directory), YEAR, 500_000, KCC)
        assert close(work, directory, carry=True) == (R1,)
        row = request_row(work, R1)
        assert (row.state, row.meeting_id) == (State.DEFERRED, f"{home(directory)} {NEXT} T1")


def test_kcc_agrees_only_what_the_record_shows(year: Bench, directory: Directory) -> None:
    community = home(directory)
    with year.desk.work() as work:
        for by in (clerk(directory), chair(directory)):
            with pytest.raises(NotAllowed, match="agreed by a KCC moderator"):
                agree_balance(work, community, YEAR, 300_000, by)
        with pytest.raises(InputRefused, match=r"KCC has £2,900, the record £3,000: they differ by -?£-?100"):
            agree_balance(work, community, YEAR, 290_000, KCC)
        record_correction(work, community, -10_000, "KCC's books", KCC, YEAR)
        agree_balance(work, community, YEAR, 290_000, KCC)
        record_correction(work, community, 5_000, "Once more", KCC, YEAR)
        with pytest.raises(InputRefused, match="has become £2,950 since"):
            close(work, directory, carry=True)


def test_nothing_is_spent_from_a_closed_year_and_what_comes_back_goes_to_the_next(
    waiting: Bench, directory: Directory
) -> None:
    community = home(directory)
    with waiting.desk.work() as work:
        decide(work, R1, approve(2_000), chair(directory))
        moderate(work, R1, 200_000, "Morgan Vale", MEETING, KCC)
    waiting.at(date(2027, 7, 26))
    meetings_held(waiting, directory)
    with waiting.desk.work() as work:
        pay_request(work, R1, 200_000, date(2026, 12, 1), KCC)
        agree_balance(work, community, YEAR, 300_000, KCC)
        close(work, directory)
    waiting.at(date(2027, 9, 20))
    with waiting.desk.work() as work:
        with pytest.raises(InputRefused, match="is closed, its balance agreed"):
            record_correction(work, community, 100, "Late", KCC, YEAR)
        with pytest.raises(InputRefused, match="is closed, its balance agreed"):
            record_return(work, R1, 10_000, "Not used", KCC)
        import_budget(work, a_budget_of(community, NEXT))
        with pytest.raises(InputRefused, match="is closed, its balance agreed"):
            record_transfer(work, (community, YEAR), (community, NEXT), 100, "Left", KCC)
        record_return(work, R1, 10_000, "Not used", KCC)
        assert position(work, community, YEAR).balance_pence == 300_000  # type: ignore[union-attr]
        assert position(work, community, NEXT).balance_pence == 510_000  # type: ignore[union-attr]


def a_budget_of(community: str, year: str) -> BudgetSummary:
    return replace(a_budget(community, 5_000), academic_year=year)


def test_a_decision_cannot_spend_a_closed_year(waiting: Bench, directory: Directory) -> None:
    community = home(directory)
    with waiting.desk.work() as work:
        row = {"community": community, "academic_year": YEAR, "balance_pence": 500_000, "agreed_by": KCC,
               "agreed_at": work.now, "carried": [], "closed_by": KCC, "closed_at": work.now}  # fmt: skip
        work.conn.execute(tables.year_ends.insert().values(row))
        with pytest.raises(InputRefused, match="is closed, its balance agreed"):
            decide(work, R1, approve(2_000), chair(directory))
        decide(work, R1, replace(approve(0), responses=(Response.ADVICE,)), chair(directory))


def test_money_moved_at_the_same_moment_is_refused_or_keeps_the_year_open(year: Bench, directory: Directory) -> None:
    """A year is closed with the balance KCC agreed, or not at all: nothing moves behind its back."""
    community = home(directory)
    with year.desk.work() as work:
        agree_balance(work, community, YEAR, 300_000, KCC)
    together, said = Barrier(2), []

    def at_once(act: Callable[[Work], object]) -> None:
        together.wait(10)
        try:
            with year.desk.work() as work:
                act(work)
            said.append("done")
        except InputRefused as error:
            said.append(str(error))

    def correct(work: Work) -> None:
        record_correction(work, community, 5_000, "Late", KCC, YEAR)

    threads = [Thread(target=at_once, args=(act,)) for act in (correct, lambda w: close(w, directory, carry=True))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert said.count("done") == 1, said
    with year.desk.work() as work:
        stands = year_standing(work, community, YEAR)
    assert stands.is_closed == (stands.balance_pence == stands.agreed_pence)


def test_closing_the_year_stands_on_the_desk_from_june_until_it_is_done(year: Bench, directory: Directory) -> None:
    community = home(directory)
    with year.desk.work() as work:
        (line,) = [d for d in due_of(work, [community], date(2027, 8, 31)) if d.what.startswith("Close the year")]
        assert (line.due_on, line.what) == (
            close_by(YEAR),
            f"Close the year {YEAR}: its balance is to be agreed with KCC",
        )
        agree_balance(work, community, YEAR, 300_000, KCC)
        close(work, directory, carry=True)
        assert not [d for d in due_of(work, [community], date(2027, 8, 31)) if d.what.startswith("Close the year")]


def next_year(tmp_path: Path) -> SchoolYear:
    return load_school_years(own_terms(tmp_path))[NEXT]


def test_a_year_is_opened_with_its_meetings_once_and_what_lacks_is_named(
    year: Bench, directory: Directory, tmp_path: Path
) -> None:
    names = [c.name for c in directory.communities][:2]
    with year.desk.work() as work:
        booked, openings = open_year(work, next_year(tmp_path), names)
        assert (booked, open_year(work, next_year(tmp_path), names)[0]) == (12, 0)
        assert openings[0].lacks(YEAR) == ["no budget imported", f"{YEAR} is not closed"]
        assert openings[1].lacks(YEAR) == ["no budget imported"]  # it had no budget in the year before
        templates = {m.template for m in meetings_of(work, names[0]) if m.academic_year == NEXT}
    assert templates == {Template.STANDARD}
    sweep(year.desk)
    assert len(year.effects("meeting.book")) >= 12


def test_a_community_that_never_met_has_its_first_meetings_agenda(bench: Bench, directory: Directory) -> None:
    bench.at(date(2027, 5, 3))
    years = load_school_years()
    with bench.desk.work() as work:
        booked, (opening,) = open_year(work, years[YEAR], [CommunityName(home(directory))])
        (meeting,) = meetings_of(work, home(directory))
    assert (booked, opening.has_first, meeting.template) == (1, True, Template.FIRST)
    assert academic_year(london(meeting.starts_at).date()) == YEAR
    assert "5 of 6 meetings are not booked" in opening.lacks("2025-26")


@pytest.mark.parametrize(
    ("terms", "said"),
    [(TERMS_OF_NEXT[:5], "2027-28 has 5 terms"), (TERMS_OF_NEXT[::-1], "not one after the other"),
     ([["x", "y"]] * 6, "Invalid isoformat"), (7, "cannot be read")],
)  # fmt: skip
def test_the_countys_term_dates_are_read_from_its_own_file_or_refused_in_words(
    tmp_path: Path, terms: object, said: str
) -> None:
    assert NEXT in load_school_years(own_terms(tmp_path))
    with pytest.raises(TermDatesUnreadable, match=said):
        load_school_years(own_terms(tmp_path, terms))
    with pytest.raises(TermDatesUnreadable, match="No such file"):
        load_school_years(tmp_path / "none.json")
