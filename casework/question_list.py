"""The SharePoint list 'Questions and answers': KCC fills in the answer there; a person may add a question as well."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import tables
from casework.asking_kcc import answer, ask, group_of, question_row
from casework.desk import Desk, Work
from casework.effects import effect
from casework.errors import InputRefused
from casework.ports import Fields, ListItem, Ports
from casework.side_lists import KEY, SideList, titles_in, write_item
from communities.questions import Part, part_of

LIST = "Questions and answers"


def fields_of(work: Work, question_id: str) -> dict[str, Any]:
    """The item's fields from the record. Who asked is not in it: the answer goes to them by itself."""
    row = question_row(work, question_id)
    same = [m.id for m in group_of(work, row.group_id) if m.id != question_id]
    return {
        "Part": row.part, "Question": row.text, "Asked": f"{row.asked_at:%Y-%m-%dT%H:%M:%SZ}", "Answer": row.answer,
        "Published": question_row(work, row.group_id).published_at is not None, "SameAs": ", ".join(same),
    }  # fmt: skip


def _add(work: Work, item: ListItem, by: str) -> str:
    text, part = str(item.fields.get("Question") or ""), str(item.fields.get("Part") or "")
    return ask(work, Part(part) if part in list(Part) else part_of(text), text, by)


def _change(work: Work, question_id: str, item: ListItem, by: str) -> bool:
    """Whether to write the item again: an answer and its publication are taken, any other change is put back."""
    ours, theirs = fields_of(work, question_id), item.fields
    said, is_published = str(theirs.get("Answer") or "").strip(), bool(theirs.get("Published"))
    if _words(said) != _words(ours["Answer"]) or (said and is_published != ours["Published"]):
        answer(work, question_id, said, by, is_published=is_published)
        return True
    if is_published and not said:
        raise InputRefused("There is no answer yet to publish. Fill in the answer first.")
    changed = [k for k in ("Part", "Question") if _words(str(theirs.get(k) or "")) != _words(str(ours[k]))]
    if changed:
        raise InputRefused("A question stays as it was asked. Only Answer and Published are filled in here.")
    return False


def _copy_of(work: Work, item_id: str, fields: Fields) -> str:
    """The question whose number and words this item has, though another is its item."""
    items, named = tables.side_items, titles_in(fields.get(KEY))
    known = select(items.c.subject).where(
        items.c.list == LIST, items.c.subject.in_(named), items.c.item_id != item_id
    )  # fmt: skip
    said = _words(str(fields.get("Question") or ""))
    same = (q for q in work.conn.execute(known).scalars() if _words(question_row(work, str(q)).text) == said)
    return str(next(same, ""))


def _words(text: str) -> list[str]:
    return text.split()


SIDE = SideList(name=LIST, effect="list.question", fields_of=fields_of, add=_add, change=_change, copy_of=_copy_of)


@effect("list.question")
async def write_question(desk: Desk, ports: Ports, subject: str) -> None:
    """Bring a question's item up to date."""
    await write_item(desk, ports, SIDE, subject)
