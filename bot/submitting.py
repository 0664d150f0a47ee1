"""A SENCO writes a Request for Support in Teams, card by card, or changes one that was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.answers.requests import request_meant
from bot.asking import Answer, Answering, Asker, Question, asker_of
from bot.cards.wizard import CHECK, CLOSE, DISCARD, GO, LATER, SEND, STEP_OF, STEPS, Draft, begun_card, step_card
from bot.verbs import Press, Pressing
from casework.amend import check_undecided, submission_of
from casework.desk import Work
from casework.directory_record import directory_of
from casework.drafts import amend_by_draft, discard_draft, draft_of, draft_saved_at, save_draft, submit_draft
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.letters import spoken_day, spoken_moment
from casework.meeting_words import late_sentence, papers_fact
from casework.permissions import check_may
from casework.request_record import request_row
from casework.schedule import meeting_row
from communities.calendars import london
from communities.intake import Outcome, Reading
from communities.lifecycle import BY_MOVE, Move
from communities.money import pounds, read_pence
from communities.requests import ATTACHMENTS, TITLES, Problem

FIELDS = (*(name for name in TITLES if name != "community"), ATTACHMENTS)
LONGEST = 6_000
AMENDS = "amends"
"""Where a draft notes the request it changes."""


def begin(work: Work, asker: Asker, question: Question) -> Answer:
    """The first card; what the sentence names already is filled in."""
    if not _schools_of(work, asker.mail):
        return Answer(
            title="Requests are sent by schools",
            sentences=("A school's SENCO, its leaders and its community's clerk can send one.",),
            is_of_now=False,
        )
    if kept := draft_of(work, asker.mail):
        return _has_one(work, asker.mail, kept)
    answers = {"contact": f"{_name_of(work, asker.mail)}, {asker.mail}"} if asker.schools else {}
    if (school := question.entities.get("school")) in _schools_of(work, asker.mail):
        answers["school"] = str(school)
    if pence := question.entities.get("amount_pence"):
        answers["requested_pence"] = _written(pence)
        save_draft(work, asker.mail, answers)  # it is asked for on a later card
    return _shown(_draft(work, asker.mail, answers), 0)


def _name_of(work: Work, mail: str) -> str:
    return next((p.name for p in directory_of(work).roles_of(mail)), mail)


def amend(work: Work, asker: Asker, question: Question) -> Answer:
    """The cards again, filled with what a request says; its pupils stay unless they are written anew."""
    row = request_meant(work, asker, question)
    check_may(work, row, BY_MOVE[Move.AMEND], asker.mail)
    step = _step_meant(question)
    if step not in (STEP_OF["contact"], STEP_OF["pupils"]):
        check_undecided(work, row, [field for field in TITLES if STEP_OF.get(field) == step])
    if (kept := draft_of(work, asker.mail)) and kept.get(AMENDS) != row.id:
        return _has_one(work, asker.mail, kept)
    answers = dict(kept or _answers_of(work, row.id))
    if pence := _new_amount(question, step):
        answers["requested_pence"] = _written(pence)
    save_draft(work, asker.mail, answers)
    return _shown(_draft(work, asker.mail, answers), step)


_SPOKEN_OF: tuple[tuple[str, str], ...] = (
    ("requested_pence", r"amount|figure|sum|money|cost|too much|too little"),
    ("pupils", r"pupils?|child(?:ren)?|key stages?"),
    ("contact", r"contact|trust|federation"),
)
"""What a change is about, by the field whose card shows it first."""


def _step_meant(question: Question) -> int:
    """The card with what the sentence wants to change; else the one that says what is asked for."""
    if "amount_pence" in question.entities:
        return STEP_OF["requested_pence"]
    words = question.text.casefold()
    return next(
        (STEP_OF[name] for name, said in _SPOKEN_OF if re.search(rf"\b(?:{said})\b", words)), STEP_OF["solution"]
    )


_BARE_AMOUNT = re.compile(
    r"\b(?:to|be|say)\s+(\d[\d,]*(?:\.\d\d)?)(?![\d%]|[.,]\d)(?:$|[.!?]|\s+(?:please|instead|not)\b)", re.I
)


def _new_amount(question: Question, step: int) -> int | None:
    """The amount a change names, in pence; without a pound sign too, where it is the amount that is to be changed."""
    named: int | None = question.entities.get("amount_pence")
    if named is None and step == STEP_OF["requested_pence"] and (bare := _BARE_AMOUNT.search(question.text)):
        return read_pence(bare[1])
    return named


def _written(pence: int) -> str:
    """An amount as the card's field holds it."""
    return f"{pence / 100:.2f}".removesuffix(".00")


