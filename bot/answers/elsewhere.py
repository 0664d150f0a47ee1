"""What is asked for in chat and done elsewhere: it is said that nothing was done, and where it can be done."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.answers.smalltalk import EXAMPLES
from bot.asking import Answer, Answering, Asker, Question
from casework.desk import Work

BY_ADMINISTRATOR = "An administrator of CoS Desk does that for you: write to them"
WHERE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        r"action",
        "To add an action, open the menu of a message in Teams and choose “Make this an action”.",
        ("actions",),
    ),
    (
        r"request|\bR-\d|decision",
        f"{BY_ADMINISTRATOR} which request it is, what is to be done and why.",
        ("request_status",),
    ),
    (
        r"",
        f"{BY_ADMINISTRATOR} which community's meeting it is, the day and the new day.",
        ("next_meeting",),
    ),
)
"""By what the sentence speaks of: the way, and what may be asked here instead. The last one is about a meeting."""


def told(work: Work, asker: Asker, question: Question) -> Answer:
    """Nothing was changed, and who does it."""
    named = question.entities.get("request")
    way, instead = next((way, i) for said, way, i in WHERE if re.search(said, question.text, re.IGNORECASE))
    choices = [(f"How is {named}?", f"status of {named}")] if named else [EXAMPLES[i] for i in instead]
    return Answer(
        title="I cannot do that in this chat",
        sentences=("Nothing was changed.", way),
        choices=(*choices, EXAMPLES["help"]),
        is_of_now=False,
    )


ANSWERS: Mapping[str, Answering] = {"elsewhere": told}
