"""The workbooks with one form's answers, opened and read together: several are told of, and so is one that is lost.

Which they are is `workbooks`'; what a row leads to is `intake`'s.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from casework.desk import Work
from casework.form_headings import confirmed_headings, note_headings
from casework.workbook_trouble import tell_of_copies
from communities.intake import Outcome
from forms_ingest.columns import FormMapping, load_mapping
from forms_ingest.workbook import FormSheet, Gathered, gather, open_sheets
from graph_sync.intake import WORKBOOK, FormBook
from papers.sheets import WorkbookUnreadable


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A workbook that is there, with its content."""

    id: str
    drive: str
    name: str
    where: str
    """As people are told."""
    tag: str
    content: bytes
    problem: str
    """Why there is no content."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What the workbooks of a form brought."""

    outcomes: Counter[Outcome]
    leading: str
    """The id of the one Microsoft Forms writes to, as far as its answers tell."""


def take_copies(work: Work, book: FormBook, copies: Sequence[Copy]) -> Taken:
    """Every row that was not taken before. Those that cannot be read, or several where one is expected, are told of."""
    mapping = load_mapping(book.form)
    opened = {copy.id: _opened(work, book, mapping, copy) for copy in copies}
    sheets = [sheet for found in opened.values() for sheet in found]
    if not sheets:
        return Taken(outcomes=Counter(), leading=copies[0].id)
    settled = [sheet for sheet in sheets if sheet.headings.is_settled]
    gathered = gather(settled) if settled else Gathered(sheets=sheets[:1])
    unclear = [sheet for sheet in sheets if not sheet.headings.is_settled]
    shown = (unclear or gathered.sheets)[0]
    first = gathered.sheets[0]
    leading = next(copy for copy in copies if any(sheet is first for sheet in opened[copy.id]))
    note_headings(
        work, book.form, WORKBOOK, shown.headings, title=mapping.title,
        where=next(copy.name for copy in copies if any(sheet is shown for sheet in opened[copy.id])),
        questions=mapping.questions,
    )  # fmt: skip
    if len(sheets) > 1:
        apart = {id(sheet) for sheet in gathered.apart}
        read = [_named(s) for s in [*gathered.sheets, *unclear] if id(s) not in apart]
        mark = " ".join(sorted(opened))
        tell_of_copies(work, mapping.title, list(dict.fromkeys(read)), [_named(s) for s in gathered.apart], mark)
    rows = (answers for _, answers in gathered.rows if not mapping.is_half_written(answers))
    return Taken(outcomes=book.take(work, rows), leading=leading.id)


def _named(sheet: FormSheet) -> str:
    return f"the sheet '{sheet.name}' of {sheet.where}"


def _opened(work: Work, book: FormBook, mapping: FormMapping, copy: Copy) -> list[FormSheet]:
    try:
        if copy.problem:
            raise WorkbookUnreadable(f"'{copy.name}' is too large. {copy.problem}")
        return open_sheets(copy.content, copy.name, mapping, confirmed_headings(work, book.form), copy.where)
    except WorkbookUnreadable as error:
        work.journal("workbook unreadable", copy.name, said=str(error))
        work.effect("mail.workbook", hashlib.sha256(copy.tag.encode()).hexdigest()[:16])
        return []