def _answers_of(work: Work, request_id: str) -> dict[str, str]:
    said = submission_of(work, request_id, "for its school to change it")
    values: dict[str, str] = {AMENDS: request_id, "pupils": said.pupils_written}
    for name in FIELDS:
        value = getattr(said, name)
        if name in ("support", "key_stages"):
            values[name] = ";".join(value)
        elif name == ATTACHMENTS:
            values[name] = "\n".join(value)
        elif name == "requested_pence":
            values[name] = _written(value) if value else ""
        elif name != "pupils":
            values[name] = str(value)
    return values


def _has_one(work: Work, mail: str, kept: Mapping[str, Any]) -> Answer:
    what = f"A change of {kept[AMENDS]}" if kept.get(AMENDS) else "A new request"
    saved_at = draft_saved_at(work, mail)
    card = begun_card(spoken_moment(saved_at) if saved_at else "an earlier day", what)
    return Answer(title="You have one begun", cards=(card,), is_of_now=False, is_card=True)


def _schools_of(work: Work, mail: str) -> tuple[str, ...]:
    """The schools somebody may send for: their own, and those of the communities they clerk."""
    asker, directory = asker_of(work, mail), directory_of(work)
    clerked = (str(s.name) for name in asker.clerked for s in directory.schools_of(name))
    return tuple(dict.fromkeys((*asker.schools, *clerked)))


def _draft(work: Work, mail: str, answers: Mapping[str, str]) -> Draft:
    amends = answers.get(AMENDS, "")
    schools = (answers["school"],) if amends else _schools_of(work, mail)
    return Draft(
        answers=answers, schools=schools, amends=amends,
        pupils_named=len([p for p in answers.get("pupils", "").splitlines() if p.strip()]),
    )  # fmt: skip


def _checked(press: Press, answers: Mapping[str, str], reading: Reading) -> Draft:
    return replace(
        _draft(press.work, press.mail, answers), problems=reading.problems, doubts=reading.doubts,
        pupils_named=reading.pupils_named,
    )  # fmt: skip


def _shown(draft: Draft, step: int) -> Answer:
    name = f"Change {draft.amends}" if draft.amends else "Request for Support"
    return Answer(
        title=f"{name}: step {step + 1} of {len(STEPS)}, {STEPS[step][0]}",
        cards=(step_card(draft, step),),
        is_of_now=False,
        is_card=True,
    )


def go(press: Press) -> Answer:
    """Keep what the card says and show another.

    What is wrong with a card or missing on it is said there, before the next one comes, unless it is left for later.
    """
    _check_private(press)
    answers = _kept(press)
    to = _step(press.values.get("to"))
    from_step = _step(press.values["step"]) if "step" in press.values else to
    draft = _checked(press, answers, _read(press, answers))
    here = _of_step(draft, from_step)
    if to > from_step and here.problems and not press.text(LATER):
        return _shown(here, from_step)
    if to == CHECK:  # who comes to the check has not signed yet
        problems = tuple(p for p in draft.problems if p.field != "signature" or answers.get("signature"))
        return _shown(replace(draft, problems=problems), to)
    if from_step == CHECK:
        return _shown(_of_step(draft, to), to)
    return _shown(replace(draft, problems=(), doubts=()), to)


def _of_step(draft: Draft, step: int) -> Draft:
    """With what is said on that card alone."""
    problems = tuple(p for p in draft.problems if STEP_OF.get(p.field) == step)
    return replace(draft, problems=problems, doubts=tuple(d for d in draft.doubts if STEP_OF.get(d.field) == step))


def send(press: Press) -> Answer:
    """Send it, or name everything that is to be mended by its field."""
    _check_private(press)
    if draft_of(press.work, press.mail) is None:
        raise AlreadyDone("It was sent or thrown away already; there is no draft of yours. Nothing was changed.")
    answers = _kept(press)
    reading = _read(press, answers, number=press.work.next_number("chat response"))
    draft = _checked(press, answers, reading)
    if reading.outcome is not Outcome.ACCEPTED:
        return _shown(draft, CHECK)
    try:
        if draft.amends:
            titles = press.attempt(amend_by_draft, press.mail, draft.amends, reading, answers.get("reason", ""))
            return _amended(draft.amends, titles)
        sent = press.attempt(submit_draft, press.mail, reading)
    except InputRefused as error:
        problems = tuple(Problem(field="signature", sentence=s) for s in error.sentences)
        return _shown(replace(draft, problems=problems), CHECK)
    return receipt(press.work, sent.request_id, is_held=sent.is_held)


