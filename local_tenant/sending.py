"""What Exchange Online lets a mailbox send, counted by the tenant's own time: messages a minute, recipients a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from local_tenant.odata import GraphError
from local_tenant.state import Tenant

A_MINUTE, A_DAY, PER_MESSAGE = 30, 10_000, 500


def check_recipients(tenant: Tenant, recipients: int) -> None:
    """Raise 400 for more recipients than a message or an event may have."""
    if tenant.behaves("500-recipients-a-message") and recipients > PER_MESSAGE:
        raise GraphError(400, "ErrorInvalidRecipients", f"A message may have {PER_MESSAGE} recipients at most.")


def send_from(tenant: Tenant, mailbox: str, recipients: int) -> str | None:
    """When a message leaves: now, or when the minutes before have room. None: it comes back, the day's recipients are
    used up. Raises 403 where that is refused at once.
    """
    now = datetime.fromisoformat(tenant.now())
    sent = [s for s in tenant.sent_from.get(mailbox, ()) if s[0] > now - timedelta(days=1)]
    if tenant.behaves("10000-recipients-a-day") and sum(n for _, n in sent) + recipients > A_DAY:
        if tenant.behaves("over-quota-refused-at-once"):
            raise GraphError(403, "ErrorSubmissionQuotaExceeded", "The sender's submission quota was exceeded.")
        return None
    leaves = now
    if tenant.behaves("30-messages-a-minute") and len(sent) >= A_MINUTE:
        leaves = max(now, sent[-A_MINUTE][0] + timedelta(minutes=1))
    tenant.sent_from[mailbox] = [*sent, (leaves, recipients)]
    return leaves.strftime("%Y-%m-%dT%H:%M:%SZ")
