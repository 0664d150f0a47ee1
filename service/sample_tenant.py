"""The sample county as a tenant: its people (schools' staff as guests), a team a community, the form's workbook."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from openpyxl import load_workbook

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from communities.directory import Directory, Role
from forms_ingest.columns import Answers, Cell, FormMapping, load_mapping, plain_title
from forms_ingest.list_item import COLUMNS
from forms_ingest.request_for_support import FORM
from forms_ingest.values import read_moment, read_text
from forms_ingest.workbook import read_answers
from graph_sync.permissions import permissions
from service.sample import EXPECTED, RESPONSES, sample

SITE_PATH = "/sites/communities"
FLOW = "forms.flow@kent.example"
DESK = "cos.desk@kent.example"
GUESTS = (Role.CHAIR, Role.SENCO)


async def sample_world(desk: Desk, now: datetime) -> dict[str, Any]:
    """The body that seeds the local tenant from the imported directory."""
    return world_of(await desk.run(SYSTEM, _directory), now)


def _directory(work: Work) -> Directory:
    return directory_of(work)


def world_of(directory: Directory, now: datetime) -> dict[str, Any]:
    """People, a team a community and a site."""
    people: dict[str, dict[str, Any]] = {
        DESK: {"name": "CoS Desk", "mail": DESK},
        FLOW: {"name": "Forms flow", "mail": FLOW},
    }
    for person in directory.people:
        people.setdefault(
            person.mail.casefold(), {"name": person.name, "mail": person.mail, "guest": person.role in GUESTS}
        )
    return {
        "now": now.isoformat(),
        "domain": "kent.example",
        "users": list(people.values()),
        "teams": [c.name for c in directory.communities],
        "site": SITE_PATH,
        "granted": [p.name for p in permissions()],
        "mailboxes": [DESK],
    }


AGAIN = 1_000
"""Numbers of responses that are asked once more begin here."""


def _naive(moment: Cell) -> Cell:
    """As Microsoft Forms writes it into the workbook: without a zone."""
    return moment.replace(tzinfo=None) if isinstance(moment, datetime) else moment


class SampleForm:
    """The 61 sample responses as Microsoft Forms and its flow would deliver them, over time.

    With `again`, what could be taken is asked for once more after each of these times, a part of it each.
    """

    def __init__(self, again: Sequence[timedelta] = ()) -> None:
        self._content = sample(RESPONSES)
        mapping: FormMapping = load_mapping(FORM)
        self._rows = [(row, answers) for row, answers in read_answers(self._content, RESPONSES, mapping)]
        self._rows = [(row, a) for row, a in self._rows if read_text(a.get("id")).isdecimal()]
        self._times = {row: read_moment(a.get("completed")) for row, a in self._rows}
        self._of: dict[int, int] = {}
        taken = {e["id"] for e in json.loads(sample(EXPECTED)) if e["kind"] == "ok"}
        for part, later in enumerate(again):
            for row, a in list(self._rows):
                number, at = int(read_text(a["id"])), self._times[row]
                if number in taken and number % len(again) == part and row not in self._of and at is not None:
                    self._ask_again(row, a, part + 1, at + later)

    def _ask_again(self, row: int, answers: Answers, part: int, at: datetime) -> None:
        copy, number = AGAIN * part + row, AGAIN * part + int(read_text(answers["id"]))
        shifted: dict[str, Cell] = {"id": number, "started": at - timedelta(minutes=9), "completed": at}
        self._rows.append((copy, {**answers, **shifted}))
        self._times[copy], self._of[copy] = at, row

    def due(self, now: datetime) -> list[int]:
        """The sheet rows of the responses completed by now."""
        return [row for row, at in self._times.items() if at is not None and at <= now]

    def workbook_with(self, rows: Sequence[int]) -> bytes:
        """The workbook as it stands when only these rows are in it; the original bytes once all are."""
        if set(rows) == self._times.keys() - self._of.keys():
            return self._content
        book = load_workbook(io.BytesIO(self._content))
        sheet = book.worksheets[0]
        keep = set(rows)
        titles = [plain_title(c.value) for c in sheet[1]]
        copies = [([c.value for c in sheet[self._of[row]]], row) for row in sorted(keep & self._of.keys())]
        for row in sorted(self._times.keys() - self._of.keys(), reverse=True):
            if row not in keep:
                sheet.delete_rows(row)
        for values, row in copies:
            answers = dict(next(a for r, a in self._rows if r == row))
            own = {"id": answers["id"], "start time": _naive(answers["started"]),
                   "completion time": _naive(answers["completed"])}  # fmt: skip
            sheet.append([own.get(title, value) for title, value in zip(titles, values, strict=True)])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def items(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """The list items a flow makes of these rows: texts as the form has them, the time in UTC."""
        return [self._item(row) for row in rows]

    def _item(self, row: int) -> dict[str, Any]:
        answers = dict(next(a for r, a in self._rows if r == row))
        at = self._times[row]
        fields: dict[str, Any] = {
            column: read_text(answers.get(field)) for field, column in COLUMNS.items() if answers.get(field) is not None
        }
        fields["ResponseId"] = int(read_text(answers["id"]))
        fields["CompletionTime"] = at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
        fields["Title"] = f"Response {fields['ResponseId']}"
        return fields

    @property
    def total(self) -> int:
        """How many responses there are in all."""
        return len(self._rows)