def close(press: Press) -> Answer:
    """Keep it for later."""
    _check_private(press)
    _kept(press)
    return Answer(
        title="Kept for later",
        sentences=("Write 'go on with my request' when you have a moment; it is here until you send it.",),
        is_of_now=False,
    )


def discard(press: Press) -> Answer:
    """Throw it away."""
    _check_private(press)
    discard_draft(press.work, press.mail)
    return Answer(title="Thrown away", sentences=("Nothing of it is kept.",), choices=(
        ("Begin a new one", "I want to submit a request for support"),), is_of_now=False)  # fmt: skip


def _check_private(press: Press) -> None:
    if not press.is_personal:
        raise NotAllowed("A request names pupils: write it in your own chat with me, not where others read along.")


def _kept(press: Press) -> dict[str, str]:
    """The draft with what this card says; pupils that were left empty stay as they were."""
    answers: dict[str, str] = dict(draft_of(press.work, press.mail) or {})
    for name in (*FIELDS, "reason"):
        if name not in press.values:
            continue
        value = press.text(name, LONGEST)
        if name in ("support", "key_stages"):
            value = value.replace(",", ";")
        if name == "pupils" and not value:
            continue
        if name in ("sen_support", "ehcp", "looked_after"):
            value = value.removesuffix(".0")
        answers[name] = value
    if answers.get(AMENDS):
        answers["school"] = request_row(press.work, answers[AMENDS]).school
    save_draft(press.work, press.mail, answers)
    return answers


def _read(press: Press, answers: Mapping[str, str], number: int = 0) -> Reading:
    directory = directory_of(press.work)
    homes = directory.schools_named(answers.get("school", ""))
    person = _name_of(press.work, press.mail)
    written = {
        **{name: answers.get(name, "") for name in FIELDS},
        "id": number,
        "completed": press.work.now,
        "community": homes[0].community if homes else "",
        "sender": press.mail,
        "sender_name": person,
    }
    if answers.get(AMENDS):  # signed when it was sent
        written["signature"] = answers.get("signature") or person
    reading = press.read_answers(written, directory, press.work.now)
    assert reading is not None
    reading = replace(reading, mended=tuple(m for m in reading.mended if m.startswith(f"'{TITLES['pupils']}'")))
    if not homes:  # the community follows from the school: one problem, not two
        kept = tuple(p for p in reading.problems if p.field != "community")
        reading = replace(reading, problems=kept)
    return reading


def _step(value: Any) -> int:
    text = str(value)
    return min(int(float(text)), CHECK) if text.replace(".0", "").isdecimal() else 0


def _amended(request_id: str, titles: tuple[str, ...]) -> Answer:
    return Answer(
        title=f"{request_id} was changed",
        sentences=(f"Changed: {', '.join(titles)}.", "What stood there before is kept in the record."),
    )


def receipt(work: Work, request_id: str, *, is_held: bool) -> Answer:
    """The request's number, the meeting it goes to and what happens when."""
    row = request_row(work, request_id)
    facts = [("School", row.school), ("Community", row.community)]
    if row.requested_pence:
        facts.append(("Asked for", pounds(row.requested_pence)))
    if is_held:
        sentences = ["It looks like one you sent already, so the clerk looks at it first."]
    elif row.meeting_id is None:
        sentences = ["It will be heard at the next meeting; the date is not fixed yet. You will be told."]
    else:
        meeting = meeting_row(work, row.meeting_id)
        facts += [
            ("Heard at", f"{row.community}, {spoken_moment(meeting.starts_at)}"),
            ("You may change it until", str(meeting.submissions_close_at)),
            papers_fact(meeting, work.now),
            ("Decision", f"at the meeting, {spoken_day(london(meeting.starts_at).date())}"),
            ("Money", "to the Area HNFO within 3 working days of approval; KCC processes it within 30 days and pays "
                      "with the next schools' advance"),
        ]  # fmt: skip
        sentences = ["An email with its number is on its way to you."]
    late = late_sentence(work, row)
    return Answer(
        title=f"{request_id} was sent" + (", late for the coming meeting" if late else ""),
        sentences=[late, *sentences] if late else sentences,
        facts=facts,
        choices=(("How does it stand?", f"status of {request_id}"), ("Change it", f"I need to change {request_id}")),
    )


ANSWERS: Mapping[str, Answering] = {"submit_request": begin, "amend_request": amend}
VERBS: Mapping[str, Pressing] = {GO: go, SEND: send, CLOSE: close, DISCARD: discard}
