"""Everything the bot can do: which file answers an intent, and which a card's verb."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot import (
    advising,
    approvals,
    by_hand,
    case_studies,
    clerks_desk,
    evaluating,
    guidance,
    holding,
    minuting,
    proposed_minutes,
    questions,
    reporting,
    submitting,
    surgeries,
    teams,
    withdrawing,
)
from bot.answers import elsewhere, meetings, money, people, requests, smalltalk
from bot.answers import help as helping
from bot.asking import Answering
from bot.verbs import Pressing

ANSWERS: Mapping[str, Answering] = MappingProxyType(
    {
        **approvals.ANSWERS,
        **case_studies.ANSWERS,
        **clerks_desk.ANSWERS,
        **elsewhere.ANSWERS,
        **evaluating.ANSWERS,
        **guidance.ANSWERS,
        **helping.ANSWERS,
        **meetings.ANSWERS,
        **minuting.ANSWERS,
        **money.ANSWERS,
        **people.ANSWERS,
        **questions.ANSWERS,
        **reporting.ANSWERS,
        **requests.ANSWERS,
        **smalltalk.ANSWERS,
        **submitting.ANSWERS,
        **surgeries.ANSWERS,
        **withdrawing.ANSWERS,
    }
)
"""Intent to who answers it."""

VERBS: Mapping[str, Pressing] = MappingProxyType(
    {
        **advising.VERBS,
        **approvals.VERBS,
        **case_studies.VERBS,
        **clerks_desk.VERBS,
        **evaluating.VERBS,
        **by_hand.VERBS,
        **holding.VERBS,
        **minuting.VERBS,
        **proposed_minutes.VERBS,
        **questions.VERBS,
        **reporting.VERBS,
        **submitting.VERBS,
        **surgeries.VERBS,
        **teams.VERBS,
        **withdrawing.VERBS,
    }
)
"""Verb of a card's action to what it does."""

PRIVATE = frozenset(
    {
        "submit_request", "amend_request", "withdraw_request", "my_requests", "pending_decisions", "due",
        "surgery_book", "surgery_cancel", "surgery_feedback", "school_budget", "question", "reports", "evaluation",
    }
)  # fmt: skip
"""Answered in the person's own chat alone: what is theirs is not for the channel."""

ABOUT_A_REQUEST = frozenset({"request_status", "amend_request", "withdraw_request", "pending_decisions"})
"""Asked again of another request by its number alone; after any other question a number asks for its status."""
