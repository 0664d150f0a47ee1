"""The Monday digest and the nudge the day before a clock runs out: to each clerk, once."""

from __future__ import annotations

from datetime import date, time, timedelta

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of, object_id_of
from casework.due import AHEAD, desk_of, due_of
from casework.effects import effect, mark_begun, not_asked_for
from casework.intake_mail import from_desk
from casework.letters import desk_letter
from casework.ports import DeskPost, MailDraft, Ports
from casework.posting import keep_post
from communities.calendars import at_london
from communities.directory import Role

DIGEST_AT, NUDGE_AT = time(7, 30), time(8, 0)
"""Choices: before the working day; the digest comes on the week's first working day."""


def digests_due(work: Work) -> list[str]:
    """The sweep's question: which clerks have not had this week's digest."""
    days, today = work.desk.days, work.today
    is_first = days.is_one(today) and days.before(today, 1) < today - timedelta(days=today.weekday())
    if not is_first or at_london(today, DIGEST_AT) > work.now:
        return []
    return _not_told(work, "desk.digest")


def nudges_due(work: Work) -> list[str]:
    """The sweep's question: which clerks were not nudged today, on a working day."""
    if not work.desk.days.is_one(work.today) or at_london(work.today, NUDGE_AT) > work.now:
        return []
    return _not_told(work, "desk.nudge")


def ask_digest(work: Work, subject: str) -> None:
    """Have it sent, if anything is due within a week."""
    _ask(work, "digest", subject)


def ask_nudge(work: Work, subject: str) -> None:
    """Have it sent, if anything runs out."""
    _ask(work, "nudge", subject)


def _ask(work: Work, kind: str, subject: str) -> None:
    (work.effect if _post(work, kind, subject)[1] else work.no_effect)(f"desk.{kind}", subject)


def _not_told(work: Work, kind: str) -> list[str]:
    return not_asked_for(work, kind, [f"{key}@{work.today.isoformat()}" for key in directory_of(work).clerks])


@effect("desk.digest")
async def send_digest(desk: Desk, ports: Ports, subject: str) -> None:
    """What is overdue or due within a week, on a card; by mail to a clerk Teams does not know."""
    await _tell(desk, ports, "digest", subject)


@effect("desk.nudge")
async def send_nudge(desk: Desk, ports: Ports, subject: str) -> None:
    """What runs out on the next working day or before it: each clock is named in one nudge only."""
    await _tell(desk, ports, "nudge", subject)


async def _tell(desk: Desk, ports: Ports, kind: str, subject: str) -> None:
    mail, post, is_known = await desk.run(SYSTEM, _post, kind, subject)
    if post is None:
        return
    if not is_known:
        await ports.mail.send(await desk.run(SYSTEM, _letter, f"{kind}:{subject}", mail, post))
        return
    await desk.run(SYSTEM, mark_begun, f"desk.{kind}:{subject}")
    message = await ports.channels.tell(mail, post)
    await desk.run(SYSTEM, keep_post, f"{kind}:{subject}", message)


def _post(work: Work, kind: str, subject: str) -> tuple[str, DeskPost | None, bool]:
    key, _, on = subject.partition("@")
    directory, day = directory_of(work), date.fromisoformat(on)
    mail = directory.clerks.get(key, "")
    clerked = [p.of for p in directory.roles_of(mail) if p.role is Role.CLERK]
    if kind == "digest":
        lines, title = desk_of(work, clerked, day + AHEAD), f"Your week, {day:%-d %B}"
    else:
        until = work.desk.days.after(day, 1)
        lines = [d for d in due_of(work, clerked, until) if d.due_on > day]
        title = f"Due by {until:%A %-d %B}"
    post = DeskPost(title=title, lines=lines, today=work.today) if lines else None
    return mail, post, object_id_of(work, mail) is not None


def _letter(work: Work, key: str, mail: str, post: DeskPost) -> MailDraft:
    lines = [f"{d.what}, {d.community}: {d.by(f'{d.due_on:%A %-d %B}')}" for d in post.lines]
    return from_desk(work, key, [mail], desk_letter(post.title, lines), can_wait=key.startswith("digest:"))
