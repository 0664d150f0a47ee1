"""The people of the county: chairs, clerks, SENCOs, advisers, HNFO mailboxes and moderators, one role a row."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

from communities.directory import ALWAYS, LINK_ROLES, Area, Directory, Mail, Person, Role
from communities.matching import find_community, find_school
from communities.names import plain
from papers.refusals import RefusedRow
from papers.sheets import Cell, find_table, text_of

TITLES = {
    "name": "Name",
    "mail": "Mail",
    "role": "Role",
    "of": "School, community or area",
    "since": "From",
    "until": "Until",
    "covers": "Covers",
}
"""'From' and 'Until' may be left out: a role is then held from the import on. 'Covers' is the mail of the link
practitioner somebody stands in for.
"""

_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+")


def read_people(content: bytes, name: str, directory: Directory) -> tuple[tuple[Person, ...], list[RefusedRow]]:
    """The people and the rows refused; each 'of' is matched to the directory."""
    people: dict[tuple[str, Role, str], list[tuple[int, Person]]] = {}
    refused: list[RefusedRow] = []
    for row, cells in find_table(content, name, TITLES, ("name", "mail", "role")):
        try:
            person = _read_row({field: text_of(cell) for field, cell in cells.items()}, directory)
            person = replace(person, since=_day(cells.get("since")) or ALWAYS, until=_day(cells.get("until")))
            if person.until and person.until < person.since:
                raise ValueError(f"the role ends on {person.until}, before it begins")
            same = people.setdefault((person.mail.casefold(), person.role, person.of), [])
            if at := next((n for n, other in same if _overlap(person, other)), None):
                raise ValueError(f"row {at} has '{person.mail}' as {_role(person)} for the same time already")
        except ValueError as error:
            about = (text_of(cells["mail"]).casefold(), plain(text_of(cells["name"])))
            refused.append(RefusedRow(row=row, reason=str(error), about=tuple(filter(None, about))))
            continue
        same.append((row, person))
    return tuple(person for same in people.values() for _, person in same), refused


def _overlap(one: Person, other: Person) -> bool:
    return not any(a.until is not None and a.until < b.since for a, b in ((one, other), (other, one)))


def _role(person: Person) -> str:
    return f"{person.role} of '{person.of}'" if person.of else str(person.role)


def _day(cell: Cell) -> date | None:
    if cell is None:
        return None
    if isinstance(cell, datetime):
        return cell.date()
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        with suppress(ValueError):
            return datetime.strptime(text_of(cell), form).replace(tzinfo=UTC).date()
    raise ValueError(f"'{text_of(cell)}' is not a date like 01/09/2026")


def _read_row(cells: dict[str, str], directory: Directory) -> Person:
    if not _MAIL.fullmatch(cells["mail"]):
        raise ValueError(f"'{cells['mail']}' is not a mail address")
    try:
        role = Role(cells["role"])
    except ValueError:
        raise ValueError(f"'{cells['role']}' is not a role; use one of: {', '.join(Role)}") from None
    return Person(
        name=cells["name"],
        mail=Mail(cells["mail"]),
        role=role,
        of=_scope(role, cells.get("of", ""), directory),
        covers=_covered(role, cells.get("covers", "")),
    )


def _covered(role: Role, written: str) -> str:
    if written and role not in LINK_ROLES:
        raise ValueError(f"'{written}' stands under Covers; only a link practitioner is covered for")
    if written and not _MAIL.fullmatch(written):
        raise ValueError(f"'{written}' under Covers is not a mail address")
    return written


def _scope(role: Role, written: str, directory: Directory) -> str:
    match role:
        case Role.SENCO | Role.LEADER:
            school = find_school(written, directory).school
            if school is None:
                raise ValueError(f"the school '{written}' is not in the directory")
            return school.name
        case Role.CHAIR | Role.CLERK:
            community = find_community(written, directory)
            if community is None:
                raise ValueError(f"the community '{written}' is not in the directory")
            return community.name
        case _ if role in LINK_ROLES:
            known, match = find_community(written, directory), find_school(written, directory).school
            if known is None and match is None:
                raise ValueError(f"'{written}' is neither a community nor a school of the directory")
            return known.name if known else match.name if match else ""
        case Role.HNFO | Role.AREA_BOARD | Role.KIT:
            if written not in {a.value for a in Area}:
                raise ValueError(f"the role '{role}' needs an area (North, East, South, West), not '{written}'")
            return written
        case _:
            return ""
