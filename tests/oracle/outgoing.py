"""What emails, documents and cards have in common: the request or meeting they are about, and who is who then."""

from __future__ import annotations

import re
from datetime import datetime

from tests.oracle import days
from tests.oracle.answers import Expected
from tests.oracle.outside import Sent
from tests.oracle.year import Decision, Request, Year


class Outgoing:
    """What was sent in a year."""

    def __init__(self, year: Year) -> None:
        self._year, self._county = year, year.county
        self._by_id = {r.id: r for r in year.requests}
        self._meetings = {f"{m.community} 2026-27 T{m.term}": m for ms in year.meetings.values() for m in ms}
        self._by_file = {f"{m.day.isoformat()} {m.community}": m for m in self._meetings.values()}

    def _of(self, sent: Sent, door: str, rule: str, **what: object) -> Expected:
        return Expected(door=door, asked=sent.key, rule=rule, at=sent.at, **what)  # type: ignore[arg-type]

    def _mail_of(self, role: str, community: str, at: datetime) -> str:
        found = self._county.first(role, community, days.day_of(at))
        return found.mail if found else "desk@kent.example"

    def _request(self, subject: str) -> Request:
        return self._by_id[re.split("[#@]", subject)[0]]

    def _decision(self, request: Request, at: datetime) -> Decision:
        return next(d for d in reversed(request.decisions) if d.at <= at)


def spoken(pence: int) -> str:
    """`£1,234.50`."""
    sign, whole, rest = "-" if pence < 0 else "", abs(pence) // 100, abs(pence) % 100
    return f"{sign}£{whole:,}" + (f".{rest:02d}" if rest else "")


def clock(moment: datetime) -> str:
    """London's clock, `13:30`."""
    return f"{moment.astimezone(days.LONDON):%H:%M}"
