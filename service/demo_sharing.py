"""The demo's case studies and questions to KCC: a school shares or asks every second week, KCC answers a week later."""

from __future__ import annotations

from datetime import date, datetime

from casework.asking_kcc import answer, ask, open_questions
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.sharing import share
from communities.case_studies import CaseStudy
from communities.continuum import Focus
from communities.directory import Role
from communities.questions import Part
from sample_world.texts import Text, texts
from service.demo_report import Timeline

MONDAY, WEDNESDAY = 0, 2


class Sharing:
    """What schools share and ask, played out; each text once."""

    def __init__(self, desk: Desk, timeline: Timeline) -> None:
        self._desk, self._timeline = desk, timeline
        self._studies, self._questions = list(texts("case_studies", "case_study")), list(texts("questions", "question"))

    async def school_day(self, day: date, now: datetime) -> None:
        """On Mondays KCC answers; on Wednesdays, in turn, a question is asked or a case study shared."""
        if day.weekday() == MONDAY and (said := await self._desk.run(SYSTEM, _answer_all)):
            self._timeline.add(now, f"KCC answered {said} of the schools' questions.")
        if day.weekday() != WEDNESDAY:
            return
        week = day.toordinal() // 7
        if week % 2 and self._studies:
            number = await self._desk.run(SYSTEM, _share, self._studies.pop(0), week)
            self._timeline.add(now, f"A school shared the case study {number}.")
        elif self._questions:
            number = await self._desk.run(SYSTEM, _ask, self._questions.pop(0), week)
            self._timeline.add(now, f"A school asked KCC the question {number}.")


def _senco(work: Work, turn: int, phase: str) -> tuple[str, str]:
    """A SENCO and their school, another each week; of a school of that phase where its name tells."""
    directory = directory_of(work)
    people = [p for p in directory.people if p.role is Role.SENCO]
    fitting = [p for p in people if phase in p.of.casefold()] or people
    person = fitting[turn * 37 % len(fitting)]
    return str(person.mail), person.of


def _share(work: Work, text: Text, turn: int) -> str:
    mail, school = _senco(work, turn, text.about["phase"])
    parts = {k: text.about[k] for k in ("description", "overview", "impact")}
    return share(work, CaseStudy(focus=Focus(text.about["focus"]), **parts), school, mail)


def _ask(work: Work, text: Text, turn: int) -> str:
    mail, _ = _senco(work, turn, "")
    return ask(work, Part(text.about["part"]), text.text, mail)


def _answer_all(work: Work) -> int:
    known = {t.text: t.about["answer"] for t in texts("questions", "question") if t.about.get("answer")}
    by, said = str(directory_of(work).people_with(Role.MODERATOR)[0].mail), 0
    for row in open_questions(work):
        text = next((a for q, a in known.items() if " ".join(q.split()) == row.text), None)
        if text:
            answer(work, row.id, text, by, is_published=True)
            said += 1
    return said
