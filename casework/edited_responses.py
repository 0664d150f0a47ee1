"""Answers somebody changed in the list of responses: never taken in the school's name, the clerk is told."""

from __future__ import annotations

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.entering import Arrival
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import edited_response_letter
from casework.ports import MailDraft, Ports


def says_otherwise(work: Work, arrival: Arrival) -> bool:
    """Whether a response that is on record says something else than this way in said last."""
    routes = tables.response_routes
    known = select(routes.c.content_hash).where(
        routes.c.source_key == arrival.source_key, routes.c.route == arrival.route
    )
    said = work.conn.execute(known).scalar_one_or_none()
    return said is not None and said != arrival.reading.content_hash


def tell_edited(work: Work, source_key: str, mark: str) -> None:
    """Tell the clerk, once, that the list says something else than the form; `mark` is of what it says."""
    subject, effects = f"{source_key}#{mark}", tables.effects
    if work.conn.execute(select(effects.c.id).where(effects.c.id == f"mail.edited:{subject}")).first() is None:
        work.journal("not taken: answer edited in the list of responses", source_key)
        work.effect("mail.edited", subject)


@effect("mail.edited")
async def mail_edited(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell the clerk that somebody else than the form changed an answer in the list of responses."""
    await ports.mail.send(await desk.run(SYSTEM, _edited, subject))


def _edited(work: Work, subject: str) -> MailDraft:
    source_key, responses = subject.partition("#")[0], tables.responses
    row = work.conn.execute(select(responses).where(responses.c.source_key == source_key)).one()
    letter = edited_response_letter(row.request_id or f"Response {source_key.partition('/')[2]}")
    return from_desk(work, f"edited:{subject}", [clerk_mail(work, row.community)], letter)
