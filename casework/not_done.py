"""What people count on and could not be done: whoever runs the community or the surgery is told what, why, who fixes
it and what can be done meanwhile. That something was asked for never counts as done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.documents import kept_paper
from casework.effects import EffectState, effect
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, letter
from casework.ports import Attachment, MailDraft, Ports
from casework.stuck import PLACE
from casework.stuck_words import About, about_of
from communities.directory import Role
from papers.word import DOCX

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "agenda.mail": "The agenda of {it} was not emailed",
        "agenda.upload": "The agenda of {it} is not in the library and was not emailed",
        "mail.chase": "The question to the High Needs Funding Officer about {it} was not sent",
        "mail.forward": "The form of {it} was not sent to the High Needs Funding Officer",
        "mail.letter": "The decision letter for {it} was not sent",
        "mail.minutes": "The email about the minutes of {it} was not sent",
        "mail.pack": "The restricted papers pack of {it} was not emailed to chair and clerk",
        "mail.receipt": "The receipt for {it} was not sent",
        "mail.remind": "The schools were not reminded of the meeting of {it}",
        "mail.report": "Clerk and chair were not asked by email to complete the {it}",
        "mail.review": "The reminder of the review of {it} was not sent",
        "mail.sign-again": "Nobody was asked to sign the {it} again",
        "mail.surgery-off": "{it}: the school was not told that the surgery is cancelled",
        "mail.surgery-summary": "The summary of the surgery of {it} was not sent",
        "mail.told": "The email on what became of {it} was not sent",
        "meeting.book": "The meeting of {it} is not in the calendar, and nobody is invited",
        "meeting.cancel": "The cancelled meeting of {it} is still in the calendar, and nobody was told",
        "meeting.move": "The meeting of {it} is in the calendar as it was before it was changed",
        "minutes.upload": "The minutes of {it} are not in the library",
        "pack.upload": "The papers pack of {it}, the copy without names, is not in the library",
        "report.file": "The {it} is not in the library to be completed",
        "report.seal": "The signature of the {it} is not noted, and it is not sent",
        "surgery.book": "The surgery of {it} is not in the calendar",
        "surgery.cancel": "The cancelled surgery of {it} is still in the calendar",
        "surgery.slot": "{it}: the booking's calendar entry is not as it should be",
    }
)
"""Kind to what is not done. Kinds that are not here are the administrators' alone, or go on by themselves."""

KEPT: Mapping[str, str] = MappingProxyType(
    {"agenda.upload": "agenda", "minutes.upload": "minutes", "pack.upload": "pack"}
)
"""Papers that were made and could not be filed: they go to the clerk by email, who can send them on."""

BETWEEN = timedelta(hours=1)
"""A choice, as for administrators: one cause breaks several things within minutes."""

SETTING_UP = timedelta(days=1)
"""A choice: how long nobody is told of what waits for `cos provision`."""

KIND = "mail.not-done"


@dataclass(frozen=True, kw_only=True)
class NotDone:
    """One thing that could not be done, in a sentence without its full stop."""

    effect: Any
    about: About
    sentence: str


def not_done(work: Work, owners: Iterable[str] | None = None) -> list[NotDone]:
    """What could not be done, the oldest first; of some communities or surgeries, or of all."""
    effects = tables.effects
    rows = work.conn.execute(
        select(effects)
        .where(effects.c.state == EffectState.STUCK, effects.c.kind.in_(SENTENCES), ~_is_setting_up(work))
        .order_by(effects.c.created_at, effects.c.id)
    ).all()
    about, wanted = about_of(work, rows), None if owners is None else set(owners)
    return [
        NotDone(effect=row, about=of, sentence=SENTENCES[row.kind].format(it=of.it))
        for row in rows
        if (of := about[row.id]).owner and (wanted is None or of.owner in wanted)
    ]


def _is_setting_up(work: Work) -> ColumnElement[bool]:
    """It waits for a library or list that is not there yet: the first day's matter, until a day has passed."""
    effects = tables.effects
    return effects.c.needs.startswith(PLACE) & (effects.c.created_at > work.now - SETTING_UP)


def not_out(work: Work, meeting_id: str) -> str | None:
    """Why a meeting's agenda is not out, where it could not be filed or emailed."""
    effects = tables.effects
    ids = [f"{kind}:{meeting_id}" for kind in ("agenda.upload", "agenda.mail")]
    stuck = select(effects.c.problem).where(effects.c.id.in_(ids), effects.c.state == EffectState.STUCK)
    return work.conn.execute(stuck).scalar()


def administrators(work: Work) -> str:
    """Who they are, to be asked: names with their addresses."""
    people = {p.mail.casefold(): p for p in directory_of(work).people_with(Role.ADMINISTRATOR)}
    return ", ".join(f"{p.name} ({p.mail})" for p in people.values()) or work.desk.mailboxes.desk


def untold(work: Work) -> list[str]:
    """The sweep's question: whose news there is, of nothing they were told of within the hour."""
    found: dict[str, list[Any]] = {}
    for one in not_done(work):
        found.setdefault(one.about.owner, []).append(one.effect.owner_told_at)
    return [
        owner
        for owner, told in found.items()
        if None in told and all(t is None or t <= work.now - BETWEEN for t in told)
    ]


def tell_owner(work: Work, owner: str) -> None:
    """Ask for the email; what it will say counts as told."""
    effects, ids = tables.effects, [one.effect.id for one in not_done(work, [owner])]
    work.conn.execute(update(effects).where(effects.c.id.in_(ids)).values(owner_told_at=work.now))
    work.effect(KIND, f"{owner}#{work.change(f'what {owner} was told is not done')}")


@effect(KIND)
async def mail_not_done(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk or the adviser; nothing where it is done meanwhile."""
    draft = await desk.run(SYSTEM, _draft, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _draft(work: Work, subject: str) -> MailDraft | None:
    owner = subject.rpartition("#")[0]
    found = not_done(work, [owner])
    if not found:
        return None
    papers = list(_papers(work, found))
    surgeries = tables.surgeries
    adviser = work.conn.execute(select(surgeries.c.adviser).where(surgeries.c.id == owner)).scalar()
    said = not_done_letter(found, administrators(work), with_papers=bool(papers))
    return from_desk(work, f"not-done:{subject}", [adviser or clerk_mail(work, owner)], said, papers)


def _papers(work: Work, found: Sequence[NotDone]) -> Iterator[Attachment]:
    for one in found:
        kept = kept_paper(work, one.effect.subject.partition("#")[0], KEPT.get(one.effect.kind, ""))
        if kept is not None:
            yield Attachment(name=kept.name, content_type=DOCX, content=kept.content)


def not_done_letter(found: Sequence[NotDone], who: str, *, with_papers: bool) -> Letter:
    """What, why, who fixes it, and what can be done meanwhile."""
    rows = "".join(f"<li><b>{escape(x.sentence)}.</b> {escape(x.effect.problem or '')}</li>" for x in found)
    first = found[0].about
    subject = first.words if len(found) == 1 else f"{len(found)} tasks, {first.community or first.words}"
    meanwhile = (
        "What is made is attached, so that you can send it yourself meanwhile."
        if with_papers
        else "If it cannot wait, do it by hand."
    )
    return letter(
        f"Could not be done: {subject}",
        "CoS Desk could not do the following, and it does not count as done:",
        f"<ul>{rows}</ul>",
        f"The administrators are told and can fix the cause: {escape(who)}. Then it is done again.",
        f"{meanwhile} If you do, tell the administrators, so that it does not happen twice.",
    )
