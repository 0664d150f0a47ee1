"""Schools evaluate services, asked before each reporting point: by the form or in chat. KiT reports count it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from sqlalchemy import Row, insert, select

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect, not_asked_for
from casework.errors import InputRefused, NotAllowed
from casework.form_back import NAMES_A_CHILD, is_known, send_back
from casework.intake_mail import from_desk
from casework.letters import Letter, letter, spoken_day
from casework.naming import NamesAChild, check_names_nobody
from casework.ports import MailDraft, Ports
from casework.surgery_record import own_schools
from communities.directory import Role
from communities.evaluations import ASK_WORKING_DAYS, Evaluation, evaluation_problems
from communities.intake import Outcome
from communities.matching import find_school
from communities.reports import ReportKind, period_of


def evaluate(work: Work, said: Evaluation, school: str, by: str, source_key: str = "") -> str:
    """Keep what a school says of a service; returns its number.

    Raises `InputRefused` with every problem, or where a text seems to name a child.
    """
    if by != SYSTEM and school not in own_schools(work, by):
        raise NotAllowed(f"Services are evaluated for {school[:80]} by its SENCO or a leader of the school.")
    found = directory_of(work).schools_named(school)
    if not found:
        raise InputRefused(f"School '{school[:80]}' is not in the directory. Choose one from the list.")
    if problems := list(evaluation_problems(said)):
        raise InputRefused(*problems)
    for title, text in (("What works well", said.worked), ("What should be improved", said.improve)):
        check_names_nobody(work, text, f"text of '{title}'", [str(found[0].community)])
    number = f"E-{work.today.year}-{work.next_number(f'evaluation {work.today.year}'):04d}"
    work.conn.execute(
        insert(tables.evaluations).values(
            id=number, source_key=source_key or number, community=str(found[0].community), school=school,
            service=said.service, effective=int(said.effective), worked=said.worked.strip(),
            improve=said.improve.strip(), given_by=by.casefold(), given_at=work.now,
        )
    )  # fmt: skip
    work.acting(by).journal("evaluate service", number, service=said.service, effective=int(said.effective))
    return number


def evaluations_of(work: Work, community: str, begins_at: datetime, ends_at: datetime) -> Sequence[Row[Any]]:
    """A community's evaluations of a time; of one school and service the latest counts."""
    evaluations = tables.evaluations
    rows = work.conn.execute(
        select(evaluations)
        .where(evaluations.c.community == community)
        .where(evaluations.c.given_at >= begins_at, evaluations.c.given_at < ends_at)
        .order_by(evaluations.c.given_at, evaluations.c.id)
    )
    return list({(r.school, r.service): r for r in rows}.values())


def receive_evaluation(work: Work, answers: Mapping[str, str], source_key: str) -> Outcome | None:
    """A response of the form; None where it is known. One that cannot be taken goes back to who sent it."""
    if is_known(work, tables.evaluations.c.source_key, source_key):
        return None
    try:
        with work.conn.begin_nested():
            school = find_school(answers["school"], directory_of(work), None).school
            if school is None:
                raise InputRefused(
                    f"School '{answers['school'][:80]}' is not in the directory. Choose one from the list."
                )
            said = Evaluation(**{k: answers[k] for k in ("service", "effective", "worked", "improve")})
            evaluate(work, said, str(school.name), SYSTEM, source_key)
    except NamesAChild:
        return send_back(work, source_key, answers["sender"], [NAMES_A_CHILD])
    except InputRefused as error:
        return send_back(work, source_key, answers["sender"], error.sentences)
    return Outcome.ACCEPTED


def evaluations_due(work: Work) -> list[str]:
    """The sweep's question: which communities' schools are to be asked before the coming reporting point."""
    due_on = period_of(ReportKind.KIT, work.today, work.desk.school_years).due_on
    if work.today < work.desk.days.before(due_on, ASK_WORKING_DAYS):
        return []
    names = (c.name for c in directory_of(work).communities)
    return not_asked_for(work, "mail.evaluate", [f"{name}@{due_on.isoformat()}" for name in names])


def ask_evaluation(work: Work, subject: str) -> None:
    """Have them asked."""
    work.effect("mail.evaluate", subject)


@effect("mail.evaluate")
async def mail_evaluate(desk: Desk, ports: Ports, subject: str) -> None:
    """Ask a community's SENCOs, each hidden from the others."""
    draft = await desk.run(SYSTEM, _asking, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _asking(work: Work, subject: str) -> MailDraft | None:
    community, _, on = subject.rpartition("@")
    directory = directory_of(work)
    to = dict.fromkeys(
        p.mail for s in directory.schools_of(community) for p in directory.people_with(Role.SENCO, str(s.name))
    )
    if not to:
        return None
    said = evaluate_letter(community, date.fromisoformat(on))
    return from_desk(work, f"evaluate:{subject}", list(to), said, hide_recipients=True, can_wait=True)


def evaluate_letter(community: str, due_on: date) -> Letter:
    """What works for the school, and what does not?"""
    return letter(
        f"{community}: how effective are the services your school uses?",
        f"<b>{escape(community)}</b> reports to the Keeping in Touch (KiT) meeting on {spoken_day(due_on)}. The report "
        "says how effective schools find the services they use, and what should be improved.",
        "Write <i>evaluate a service</i> to CoS Desk in Teams, or fill in the form <i>Evaluation of Services</i>: one "
        "rating from 1 to 5 and a sentence or two for each service you used. Please name no pupil.",
        "What comes of it is reported back at a later community meeting.",
    )
