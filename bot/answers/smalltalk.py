"""Thanks, and what is said where nothing was understood. Nothing here reads the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bot.asking import Answer, Answering, Asker, Question
from casework.desk import Work

EXAMPLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "help": ("What can you do?", "what can you do"),
        "submit_request": ("Send a request", "I want to submit a request for support"),
        "my_requests": ("My school's requests", "show my school's requests"),
        "request_status": ("How a request stands", "what is happening with our request"),
        "next_meeting": ("Next meeting", "when is the next meeting"),
        "deadline": ("Deadline for requests", "what is the deadline for the next meeting"),
        "papers": ("Agenda and papers", "send me the agenda for the next meeting"),
        "minutes": ("Minutes", "show me the minutes of the last meeting"),
        "actions": ("Actions", "what actions are open"),
        "decisions": ("Decisions", "what was decided at the last meeting"),
        "budget_balance": ("Community budget", "how much is left in the community budget"),
        "school_budget": ("My school's budget", "what is our notional SEN budget"),
        "link_practitioner": ("Link practitioners", "who are our link practitioners"),
        "surgery_list": ("Coming surgeries", "when are the next SEN IA surgeries"),
        "surgery_book": ("Book a surgery", "book me into a surgery"),
        "surgery_cancel": ("Cancel my surgery", "cancel my surgery slot"),
        "surgery_feedback": ("Feedback on a surgery", "I would like to leave feedback on the surgery"),
        "case_study": ("Case studies", "show me case studies"),
        "reports": ("Reports to sign", "sign the report"),
        "evaluation": ("Evaluate a service", "evaluate a service"),
        "question": ("A question for KCC", "I have a question for KCC"),
        "guidance": ("Guidance", "what are the agreed principles"),
        "hnfo": ("Where approved forms go", "who do approved forms go to"),
        "pending_decisions": ("What I have to decide", "what is waiting for my decision"),
        "due": ("What is due", "what do I have to do this week"),
        "attendance": ("The register", "take the register for the meeting"),
        "withdraw_request": ("Withdraw a request", "please withdraw our request"),
        "amend_request": ("Change a request", "I need to change our request"),
        "elsewhere": ("Move a meeting, defer a request", "move the meeting to another day"),
        "thanks": ("Thanks", "thanks"),
    }
)
"""What a button for an intent says, and the sentence it writes."""


def thanked(work: Work, asker: Asker, question: Question) -> Answer:
    """A word back."""
    return Answer(title="You are welcome", is_of_now=False)


def started_over() -> Answer:
    """What was spoken of is forgotten."""
    return Answer(title="We start afresh", sentences=("What can I do for you?",), choices=_starts(), is_of_now=False)


def nothing_waits() -> Answer:
    """A yes to nothing."""
    return Answer(title="There is nothing that waits for a yes", choices=_starts(), is_of_now=False)


def dropped() -> Answer:
    """A no."""
    return Answer(title="All right, nothing was done", is_of_now=False)


def _starts() -> tuple[tuple[str, str], ...]:
    return tuple(EXAMPLES[i] for i in ("help", "next_meeting", "request_status", "guidance"))


def unsure(offered: Sequence[str], entities: Mapping[str, Any]) -> Answer:
    """Nothing is done on a guess: the likeliest are offered, or what is known about who was named, or help."""
    if offered:
        return Answer(title="Did you mean one of these?", choices=tuple(EXAMPLES[i] for i in offered), is_of_now=False)
    if name := entities.get("community") or entities.get("school"):
        asked = ("next_meeting", "deadline", "budget_balance", "link_practitioner")
        choices = tuple((EXAMPLES[i][0], f"{EXAMPLES[i][1]} ({name})") for i in asked)
        return Answer(title=f"What about {name}?", choices=choices, is_of_now=False)
    return Answer(
        title="I did not understand that",
        sentences=(
            "I know about requests, meetings, papers, budgets and people of your community.",
            "Write it in other words, or choose one of these. “Help” shows everything you can ask for.",
        ),
        choices=_starts(),
        is_of_now=False,
    )


ANSWERS: Mapping[str, Answering] = {"thanks": thanked}
