"""Case studies: shared by a school, checked for pupils' names, offered for item 5 of an agenda, found by focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from casework import tables
from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of
from casework.errors import InputRefused, NotAllowed
from casework.form_back import NAMES_A_CHILD, is_known, send_back
from casework.naming import NamesAChild, check_names_nobody
from casework.schedule import TAKES_REQUESTS
from casework.surgery_record import own_schools
from communities.calendars import london
from communities.case_studies import PARTS, CaseStudy, case_study_problems
from communities.continuum import Focus
from communities.intake import Outcome
from communities.matching import find_school


def share(work: Work, study: CaseStudy, school: str, by: str, source_key: str = "") -> str:
    """Share a case study of one's own school; returns its number. It is offered to the community's next meeting.

    Raises `InputRefused` with every problem, or where it seems to name a child.
    """
    directory = directory_of(work)
    if by != SYSTEM and school not in own_schools(work, by):
        raise NotAllowed(f"Case studies of {school[:80]} are shared by its SENCO or a leader of the school.")
    found = directory.schools_named(school)
    if not found:
        raise InputRefused(f"School '{school[:80]}' is not in the directory. Choose one from the list.")
    if problems := list(case_study_problems(study)):
        raise InputRefused(*problems)
    for part, title in PARTS.items():
        check_names_nobody(work, str(getattr(study, part)), f"text of '{title}'", [str(found[0].community)])
    year, community = london(work.now).year, str(found[0].community)
    study_id = f"C-{year}-{work.next_number(f'case study {year}'):04d}"
    meeting = _next_open(work, community)
    work.conn.execute(
        insert(tables.case_studies).values(
            id=study_id, source_key=source_key or study_id, community=community, school=school, focus=study.focus.value,
            description=study.description.strip(), overview=study.overview.strip(), impact=study.impact.strip(),
            shared_by=by.casefold(), shared_at=work.now, meeting_id=meeting.id if meeting else None,
        )
    )  # fmt: skip
    work.acting(by).journal("share case study", study_id, focus=study.focus.value)
    return study_id


def _next_open(work: Work, community: str) -> Row[Any] | None:
    """The next meeting whose papers are not out."""
    meetings = tables.meetings
    return work.conn.execute(
        select(meetings)
        .where(meetings.c.community == community, meetings.c.starts_at > work.now, meetings.c.state.in_(TAKES_REQUESTS))
        .order_by(meetings.c.starts_at)
        .limit(1)
    ).one_or_none()


def unoffered(work: Work) -> list[str]:
    """The sweep's question: case studies that no meeting has yet, though one is booked."""
    studies, meetings = tables.case_studies, tables.meetings
    rows = select(studies.c.id).where(studies.c.meeting_id.is_(None)).where(
        select(meetings.c.id)
        .where(meetings.c.community == studies.c.community, meetings.c.starts_at > work.now)
        .where(meetings.c.state.in_(TAKES_REQUESTS))
        .exists()
    )  # fmt: skip
    return list(work.conn.execute(rows.order_by(studies.c.id)).scalars())


def offer(work: Work, study_id: str) -> None:
    """Offer it to the next meeting."""
    studies, row = tables.case_studies, study_row(work, study_id)
    meeting = _next_open(work, row.community)
    work.conn.execute(
        update(studies).where(studies.c.id == study_id).values(meeting_id=meeting.id if meeting else None)
    )


def study_row(work: Work, study_id: str) -> Row[Any]:
    """The case study of that number; `InputRefused` where there is none."""
    studies = tables.case_studies
    row = work.conn.execute(select(studies).where(studies.c.id == study_id)).one_or_none()
    if row is None:
        raise InputRefused(f"There is no case study '{study_id[:40]}'.")
    return row


def offered_at(work: Work, meeting_id: str) -> Sequence[Row[Any]]:
    """The case studies of a meeting, in the order they were shared."""
    studies = tables.case_studies
    return work.conn.execute(select(studies).where(studies.c.meeting_id == meeting_id).order_by(studies.c.id)).all()


def search_studies(work: Work, focus: Focus | None, words: Sequence[str] = (), most: int = 20) -> Sequence[Row[Any]]:
    """The latest first: those of an area of focus, else those that hold one of the words, else all."""
    studies = tables.case_studies
    rows = select(studies).order_by(studies.c.shared_at.desc(), studies.c.id.desc()).limit(most)
    if focus is not None:
        rows = rows.where(studies.c.focus == focus.value)
    elif words:
        texts = (studies.c.description, studies.c.overview, studies.c.impact, studies.c.school)
        rows = rows.where(or_(*(t.icontains(w, autoescape=True) for w in words for t in texts)))
    return work.conn.execute(rows).all()


def receive_study(work: Work, answers: Mapping[str, str], source_key: str) -> Outcome | None:
    """A response of the form; None where it is known. One that cannot be taken goes back to who sent it."""
    if is_known(work, tables.case_studies.c.source_key, source_key):
        return None
    try:
        with work.conn.begin_nested():
            _share_answers(work, answers, source_key)
    except NamesAChild:
        return send_back(work, source_key, answers["sender"], [NAMES_A_CHILD])
    except InputRefused as error:
        return send_back(work, source_key, answers["sender"], error.sentences)
    return Outcome.ACCEPTED


def _share_answers(work: Work, answers: Mapping[str, str], source_key: str) -> None:
    found = find_school(answers["school"], directory_of(work), None).school
    if found is None:
        raise InputRefused(f"School '{answers['school'][:80]}' is not in the directory. Choose one from the list.")
    focus = next((f for f in Focus if f.value.casefold() == answers["focus"].casefold()), None)
    if focus is None:
        raise InputRefused(f"'{answers['focus'][:60]}' is none of the areas of focus. Choose one from the list.")
    study = CaseStudy(focus=focus, **{part: answers[part] for part in PARTS})
    share(work, study, str(found.name), SYSTEM, source_key)
