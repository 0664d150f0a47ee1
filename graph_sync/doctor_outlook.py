"""What `cos doctor` tries with the desk's mailbox: a Teams meeting with its link, an email with its attachments.

The event invites nobody and is deleted again. The email goes to the mailbox itself, and says that it may be deleted.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

from kiota_abstractions.method import Method

from casework.desk import Desk
from casework.errors import NeedsAttention, TryLater
from casework.ports import Attachment, EventDraft, MailDraft
from graph_sync.calendar import OutlookCalendar, event_body
from graph_sync.doctor import Finding, Kind, Patient
from graph_sync.graph import Graph
from graph_sync.mail import OutlookMail

SIZES = (1_000_000, 5_000_000)
"""Bytes of the attachments that are tried: one for each way Outlook takes them."""

LATER = "Try again in a few minutes."
FIRST_THE_PERMISSIONS = "Grant what is missing among the permissions first, then run `cos doctor` again."


async def examine_outlook(desk: Desk, graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """A finding for each thing tried."""
    for about, (probe, remedy) in PROBES.items():
        try:
            said, kind = await probe(desk, graph, patient.mailbox), Kind.WELL
        except TryLater as error:
            said, kind, remedy = str(error), Kind.UNKNOWN, LATER
        except NeedsAttention as error:
            said, kind = str(error), Kind.MISSING
            if "refused the application" in said:
                kind, remedy = Kind.UNKNOWN, FIRST_THE_PERMISSIONS
        yield Finding(about=about, kind=kind, said=said, remedy="" if kind is Kind.WELL else remedy)


async def _teams(desk: Desk, graph: Graph, mailbox: str) -> str:
    await OutlookCalendar(desk, graph).check_teams(mailbox)
    return f"The calendar of {mailbox} allows Teams meetings."


async def _meeting(desk: Desk, graph: Graph, mailbox: str) -> str:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    draft = EventDraft(
        key=f"doctor:{uuid.uuid4()}", organiser=mailbox, subject="CoS Desk doctor: a test, deleted again",
        body_html="<p>A test.</p>", starts_at=tomorrow, ends_at=tomorrow + timedelta(minutes=30), attendees=[],
    )  # fmt: skip
    events = graph.url("users", mailbox, "events")
    event = (await graph.write(Method.POST, events, event_body(draft), is_harmless=True)).json()
    try:
        await OutlookCalendar(desk, graph).create(draft)  # the same event, by its key
    finally:
        await graph.change(graph.url("users", mailbox, "events", event["id"]), None)
    return "A meeting was made with its link, and deleted again."


async def _mail(desk: Desk, graph: Graph, mailbox: str) -> str:
    kind = "application/octet-stream"
    papers = [Attachment(name=f"test {n // 1_000_000} MB.bin", content_type=kind, content=bytes(n)) for n in SIZES]
    draft = MailDraft(
        key=f"doctor:{uuid.uuid4()}", sender=mailbox, to=[mailbox], attachments=papers,
        subject="CoS Desk doctor: a test with attachments. You can delete this email.", html="<p>A test.</p>",
    )  # fmt: skip
    await OutlookMail(desk, graph).send(draft)
    return f"{mailbox} sent itself an email with 1 and 5 MB attached; both were there."


PROBES: dict[str, tuple[Callable[[Desk, Graph, str], Awaitable[str]], str]] = {
    "Teams licence": (_teams, "Give the mailbox a licence with Microsoft Teams."),
    "a meeting with its link": (
        _meeting,
        "Make a Teams meeting from the mailbox by hand, and see whether it has a link.",
    ),
    "an email with attachments": (_mail, "Check the mailbox's sending limits (Get-Mailbox: MaxSendSize)."),
}
"""What is tried, with its remedy, by what the finding is about."""
