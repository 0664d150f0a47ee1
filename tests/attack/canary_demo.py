"""`python -m tests.attack.canary_demo FOLDER`: the demo's term, in which every pupil has a name and a date of birth of
their own, and people write both, in one spelling or another, into every free text about a request or a community.

What they leave behind is in the folder afterwards, and the record beside it, every column that is not sealed.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import ColumnElement, select

import service.demo
import service.demo_moves
import service.demo_year
import service.sample_tenant
from casework import tables
from casework.desk import Work
from casework.resealing import SEALED
from communities.requests import Pupil
from service.cli import app
from service.demo_year import DASHBOARD
from service.sample import RESPONSES, sample

NAMES = ("Zyx{0} Quaf{0}", "ZYX{0} QUAF{0}", "Maria del Zýx{0} Quaf{0} de la Vega", "Séan O'Zyx{0}-Quâf{0}")
_UNBROKEN = str.maketrans({" ": "\u00a0", "-": "\u2011"})
SPELLINGS: Sequence[Callable[[str, date], str]] = (
    lambda name, born: f"{name}, born {born:%d/%m/%Y}",
    lambda name, born: f"{name.upper()} ({born:%-d.%-m.%y})",
    lambda name, born: f"{name.lower()} {born:%-d %B %Y}",
    lambda name, born: f"{''.join(c for c in unicodedata.normalize('NFKD', name) if not unicodedata.combining(c))}",
    lambda name, born: f"{name.replace(chr(39), '’')} {born:%Y-%m-%d}",
    lambda name, born: f"{name.replace('-', ' ')} {born:%B %-d, %Y}",
    lambda name, born: f"{name.split()[-1]}’s {born:%d-%m-%Y}",
    lambda name, born: f"{name.replace(' ', '')}.docx {born:%d%m%Y}",
    lambda name, born: f"{unicodedata.normalize('NFD', name)} {born:%-d %b %Y}",
    lambda name, born: f"{name.translate(_UNBROKEN)} DOB {born:%Y/%m/%d}",
    lambda name, born: f"{name.replace(chr(39), '').split()[-1].title()} {born:%m/%d/%Y}",
    lambda name, born: f"{' '.join(name.split()[1:])}, {name.split()[0]} {born:%d %m %Y}",
)
TEXTS = ("School contact", "Multi Academy Trust", "Solution required", "Expected outcomes", "If requesting funding",
         "How have you already")  # fmt: skip
PUPILS = "Names of pupils"
_next = itertools.count()


def canary(number: int) -> Pupil:
    """The pupil of the response of that number."""
    letters = "".join(chr(97 + number // 26**n % 26) for n in (2, 1, 0))
    born = date(2010 + number % 9, 10 + number % 3, 13 + number % 16)
    return Pupil(name=NAMES[number % len(NAMES)].format(letters), born=born.isoformat())


def written(text: str, pupils: Sequence[Pupil]) -> str:
    """A text into which somebody writes a pupil's name; as it was where there is none to be named."""
    named = [p for p in pupils if p.born]
    if not text or not named:
        return text
    pupil, spelling = named[next(_next) % len(named)], SPELLINGS[next(_next) % len(SPELLINGS)]
    return f"{text} {spelling(pupil.name, date.fromisoformat(pupil.born or ''))}."


def responses(name: str) -> bytes:
    """The sample's file; that of the form with its pupils replaced and named all over it."""
    if name != RESPONSES:
        return sample(name)
    book = load_workbook(io.BytesIO(sample(name)))
    sheet = book.worksheets[0]
    headings = [(str(cell.value), cell.column) for cell in sheet[1]]
    columns = {t: next(c for h, c in headings if h.startswith(t)) for t in (*TEXTS, PUPILS)}
    for row in range(2, sheet.max_row + 1):
        field = sheet.cell(row, columns[PUPILS])
        if field.value:
            pupil = canary(row)
            field.value = f"{pupil.name}, {date.fromisoformat(pupil.born or ''):%d/%m/%Y}"
            for title in TEXTS:
                cell = sheet.cell(row, columns[title])
                cell.value = written(str(cell.value), [pupil]) if cell.value else cell.value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _pupils(work: Work, *which: ColumnElement[bool]) -> list[Pupil]:
    pupils, requests = tables.pupils, tables.requests
    rows = work.conn.execute(select(pupils.c.sealed).join(requests).where(*which).order_by(requests.c.id))
    return [pupil for sealed in rows.scalars() for pupil in work.desk.sealer.open(sealed).pupils]


def _of_community(command: Callable[..., Any], *, texts: Sequence[int]) -> Callable[..., Any]:
    """The command, with pupils of the community named in the arguments of these places."""

    def named(work: Work, key: str, *words: Any) -> Any:
        found = work.conn.execute(
            select(tables.meetings.c.community).where(tables.meetings.c.id == key)
            .union(select(tables.actions.c.community).where(tables.actions.c.id == key))
        ).scalar_one_or_none()  # fmt: skip
        pupils = _pupils(work, tables.requests.c.community == (found or key))
        return command(work, key, *(_said(w, pupils) if n in texts else w for n, w in enumerate(words)))

    return named


def _said(words: Any, pupils: Sequence[Pupil]) -> Any:
    if isinstance(words, dict):
        return {n: text if n == DASHBOARD else written(text, pupils) for n, text in words.items()}
    if isinstance(words, list):
        return [written(text, pupils) for text in words]
    return written(words, pupils)


def _of_request(command: Callable[..., Any]) -> Callable[..., Any]:
    def named(work: Work, request_id: str, reason: str, by: str) -> Any:
        return command(work, request_id, written(reason, _pupils(work, tables.requests.c.id == request_id)), by)

    return named


def _answered(work: Work, card: dict[str, Any], request_id: str, chair: str) -> dict[str, Any]:
    said, pupils = ANSWER(work, card, request_id, chair), _pupils(work, tables.requests.c.id == request_id)
    return {**said, "details": written(said["details"], pupils), "conditions": written(said["conditions"], pupils)}


async def _reported(office: Any, hand: Any, timeline: Any, out: Path, **more: Any) -> dict[str, Any]:
    """Write the report, and the record beside it."""
    summary = await REPORT(office, hand, timeline, out, **more)
    sealed = {column for _, column in SEALED}
    with office.desk.reading() as work:
        for table in tables.metadata.sorted_tables:
            rows = work.conn.execute(select(*(c for c in table.columns if c not in sealed))).mappings().all()
            (out / "record").mkdir(exist_ok=True)
            said = json.dumps([dict(r) for r in rows], default=_plain, ensure_ascii=False)
            (out / "record" / f"{table.name}.json").write_text(said, "utf-8")
            for row in rows:
                if table is tables.papers:
                    (out / "record" / f"{row['meeting_id']} {row['kind']}.docx").write_bytes(row["content"])
    return summary


def _plain(value: object) -> str:
    return "" if isinstance(value, bytes) else str(value)


ANSWER, REPORT = service.demo.answer_as_chair, service.demo.write_report

if __name__ == "__main__":
    service.sample_tenant.sample = responses
    service.demo.answer_as_chair, service.demo.write_report = _answered, _reported
    service.demo_moves.PLAYED = tuple(replace(p, make=_of_request(p.make)) for p in service.demo_moves.PLAYED)
    year = service.demo_year
    year.write_minutes = _of_community(year.write_minutes, texts=(0, 1))
    year.add_action = _of_community(year.add_action, texts=(0,))
    year.close_action = _of_community(year.close_action, texts=(0,))
    sys.argv = ["cos", "demo", "--term", "--communities", "3", "--out", sys.argv[1]]
    app()
