"""What mail and calendar have in common: the key by which both are found again, and a mailbox that does not exist."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable
from typing import TypeVar

from casework.errors import NeedsAttention

A = TypeVar("A")
NAMESPACE = uuid.UUID("0d8f2f0e-7a53-4f52-8a3e-5d7b8a0c41d6")


def message_key(key: str) -> str:
    """The key as Outlook holds it: a name-based GUID, so that no quote or length can hurt a filter."""
    return str(uuid.uuid5(NAMESPACE, key))


async def of_mailbox(mailbox: str, asked: Awaitable[A]) -> A:
    """The answer. Raises `NeedsAttention` that names the mailbox where there is none."""
    try:
        return await asked
    except NeedsAttention as error:
        if "MailboxNotEnabledForRESTAPI" in str(error) or "ErrorInvalidUser" in str(error):
            raise NeedsAttention(
                f"The mailbox {mailbox} does not exist or has no licence: make it in Exchange, or mend COS_MAILBOX."
            ) from error
        raise
