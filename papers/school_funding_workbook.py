"""KCC's school funding workbook: a sheet a school in the slide's layout of the school level template, and sheets with
the factors of school budgets, a row a school.

A sheet or row that does not add up is refused with both sums; the rest is taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from communities.calendars import year_of_sheet
from communities.directory import Directory, SchoolName
from communities.matching import find_school
from communities.money import pounds
from communities.notional import Factor, Payments, SchoolFunding, SchoolTemplate, notional_budget_pence
from papers.money_cells import check_notes, check_pounds, pence_of
from papers.refusals import RefusedRow
from papers.sheets import Cell, WorkbookUnreadable, column_name, open_workbook, plain_title, rows_of, sheets_of, text_of

TOLERANCE_PENCE = 150
"""The sheets print whole pounds rounded after summing: their own totals may differ by that."""

EHCP_ABOVE, EHCP_BELOW = "pupils with an ehcp (greater", "pupils with an ehcp (less"
SEN_ABOVE, SEN_BELOW = "pupils on sen support (greater", "pupils on sen support (less"
EHCP, SEN_SUPPORT, CURRENT = "subtotal number of payments (ehcp)", "subtotal number of payments (sen", "total current"
ESTIMATED, TOTAL = "subtotal estimated payments", "total estimated payments"
LINES = (EHCP_ABOVE, EHCP_BELOW, SEN_ABOVE, SEN_BELOW, EHCP, SEN_SUPPORT, CURRENT, ESTIMATED, TOTAL)
"""The slide's lines, as the first cell of a row begins."""

NOW, AUTOMATIC, PROTECTED = 1, 3, 5
"""The column of the pounds in each pair of pounds and high needs pupils."""

NOTIONAL = "Notional SEN budget"
"""A column that may stand beside the factors: then it is checked against them."""

TOP_UP = re.compile(r"april (\d{4}) to (march|august) \d{4}")


@dataclass(kw_only=True)
class _Reading:
    directory: Directory
    found: list[SchoolFunding] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    sheets: int = 0

    def school(self, written: str) -> SchoolName:
        match = find_school(written, self.directory)
        if match.school is None:
            near = f" Did you mean '{match.near[0].name}'?" if match.near else ""
            raise ValueError(f"the school '{written}' is not in the directory.{near}")
        return match.school.name


def read_school_funding(
    content: bytes, name: str, directory: Directory
) -> tuple[list[SchoolFunding], list[RefusedRow]]:
    """Every template and every row of factors, and what was refused, with its reason.

    Raises `WorkbookUnreadable` where no sheet holds either.
    """
    reading = _Reading(directory=directory)
    for sheet in sheets_of(open_workbook(content, name)):
        rows = list(rows_of(sheet))
        lines: dict[str, list[list[Cell]]] = {}
        for row in rows:
            if row and (line := _line(row[0])):
                lines.setdefault(line, []).append(row)
        if EHCP_ABOVE in lines and SEN_ABOVE in lines:
            _take_template(reading, sheet.name, rows, lines)
        elif (header := next((n for n, row in enumerate(rows) if _is_header(row)), None)) is not None:
            _take_factors(reading, sheet.name, rows, header)
    if not reading.sheets:
        raise WorkbookUnreadable(
            f"{name}: no sheet holds a school level template (a row that begins 'Pupils with an EHCP (greater than "
            "£6,000)') or the factors of school budgets (a row with 'School Name' and 'Basic entitlement')."
        )
    return _once(reading), reading.refused


def _once(reading: _Reading) -> list[SchoolFunding]:
    """What was found, without what is there twice for one school and year: which of the two counts nobody can tell."""
    kinds = ((f.school, f.academic_year, f.template is not None) for f in reading.found)
    twice = {key for key, count in Counter(kinds).items() if count > 1}
    for school, year, is_template in sorted(twice):
        what = "the school level template" if is_template else "the budget factors"
        reason = f"{what} of '{school}' for {year} is there more than once. Keep one; none was accepted"
        reading.refused.append(RefusedRow(row=1, reason=reason))
    return [f for f in reading.found if (f.school, f.academic_year, f.template is not None) not in twice]


def _line(cell: Cell) -> str | None:
    title = plain_title(cell).replace("echp", "ehcp")  # the slide's own slip
    return next((line for line in LINES if title.startswith(line)), None)


def _take_template(
    reading: _Reading, sheet: str, rows: list[list[Cell]], found: Mapping[str, list[list[Cell]]]
) -> None:
    reading.sheets += 1
    try:
        if twice := [line for line, those in found.items() if any(row != those[0] for row in those)]:
            raise ValueError(f"the line '{twice[0]}' is there twice, with different figures")
        lines = {line: those[0] for line, those in found.items()}
        begins = next(n for n, row in enumerate(rows) if row and _line(row[0]))
        check_notes(cell for row in rows[:begins] for cell in row)
        check_pounds(row[0] for row in lines.values())
        school = reading.school(_beside(rows, "school") or sheet)
        year = _year_of(rows)
        template = _template(rows, lines)
        reading.found.append(SchoolFunding(school=school, academic_year=year, template=template))
    except ValueError as error:
        reading.refused.append(RefusedRow(row=1, reason=f"sheet '{sheet}': {error}"))


