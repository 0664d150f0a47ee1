"""Evaluation of services in chat."""

from __future__ import annotations

from collections.abc import Mapping

from bot.asking import Answer, Answering, Asker, Question
from bot.cards.evaluation import VERB, evaluation_card
from bot.verbs import Press, Pressing
from casework.desk import Work
from casework.errors import InputRefused
from casework.evaluating import evaluate
from casework.surgery_record import own_schools
from communities.evaluations import TEXT_CHARACTERS, Evaluation, evaluated_in


def show(work: Work, asker: Asker, question: Question) -> Answer:
    """The form, with the service a sentence names chosen."""
    if not asker.schools:
        return Answer(title="Services are evaluated by schools",
                      sentences=("What they said stands in the communities' reports.",))  # fmt: skip
    named = evaluated_in(question.text)
    card = evaluation_card(asker.schools, {"service": named} if named else {})
    return Answer(title="How effective is a service?", cards=(card,), is_card=True, is_of_now=False)


def send(press: Press) -> Answer:
    """Keep it; what stands against it is said on the form."""
    fields = ("school", "service", "effective", "worked", "improve")
    typed = {name: press.text(name, TEXT_CHARACTERS + 100) for name in fields}
    own = own_schools(press.work, press.mail)
    school = typed["school"] or (own[0] if len(own) == 1 else "")
    try:
        said = Evaluation(**{name: typed[name] for name in fields[1:]})
        press.attempt(evaluate, said, school, press.mail)
    except InputRefused as error:
        card = evaluation_card(own or (school,), typed, error.sentences)
        return Answer(title=str(error), cards=(card,), is_card=True, is_of_now=False)
    return Answer(
        title=f"Thank you: {said.service} is evaluated",
        sentences=("It counts in your community's next report; what comes of it is reported back at a meeting.",),
        choices=(("Evaluate another service", "evaluate a service"),),
    )


ANSWERS: Mapping[str, Answering] = {"evaluation": show}
VERBS: Mapping[str, Pressing] = {VERB: send}
