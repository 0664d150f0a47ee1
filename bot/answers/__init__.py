"""One file a subject: each says which intents it answers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.answers import elsewhere, meetings, money, people, requests, smalltalk, work
from bot.asking import Answering

ANSWERS: Mapping[str, Answering] = MappingProxyType(
    {
        **elsewhere.ANSWERS,
        **meetings.ANSWERS,
        **money.ANSWERS,
        **people.ANSWERS,
        **requests.ANSWERS,
        **smalltalk.ANSWERS,
        **work.ANSWERS,
    }
)
"""Intent to who answers it."""

PRIVATE = frozenset(
    {
        "submit_request", "amend_request", "withdraw_request", "my_requests", "pending_decisions", "due",
        "surgery_book", "surgery_cancel", "surgery_feedback", "school_budget", "question",
    }
)  # fmt: skip
"""Answered in the person's own chat alone: what is theirs is not for the channel."""
