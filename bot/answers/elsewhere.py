"""What cannot be done in chat yet, with the way to do it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping

from bot.asking import Answer, Answering, Asker, Question
from casework.desk import Work

WAYS: Mapping[str, str] = {
    "case_study": "Send your case study to your clerk, for item 5 of the agenda.",
}


def elsewhere(work: Work, asker: Asker, question: Question) -> Answer:
    """Where to turn."""
    return Answer(title="I cannot do that in chat yet", sentences=(WAYS[question.intent],), is_of_now=False)


ANSWERS: Mapping[str, Answering] = dict.fromkeys(WAYS, elsewhere)
