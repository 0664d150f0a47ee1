"""SEN IA surgeries: published, booked, moved, waited for, reminded of, summed up; what is refused changes nothing."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from bot.cards.surgeries import BOOK, FEEDBACK, MOVE, RESUME_MAILS, STOP_MAILS
from casework import tables
from casework.booking import WAITS, SlotGone, Wish, book, cancel_booking, move_booking, note_of, open_bookings
from casework.desk import CONSOLE
from casework.directory_record import directory_of, import_people
from casework.errors import AlreadyDone, InputRefused, NotAllowed, TryLater
from casework.ports import MailDraft, Ports
from casework.surgery_feedback import give_feedback, load_of, sum_up
from casework.surgery_mail import (
    mail_month,
    mail_week,
    monthly_due,
    readers_of,
    reminders_due,
    resume_mails,
    stop_mails,
    weekly_due,
)
from casework.surgery_record import advisers_of, bookings_of, call_off, publish, surgery_row
from casework.sweep import sweep
from communities.calendars import at_london
from communities.continuum import OTHER, Focus
from communities.directory import Directory, Mail, Person, Role
from communities.personal_details import personal_details
from communities.surgeries import (
    BookingState,
    Surgery,
    SurgeryState,
    moves_up,
    reminder_at,
    spoken_months,
    spoken_week,
    surgery_problems,
    weekly_mail_at,
)
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, World
from tests.test_chat import asked
from tests.test_record import home
from tests.test_submitting import press, shown

DAY = date(2026, 11, 12)  # a Thursday
AT = at_london(DAY, time(14, 0))
NEXT = at_london(date(2026, 11, 19), time(14, 0))


@pytest.fixture
def adviser(directory: Directory) -> str:
    return directory.people_with(Role.SEN_IA, home(directory))[0].mail


def sencos(directory: Directory, count: int) -> list[tuple[str, str]]:
    """(mail, school) of as many schools of the first community."""
    found = [
        (p.mail, str(s.name))
        for s in directory.schools_of(home(directory))
        for p in directory.people_with(Role.SENCO, str(s.name))[:1]
    ]
    assert len(found) >= count
    return found[:count]


def published(bench: Bench, adviser: str, slots: int = 2, at: datetime = AT) -> str:
    with bench.desk.work() as work:
        return publish(work, adviser, Surgery(starts_at=at, slots=slots, slot_minutes=20), adviser)


def booked(bench: Bench, surgery_id: str, slot: int, who: tuple[str, str], note: str = "") -> int:
    mail, school = who
    wish = Wish(surgery_id=surgery_id, slot=slot, school=school, theme=OTHER, note=note)
    with bench.desk.work() as work:
        return book(work, wish, mail)


def states(bench: Bench, surgery_id: str) -> list[tuple[str, int | None]]:
    with bench.desk.work() as work:
        return [(b.state, b.slot) for b in bookings_of(work, surgery_id)]


def test_a_session_overlapping_another_or_outside_the_day_is_refused_with_every_reason(bench: Bench) -> None:
    now = bench.clock.now()
    early = Surgery(starts_at=at_london(date(2026, 11, 14), time(6, 0)), slots=2)
    assert [p.split(".")[0] for p in surgery_problems(early, now)] == [
        "Saturday 14 November 2026 is at a weekend",
        "The session would run from 6am to 6",
    ]
    mine = Surgery(starts_at=AT, slots=3)
    assert "overlaps your session on 12 November" in next(surgery_problems(mine, now, [Surgery(starts_at=AT, slots=1)]))
    assert "has passed" in next(surgery_problems(Surgery(starts_at=datetime(2026, 1, 5, 10, tzinfo=UTC), slots=1), now))
    assert "17 slots" in next(surgery_problems(Surgery(starts_at=AT, slots=17), now))
    assert "5 minutes" in next(surgery_problems(Surgery(starts_at=AT, slots=2, slot_minutes=5), now))
    assert list(surgery_problems(mine, now)) == []


def test_a_session_is_published_by_its_adviser_alone(bench: Bench, directory: Directory, adviser: str) -> None:
    senco = sencos(directory, 1)[0][0]
    with bench.desk.work() as work:
        with pytest.raises(NotAllowed, match="their own to publish"):
            publish(work, adviser, Surgery(starts_at=AT, slots=2), senco)
        with pytest.raises(InputRefused, match="is no SEN IA"):
            publish(work, senco, Surgery(starts_at=AT, slots=2), senco)
    surgery_id = published(bench, adviser)
    assert surgery_id == "S-2026-0001"
    assert bench.effects("surgery.book") == [surgery_id]


def test_who_is_booked_into_a_session_is_offered_to_change_that_and_not_to_book_it_again(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    first, second = published(bench, adviser, slots=3), published(bench, adviser, slots=3, at=NEXT)
    who = sencos(directory, 1)[0]
    booked(bench, first, 1, who)
    sessions = asked(bench, "when are the next SEN IA surgeries", who[0])
    card = card_as_text(sessions.cards[0])
    assert card.count("(Move or cancel)") == card.count("(Book a slot)") == 1
    for sentence in (sessions.listed[0], f"book the surgery slot on 12 November 2026 at 14:20 ({first}/2)"):
        assert asked(bench, sentence, who[0]).title.startswith("You have the slot on Thursday 12 November")
    free = asked(bench, "book me into a surgery", who[0])
    assert "19 Nov" in str(free.choices)
    assert "12 Nov" not in str(free.choices)
    booked(bench, second, 1, who)
    assert asked(bench, "book me into a surgery", who[0]).title == "Which of your bookings?"
    moving = shown(bench, asked(bench, "cancel my surgery on 12 November 2026", who[0]))
    assert "19 Nov" not in moving, "they are booked into that session already"


def test_a_slot_is_booked_once_and_the_next_is_offered_the_next(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    surgery_id, (first, second, third) = published(bench, adviser), sencos(directory, 3)
    booked(bench, surgery_id, 1, first)
    with pytest.raises(SlotGone, match=r"has just gone. The next free one is on .* at 14:20"):
        booked(bench, surgery_id, 1, second)
    with pytest.raises(AlreadyDone, match="booked into this session already"):
        booked(bench, surgery_id, 2, first)
    with pytest.raises(AlreadyDone, match="nobody has to wait"):
        booked(bench, surgery_id, WAITS, second)
    booked(bench, surgery_id, 2, second)
    with pytest.raises(SlotGone, match="waiting list"):
        booked(bench, surgery_id, 2, third)
    assert states(bench, surgery_id) == [(BookingState.BOOKED, 1), (BookingState.BOOKED, 2)]


def test_who_waits_moves_up_by_itself_in_the_order_they_came(bench: Bench, directory: Directory, adviser: str) -> None:
    surgery_id, people = published(bench, adviser, slots=1), sencos(directory, 3)
    first = booked(bench, surgery_id, 1, people[0])
    second, _third = (booked(bench, surgery_id, WAITS, who) for who in people[1:])
    with bench.desk.work() as work:
        cancel_booking(work, first, people[0][0])
    assert states(bench, surgery_id) == [
        (BookingState.CANCELLED, None), (BookingState.BOOKED, 1), (BookingState.WAITING, None),
    ]  # fmt: skip
    assert bench.effects("mail.surgery-moved-up") == [str(second)]


def test_a_slot_that_begins_soon_is_left_free(bench: Bench, directory: Directory, adviser: str) -> None:
    surgery_id, people = published(bench, adviser, slots=1), sencos(directory, 2)
    first = booked(bench, surgery_id, 1, people[0])
    booked(bench, surgery_id, WAITS, people[1])
    bench.at(DAY, 13)
    assert not moves_up(AT, bench.clock.now())
    with bench.desk.work() as work:
        cancel_booking(work, first, people[0][0])
    assert states(bench, surgery_id)[1] == (BookingState.WAITING, None)


def test_a_booking_is_moved_and_its_entry_follows(bench: Bench, directory: Directory, adviser: str) -> None:
    surgery_id, later = published(bench, adviser), published(bench, adviser, at=at_london(DAY, time(16, 0)))
    people = sencos(directory, 2)
    booking = booked(bench, surgery_id, 1, people[0])
    with bench.desk.work() as work:
        move_booking(work, booking, later, 2, people[0][0])
    with bench.desk.work() as work:
        (found,) = open_bookings(work, people[0][0])
        assert (found.surgery_id, found.slot) == (later, 2)
        with pytest.raises(NotAllowed, match="no such booking"):
            move_booking(work, booking, later, 1, people[1][0])
    assert bench.effects("surgery.slot") == [str(booking), str(booking)]


def test_a_note_that_names_a_child_is_refused_and_any_note_is_sealed(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    surgery_id, who = published(bench, adviser), sencos(directory, 1)[0]
    for note in ("A boy called Amir hits out", "Maisie Brown", "born 12/03/2016"):
        with pytest.raises(InputRefused, match="seems to name a child"):
            booked(bench, surgery_id, 1, who, note)
    booking = booked(bench, surgery_id, 1, who, "Anxious at playtime, what helps?")
    with bench.desk.work() as work:
        row = work.conn.execute(select(tables.bookings).where(tables.bookings.c.id == booking)).one()
        assert b"playtime" not in row.note
        assert note_of(work, row) == "Anxious at playtime, what helps?"


@pytest.mark.parametrize(
    "text",
    ["how to use zones of regulation in KS2", "A child with autism in Reception",
     "We have Speech and Language concerns", "advice on an EHCP for a pupil", "Child is Looked After", "",
     "Abbey School has two children in Year 1"],
)  # fmt: skip
def test_ordinary_words_are_no_personal_details(text: str) -> None:
    assert list(personal_details(text, ["Abbey School"])) == []


def test_slots_are_booked_by_the_schools_own_people(bench: Bench, directory: Directory, adviser: str) -> None:
    surgery_id, (mine, theirs) = published(bench, adviser), sencos(directory, 2)
    with pytest.raises(NotAllowed, match="by its SENCO or a leader"):
        booked(bench, surgery_id, 1, (mine[0], theirs[1]))


def test_a_session_called_off_tells_everybody_and_frees_them(bench: Bench, directory: Directory, adviser: str) -> None:
    surgery_id, people = published(bench, adviser, slots=1), sencos(directory, 2)
    booked(bench, surgery_id, 1, people[0])
    booked(bench, surgery_id, WAITS, people[1])
    with bench.desk.work() as work:
        assert call_off(work, surgery_id, adviser) == 2
        with pytest.raises(AlreadyDone):
            call_off(work, surgery_id, adviser)
    assert [s for s, _ in states(bench, surgery_id)] == [BookingState.CANCELLED] * 2
    assert len(bench.effects("mail.surgery-off")) == 2


OTHERS = date(2026, 12, 3)  # in the month after


class Mailbox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[MailDraft] = []

    async def send(self, draft: MailDraft) -> None:
        self.sent.append(draft)

    @property
    def ports(self) -> Ports:
        return cast(Ports, SimpleNamespace(mail=self))


def joinable(bench: Bench, *surgery_ids: str) -> None:
    """As if the calendar had answered."""
    for surgery_id in surgery_ids:
        with bench.desk.work() as work:
            surgeries = tables.surgeries
            url = f"https://teams.example/{surgery_id}"
            work.conn.execute(update(surgeries).where(surgeries.c.id == surgery_id).values(event_id="e", join_url=url))


def another_adviser(directory: Directory, adviser: str) -> str:
    return next(p.mail for p in directory.people if p.role is Role.SEN_IA and p.mail != adviser)


async def mailed(bench: Bench, effect: Any, subjects: list[str]) -> dict[str, MailDraft]:
    """What an effect sends for each subject."""
    found = {}
    for subject in subjects:
        box = Mailbox()
        await effect(bench.desk, box.ports, subject)
        (found[subject],) = box.sent
    return found


async def test_a_months_email_gives_day_time_and_place_of_every_session_to_every_community(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    sessions = (
        (published(bench, adviser, slots=3), "Thursday 12 November, 2pm to 3pm"),
        (published(bench, another_adviser(directory, adviser), 2, at_london(OTHERS, time(9, 30))),
         "Thursday 3 December, 9.30am to 10.10am"),
    )  # fmt: skip
    published(bench, adviser, at=at_london(date(2027, 1, 14), time(9, 30)))  # told of in December's
    joinable(bench, sessions[0][0])
    bench.at(date(2026, 11, 2), 8)
    with bench.desk.work() as work:
        subjects = monthly_due(work)
    assert len(subjects) == 53
    for subject, draft in (await mailed(bench, mail_month, subjects)).items():
        for _, when in sessions:
            assert when in draft.html, subject
        assert "Thursday 14 January" not in draft.html
        assert draft.html.index(sessions[0][1]) < draft.html.index(sessions[1][1])
        assert 'href="https://teams.example/S-2026-0001"' in draft.html
        assert "Microsoft Teams" in draft.html
        assert adviser_name_in(directory, adviser) in draft.html
        assert draft.subject == "SEN IA surgeries: November and December 2026"


def adviser_name_in(directory: Directory, mail: str) -> str:
    return next(p.name for p in directory.roles_of(mail))


def test_a_months_email_goes_to_each_schools_people_once(bench: Bench, directory: Directory, adviser: str) -> None:
    published(bench, adviser)
    names = [str(c.name) for c in directory.communities]
    bench.at(date(2026, 11, 2), 7)
    with bench.desk.work() as work:
        assert monthly_due(work) == []
    bench.at(date(2026, 11, 2), 8)
    with bench.desk.work() as work:
        assert monthly_due(work) == [f"2026-11/{n}" for n in names]
        told = [mail for name in names for mail in readers_of(work, name)]
        assert (
            len(told)
            == len(set(told))
            == len({p.mail.casefold() for p in directory_of(work).people if p.role is Role.SENCO})
        )
    sweep(bench.desk)
    with bench.desk.work() as work:
        assert monthly_due(work) == []


def test_a_school_without_a_senco_is_told_through_its_leaders(bench: Bench, directory: Directory) -> None:
    of = home(directory)
    school = str(directory.schools_of(of)[0].name)
    gone = {p.mail.casefold() for p in directory.people_with(Role.SENCO, school)}
    head = Person(name="Jo Head", mail=Mail("jo.head@school.example"), role=Role.LEADER, of=school)
    people = [p for p in directory.people if not (p.role is Role.SENCO and p.of == school)]
    with bench.desk.work() as work:
        import_people(work, [*people, head])
        told = readers_of(work, of)
    assert "jo.head@school.example" in told
    assert not gone & set(told)


def test_a_month_whose_first_session_is_published_late_has_its_email_then(bench: Bench, adviser: str) -> None:
    published(bench, adviser, at=at_london(date(2027, 1, 14), time(9, 30)))  # beyond what November's tells of
    bench.at(date(2026, 11, 2), 8)
    with bench.desk.work() as work:
        assert monthly_due(work) == []
    published(bench, adviser)
    with bench.desk.work() as work:
        assert len(monthly_due(work)) == 53


async def test_a_weekly_email_gives_every_community_the_details_to_join_every_session_of_the_week(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    first = published(bench, adviser)
    second = published(bench, another_adviser(directory, adviser), at=at_london(date(2026, 11, 13), time(15, 45)))
    bench.at(date(2026, 11, 2), 9)
    with bench.desk.work() as work:
        assert weekly_due(work) == []
    bench.at(date(2026, 11, 9), 9)
    with bench.desk.work() as work:
        subjects = weekly_due(work)
    assert subjects == [f"2026-11-09/{c.name}" for c in directory.communities]
    with pytest.raises(TryLater):
        await mailed(bench, mail_week, subjects[:1])  # the sessions are just being put into the calendar
    joinable(bench, first, second)
    for draft in (await mailed(bench, mail_week, subjects)).values():
        assert "Thursday 12 November, 2pm to 2.40pm" in draft.html
        assert "Friday 13 November, 3.45pm to 4.25pm" in draft.html
        for surgery_id in (first, second):
            assert f'href="https://teams.example/{surgery_id}"' in draft.html


async def test_a_session_the_calendar_refuses_holds_no_weekly_email_up(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    first, second = published(bench, adviser), published(bench, another_adviser(directory, adviser))
    joinable(bench, first)
    bench.at(date(2026, 11, 9), 9)
    with bench.desk.work() as work:
        effects = tables.effects
        work.conn.execute(update(effects).where(effects.c.id == f"surgery.book:{second}").values(state="stuck"))
        subjects = weekly_due(work)
    (draft,) = (await mailed(bench, mail_week, subjects[:1])).values()
    assert "the link follows" in draft.html


def test_weeks_are_spoken_and_their_email_goes_on_the_first_working_day() -> None:
    assert spoken_week(date(2026, 11, 9), date(2026, 11, 15)) == "9 to 15 November"
    assert spoken_week(date(2026, 11, 30), date(2026, 12, 6)) == "30 November to 6 December"
    assert weekly_mail_at(date(2026, 12, 28)) == at_london(date(2026, 12, 29), time(8, 0))  # 28 December is a holiday


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 2), date(2026, 12, 31), "November and December 2026"),
        (date(2026, 12, 1), date(2027, 1, 31), "December 2026 and January 2027"),
    ],
)
def test_the_months_an_email_tells_of_are_spoken(first: date, last: date, said: str) -> None:
    assert spoken_months(first, last) == said


def test_who_stopped_the_mails_gets_none_until_they_want_them_again(bench: Bench, directory: Directory) -> None:
    (mail, _), of = sencos(directory, 1)[0], home(directory)
    with bench.desk.work() as work:
        assert mail.casefold() in readers_of(work, of)
        stop_mails(work, mail)
        stop_mails(work, mail)
        assert mail.casefold() not in readers_of(work, of)
        resume_mails(work, mail)
        assert mail.casefold() in readers_of(work, of)


def test_a_slot_is_reminded_of_on_the_working_day_before(bench: Bench, directory: Directory, adviser: str) -> None:
    monday = at_london(date(2026, 11, 16), time(10, 0))
    surgery_id = published(bench, adviser, at=monday)
    booking = booked(bench, surgery_id, 1, sencos(directory, 1)[0])
    assert reminder_at(monday) == at_london(date(2026, 11, 13), time(9, 0))
    bench.at(date(2026, 11, 13), 8)
    with bench.desk.work() as work:
        assert reminders_due(work) == []
    bench.at(date(2026, 11, 13), 9)
    with bench.desk.work() as work:
        assert reminders_due(work) == [f"{booking}@{surgery_id}"]
    sweep(bench.desk)
    with bench.desk.work() as work:
        assert reminders_due(work) == []


def test_the_summary_is_shared_with_those_who_came_and_they_give_feedback(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    surgery_id, people = published(bench, adviser), sencos(directory, 2)
    came, missed = (booked(bench, surgery_id, n, who) for n, who in enumerate(people, 1))
    with bench.desk.work() as work, pytest.raises(InputRefused, match="not over yet"):
        sum_up(work, surgery_id, "We spoke of transition.", (), adviser)
    bench.at(DAY, 15)
    sweep(bench.desk)
    assert bench.effects("mail.surgery-sum-up") == [surgery_id]
    with bench.desk.work() as work:
        with pytest.raises(InputRefused, match="seems to name a child"):
            sum_up(work, surgery_id, "We spoke about a girl called Zebedee.", (), adviser)
        with pytest.raises(NotAllowed):
            sum_up(work, surgery_id, "We spoke of transition.", (), people[0][0])
        sum_up(work, surgery_id, "We spoke of transition.", [missed], adviser)
        with pytest.raises(AlreadyDone):
            sum_up(work, surgery_id, "Again.", (), adviser)
        give_feedback(work, came, "4", "More of it", people[0][0])
        give_feedback(work, came, "5", "More of it", people[0][0])
        with pytest.raises(InputRefused, match="those who came"):
            give_feedback(work, missed, "1", "", people[1][0])
        load = load_of(work, adviser, date(2026, 9, 1), date(2027, 9, 1))
    assert (load.sessions, load.slots, load.came, load.missed, load.useful) == (1, 2, 1, 1, 5.0)
    assert load.themes == [(OTHER, 1)]
    assert load.comments == ["More of it"]


def test_two_people_who_take_the_last_slot_at_once_one_gets_it_and_the_other_is_offered_the_next(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    people = sencos(directory, 2)
    for round_ in range(20):
        at = at_london(date(2026, 11, 16 + round_ % 5), time(8 + round_ // 5 * 2, 0))
        surgery_id = published(bench, adviser, slots=1, at=at)
        told: list[str] = []
        start = threading.Barrier(2)

        def take(who: tuple[str, str], surgery_id: str = surgery_id, start: Any = start, told: Any = told) -> None:
            start.wait(10)
            try:
                booked(bench, surgery_id, 1, who)
                told.append("booked")
            except SlotGone as error:
                told.append("offered" if "next free one" in str(error) or "waiting list" in str(error) else str(error))

        threads = [threading.Thread(target=take, args=(who,)) for who in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(told) == ["booked", "offered"]
        assert [s for s, _ in states(bench, surgery_id)] == [BookingState.BOOKED]


def test_a_booking_given_back_twice_at_once_is_given_back_once(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    people = sencos(directory, 3)
    for round_ in range(10):
        at = at_london(date(2026, 11, 16 + round_ % 5), time(8 + round_ // 5 * 2, 0))
        surgery_id = published(bench, adviser, slots=1, at=at)
        first = booked(bench, surgery_id, 1, people[0])
        for who in people[1:]:
            booked(bench, surgery_id, WAITS, who)
        told: list[str] = []
        start = threading.Barrier(2)

        def give_back(first: int = first, start: Any = start, told: Any = told) -> None:
            start.wait(10)
            try:
                with bench.desk.work() as work:
                    cancel_booking(work, first, people[0][0])
                told.append("given back")
            except AlreadyDone:
                told.append("told")

        threads = [threading.Thread(target=give_back) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(told) == ["given back", "told"]
        assert [s for s, _ in states(bench, surgery_id)] == [
            BookingState.CANCELLED, BookingState.BOOKED, BookingState.WAITING,
        ]  # fmt: skip


def test_in_chat_a_slot_is_found_by_day_and_time_and_booked_after_a_yes(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    published(bench, adviser, slots=3)
    mail, school = sencos(directory, 1)[0]
    assert "3 of 3 slots free" in shown(bench, asked(bench, "when are the next SEN IA surgeries", mail))
    many = asked(bench, "book me into a surgery", mail)
    assert [c[0] for c in many.choices] == ["Thu 12 Nov, 14:00", "Thu 12 Nov, 14:20", "Thu 12 Nov, 14:40"]
    second = asked(bench, "the second one", mail)
    assert second.title == "Book the slot on Thursday 12 November 2026 at 14:20?"
    assert asked(bench, "yes please", mail).title == "Booked: Thursday 12 November 2026 at 14:20"
    with bench.desk.work() as work:
        (found,) = open_bookings(work, mail)
    assert (found.slot, found.school) == (2, school)
    direct = asked(bench, "can I have the slot at 2.45pm on 12 November with the SEN IA", sencos(directory, 2)[1][0])
    assert direct.title == "Book the slot on Thursday 12 November 2026 at 14:40?"


def test_in_chat_a_booking_is_moved_or_given_back(bench: Bench, directory: Directory, adviser: str) -> None:
    surgery_id, (mail, school) = published(bench, adviser), sencos(directory, 1)[0]
    booking = booked(bench, surgery_id, 1, (mail, school))
    card = asked(bench, "I can't make my surgery, cancel it", mail)
    assert "Give it back?" in card.title
    moved = press(bench, mail, MOVE, booking_id=str(booking), to=f"{surgery_id}/2")
    assert moved.title == "Moved to Thursday 12 November 2026 at 14:20"
    asked(bench, "cancel my surgery", mail)
    assert asked(bench, "yes", mail).title == "Cancelled"
    assert asked(bench, "cancel my surgery", mail).title == "Nothing is booked"


def test_in_chat_a_full_session_is_waited_for(bench: Bench, directory: Directory, adviser: str) -> None:
    surgery_id, people = published(bench, adviser, slots=1), sencos(directory, 2)
    booked(bench, surgery_id, 1, people[0])
    assert "is full. Wait for a slot?" in asked(bench, "book a surgery slot", people[1][0]).title
    gone = press(bench, people[1][0], BOOK, surgery_id=surgery_id, slot="1", school=people[1][1], theme=OTHER)
    assert "has just gone" in gone.title
    said = press(bench, people[1][0], BOOK, surgery_id=surgery_id, slot="0", school=people[1][1], theme=OTHER)
    assert said.title.startswith("You wait for a slot")


def test_on_the_card_a_note_that_names_a_child_is_asked_for_again_with_what_was_written(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    surgery_id, (mail, school) = published(bench, adviser), sencos(directory, 1)[0]
    again = press(bench, mail, BOOK, surgery_id=surgery_id, slot="1", school=school, theme=Focus.PASTORAL.value,
                  note="A boy called Amir")  # fmt: skip
    assert "seems to name a child" in again.title
    assert "A boy called Amir" in shown(bench, again)
    assert states(bench, surgery_id) == []


def test_an_adviser_publishes_sees_who_comes_and_sums_up_in_chat(
    bench: Bench, directory: Directory, adviser: str
) -> None:
    refused = press(bench, adviser, "surgery.publish", day="2026-11-14", at="10:00", slots="3", minutes="20")
    assert "is at a weekend" in shown(bench, refused)
    said = press(bench, adviser, "surgery.publish", day="2026-11-12", at="14:00", slots="2", minutes="20")
    assert "Published: Thursday 12 November 2026 at 14:00, 2 slots" in shown(bench, said)
    mail, school = sencos(directory, 1)[0]
    booked(bench, "S-2026-0001", 1, (mail, school), "What helps at lunch?")
    own = shown(bench, asked(bench, "show my surgeries", adviser))
    assert f"14:00 {school}" in own
    assert "What helps at lunch?" in own
    assert "What helps at lunch?" not in shown(bench, asked(bench, "show the surgeries", mail))
    bench.at(DAY, 15)
    sweep(bench.desk)
    assert "Sum it up" in shown(bench, asked(bench, "show my surgeries", adviser))
    form = press(bench, adviser, "surgery.sum-up-form", surgery_id="S-2026-0001")
    assert school in str(form.cards)
    done = press(bench, adviser, "surgery.sum-up", surgery_id="S-2026-0001", came="1", summary="Lunch clubs help.")
    assert "The summary of S-2026-0001 is shared. One school gets" in shown(bench, done)
    assert "How useful" in asked(bench, "I'd like to leave feedback on the surgery", mail).title
    assert press(bench, mail, FEEDBACK, booking_id="1", useful="5", comment="").title == "Thank you"


def test_mails_are_stopped_with_a_button(bench: Bench, directory: Directory, adviser: str) -> None:
    published(bench, adviser)
    mail = sencos(directory, 1)[0][0]
    assert "No mails about surgeries" in shown(bench, asked(bench, "show surgeries", mail))
    press(bench, mail, STOP_MAILS)
    assert "Mails about surgeries again" in shown(bench, asked(bench, "show surgeries", mail))
    press(bench, mail, RESUME_MAILS)
    assert "No mails about surgeries" in shown(bench, asked(bench, "show surgeries", mail))


async def test_the_whole_life_of_a_session_in_the_tenant(world: World, directory: Directory, adviser: str) -> None:
    """Calendar entries follow the bookings, the mails go once, and nobody sees another's note."""
    people = sencos(directory, 3)

    def command(do: Any, *args: Any) -> Any:
        with world.desk.work() as work:
            return do(work, *args)

    surgery_id = command(publish, adviser, Surgery(starts_at=AT, slots=1, slot_minutes=30), CONSOLE)
    await world.carry_out()
    wishes = [
        Wish(surgery_id=surgery_id, slot=slot, school=school, theme=OTHER, note="lunchtimes are loud")
        for slot, (_, school) in zip((1, WAITS, WAITS), people, strict=True)
    ]
    bookings = [command(book, wish, mail) for wish, (mail, _) in zip(wishes, people, strict=True)]
    await world.carry_out()
    events = [e for e in await world.hand.call("GET", "events") if "SEN IA surgery" in e["subject"]]
    assert len(events) == 2
    command(cancel_booking, bookings[0], people[0][0])
    await world.carry_out()
    events = [e for e in await world.hand.call("GET", "events") if people[1][1] in e["subject"]]
    assert len(events) == 1
    for day in (date(2026, 11, 9), date(2026, 11, 11), DAY):
        await world.set_clock(at_london(day, time(9, 0)))
        await world.office.sweep()
        await world.carry_out()
    await world.set_clock(at_london(DAY, time(15, 0)))
    await world.office.sweep()
    await world.carry_out()
    command(sum_up, surgery_id, "Lunch clubs help.", (), adviser)
    await world.carry_out()
    mails = await world.hand.call("GET", "mails")
    subjects = [m["subject"] for m in mails]
    for part, count in (("You have a slot", 1), ("Your surgery slot", 1), ("Please sum up", 1), ("Summary of", 1)):
        assert sum(part in s for s in subjects) == count, part
    assert sum("SEN IA surgeries: November" in s for s in subjects) == 53
    weekly = [m for m in mails if "This week's" in m["subject"]]
    assert len(weekly) == 53
    assert all("Join in Microsoft Teams" in m["body"]["content"] for m in weekly)
    assert not [m for m in mails if "lunchtimes" in str(m)]
    with world.desk.work() as work:
        assert surgery_row(work, surgery_id).state == SurgeryState.HELD
        assert advisers_of(work, [people[0][1]]) == [adviser.casefold()]