def _beside(rows: list[list[Cell]], label: str) -> str:
    return next((text_of(r[1]) for r in rows if len(r) > 1 and plain_title(r[0]).rstrip(":") == label), "")


def _year_of(rows: list[list[Cell]]) -> str:
    return year_of_sheet(text_of(cell) for row in rows for cell in row)


def _template(rows: list[list[Cell]], lines: Mapping[str, list[Cell]]) -> SchoolTemplate:
    if missing := [line for line in LINES if line not in lines]:
        raise ValueError(f"the line '{missing[0]}' is missing")
    top_up_rows = ((TOP_UP.match(plain_title(row[0])), row) for row in rows if row)
    top_ups = {match[2]: pence_of(_last(row), match[0]) for match, row in top_up_rows if match}
    if "march" not in top_ups:
        raise ValueError("the line of the notional SEN top-up ('April 2025 to March 2026') is missing")
    eligible = (_paid(lines[n], PROTECTED) for n in (EHCP_BELOW, SEN_ABOVE, SEN_BELOW))
    template = SchoolTemplate(
        ehcp_above=_paid(lines[EHCP_ABOVE], NOW),
        ehcp_below=_paid(lines[EHCP_BELOW], NOW),
        sen_support_above=_paid(lines[SEN_ABOVE], NOW),
        sen_support_below=_paid(lines[SEN_BELOW], NOW),
        automatic=_paid(lines[ESTIMATED], AUTOMATIC),
        eligible=tuple(eligible),
        notional_top_up_pence=top_ups["march"],
    )
    for title, printed, summed in (
        ("subtotal (EHCP)", _paid(lines[EHCP], NOW), template.ehcp),
        ("subtotal (SEN Support)", _paid(lines[SEN_SUPPORT], NOW), template.sen_support),
        ("total current payments", _paid(lines[CURRENT], NOW), template.current),
        ("protected payments", _paid(lines[ESTIMATED], PROTECTED), template.protected),
    ):
        _check(title, printed.pence, summed.pence)
        if printed.pupils != summed.pupils:
            raise ValueError(f"'{title}' says {printed.pupils} pupils, but its lines come to {summed.pupils}")
    total = next((pence_of(c, TOTAL) for c in lines[TOTAL][1:] if c is not None), None)
    if total is not None:
        _check("total estimated payments", total, template.total_estimated_pence)
    if "august" in top_ups:
        _check("notional SEN top-up, April to August", top_ups["august"], template.top_up_second_year_pence)
    return template


def _check(title: str, printed: int, summed: int) -> None:
    if abs(printed - summed) > TOLERANCE_PENCE:
        raise ValueError(f"'{title}' says {pounds(printed)}, but its lines come to {pounds(summed)}")


def _paid(row: Sequence[Cell], column: int) -> Payments:
    pair = [*row, *[None] * 8][column : column + 2]
    pence, pupils = (pence_of(cell, text_of(row[0])) for cell in pair)
    return Payments(pence=pence, pupils=pupils // 100)


def _last(row: Sequence[Cell]) -> Cell:
    return next((cell for cell in reversed(row) if cell is not None), None)


def _is_header(row: Sequence[Cell]) -> bool:
    titles = {plain_title(c) for c in row}
    return "school name" in titles and plain_title(Factor.BASIC_ENTITLEMENT) in titles


def _take_factors(reading: _Reading, sheet: str, rows: list[list[Cell]], header: int) -> None:
    reading.sheets += 1
    titles = [plain_title(c) for c in rows[header]]
    columns = {factor: titles.index(plain_title(factor)) for factor in Factor if plain_title(factor) in titles}
    try:
        if absent := [factor.value for factor in Factor if factor not in columns]:
            raise ValueError(f"there is no column '{absent[0]}'")
        if twice := [title for title, count in Counter(filter(None, titles)).items() if count > 1]:
            columns_of = " and ".join(column_name(at) for at, title in enumerate(titles) if title == twice[0])
            raise ValueError(f"the columns {columns_of} are both '{twice[0]}'")
        check_notes(cell for row in rows[: header + 1] for cell in row)
        year = _year_of(rows)
    except ValueError as error:
        reading.refused.append(RefusedRow(row=header + 1, reason=f"sheet '{sheet}': {error}"))
        return
    name = titles.index("school name")
    printed = titles.index(plain_title(NOTIONAL)) if plain_title(NOTIONAL) in titles else None
    for number, short in enumerate(rows[header + 1 :], header + 2):
        row = [*short, *[None] * len(titles)]
        if not text_of(row[name]):
            continue
        try:
            school = reading.school(text_of(row[name]))
            factors = {factor: pence_of(row[column], factor) for factor, column in columns.items()}
            if printed is not None and row[printed] is not None:
                _check(NOTIONAL, pence_of(row[printed], NOTIONAL), notional_budget_pence(factors))
            reading.found.append(SchoolFunding(school=school, academic_year=year, factors=factors))
        except ValueError as error:
            reading.refused.append(RefusedRow(row=number, reason=f"'{text_of(row[name])}': {error}"))
