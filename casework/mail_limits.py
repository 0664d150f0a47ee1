"""Administrators are warned, once a day, when a mailbox nears what Exchange lets it send."""

from __future__ import annotations

from html import escape

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect, not_asked_for
from casework.intake_mail import from_desk
from casework.letters import Letter, letter
from casework.mail_rate import WAITING_SHARE
from casework.mail_turns import sent_lately, waiting_turns
from casework.ports import MailDraft, Ports
from communities.directory import Role

KIND = "mail.limit"


def limits_near(work: Work) -> list[str]:
    """The sweep's question: which mailboxes have used up 70% of their day, and nobody was told today."""
    near = WAITING_SHARE * work.desk.mail_limits.a_day
    found = [mailbox for mailbox, sent in sent_lately(work).items() if sent >= near]
    return not_asked_for(work, KIND, [f"{mailbox}@{work.today.isoformat()}" for mailbox in sorted(found)])


def warn_of_limit(work: Work, subject: str) -> None:
    """Ask for the warning."""
    work.effect(KIND, subject)


@effect(KIND)
async def mail_limit(desk: Desk, ports: Ports, subject: str) -> None:
    """Say how much the mailbox has sent, and what to do."""
    await ports.mail.send(await desk.run(SYSTEM, _draft, subject))


def _draft(work: Work, subject: str) -> MailDraft:
    mailbox = subject.rpartition("@")[0]
    to = sorted({str(p.mail) for p in directory_of(work).people_with(Role.ADMINISTRATOR)}) or [work.desk.mailboxes.desk]
    sent, waiting = sent_lately(work).get(mailbox, 0), waiting_turns(work)
    return from_desk(work, f"limit:{subject}", to, limit_letter(mailbox, sent, work.desk.mail_limits.a_day, waiting))


def limit_letter(mailbox: str, sent: int, a_day: int, waiting: int) -> Letter:
    """What was sent, what happens now, and the way out."""
    rest = f"{waiting:,} emails and invitations are waiting for their turn." if waiting else "Nothing is waiting."
    return letter(
        f"{mailbox} has sent to {sent:,} of {a_day:,} recipients",
        f"In the last 24 hours, CoS Desk sent emails and invitations from {escape(mailbox)} to {sent:,} recipients. "
        f"Exchange allows {a_day:,} in 24 hours for a mailbox, and sends back what is over it.",
        f"Newsletters, weekly summaries and new invitations now wait, so that receipts, decisions and papers still go "
        f"out. {rest} Nothing is lost.",
        "If this happens often, name more mailboxes to send from in the setting COS_SENDING_MAILBOXES.",
    )
