"""After a session: the adviser's summary goes to those who came, they say how useful it was; load and themes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import Row, func, select, update

from casework import tables
from casework.booking import own_booking
from casework.desk import CONSOLE, SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import effect
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.intake_mail import from_desk
from casework.naming import check_names_nobody
from casework.ports import MailDraft, Ports
from casework.surgery_letters import summary_letter
from casework.surgery_record import adviser_name, bookings_of, surgery_row
from communities.calendars import at_london
from communities.surgeries import COMMENT_CHARACTERS, RATINGS, SUMMARY_CHARACTERS, BookingState, SurgeryState

CAME = (BookingState.CAME, BookingState.MISSED)


def sum_up(work: Work, surgery_id: str, summary: str, missed: Collection[int], by: str) -> None:
    """Keep the adviser's summary and who did not come (numbers of bookings); it is mailed to those who came, once.

    Raises `InputRefused` where it seems to name a child: several schools read it.
    """
    row = surgery_row(work, surgery_id)
    if by.casefold() != row.adviser and by != CONSOLE:
        raise NotAllowed(f"{surgery_id} is summed up by {adviser_name(work, row.adviser)}. Nothing was changed.")
    if row.state != SurgeryState.HELD:
        raise InputRefused(f"{surgery_id} is not over yet. Sum it up once it was held.")
    if row.summarised_at is not None:
        raise AlreadyDone(f"{surgery_id} was summed up already, and the summary is sent. Nothing was changed.")
    text = summary.strip()
    if not text:
        raise InputRefused("The summary is empty. Write what was discussed in a few sentences.")
    if len(text) > SUMMARY_CHARACTERS:
        raise InputRefused(f"The summary has {len(text)} characters; the limit is {SUMMARY_CHARACTERS}. Shorten it.")
    of_schools = {
        str(s.community) for b in bookings_of(work, surgery_id) for s in directory_of(work).schools_named(b.school)
    }
    check_names_nobody(work, text, "summary", of_schools)
    bookings, surgeries = tables.bookings, tables.surgeries
    for booking in bookings_of(work, surgery_id):
        if booking.state in CAME:
            state = BookingState.MISSED if booking.id in missed else BookingState.CAME
            work.conn.execute(update(bookings).where(bookings.c.id == booking.id).values(state=state.value))
    work.conn.execute(
        update(surgeries).where(surgeries.c.id == surgery_id).values(summary=text, summarised_at=work.now)
    )
    work.acting(by).journal("sum surgery up", surgery_id, missed=len(missed))
    work.effect("mail.surgery-summary", surgery_id)


@effect("mail.surgery-summary")
async def mail_summary(desk: Desk, ports: Ports, surgery_id: str) -> None:
    """Share the summary with those who came, each hidden from the others."""
    draft = await desk.run(SYSTEM, _summary, surgery_id)
    if draft is not None:
        await ports.mail.send(draft)


def _summary(work: Work, surgery_id: str) -> MailDraft | None:
    row = surgery_row(work, surgery_id)
    to = list(dict.fromkeys(b.mail for b in bookings_of(work, surgery_id) if b.state == BookingState.CAME))
    if not to:
        return None
    letter = summary_letter(adviser_name(work, row.adviser), row.starts_at, row.summary)
    return from_desk(work, f"surgery-summary:{surgery_id}", to, letter, hide_recipients=True)


def give_feedback(work: Work, booking_id: int, useful: str, comment: str, by: str) -> None:
    """How useful a session was, 1 to 5, with a comment; said again, the later counts."""
    booking = own_booking(work, booking_id, by)
    if booking.state != BookingState.CAME:
        raise InputRefused("Feedback is asked of those who came, once the session is over.")
    if useful not in RATINGS:
        raise InputRefused(f"'{useful[:20]}' is no rating. Choose 1 (not useful) to 5 (very useful).")
    if len(comment) > COMMENT_CHARACTERS:
        raise InputRefused(f"The comment has {len(comment)} characters; the limit is {COMMENT_CHARACTERS}. Shorten it.")
    check_names_nobody(work, comment, "comment", directory_of(work).communities_of(by))
    row = {"booking_id": booking_id, "useful": int(useful), "comment": comment.strip(), "given_at": work.now}
    work.conn.execute(insert_or_replace(work.conn, tables.surgery_feedback, row, ("booking_id",)))
    work.acting(by).journal("give feedback", booking.surgery_id)


def to_rate(work: Work, mail: str) -> Sequence[Row[Any]]:
    """The sessions somebody came to, the latest first, with `starts_at` and `adviser`."""
    bookings, surgeries = tables.bookings, tables.surgeries
    return work.conn.execute(
        select(bookings, surgeries.c.starts_at, surgeries.c.adviser)
        .join(surgeries, surgeries.c.id == bookings.c.surgery_id)
        .where(bookings.c.mail == mail.casefold(), bookings.c.state == BookingState.CAME)
        .order_by(surgeries.c.starts_at.desc())
    ).all()


def to_sum_up(work: Work, adviser: str) -> Sequence[Row[Any]]:
    """An adviser's sessions that were held and not summed up, though somebody came."""
    surgeries, bookings = tables.surgeries, tables.bookings
    came = select(bookings.c.id).where(bookings.c.surgery_id == surgeries.c.id, bookings.c.state == BookingState.CAME)
    return work.conn.execute(
        select(surgeries)
        .where(surgeries.c.adviser == adviser.casefold(), surgeries.c.state == SurgeryState.HELD)
        .where(surgeries.c.summarised_at.is_(None), came.exists())
        .order_by(surgeries.c.starts_at)
    ).all()


@dataclass(frozen=True, kw_only=True)
class Load:
    """What an adviser's surgeries of some days came to."""

    sessions: int
    slots: int
    came: int
    missed: int
    themes: Sequence[tuple[str, int]]
    """The most frequent first."""
    useful: float | None
    """The mean of the ratings, 1 to 5; None without any."""
    comments: Sequence[str]


def load_of(work: Work, adviser: str, first: date, last: date) -> Load:
    """Load and themes of an adviser's sessions from `first` to the day before `last`."""
    surgeries, bookings, feedback = tables.surgeries, tables.bookings, tables.surgery_feedback
    held = (
        surgeries.c.adviser == adviser.casefold(), surgeries.c.state == SurgeryState.HELD,
        surgeries.c.starts_at >= at_london(first, time(0)), surgeries.c.starts_at < at_london(last, time(0)),
    )  # fmt: skip
    sessions, slots = work.conn.execute(
        select(func.count(), func.coalesce(func.sum(surgeries.c.slots), 0)).where(*held)
    ).one()
    rows = work.conn.execute(
        select(bookings.c.state, bookings.c.theme, feedback.c.useful, feedback.c.comment)
        .join(surgeries, surgeries.c.id == bookings.c.surgery_id)
        .outerjoin(feedback, feedback.c.booking_id == bookings.c.id)
        .where(*held, bookings.c.state.in_(CAME))
        .order_by(surgeries.c.starts_at.desc(), bookings.c.id)
    ).all()
    came = [r for r in rows if r.state == BookingState.CAME]
    rated = [r.useful for r in came if r.useful is not None]
    return Load(
        sessions=sessions, slots=slots, came=len(came), missed=len(rows) - len(came),
        themes=Counter(r.theme for r in came).most_common(),
        useful=sum(rated) / len(rated) if rated else None,
        comments=[r.comment for r in came if r.comment],
    )  # fmt: skip
