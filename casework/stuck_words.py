"""What an effect is about in words people know, and whose it is: a community's, or the adviser's of a surgery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table, select

from casework import tables
from casework.desk import Work
from casework.meeting_record import day_of
from communities.calendars import london
from communities.clocks import report_name

PAPERS: Mapping[str, str] = MappingProxyType(
    {
        "agenda.mail": "agenda",
        "agenda.post": "agenda",
        "agenda.upload": "agenda",
        "mail.minutes": "minutes",
        "mail.pack": "restricted papers pack",
        "minutes.upload": "minutes",
        "pack.upload": "papers pack",
    }
)
"""Which paper of a meeting a kind of effect is about; the others are about the meeting itself."""

OF_BOOKINGS = ("mail.surgery-moved-up", "mail.surgery-off", "surgery.slot")
"""Their subject is a booking's number, which means nothing to anybody."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What an effect is about."""

    words: str = ""
    """`agenda of 2 November, ABC`; '' where people have no word for it."""
    it: str = ""
    """The meeting's day, the request, the report or the surgery, for a sentence about it."""
    community: str = ""
    surgery_id: str = ""

    @property
    def owner(self) -> str:
        """The community or the surgery: whoever runs it is told of it."""
        return self.community or self.surgery_id


def about_of(work: Work, rows: Iterable[Any]) -> Mapping[str, About]:
    """What each of these effects is about, by its id."""
    found = list(rows)
    heads = {_head(r) for r in found}
    known: dict[str, About] = {}
    for table, said in _SAID.items():
        known |= {str(row.id): said(row) for row in _rows(work, table, heads)}
    numbers = {int(_head(r)) for r in found if r.kind in OF_BOOKINGS}
    booked = {row.id: _of_booking(row) for row in _bookings(work, numbers)}
    return {
        r.id: booked.get(int(_head(r)), About()) if r.kind in OF_BOOKINGS else _of_kind(r.kind, known.get(_head(r)))
        for r in found
    }


def _head(effect: Any) -> str:
    """`R-2026-0001#5` and `ABC 2026-27 T2@2026-11-02` without what tells one time from another."""
    return str(effect.subject).partition("#")[0].partition("@")[0]


def _of_kind(kind: str, about: About | None) -> About:
    if about is None:
        return About()
    if about.words:
        return about
    words = f"{PAPERS.get(kind, 'meeting')} of {about.it}, {about.community}"
    return About(words=words, it=about.it, community=about.community)


def _rows(work: Work, table: Table, ids: Iterable[Any]) -> Iterable[Any]:
    wanted = list(ids)
    return work.conn.execute(select(table).where(table.c.id.in_(wanted))).all() if wanted else ()


def _bookings(work: Work, numbers: Iterable[int]) -> Iterable[Any]:
    bookings, surgeries, wanted = tables.bookings, tables.surgeries, list(numbers)
    found = select(bookings.c.id, bookings.c.school, bookings.c.surgery_id, surgeries.c.starts_at).join(surgeries)
    return work.conn.execute(found.where(bookings.c.id.in_(wanted))).all() if wanted else ()


def _of_meeting(row: Any) -> About:
    """Its words depend on the paper."""
    return About(it=f"{day_of(row):%-d %B}", community=row.community)


def _of_request(row: Any) -> About:
    it = f"{row.id} of {row.school}"
    return About(words=f"{it}, {row.community}", it=it, community=row.community)


def _of_report(row: Any) -> About:
    it = report_name(row.kind, row.due_on)
    return About(words=f"{it}, {row.community}", it=it, community=row.community)


def _of_surgery(row: Any) -> About:
    it = f"{london(row.starts_at):%-d %B at %H:%M}"
    return About(words=f"surgery of {it}", it=it, surgery_id=row.id)


def _of_booking(row: Any) -> About:
    it = f"{row.school} on {london(row.starts_at):%-d %B at %H:%M}"
    return About(words=f"booking of {it}", it=it, surgery_id=row.surgery_id)


_SAID = {
    tables.meetings: _of_meeting,
    tables.requests: _of_request,
    tables.reports: _of_report,
    tables.surgeries: _of_surgery,
}
