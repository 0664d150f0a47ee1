"""Administrators are told by mail what is stuck: at once of the first, then what came since, once an hour at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from sqlalchemy import func, select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effect_words import words_of
from casework.effects import DOUBT, EffectState, effect
from casework.intake_mail import from_desk
from casework.letters import Letter, letter
from casework.ports import MailDraft, Ports
from casework.stuck import stuck_effects
from casework.stuck_words import about_of
from communities.calendars import london
from communities.directory import Role

BETWEEN = timedelta(hours=1)
"""A choice: whoever mends one thing is not told of each of a hundred that hang on it."""

MOST = 40
"""Lines in one mail; the rest is counted."""

KIND = "mail.stuck"


@dataclass(frozen=True, kw_only=True)
class StuckLine:
    """One effect that is stuck."""

    id: str
    what: str
    """`File the agenda in the library: agenda of 2 November, ABC`."""
    since: str
    problem: str
    goes_on: bool
    """It begins again by itself once what it needs is there."""

    @property
    def reason(self) -> str:
        """Why, and whether anybody has to begin it again."""
        return f"{self.problem} It goes on by itself then." if self.goes_on else self.problem


def stuck_lines(work: Work) -> list[StuckLine]:
    """Everything that is stuck, the oldest first, in words."""
    rows = stuck_effects(work)
    about = about_of(work, rows)
    return [
        StuckLine(
            id=r.id,
            what=": ".join(filter(None, (words_of(r.kind), about[r.id].words))),
            since=f"{london(r.created_at):%a %-d %b %H:%M}",
            problem=r.problem or "",
            goes_on=bool(r.needs),
        )
        for r in rows
    ]


def stuck_news(work: Work) -> list[str]:
    """The sweep's question: whether administrators are to be told of something now."""
    effects = tables.effects
    last = work.conn.execute(select(func.max(effects.c.told_at))).scalar()
    if last is not None and last > work.now - BETWEEN:
        return []
    news = select(effects.c.id).where(
        effects.c.state == EffectState.STUCK, effects.c.told_at.is_(None), effects.c.kind != KIND
    )
    return ["news"] if work.conn.execute(news.limit(1)).first() else []


def tell_of_stuck(work: Work, _news: str) -> None:
    """Ask for the mail; what it will say counts as told."""
    effects = tables.effects
    work.conn.execute(
        update(effects)
        .where(effects.c.state == EffectState.STUCK, effects.c.told_at.is_(None))
        .values(told_at=work.now)
    )
    work.effect(KIND, str(work.change("what is stuck")))


@effect(KIND)
async def mail_stuck(desk: Desk, ports: Ports, subject: str) -> None:
    """Say what is stuck, why and how to mend it; nothing where nothing is any more."""
    draft = await desk.run(SYSTEM, _draft, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _draft(work: Work, subject: str) -> MailDraft | None:
    lines = stuck_lines(work)
    if not lines:
        return None
    people = directory_of(work).people_with(Role.ADMINISTRATOR)
    to = sorted({str(p.mail) for p in people}) or [work.desk.mailboxes.desk]
    return from_desk(work, f"stuck:{subject}", to, stuck_letter(lines))


def stuck_letter(lines: Sequence[StuckLine]) -> Letter:
    """Each reason once, with what it stopped, and the ways out."""
    count = "One thing is" if len(lines) == 1 else f"{len(lines)} things are"
    by_reason: dict[str, list[StuckLine]] = {}
    for line in lines[:MOST]:
        by_reason.setdefault(line.reason, []).append(line)
    reasons = "".join(
        f"<p>{escape(reason)}</p><ul>{''.join(map(_row, stopped))}</ul>" for reason, stopped in by_reason.items()
    )
    more = [f"The page lists {len(lines) - MOST} more."] if len(lines) > MOST else []
    in_doubt = any(DOUBT in line.problem for line in lines)
    first = ["We are not sure that a post arrived: check the channel first, and try it again by itself."]
    return letter(
        f"CoS Desk: {count.lower()} stuck",
        f"{count} stuck and waits for you. Everything else goes on." if len(lines) == 1
        else f"{count} stuck and wait for you. Everything else goes on.",
        reasons,
        *more,
        "Fix the cause shown; then open the tab <b>Stuck</b> of CoS Desk in Teams and try again, or drop what is not "
        "wanted with a reason. Or run <code>cos stuck list</code>, and <code>cos stuck retry --all</code>.",
        *(first if in_doubt else []),
    )  # fmt: skip


def _row(line: StuckLine) -> str:
    return f"<li><b>{escape(line.what)}</b> (<code>{escape(line.id)}</code>, asked for {line.since})</li>"
