"""The demo's surgeries: advisers publish in the list, schools book, one gives a slot back, the adviser sums up."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.booking import WAITS, Wish, book, cancel_booking
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.surgery_feedback import give_feedback, sum_up, to_sum_up
from casework.surgery_list import LIST
from casework.surgery_record import adviser_name, bookings_of, free_slots, is_adviser
from communities.calendars import at_london, london
from communities.directory import Role
from communities.surgeries import BookingState, SurgeryState
from sample_world.texts import pick, texts
from service.demo_report import Timeline
from service.tenant_hand import TenantHand

SESSIONS_A_WEEK, SLOTS = 1, 3
PUBLISHED_AHEAD = timedelta(days=10)
STARTS = (time(9, 30), time(12, 15), time(15, 45))
"""Different days and times (slide 'SEN Inclusion Adviser Surgeries')."""


class Surgeries:
    """What advisers and SENCOs do, played out."""

    def __init__(self, desk: Desk, hand: TenantHand, timeline: Timeline) -> None:
        self._desk, self._hand, self._timeline = desk, hand, timeline

    async def morning(self, day: date, *, is_term: bool) -> None:
        """On Mondays advisers add sessions to the list, for days of term; whoever publishes is another each week."""
        if day.weekday() != 0 or not is_term:
            return
        week = day.toordinal() // 7
        for number in range(SESSIONS_A_WEEK):
            turn = week * SESSIONS_A_WEEK + number
            adviser = await self._desk.run(SYSTEM, _adviser, turn)
            starts = at_london(day + PUBLISHED_AHEAD + timedelta(days=number - 1), STARTS[turn % len(STARTS)])
            fields = {"Starts": f"{starts:%Y-%m-%dT%H:%M:%SZ}", "Slots": SLOTS, "MinutesASlot": 30}
            await self._hand.add_items(LIST, adviser, [fields])

    async def school_day(self, day: date, now: datetime) -> None:
        """On Tuesdays schools book, one more than there are slots; the day before a session, one gives its back."""
        if day.weekday() == 1:
            for mail, wish in await self._desk.run(SYSTEM, _wishes):
                await self._desk.run(mail, book, wish, mail)
            said = await self._desk.run(SYSTEM, _booked_said)
            self._timeline.add(now, f"Schools booked slots in surgeries: {said}.")
        for mail, booking_id in await self._desk.run(SYSTEM, _gives_back, day + timedelta(days=1)):
            await self._desk.run(mail, cancel_booking, booking_id, mail)
            self._timeline.add(now, "A school gave its slot back; the first of the waiting list has it now.")

    async def afternoon(self, now: datetime) -> None:
        """Advisers sum up what was held; the first who came says how useful it was."""
        for adviser, surgery_id, first in await self._desk.run(SYSTEM, _to_sum_up):
            said = pick([t for t in texts("surgeries", "summary") if t.about["theme"] == first.theme], first.id)
            await self._desk.run(adviser, sum_up, surgery_id, said.text, (), adviser)
            thanks = pick(texts("surgeries", "feedback"), first.id)
            await self._desk.run(first.mail, give_feedback, first.id, thanks.about["useful"], thanks.text, first.mail)
            name = await self._desk.run(SYSTEM, adviser_name, adviser)
            self._timeline.add(
                now, f"{name} summed up {surgery_id}; those who came have it, one said how useful it was."
            )


def _adviser(work: Work, turn: int) -> str:
    mails = sorted({p.mail.casefold() for p in directory_of(work).people if p.role is Role.SEN_IA})
    assert is_adviser(work, mails[turn % len(mails)])
    return mails[turn % len(mails)]


def _wishes(work: Work) -> list[tuple[str, Wish]]:
    """SENCOs of the adviser's own community, for each session nobody has booked: one more than there are slots."""
    directory = directory_of(work)
    found: list[tuple[str, Wish]] = []
    for row in _open(work):
        if bookings_of(work, row.id):
            continue
        of = next(p.of for p in directory.roles_of(row.adviser) if p.role is Role.SEN_IA)
        people = [
            (p.mail, str(s.name))
            for s in directory.schools_of(of)
            for p in directory.people_with(Role.SENCO, str(s.name))
        ]
        slots = [*free_slots(work, row), WAITS]
        for (mail, school), slot in zip(people, slots, strict=False):
            about = pick(texts("surgeries", "booking"), int(row.id[-4:]) * 3 + len(found)).about
            wish = Wish(surgery_id=row.id, slot=slot, school=school, theme=about["theme"], note=about["note"])
            found.append((mail, wish))
    return found


def _booked_said(work: Work) -> str:
    held = [b for row in _open(work) for b in bookings_of(work, row.id)]
    booked = sum(b.state == BookingState.BOOKED for b in held)
    return f"{booked} booked, {sum(b.state == BookingState.WAITING for b in held)} on the waiting list"


def _gives_back(work: Work, day: date) -> list[tuple[str, int]]:
    """Of each session on that day with somebody waiting, whoever has the last slot."""
    found = []
    for row in _open(work):
        held = bookings_of(work, row.id)
        waits = any(b.state == BookingState.WAITING for b in held)
        last = [b for b in held if b.state == BookingState.BOOKED and b.slot == row.slots]
        if waits and last and last[0].booked_at < work.now and london(row.starts_at).date() == day:
            found.append((last[0].mail, last[0].id))
    return found


def _to_sum_up(work: Work) -> list[tuple[str, str, Any]]:
    surgeries = tables.surgeries
    held = select(surgeries.c.adviser).where(surgeries.c.state == SurgeryState.HELD).distinct()
    found = []
    for adviser in work.conn.execute(held.order_by(surgeries.c.adviser)).scalars().all():
        for row in to_sum_up(work, adviser):
            first = next(b for b in bookings_of(work, row.id) if b.state == BookingState.CAME)
            found.append((adviser, row.id, first))
    return found


def _open(work: Work) -> list[Any]:
    surgeries = tables.surgeries
    rows = select(surgeries).where(surgeries.c.state == SurgeryState.PUBLISHED).order_by(surgeries.c.id)
    return list(work.conn.execute(rows))
