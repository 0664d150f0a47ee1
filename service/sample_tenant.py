"""The sample county as a tenant: its people (schools' staff as guests), a team a community, the form's workbook."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from openpyxl import Workbook, load_workbook

from casework.desk import SYSTEM, Desk
from casework.directory_record import directory_of
from communities.directory import Directory, Role
from forms_ingest.columns import Answers, FormMapping, load_mapping
from forms_ingest.list_item import COLUMNS
from forms_ingest.request_for_support import FORM
from forms_ingest.values import read_moment, read_text
from forms_ingest.workbook import read_answers
from graph_sync.permissions import permissions
from papers.people_workbook import read_people
from sample_world.texts import requests
from service.sample import PEOPLE, RESPONSES, sample

SITE_PATH = "/sites/communities"
FORMS_LIBRARY = "Documents"
"""Where Microsoft Forms puts a group form's workbook: the library every site begins with."""

FLOW = "forms.flow@kent.example"
DESK = "cos.desk@kent.example"
GUESTS = (Role.CHAIR, Role.SENCO)


async def sample_world(desk: Desk, now: datetime) -> dict[str, Any]:
    """The body that seeds the local tenant: the directory's people, those of the year to come included."""
    directory = await desk.run(SYSTEM, directory_of)
    people, _ = read_people(sample(PEOPLE), PEOPLE, directory)
    return world_of(replace(directory, people=people), now)


def _members(directory: Directory, community: str) -> list[str]:
    """Who is in a community's team: those who run it, and its schools' people."""
    schools = {s.name for s in directory.schools_of(community)}
    return list(dict.fromkeys(p.mail for p in directory.people if p.of == community or p.of in schools))


NO_MAILBOX = ("anonymous", "unknown_community")
"""Mistakes of who cannot be written to: a mail to them comes back."""


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
    for request in requests():
        if request.kind not in NO_MAILBOX:
            people.setdefault(request.sender, {"name": request.sender_name, "mail": request.sender, "guest": True})
    return {
        "now": now.isoformat(),
        "domain": "kent.example",
        "users": list(people.values()),
        "administrator": next((p.mail for p in directory.people_with(Role.ADMINISTRATOR)), DESK),
        "teams": [{"name": c.name, "members": _members(directory, c.name)} for c in directory.communities],
        "site": SITE_PATH,
        "granted": [p.name for p in permissions()],
        "mailboxes": [DESK],
    }


AUTUMN = datetime(2026, 10, 19, tzinfo=UTC)
"""Until then come the first 61 responses, which have every mistake that people make."""


@cache
def _sheet_rows() -> tuple[tuple[Any, ...], ...]:
    """The workbook's rows, titles first; read once."""
    return tuple(load_workbook(io.BytesIO(sample(RESPONSES))).worksheets[0].iter_rows(values_only=True))


class SampleForm:
    """The sample's responses as Microsoft Forms and its flow would deliver them over the school year.

    With `until`, nobody fills the form in from then on; `without` names responses by number that never come.
    """

    def __init__(self, until: datetime | None = None, *, without: Collection[int] = ()) -> None:
        self._content = sample(RESPONSES)
        mapping: FormMapping = load_mapping(FORM)
        rows = [(row, a) for row, a in read_answers(self._content, RESPONSES, mapping)]
        moments = [(row, a, read_moment(a.get("completed"))) for row, a in rows if read_text(a.get("id")).isdecimal()]
        self._all_rows = {row for row, _, _ in moments}
        sent = [m for m in moments if int(read_text(m[1]["id"])) not in without]
        come = [(row, a, at) for row, a, at in sent if until is None or (at is not None and at < until)]
        self.answers: dict[int, Answers] = {row: a for row, a, _ in come}
        """By sheet row."""
        self._times = {row: at for row, _, at in come}

    def due(self, now: datetime) -> list[int]:
        """The sheet rows of the responses completed by now."""
        return [row for row, at in self._times.items() if at is not None and at <= now]

    def workbook_with(self, rows: Sequence[int]) -> bytes:
        """The workbook as it stands when only these rows are in it; the original bytes once all are."""
        kept = set(rows)
        if kept == self._all_rows:
            return self._content
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for number, values in enumerate(_sheet_rows(), 1):
            if number not in self._all_rows or number in kept:
                sheet.append(values)
                for cell in sheet[sheet.max_row]:
                    if isinstance(cell.value, str):
                        cell.data_type = "s"  # what was typed into a form is text, whatever it begins with
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def items(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """The list items a flow makes of these rows: texts as the form has them, the time in UTC."""
        return [self._item(row) for row in rows]

    def _item(self, row: int) -> dict[str, Any]:
        answers, at = self.answers[row], self._times[row]
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
        return len(self.answers)
