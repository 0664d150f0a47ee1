"""Minutes read back out of the Word file a clerk edited: by its headings, however the text between them was changed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph
from rapidfuzz import fuzz

from papers.encrypted import ENCRYPTED, is_encrypted
from papers.word import NO_DOCUMENT
from papers.zips import NoZip, ZipRefused, check_zip

MOST_BYTES, MOST_UNPACKED = 10_000_000, 60_000_000
"""Minutes are a few pages, with a picture perhaps."""

LIKE = 80.0
"""Per cent of likeness from which a line is taken for a heading that was reworded."""

MATTERS, ACTIONS, REGISTER = "Matters arising at the next meeting", "Actions", "Register of attendance"
PLACEHOLDERS = ("No note was taken.", "None.", "No actions are open.")
"""What stands where nothing was written."""

_NUMBERED = re.compile(r"\s*(\d{1,2})\s*[.):]\s*(.*)")


class MinutesUnreadable(ValueError):
    """The file cannot be read as minutes; the sentence says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class WrittenAction:
    """A row of the actions' table, as it stands; `number` is empty where the clerk added it."""

    number: str
    what: str
    owner: str
    due: str


@dataclass(frozen=True, kw_only=True)
class WrittenMinutes:
    """What stands in the file: the note to each item by its number, matters, register and actions."""

    notes: dict[int, str]
    matters: tuple[str, ...]
    register: tuple[tuple[str, str, str], ...]
    """School or role, person, mark."""
    actions: tuple[WrittenAction, ...]


def read_minutes(content: bytes, titles: Sequence[str]) -> WrittenMinutes:
    """The minutes whose agenda had these items. Raises `MinutesUnreadable` where a heading is gone."""
    sections = _sections(_open(content), titles)
    absent = [f"{n}. {title}" for n, title in enumerate(titles, 1) if str(n) not in sections]
    absent += [MATTERS] if MATTERS not in sections else []
    if absent:
        raise MinutesUnreadable(
            f"The heading '{absent[0][:80]}' is not there any more"
            + (f" (nor {len(absent) - 1} others)" if len(absent) > 1 else "")
            + ". Put it back as it was; the text below it is free."
        )
    notes = {n: _text(sections[str(n)]) for n, _ in enumerate(titles, 1)}
    return WrittenMinutes(
        notes={n: text for n, text in notes.items() if text},
        matters=tuple(line for line in _text(sections[MATTERS]).splitlines() if line),
        register=tuple(_register(sections.get(REGISTER, []))),
        actions=tuple(_actions(sections.get(ACTIONS, []))),
    )


def _open(content: bytes) -> list[Paragraph | Table]:
    """Paragraphs and tables in order."""
    if len(content) > MOST_BYTES:
        raise MinutesUnreadable(f"The file has {len(content):,} bytes; at most {MOST_BYTES:,} are read.")
    if is_encrypted(content):
        raise MinutesUnreadable(ENCRYPTED)
    try:
        check_zip(content, MOST_UNPACKED)
        return list(Document(io.BytesIO(content)).iter_inner_content())
    except NoZip as error:
        raise MinutesUnreadable(NO_DOCUMENT) from error
    except ZipRefused as error:
        raise MinutesUnreadable(f"The file {error}. Save it again from Word.") from error
    except Exception as error:  # python-docx meets broken parts with many kinds of errors
        raise MinutesUnreadable(NO_DOCUMENT) from error


def _sections(blocks: Sequence[Paragraph | Table], titles: Sequence[str]) -> dict[str, list[Paragraph | Table]]:
    found: dict[str, list[Paragraph | Table]] = {}
    at: list[Paragraph | Table] = []
    for block in blocks:
        name = _heading(block.text, titles) if isinstance(block, Paragraph) else None
        if name is not None and name not in found:
            at = found[name] = []
        else:
            at.append(block)
    return found


def _heading(text: str, titles: Sequence[str]) -> str | None:
    line = " ".join(text.split())
    if (match := _NUMBERED.fullmatch(line)) and 1 <= int(match[1]) <= len(titles):
        number = int(match[1])
        title = titles[number - 1]
        if fuzz.ratio(match[2].casefold()[: len(title)], title.casefold()) >= LIKE:
            return str(number)
    plain = line.strip(" :.").casefold()
    return next((h for h in (MATTERS, ACTIONS, REGISTER, "Decisions") if plain == h.casefold()), None)


def _text(blocks: Sequence[Paragraph | Table]) -> str:
    """The lines of a section; a table's rows with their cells beside each other."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines += [" ".join(line.split()) for line in block.text.splitlines()]
        else:
            lines += [" | ".join(filter(None, (" ".join(c.text.split()) for c in row.cells))) for row in block.rows]
    kept = [line for line in lines if line and line not in PLACEHOLDERS]
    return "\n".join(kept)


def _rows(blocks: Sequence[Paragraph | Table], columns: int) -> Iterator[list[str]]:
    """The rows below the header of a section's first table, where it still has that many columns."""
    table = next((b for b in blocks if isinstance(b, Table)), None)
    for row in list(table.rows)[1:] if table is not None else ():
        cells = [" ".join(c.text.split()) for c in row.cells]
        if len(cells) == columns:
            yield cells


def _register(blocks: Sequence[Paragraph | Table]) -> Iterator[tuple[str, str, str]]:
    for of, person, mark in _rows(blocks, 3):
        if of:
            yield of, "" if person == "–" else person, mark


def _actions(blocks: Sequence[Paragraph | Table]) -> Iterator[WrittenAction]:
    for number, what, owner, due, _ in _rows(blocks, 5):
        if what:
            yield WrittenAction(number=number.strip("–- "), what=what, owner=owner, due=due)
