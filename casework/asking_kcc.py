"""Questions to KCC: asked once, grouped with those that ask the same, answered, published as guidance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from sqlalchemy import Row, insert, select, update

from casework import tables
from casework.desk import CONSOLE, SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.effects import effect, is_overtaken
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.form_back import NAMES_A_CHILD, is_known, send_back
from casework.intake_mail import from_desk
from casework.letters import Letter, letter
from casework.naming import NamesAChild, check_names_nobody
from casework.ports import MailDraft, Ports
from communities.calendars import london
from communities.directory import Role
from communities.intake import Outcome
from communities.questions import ANSWER_CHARACTERS, QUESTION_CHARACTERS, Part, same_as
from communities.requests import ANONYMOUS


def ask(work: Work, part: Part, text: str, by: str, source_key: str = "") -> str:
    """Put a question to KCC; returns its number. One that asks the same as another joins its group and is answered
    with it: at once, where that one is answered already.

    Raises `InputRefused` where it is empty, too long or seems to name a child.
    """
    asked = " ".join(text.split())
    if not asked:
        raise InputRefused("The question is empty. Write what you would like to know.")
    if len(asked) > QUESTION_CHARACTERS:
        raise InputRefused(f"The question has {len(asked)} characters; the limit is {QUESTION_CHARACTERS}. Shorten it.")
    check_names_nobody(work, asked, "question", directory_of(work).communities_of(by))
    questions, year = tables.questions, london(work.now).year
    known = work.conn.execute(select(questions.c.id, questions.c.text).where(questions.c.part == part.value)).all()
    twin = same_as(asked, [(r.id, r.text) for r in known])
    question_id = f"Q-{year}-{work.next_number(f'question {year}'):04d}"
    group = question_row(work, twin).group_id if twin else question_id
    work.conn.execute(
        insert(questions).values(
            id=question_id, source_key=source_key or question_id, part=part.value, text=asked, asked_by=by.casefold(),
            asked_at=work.now, group_id=group, answer="",
        )
    )  # fmt: skip
    work.acting(by).journal("ask question", question_id, part=part.value, same_as=twin or "")
    work.effect("list.question", f"{question_id}#{work.change(question_id)}")
    first = question_row(work, group)
    if twin and first.answer:
        _answer(work, question_id, first.answer, first.answered_by, first.answered_at)
    return question_id


def receive_question(work: Work, part: Part, text: str, by: str, source_key: str) -> Outcome | None:
    """A question of the form; None where it is known. One that cannot be taken goes back to who asked."""
    if is_known(work, tables.questions.c.source_key, source_key):
        return None
    try:
        with work.conn.begin_nested():
            ask(work, part, text, by, source_key)
    except NamesAChild:
        return send_back(work, source_key, by, [NAMES_A_CHILD])
    except InputRefused as error:
        return send_back(work, source_key, by, error.sentences)
    return Outcome.ACCEPTED


def answer(work: Work, question_id: str, text: str, by: str, *, is_published: bool) -> None:
    """KCC's answer: it goes to everybody who asked the same, and with `is_published` into the guidance."""
    _check_kcc(work, by)
    row, said = question_row(work, question_id), text.strip()
    if not said:
        raise InputRefused("The answer is empty.")
    if len(said) > ANSWER_CHARACTERS:
        raise InputRefused(f"The answer has {len(said)} characters; the limit is {ANSWER_CHARACTERS}. Shorten it.")
    of_askers = {
        c for member in group_of(work, row.group_id) for c in directory_of(work).communities_of(member.asked_by)
    }
    check_names_nobody(work, said, "answer", of_askers)
    is_new = said != row.answer
    if not is_new and bool(row.published_at) == is_published:
        raise AlreadyDone(f"{question_id} has that answer already. Nothing was changed.")
    questions = tables.questions
    for member in group_of(work, row.group_id):
        if is_new:
            _answer(work, member.id, said, by, work.now)
    published = work.now if is_published else None
    work.conn.execute(update(questions).where(questions.c.id == row.group_id).values(published_at=published))
    work.acting(by).journal("answer question", question_id, published=is_published)


def _answer(work: Work, question_id: str, said: str, by: str, at: datetime) -> None:
    questions = tables.questions
    work.conn.execute(
        update(questions).where(questions.c.id == question_id).values(answer=said, answered_by=by, answered_at=at)
    )
    change = work.change(question_id)
    work.journal("tell answer", question_id)
    work.effect("mail.answer", f"{question_id}#{change}")
    work.effect("list.question", f"{question_id}#{change}")


def question_row(work: Work, question_id: str) -> Row[Any]:
    """The question's row; `InputRefused` where there is none of that number."""
    questions = tables.questions
    row = work.conn.execute(select(questions).where(questions.c.id == question_id)).one_or_none()
    if row is None:
        raise InputRefused(f"There is no question '{question_id[:40]}'.")
    return row


def group_of(work: Work, group_id: str) -> Sequence[Row[Any]]:
    """Everybody's questions that ask the same, the first one first."""
    questions = tables.questions
    return work.conn.execute(
        select(questions).where(questions.c.group_id == group_id).order_by(questions.c.asked_at, questions.c.id)
    ).all()


def questions_of(work: Work, mail: str) -> Sequence[Row[Any]]:
    """What somebody asked, the latest first."""
    questions = tables.questions
    return work.conn.execute(
        select(questions).where(questions.c.asked_by == mail.casefold()).order_by(questions.c.id.desc())
    ).all()


def open_questions(work: Work) -> Sequence[Row[Any]]:
    """The first of each group that waits for KCC, the oldest first."""
    questions = tables.questions
    return work.conn.execute(
        select(questions).where(questions.c.answer == "", questions.c.id == questions.c.group_id)
        .order_by(questions.c.asked_at)
    ).all()  # fmt: skip


def published(work: Work) -> Sequence[Row[Any]]:
    """The answers that are guidance now."""
    questions = tables.questions
    return work.conn.execute(
        select(questions).where(questions.c.published_at.is_not(None)).order_by(questions.c.published_at)
    ).all()


def _check_kcc(work: Work, by: str) -> None:
    holds = directory_of(work).holds
    if by != CONSOLE and not any(holds(by, role) for role in (Role.MODERATOR, Role.ADMINISTRATOR)):
        raise NotAllowed("Questions are answered by KCC. Nothing was changed.")


@effect("mail.answer")
async def mail_answer(desk: Desk, ports: Ports, subject: str) -> None:
    """Give the answer to who asked; whoever asked without signing in reads it in the guidance. One that was mended
    before it was given is given once, as it is now.
    """
    if await desk.run(SYSTEM, is_overtaken, "mail.answer", subject):
        return
    draft = await desk.run(SYSTEM, _answered, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _answered(work: Work, subject: str) -> MailDraft | None:
    row = question_row(work, subject.partition("#")[0])
    if row.asked_by == ANONYMOUS or not row.answer:
        return None
    return from_desk(work, f"answer:{subject}", [row.asked_by], answer_letter(row.id, row.text, row.answer))


def answer_letter(question_id: str, text: str, said: str) -> Letter:
    """KCC's answer to a question."""
    paragraphs = "".join(f"<p>{escape(p)}</p>" for p in said.splitlines() if p.strip())
    return letter(
        f"{question_id}: your question is answered",
        f"You asked: <i>{escape(text)}</i>", "KCC answers:", f"<blockquote>{paragraphs}</blockquote>",
        "If that leaves something open, ask again: write to CoS Desk in Teams.",
    )  # fmt: skip
