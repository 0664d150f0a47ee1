"""Which heading of a form's workbook or list is which question: what was found, who is told, what people confirm.

How headings are compared is `communities.headings`; reading the rows is the sync's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.desk import CONSOLE, SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import effect
from casework.errors import InputRefused, NotAllowed
from casework.intake_mail import from_desk
from casework.letters import headings_letter
from casework.ports import MailDraft, Ports
from casework.wanting import want
from communities.directory import Role
from communities.headings import Headings, Questions, own_key, question_named

BY_LIST = "list"
"""The route of responses that the flow writes into a list."""

DOORS = ("workbook", "responses")
"""The sources a form's responses come from, as the sync calls them."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A heading a person may say something about, and the field it was taken for or may be; '' for none."""

    heading: str
    likely: str


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What a person said of a heading; `question` is '' where it is none of the form's."""

    heading: str
    question: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FormState:
    """How the headings of one form were found, by one of its doors."""

    form: str
    title: str
    where: str
    seen_at: datetime
    is_settled: bool
    said: Sequence[str]
    """What stands out, a sentence each; empty where every heading is as the form prints it."""
    asks: Sequence[Ask]
    questions: Mapping[str, str]
    """Field to question, in the form's order."""
    confirmed: Sequence[Confirmed]


def note_headings(
    work: Work, form: str, route: str, found: Headings, *, title: str, where: str, questions: Questions
) -> None:
    """Keep what the headings of a workbook or list were found to be; clerks and administrators are told of news once.

    `title` is the form's, `where` the name of the file or list.
    """
    asks = [(g.heading, g.field) for g in found.guesses] + [(d.heading, d.near[0]) for d in found.doubts]
    asks += [(r.heading, r.field) for r in found.rivals] + [(heading, "") for heading in found.unknown]
    kept = {
        "title": title, "where": where, "said": questions.said_of(found), "asks": asks, "keys": dict(found.keys),
        "questions": {name: said[0] for name, said in questions.titles.items()},
    }  # fmt: skip
    row = {
        "form": form, "route": route, "found": kept, "is_settled": found.is_settled, "read_again": False,
        "seen_at": work.now,
    }  # fmt: skip
    work.conn.execute(insert_or_replace(work.conn, tables.form_headings, row, ("form", "route")))
    if not kept["said"]:
        return
    mark = hashlib.sha256(json.dumps([where, found.is_settled, kept["said"]]).encode()).hexdigest()[:16]
    subject = f"{form}/{route}#{mark}"
    told = select(tables.effects.c.id).where(tables.effects.c.id == f"mail.headings:{subject}")
    if work.conn.execute(told).first() is None:
        work.journal(
            "note headings", form, taken=len(found.guesses), unclear=len(found.doubts) + len(found.absent),
            unknown=len(found.unknown) + len(found.rivals),
        )  # fmt: skip
        work.effect("mail.headings", subject)


def forget_headings(work: Work, form: str, route: str) -> None:
    """Nothing stands out there any more."""
    headings = tables.form_headings
    work.conn.execute(headings.delete().where(headings.c.form == form, headings.c.route == route))


def confirmed_headings(work: Work, form: str) -> dict[str, str]:
    """What people said of the form's headings, as `Questions.locate` takes it."""
    confirmed = tables.confirmed_headings
    return {r.key: r.field for r in work.conn.execute(select(confirmed).where(confirmed.c.form == form))}


def to_read_again(work: Work, route: str) -> set[str]:
    """The forms whose answers are to be read once more by that door."""
    headings = tables.form_headings
    again = select(headings.c.form).where(headings.c.route == route, headings.c.read_again)
    return set(work.conn.execute(again).scalars())


def was_read_again(work: Work, form: str, route: str) -> None:
    """There was nothing there to read, or it was read."""
    headings = tables.form_headings
    here = (headings.c.form == form, headings.c.route == route)
    work.conn.execute(update(headings).where(*here).values(read_again=False))


def form_states(work: Work) -> list[FormState]:
    """Every form whose headings were seen, those that cannot be read first."""
    headings = tables.form_headings
    rows = work.conn.execute(select(headings).order_by(headings.c.is_settled, headings.c.form, headings.c.route))
    return [_state(work, row) for row in rows.all()]


