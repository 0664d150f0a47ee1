"""Forty moments of the year, and who is asked what at each: chat, tab, and whatever was sent since the one before."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from tests.oracle import days
from tests.oracle.answers import Comparison
from tests.oracle.chat import ROLES, Ask, Chat
from tests.oracle.county import County, Held
from tests.oracle.driver import Driver, StepRefused, living
from tests.oracle.pages import Look, Pages
from tests.oracle.sent import SentOut
from tests.oracle.year import Year

MOMENTS: tuple[tuple[str, int, int], ...] = (
    ("2026-08-28", 23, 30), ("2026-08-29", 0, 30), ("2026-09-07", 12, 0), ("2026-09-14", 17, 50), ("2026-09-18", 9, 0),
    ("2026-09-24", 19, 0), ("2026-09-30", 12, 0), ("2026-10-05", 8, 30), ("2026-10-10", 12, 0), ("2026-10-16", 9, 0),
    ("2026-10-19", 23, 30), ("2026-10-20", 0, 30), ("2026-10-25", 12, 0), ("2026-10-27", 12, 0), ("2026-11-03", 17, 50),
    ("2026-11-11", 19, 0), ("2026-11-18", 19, 0), ("2026-11-27", 12, 0), ("2026-12-01", 19, 0), ("2026-12-16", 23, 30),
    ("2026-12-17", 0, 30), ("2026-12-19", 12, 0), ("2026-12-28", 12, 0), ("2027-01-08", 17, 50), ("2027-01-20", 19, 0),
    ("2027-02-01", 12, 0), ("2027-02-12", 9, 0), ("2027-02-17", 12, 0), ("2027-02-26", 19, 0), ("2027-03-10", 12, 0),
    ("2027-03-25", 23, 30), ("2027-03-28", 12, 0), ("2027-03-29", 9, 0), ("2027-04-14", 17, 50), ("2027-04-30", 12, 0),
    ("2027-05-21", 23, 30), ("2027-06-03", 9, 0), ("2027-06-16", 19, 0), ("2027-07-01", 12, 0), ("2027-07-15", 19, 0),
)  # fmt: skip
"""Last days of submission before and after midnight, meetings and evenings, weekends, holidays, the clocks' changes."""

OF_SAMPLE = ("Ashford Downs 1", "Swanley and Rural", "Maidstone Vale 2")


def moments(every: int = 1) -> list[datetime]:
    """All of them, or one in so many."""
    return [days.at(date.fromisoformat(day), hour, minute) for day, hour, minute in MOMENTS[::every]]


def interview(folder: Path, communities: Sequence[str], when: Sequence[datetime]) -> Comparison:
    """Live the year of some communities and compare every answer."""
    year, comparison = Year(County(), communities), Comparison()
    sent_out = SentOut(year)
    with living(folder, year) as driver:
        for number, moment in enumerate(when):
            try:
                arrived = driver.go_to(moment)
            except StepRefused as refused:
                comparison.note_refused(refused.step.at, f"{refused.step.what} {refused.step.values}", str(refused))
                break
            for sent in arrived:
                for expected, text in sent_out.expected_of(sent):
                    comparison.compare(expected, text)
            _ask_all(driver, year, moment, number, comparison)
    return comparison


def _ask_all(driver: Driver, year: Year, moment: datetime, number: int, comparison: Comparison) -> None:
    for ask in _asks(year, moment, number):
        text, card = driver.chat(ask.mail, ask.sentence)
        comparison.roles.add(ask.role)
        comparison.compare(ask.expected, text)
        if ask.has_same_card:
            comparison.check_again(ask.expected, card)
    for look in _looks(year, moment, number):
        status, text = driver.tab(look.mail, look.path, **look.query)
        comparison.compare(look.expected, text, is_refused=look.is_refused, status=status)


def _asks(year: Year, moment: datetime, number: int) -> Iterator[Ask]:
    chat = Chat(year, moment)
    ways: tuple[Callable[[Held, str], Ask], ...] = (
        chat.next_meeting, chat.deadline, chat.papers, chat.minutes, chat.decisions, chat.hnfo, chat.balance,
        chat.late, chat.top_slice,
    )  # fmt: skip
    for place, community in enumerate(year.communities):
        turn = number * 7 + place
        for step in range(2):
            who = chat.person(ROLES[(turn + step * 5) % len(ROLES)], community, turn)
            if who is not None:
                yield ways[(turn // len(ROLES) + turn + step) % len(ways)](who, community)
        yield from _of_school(chat, community, turn)
    for place, request in enumerate(r for r in year.requests if r.arrived_at <= moment):
        if (place + number) % 4 == 0:
            who = chat.person(("Chair", "KCC moderator", "Clerk", "Area Board", "SEN IA")[place % 5],
                              request.community, number)  # fmt: skip
            if who is not None:
                yield chat.request(who, request)
    yield from _of_staff(year, chat, number)


def _of_school(chat: Chat, community: str, turn: int) -> Iterator[Ask]:
    senco = chat.person("SENCO", community, turn)
    if senco is None:
        return
    if turn % 3 == 0:
        yield chat.practitioners(senco, senco.of)
    elif turn % 3 == 1:
        yield (chat.school_budget if turn % 2 else chat.notional)(senco, community, senco.of)
    else:
        yield chat.my_requests(senco, community)


def _of_staff(year: Year, chat: Chat, number: int) -> Iterator[Ask]:
    chairs = [chat.person("Chair", c, 0) for c in year.communities[number % 4 :: 4]]
    yield from (chat.pending(chair) for chair in chairs if chair)
    clerks = {c.mail: c for c in (chat.person("Clerk", name, 0) for name in year.communities) if c}
    for place, clerk in enumerate(clerks.values()):
        if (place + number) % 3 == 0:
            yield chat.due(clerk)
    for role in ROLES[number % 5 :: 5]:
        who = chat.person(role, year.communities[number % len(year.communities)], number)
        asks = (chat.processing(who), chat.reports(who)) if who else ()
        yield from (ask for ask in asks if ask)


def _looks(year: Year, moment: datetime, number: int) -> Iterator[Look]:
    pages, chat = Pages(year, moment), Chat(year, moment)
    for place, community in enumerate(year.communities):
        if (place + number) % 5 == 0:
            who = chat.person(ROLES[(place // 5 + number) % len(ROLES)], community, place)
            if who is not None:
                yield pages.community(who, community)
    for place, request in enumerate(r for r in year.requests if r.arrived_at <= moment):
        if (place + number) % 7 == 0:
            who = chat.person(("SENCO", "KCC moderator", "Clerk", "Chair", "Health Navigator")[place % 5],
                              request.community, place)  # fmt: skip
            if who is not None:
                yield pages.request(who, request)
    clerks = {c.mail: c for c in (chat.person("Clerk", name, 0) for name in year.communities) if c}
    for place, clerk in enumerate(clerks.values()):
        if (place + number) % 8 == 0:
            yield pages.desk(clerk)


def main() -> None:
    """`python -m tests.oracle.interview`: all of it, with what was found."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        chosen = sys.argv[1:] or County().communities
        comparison = interview(Path(folder), chosen, moments())
    print(comparison.report())
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
