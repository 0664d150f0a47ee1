"""The decision letter: the school reads what its community decided, why it may differ, and what happens next."""

from __future__ import annotations

from sqlalchemy import select

from casework import tables
from casework.decide import decision_row
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.documents import written
from casework.effects import effect, is_overtaken
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import decision_letter, spoken_day
from casework.ports import Attachment, MailDraft, Ports
from casework.request_record import request_of, request_row
from communities.calendars import london
from communities.clocks import PROCESSING_DAYS, forward_due_on, processing_due_on
from communities.decisions import DecidedBy, Response
from communities.directory import Role
from communities.money import pounds
from papers.decision_letter import TEMPLATE, DecisionLetter, render_letter
from papers.word import DOCX


@effect("mail.letter")
async def mail_letter(desk: Desk, ports: Ports, subject: str) -> None:
    """Mail the decision letter to the school; one that still waited when the decision was taken back is not sent."""
    letter = await desk.run(SYSTEM, letter_of, request_of(subject))
    if letter is None or await desk.run(SYSTEM, is_overtaken, "mail.letter", subject):
        return
    content = await written(desk, ports, letter.community, TEMPLATE, render_letter, letter)
    await ports.mail.send(await desk.run(SYSTEM, _mail, subject, content))


def letter_of(work: Work, request_id: str) -> DecisionLetter | None:
    """The letter from the record; None where the decision was taken back."""
    row, known = request_row(work, request_id), decision_row(work, request_id)
    if known.round != row.round:
        return None
    chair = directory_of(work).chair_of(row.community)
    decided_on = london(known.decided_at).date()
    rows = [("Request response", ", ".join(known.responses))]
    rows += [("Amount approved", pounds(known.amount_pence))] if known.amount_pence else []
    rows += [("Support agreed", known.details)] if known.details else []
    rows += [("Conditions", known.conditions)] if known.conditions else []
    rows += [("Review date", spoken_day(known.review_on))] if known.review_on else []
    asked = row.requested_pence or 0
    opening = f"The community has considered your request at its meeting and decided by {_how(known.made_by)}."
    if known.amount_pence and asked and known.amount_pence != asked:
        opening += f" You asked for {pounds(asked)}; {pounds(known.amount_pence)} were approved."
    steps = []
    if known.amount_pence:
        forward_by = forward_due_on(decided_on, work.desk.days)
        steps.append(f"Your form goes to the Area High Needs Funding Officer by {spoken_day(forward_by)}.")
        steps.append(
            f"KCC processes it within {PROCESSING_DAYS} days of receipt, by "
            f"{spoken_day(processing_due_on(forward_by))}, and pays with the next schools' advance."
        )
    if Response.KCC_REVIEW in known.responses:
        steps.append("KCC reviews the request and writes to you.")
    if known.review_on:
        steps.append(f"On {spoken_day(known.review_on)} the community looks at what came of it: please keep a note.")
    return DecisionLetter(
        number=request_id,
        school=row.school,
        community=row.community,
        chair=chair.name if chair else "",
        submitted=spoken_day(london(row.submitted_at).date()),
        decided=spoken_day(decided_on),
        made_by=f"by {_how(known.made_by)}",
        opening=opening,
        rows=tuple(rows),
        next_steps=tuple(steps) or ("The services named above will be in touch with you.",),
    )


def _how(made_by: str) -> str:
    return "consensus" if made_by == DecidedBy.CONSENSUS else "the chair"


def _mail(work: Work, subject: str, content: bytes) -> MailDraft:
    row = request_row(work, request_of(subject))
    decided_on = london(decision_row(work, row.id).decided_at).date()
    letter = decision_letter(row.id, row.school, row.community, decided_on)
    attachment = Attachment(name=f"{row.id} decision.docx", content_type=DOCX, content=content)
    return from_desk(work, f"letter:{subject}", school_mails(work, row.id), letter, [attachment])


def school_mails(work: Work, request_id: str) -> list[str]:
    """Whoever sent the request; where the form did not say, the school's SENCO; else the clerk."""
    requests = tables.requests
    row = work.conn.execute(select(requests).where(requests.c.id == request_id)).one()
    if row.is_verified:
        return [row.sender]
    sencos: list[str] = [p.mail for p in directory_of(work).people_with(Role.SENCO, row.school)]
    return sencos or [clerk_mail(work, row.community)]
