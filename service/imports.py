"""Imports as people run them: a file in, a sentence out, every refused row named."""

from __future__ import annotations

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
    desk: Desk, content: bytes, name: str, actor: str, effective: date | None = None
) -> Imported:
    """What importing a directory would change on `effective` (today): a sentence each, nothing written."""
    directory, refused = read_directory(content, name)
    with desk.work(actor) as work:
        change = preview_directory(work, directory, effective)
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
) -> Imported:
    """Import one workbook. Raises `WorkbookUnreadable` or `InputRefused`; then nothing was changed.

    What a directory or people change counts from `effective` (today). `override` is for a budget that takes a balance
    below zero.
    """
    if kind == "directory":
        directory, refused = read_directory(content, name)
        if not directory.schools:
            raise InputRefused(f"{name} holds no school that can be taken. Nothing was changed.")
        with desk.work(actor) as work:
            return Imported(said=(import_directory(work, directory, effective),), refused=tuple(refused))
    with desk.work(actor) as work:
        known = directory_of(work)
    if not known.schools:
        raise InputRefused("The directory is empty: run `cos import directory FILE` first.")
    if kind == "people":
        people, refused = read_people(content, name, known)
        with desk.work(actor) as work:
            return Imported(said=(import_people(work, people, effective),), refused=tuple(refused))
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
