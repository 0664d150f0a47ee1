"""Case studies in chat: shared by a school, found by area of focus or by words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.asking import MOST_CHOICES, Answer, Answering, Asker, Question
from bot.cards.case_study import CHARACTERS, VERB, case_study_card, case_study_form_card
from bot.verbs import Press, Pressing
from casework.desk import Work
from casework.errors import InputRefused
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.reading import Thing, check_may_read
from casework.schedule import meeting_row
from casework.sharing import search_studies, share, study_row
from casework.surgery_record import own_schools
from communities.case_studies import PARTS, CaseStudy, focus_in
from communities.continuum import Focus

_SHARES = re.compile(
    r"\b(?:share|sharing|submit|write|add|put forward|contribute|send in|offer|tell (?:the )?others"
    r"|worked (?:really )?well|i have an?|we have an?|i've got an?|we've got an?|i'd like to)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\bC-20\d\d-\d{4}\b", re.IGNORECASE)
_COMMON = frozenset(
    {
        "about", "any", "are", "can", "case", "cases", "did", "does", "example", "examples", "find", "for", "from",
        "give", "good", "have", "how", "like", "list", "other", "please", "read", "school", "schools", "see", "show",
        "some", "studies", "study", "that", "the", "there", "this", "want", "what", "which", "with", "worked", "would",
        "you",
    }
)  # fmt: skip
"""Words of a sentence that name nothing to look for."""


def show(work: Work, asker: Asker, question: Question) -> Answer:
    """The form where somebody wants to share one; else those that fit, the latest first."""
    check_may_read(work, Thing.CASE_STUDIES, asker.mail)
    if number := _NUMBER.search(question.text):
        return _one(study_row(work, number[0].upper()))
    if _SHARES.search(question.text) and asker.schools and question.is_personal:
        card = case_study_form_card(asker.schools, {"focus": f.value} if (f := focus_in(question.text)) else {})
        return Answer(title="Share a case study", cards=(card,), is_card=True, is_of_now=False)
    focus = focus_in(question.text)
    words = [w for w in re.findall(r"[a-z]{4,}", question.text.casefold()) if w not in _COMMON]
    of = str(question.entities.get("school") or question.entities.get("community") or "")
    named = set(re.findall(r"[a-z]{4,}", of.casefold()))
    found = search_studies(work, focus, [w for w in words if w not in named])
    found = [s for s in found if of in ("", s.school, s.community)]
    what = f"about {focus.value}" if focus else ""
    what = f"{what} of {of}".strip() if of else what
    if not found:
        sharing = (("Share one", "I have a case study to share"),) if asker.schools else ()
        return Answer(title=f"No case study {what} was shared yet".replace("  ", " "), choices=sharing)
    if len(found) == 1:
        return _one(found[0])
    facts = [(f"{s.id}, {s.focus}", f"{s.school}: {_first_words(s.description)}") for s in found[:MOST_CHOICES]]
    choices = [(f"{s.school}"[:40], f"show case study {s.id}") for s in found[:MOST_CHOICES]]
    title = f"{len(found)} case studies {what}".strip()
    return Answer(title=title, facts=facts, choices=choices, listed=[sentence for _, sentence in choices])


def _one(row: Any) -> Answer:
    parts: Sequence[tuple[str, str]] = [(title, str(getattr(row, part))) for part, title in PARTS.items()]
    card = case_study_card(f"{row.id}: {row.focus}", row.school, parts)
    return Answer(title=f"{row.id}: {row.focus}", sentences=(row.school,), facts=parts, cards=(card,), is_card=True)


def _first_words(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


def send(press: Press) -> Answer:
    """Share it; what stands against it is said on the form."""
    typed = {name: press.text(name, CHARACTERS + 100) for name in ("school", "focus", *PARTS)}
    own = own_schools(press.work, press.mail)
    school = typed["school"] or (own[0] if len(own) == 1 else "")
    try:
        if typed["focus"] not in list(Focus):
            raise InputRefused("Choose an area of focus from the list.")
        study = CaseStudy(focus=Focus(typed["focus"]), **{part: typed[part] for part in PARTS})
        study_id = press.attempt(share, study, school, press.mail)
    except InputRefused as error:
        card = case_study_form_card(own or (school,), typed, error.sentences)
        return Answer(title=str(error), cards=(card,), is_card=True, is_of_now=False)
    row = study_row(press.work, study_id)
    said = "It is found here by its area of focus."
    if row.meeting_id:
        when = spoken_day(day_of(meeting_row(press.work, row.meeting_id)))
        said = f"It stands with item 5 of the agenda of {row.community} on {when}. {said}"
    return Answer(title=f"{study_id} is shared", sentences=(said,))


ANSWERS: Mapping[str, Answering] = {"case_study": show}
VERBS: Mapping[str, Pressing] = {VERB: send}
