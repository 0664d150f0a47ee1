"""Requests of a kind that was asked for: deferred ones, and those that were approved and are not paid yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from bot.asking import Answer, AskBack, Asker, Question, in_private, named_community
from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.letters import spoken_day
from casework.reading import Thing, check_may_read, may_read_request
from casework.request_money import money_of
from casework.request_record import is_current
from communities.calendars import london
from communities.lifecycle import BY_MOVE, Move, State
from communities.money import pounds

MOST = 10
Line = tuple[str, str]

_DEFERRED = re.compile(r"\b(?:deferred|put off|postponed)\b", re.IGNORECASE)
_UNPAID = re.compile(
    r"\bnot (?:been )?paid\b|\bunpaid\b|\bun-paid\b|\bwait(?:s|ing)? for (?:the |its |their )?(?:payment|money)\b",
    re.IGNORECASE,
)


def listed(work: Work, asker: Asker, question: Question) -> Answer | None:
    """The list the sentence asks for, over the community it names or all the asker's; None where it asks for none."""
    for form, what, find in _KINDS:
        if form.search(question.text):
            named = named_community(work, asker, question) or question.home
            if not question.is_personal and (not named or named != question.home):
                raise AskBack(in_private())
            if named:
                check_may_read(work, Thing.DECISIONS, asker.mail, named)
            rows = [r for r in _current(work, asker, named) if may_read_request(work, Thing.STATUS, r, asker.mail)]
            lines = find(work, rows)
            count = f"{len(lines) or 'no'} request{'' if len(lines) == 1 else 's'}"
            title = f"{named or 'Your communities'}: {count} {what}"
            more = (f"The first {MOST} are shown.",) if len(lines) > MOST else ()
            return Answer(title=title, sentences=more, facts=lines[:MOST])
    return None


def _current(work: Work, asker: Asker, named: str) -> list[Any]:
    everywhere = [str(c.name) for c in directory_of(work).communities] if asker.is_county else asker.communities
    requests = tables.requests
    rows = select(requests).where(requests.c.community.in_([named] if named else everywhere)).order_by(requests.c.id)
    return [r for r in work.conn.execute(rows) if is_current(r, work.today)]


def _deferred(work: Work, rows: Sequence[Any]) -> list[Line]:
    """Those that were deferred at some time this school year, with the day and what they are now."""
    journal, of = tables.journal, {r.id: r for r in rows}
    entries = work.conn.execute(
        select(journal.c.subject, journal.c.at)
        .where(journal.c.command == BY_MOVE[Move.DEFER].command, journal.c.subject.in_(of))
        .order_by(journal.c.number)
    )
    latest = {e.subject: e.at for e in entries}
    return [
        (f"{id_}, {of[id_].school}", f"deferred on {spoken_day(london(at).date())}, now: {of[id_].state}")
        for id_, at in latest.items()
    ]


def _unpaid(work: Work, rows: Sequence[Any]) -> list[Line]:
    """Those with money approved, of which KCC has paid none yet: the final amount where there is one."""
    money = money_of(work, [r.id for r in rows])
    lines = []
    for row in rows:
        of = money[row.id]
        pence = of.approved_pence if of.final_pence is None else of.final_pence
        if pence and of.paid_pence is None and row.state in (State.DECIDED, State.FORWARDED, State.MODERATED):
            lines.append((f"{row.id}, {row.school}", f"{pounds(pence)}, {row.state}"))
    return lines


_KINDS: tuple[tuple[re.Pattern[str], str, Callable[[Work, Sequence[Any]], list[Line]]], ...] = (
    (_DEFERRED, "deferred this school year", _deferred),
    (_UNPAID, "approved and not paid yet", _unpaid),
)
