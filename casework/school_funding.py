"""What KCC's workbooks say of one school's money: level template, factors of its budget, line of the summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select

from casework import tables
from casework.desk import Work, insert_or_replace
from casework.reading import Thing, check_may_read
from casework.school_lines import school_lines
from communities.budget import SchoolLine
from communities.notional import Factor, SchoolFunding, SchoolTemplate, notional_budget_pence


def import_school_funding(work: Work, found: SchoolFunding) -> str:
    """Record what the workbook holds of a school; what it does not hold stays. Returns what was imported, in words."""
    funding, key = tables.school_funding, (found.school, found.academic_year)
    before = _kept(work, *key)
    now = dict(before)
    if found.template is not None:
        now["template"] = msgspec.json.decode(msgspec.json.encode(found.template))  # as the database gives it back
    if found.factors is not None:
        now["factors"] = {factor.value: pence for factor, pence in found.factors.items()}
    what = " and ".join(n for n, v in (("level template", found.template), ("budget factors", found.factors)) if v)
    said = f"the {what} of '{found.school}' for {found.academic_year}"
    if now == before:
        return f"{said} (unchanged)"
    row = {"school": key[0], "academic_year": key[1], **now}
    work.conn.execute(insert_or_replace(work.conn, funding, row, ("school", "academic_year")))
    work.journal("import school funding", found.school, year=found.academic_year, what=what)
    return said


def _kept(work: Work, school: str, year: str) -> dict[str, Any]:
    """What is on the record of a school's year: its template and factors, None where there is none."""
    funding = tables.school_funding
    rows = select(funding.c.template, funding.c.factors).where(
        funding.c.school == school, funding.c.academic_year == year
    )
    found = work.conn.execute(rows).one_or_none()
    return {"template": found.template if found else None, "factors": found.factors if found else None}


@dataclass(frozen=True, kw_only=True)
class SchoolMoney:
    """A school's money in one academic year. Pence."""

    school: str
    academic_year: str
    template: SchoolTemplate | None
    factors: Mapping[Factor, int] | None
    line: SchoolLine | None
    """Its line of the community's summary, kept up by the ledger."""

    @property
    def notional_pence(self) -> int | None:
        """The notional SEN budget: out of the factors, or as the community's summary prints it."""
        if self.factors is not None:
            return notional_budget_pence(self.factors)
        return self.line.allocation.notional_budget_pence if self.line else None

    @property
    def top_up_pence(self) -> int | None:
        """The notional SEN top-up of a financial year: of the template, or as the community's summary prints it."""
        if self.template is not None:
            return self.template.notional_top_up_pence
        return self.line.allocation.notional_top_up_pence if self.line else None


def school_money(work: Work, school: str, community: str, year: str, by: str) -> SchoolMoney:
    """Everything on the record about a school's money in a year. Raises `NotReadable` for whom it does not concern."""
    check_may_read(work, Thing.FUNDING, by, school=school)
    kept = _kept(work, school, year)
    return SchoolMoney(
        school=school,
        academic_year=year,
        template=msgspec.convert(kept["template"], SchoolTemplate) if kept["template"] else None,
        factors={Factor(n): pence for n, pence in kept["factors"].items()} if kept["factors"] else None,
        line=next((x for x in school_lines(work, community, year) if x.allocation.school == school), None),
    )
