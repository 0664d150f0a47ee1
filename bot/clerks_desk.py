"""The clerk works through what is due: a line's button does it, or opens the card that does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.asking import MOST_CHOICES, Answer, Answering, Asker, Question, asker_of, named_community
from bot.by_hand import by_hand_form
from bot.cards.decision import decision_card
from bot.cards.desk import VERB, desk_card
from bot.holding import held_form
from bot.minuting import minutes_form, register_form
from bot.proposed_minutes import proposed_form
from bot.reporting import sign_form
from bot.verbs import Press, Pressing
from casework.clerk_moves import ask_hnfo, circulate_now, forward_again, remind_schools
from casework.decide import decision_ask, undecided_of
from casework.desk import Work
from casework.due import AHEAD, desk_of
from casework.errors import AlreadyDone, InputRefused
from casework.not_done import administrators, not_done
from casework.reading import Thing, may_read
from casework.schedule import check_runs, meeting_row
from casework.stuck_mail import stuck_lines
from communities.dues import Due, Task

ALL_TASKS = ("My tasks", "what do I have to do this week")


def show(work: Work, asker: Asker, question: Question) -> Answer:
    """The week of the communities the person clerks or chairs, or of the one the sentence names."""
    own = asker.runs
    reads_all = may_read(work, Thing.STUCK, asker.mail)
    asks_what_failed = _FAILED.search(question.text) is not None
    if reads_all and (asks_what_failed or not own):
        return _needs_attention(work)
    if asks_what_failed:
        return _administrators_matter(work, own)
    if not own:
        whose = "Clerks and chairs see the tasks of their communities here."
        return Answer(title="You have no tasks here", sentences=(whose,))
    named = named_community(work, asker, question)
    if named and not may_read(work, Thing.TASKS, asker.mail, named):
        said = (f"You neither chair nor clerk it. Your own: {', '.join(own[:MOST_CHOICES])}.",)
        return Answer(title=f"Nothing of {named} is due from you", sentences=said, choices=(ALL_TASKS,))
    return desk_answer(work, asker, (named,) if named else own)


_FAILED = re.compile(r"\b(?:stuck|fail(?:ed|s|ing|ures?)?|broken)\b", re.IGNORECASE)


def _administrators_matter(work: Work, own: Sequence[str]) -> Answer:
    """For everybody else: what of their communities could not be done, and who corrects it."""
    found = not_done(work, own) if own else []
    facts = [(x.about.words, f"{x.sentence}. {x.effect.problem or ''}".strip()) for x in found[:MOST_CHOICES]]
    count = "1 task of your communities has" if len(found) == 1 else f"{len(found)} tasks of your communities have"
    title = f"{count} failed" if found else "Failed tasks are for the administrators to correct"
    nothing = ("Nothing of your communities has failed.",) if own and not found else ()
    said = (*nothing, f"The administrators see everything that failed, and why: {administrators(work)}.")
    return Answer(title=title, sentences=said, facts=facts)


def _needs_attention(work: Work) -> Answer:
    """For an administrator: what failed, with the reason; the tab has the two ways out."""
    lines = stuck_lines(work)
    if not lines:
        return Answer(title="Nothing needs your attention", sentences=("Nothing has failed.",))
    facts = [(f"{x.what}, since {x.since}", x.problem) for x in lines[:MOST_CHOICES]]
    count = "1 task has failed and needs" if len(lines) == 1 else f"{len(lines)} tasks have failed and need"
    said = "Fix the cause, then try again on the page “Stuck” of the CoS Desk tab."
    return Answer(title=f"{count} your attention", sentences=(said,), facts=facts)


def desk_answer(work: Work, asker: Asker, communities: tuple[str, ...], note: str = "") -> Answer:
    """The desk over some communities, as a card; in text its lines. No line has a button that is not the asker's."""
    lines = [_without_others(asker, due) for due in desk_of(work, communities, work.today + AHEAD)]
    title = f"Your tasks this week: {len(lines)}" if lines else "You have no tasks this week"
    facts = [(f"{d.due_on:%a %-d %b}", f"{d.what}, {d.community}") for d in lines]
    return Answer(title=title, facts=facts, cards=(desk_card(title, lines, work.today, note),), is_card=True)


def _without_others(asker: Asker, due: Due) -> Due:
    """What the clerk alone may say is no task of the chair's."""
    is_others = due.task is Task.HELD and due.community not in asker.clerked
    return replace(due, task=Task.NONE) if is_others else due


def act(press: Press) -> Answer:
    """Do what a line's button says; what only opens another card changes nothing yet."""
    subject, task = press.text("subject"), press.text("task")
    if task in Task.__members__ and (opening := OPENS.get(Task[task])):
        return opening(press, subject)
    if task not in Task.__members__ or Task[task] not in DOES:
        raise InputRefused(f"'{task[:40]}' is nothing that can be done from the desk.")
    note = DOES[Task[task]](press, subject)
    asker = asker_of(press.work, press.mail)
    return desk_answer(press.work, asker, asker.runs, note)


def _remind(press: Press, meeting_id: str) -> str:
    count = press.attempt(remind_schools, meeting_id, press.mail)
    return f"An email to {count} SENCOs is being sent."


def _circulate(press: Press, meeting_id: str) -> str:
    press.attempt(circulate_now, meeting_id, press.mail)
    return "The agenda is being made, filed and emailed. Your list shows it until it is out."


def _forward(press: Press, request_id: str) -> str:
    press.attempt(forward_again, request_id, press.mail)
    return f"The form of {request_id} is sent to the HNFO once more."


def _ask(press: Press, request_id: str) -> str:
    press.attempt(ask_hnfo, request_id, press.mail)
    return f"The HNFO is asked about {request_id} by mail."


def _decisions(press: Press, meeting_id: str) -> Answer:
    community = meeting_row(press.work, meeting_id).community
    check_runs(press.work, community, press.mail)
    waiting = undecided_of(press.work, meeting_id)
    if not waiting:
        raise AlreadyDone("Everything of that meeting is decided.")
    ask = decision_ask(press.work, waiting[0])
    left = f", then {len(waiting) - 1} more" if len(waiting) > 1 else ""
    return Answer(title=f"{waiting[0]} is to be decided{left}", cards=(decision_card(ask),), is_card=True)


DOES: Mapping[Task, Callable[[Press, str], str]] = {
    Task.REMIND: _remind,
    Task.CIRCULATE: _circulate,
    Task.FORWARD: _forward,
    Task.CHASE: _ask,
}
OPENS: Mapping[Task, Callable[[Press, str], Answer]] = {
    Task.BY_HAND: by_hand_form,
    Task.DECIDE: _decisions,
    Task.ATTENDANCE: register_form,
    Task.MINUTES: minutes_form,
    Task.SIGN: sign_form,
    Task.PROPOSED: proposed_form,
    Task.HELD: held_form,
}
ANSWERS: Mapping[str, Answering] = {"due": show}
VERBS: Mapping[str, Pressing] = {VERB: act}