def _state(work: Work, row: Any) -> FormState:
    found, confirmed = row.found, tables.confirmed_headings
    said = work.conn.execute(select(confirmed).where(confirmed.c.form == row.form).order_by(confirmed.c.confirmed_at))
    return FormState(
        form=row.form, title=found["title"], where=found["where"], seen_at=row.seen_at, is_settled=row.is_settled,
        said=tuple(found["said"]), asks=tuple(Ask(heading=h, likely=f) for h, f in found["asks"]),
        questions=found["questions"],
        confirmed=tuple(
            Confirmed(
                heading=c.heading, question=found["questions"].get(c.field, ""), by=c.confirmed_by, at=c.confirmed_at
            )
            for c in said
        ),
    )  # fmt: skip


def may_confirm(work: Work, person: str) -> bool:
    """Clerks and administrators: the forms are the whole county's."""
    roles = {p.role for p in directory_of(work).roles_of(person)}
    return person in (CONSOLE, SYSTEM) or not roles.isdisjoint((Role.CLERK, Role.ADMINISTRATOR))


def check_may_confirm(work: Work, person: str) -> None:
    """Raises `NotAllowed`."""
    if not may_confirm(work, person):
        raise NotAllowed("Only clerks and administrators say which heading is which question.")


def confirm_heading(work: Work, form: str, heading: str, question: str, by: str) -> str:
    """Say which question a heading of the form is ('' for none); everything is then read again, and nobody has to send
    a response again. Returns the sentence of what was done.

    `heading` and `question` are taken as people read them. Raises `InputRefused`, `NotAllowed`.
    """
    check_may_confirm(work, by)
    states = tables.form_headings
    rows = work.conn.execute(select(states).where(states.c.form == form).order_by(states.c.route)).all()
    if not rows:
        raise InputRefused(f"There is no form '{form[:60]}' whose headings were read.")
    keys = {shown: key for row in rows for shown, key in row.found["keys"].items()}
    key = keys.get(heading.strip()) or next((k for k in keys.values() if k == own_key(heading)), None)
    if key is None:
        raise InputRefused(f"There is no heading '{heading[:120]}' in {_named(rows)}. `cos headings list` shows them.")
    field = _field_of(rows[0].found["questions"], question)
    shown = next(s for s, k in keys.items() if k == key)
    row = {
        "form": form, "key": key, "heading": shown, "field": field, "confirmed_by": by, "confirmed_at": work.now,
    }  # fmt: skip
    work.conn.execute(insert_or_replace(work.conn, tables.confirmed_headings, row, ("form", "key")))
    work.conn.execute(update(states).where(states.c.form == form).values(read_again=True))
    named = rows[0].found["questions"].get(field, "")
    work.acting(by).journal("confirm heading", form, heading=shown, question=named or "none of the form's questions")
    want(work, DOORS)
    what = f"is '{named}'" if named else "is not one of the form's questions"
    return f"The heading '{shown}' {what}. We will read every response again within about 15 minutes."


def _named(rows: Sequence[Any]) -> str:
    return " or ".join(f"'{row.found['where']}'" for row in rows)


def _field_of(questions: Mapping[str, str], question: str) -> str:
    if not question.strip():
        return ""
    field = question_named(questions, question.strip())
    if field is None:
        asked = ", ".join(f"'{title}'" for title in questions.values())
        raise InputRefused(f"The form has no question '{question[:120]}'. Its questions are: {asked}.")
    return field


@effect("mail.headings")
async def mail_headings(desk: Desk, ports: Ports, subject: str) -> None:
    """Tell clerks and administrators which heading was taken for which question, or that nothing can be read."""
    draft = await desk.run(SYSTEM, _draft, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _draft(work: Work, subject: str) -> MailDraft | None:
    form, _, route = subject.partition("#")[0].partition("/")
    headings = tables.form_headings
    here = (headings.c.form == form, headings.c.route == route)
    row = work.conn.execute(select(headings).where(*here)).one_or_none()
    if row is None or not row.found["said"]:  # settled meanwhile
        return None
    people = directory_of(work)
    administrators = (p.mail for p in people.people_with(Role.ADMINISTRATOR))
    told = map(str, (work.desk.mailboxes.desk, *administrators, *people.clerks.values()))
    letter = headings_letter(
        row.found["title"], row.found["where"], row.found["said"], is_read=row.is_settled, is_list=route == BY_LIST
    )
    return from_desk(work, f"headings:{subject}", list(dict.fromkeys(told)), letter)
