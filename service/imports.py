"""Imports as people run them: a file in, a sentence out, every refused row named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from casework.budget_record import import_budget
from casework.desk import Desk
from casework.directory_record import (
    counted,
    directory_of,
    import_directory,
    import_people,
    preview_directory,
)
from casework.errors import InputRefused
from casework.school_funding import import_school_funding
from communities.directory import Directory
from communities.overrides import Override
from papers.budget_workbook import read_budgets
from papers.directory_workbook import read_directory
from papers.people_workbook import read_people
from papers.refusals import RefusedRow
from papers.school_funding_workbook import read_school_funding


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did and what it refused."""

    said: tuple[str, ...]
    refused: tuple[RefusedRow, ...]


def preview_directory_file(
    desk: Desk, content: bytes, name: str, actor: str, effective: date | None = None, allow_removal: bool = False
) -> Imported:
    """What importing a directory would change on `effective` (today): a sentence each, nothing written.

    Raises what `run_import` would.
    """
    directory, refused = _usable_directory(content, name)
    with desk.work(actor) as work:
        change = preview_directory(work, directory, effective, refused=refused, allow_removal=allow_removal)
    lines = [f"{what}: {s}" for what in ("added", "changed", "gone") for s in getattr(change, what)]
    return Imported(said=(*lines, f"{counted(change)}; nothing was written"), refused=tuple(refused))


def run_import(
    desk: Desk,
    kind: str,
    content: bytes,
    name: str,
    actor: str,
    effective: date | None = None,
    override: Override | None = None,
    *,
    allow_removal: bool = False,
) -> Imported:
    """Import one workbook. Raises `WorkbookUnreadable` or `InputRefused`; then nothing was changed.

    What a directory or people change counts from `effective` (today). `override` is for a budget that takes a balance
    below zero, `allow_removal` for a directory or people that remove much of what is there (`casework.removals`).
    """
    if kind == "directory":
        directory, refused = _usable_directory(content, name)
        with desk.work(actor) as work:
            changed = import_directory(work, directory, effective, refused=refused, allow_removal=allow_removal)
            return Imported(said=(changed,), refused=tuple(refused))
    with desk.work(actor) as work:
        known = directory_of(work)
    if not known.schools:
        raise InputRefused("The directory is empty: run `cos import directory FILE` first.")
    if kind == "people":
        people, refused = read_people(content, name, known)
        if not people:
            raise _nothing_usable(name, "role", refused)
        with desk.work(actor) as work:
            changed = import_people(work, people, effective, refused=refused, allow_removal=allow_removal)
            return Imported(said=(changed,), refused=tuple(refused))
    if kind == "school-funding":
        funding, refused = read_school_funding(content, name, known)
        with desk.work(actor) as work:
            return Imported(said=tuple(import_school_funding(work, one) for one in funding), refused=tuple(refused))
    budgets, refused = read_budgets(content, name, known)
    said = []
    with desk.work(actor) as work:
        for budget in budgets:
            try:
                said.append(import_budget(work, budget, override))
            except InputRefused as error:
                reason = f"'{budget.community}' {budget.academic_year}: {error} Its sheet is not taken."
                refused.append(RefusedRow(row=1, reason=reason))
    return Imported(said=tuple(said), refused=tuple(refused))


def _usable_directory(content: bytes, name: str) -> tuple[Directory, list[RefusedRow]]:
    directory, refused = read_directory(content, name)
    if not directory.schools:
        raise _nothing_usable(name, "school", refused)
    return directory, refused


def _nothing_usable(name: str, what: str, refused: Sequence[RefusedRow]) -> InputRefused:
    first = f" {refused[0]}." if refused else ""
    return InputRefused(f"{name} holds no {what} that we can accept.{first} Nothing was changed.")
