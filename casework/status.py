"""Figures of the record: how the desk stands, and what a whole cycle came to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from casework import tables
from casework.budget_record import budget_year, position
from casework.desk import Work
from casework.effects import EffectState


def _counts(work: Work, column: Any) -> dict[str, int]:
    return {str(key): int(n) for key, n in work.conn.execute(select(column, func.count()).group_by(column))}


def status(work: Work) -> dict[str, Any]:
    """How many of everything, in which state, and what is stuck and why."""
    effects = tables.effects
    stuck = work.conn.execute(
        select(effects.c.id, effects.c.problem).where(effects.c.state == EffectState.STUCK).order_by(effects.c.id)
    )
    return {
        "responses": _counts(work, tables.responses.c.outcome),
        "requests": _counts(work, tables.requests.c.state),
        "meetings": _counts(work, tables.meetings.c.state),
        "effects": _counts(work, effects.c.state),
        "stuck": [{"effect": r.id, "problem": r.problem} for r in stuck],
    }


def budgets(work: Work) -> list[dict[str, Any]]:
    """Each community's opening balance, committed, moderated difference and balance, in pence."""
    names = work.conn.execute(
        select(tables.budgets.c.community).distinct().order_by(tables.budgets.c.community)
    ).scalars()
    found = []
    for name in names.all():
        year = budget_year(work, name)
        stands = position(work, name, year)
        if stands is not None:
            found.append(
                {
                    "community": name,
                    "academic_year": year,
                    "opening_pence": stands.opening_pence,
                    "committed_pence": stands.committed_pence,
                    "moderated_pence": stands.moderated_pence,
                    "balance_pence": stands.balance_pence,
                }
            )
    return found


def refusals(work: Work) -> list[dict[str, Any]]:
    """Each refused or held response with every reason, in the order of the form."""
    responses = tables.responses
    rows = work.conn.execute(select(responses).where(responses.c.outcome != "accepted"))
    return [
        {"response": r.source_key, "outcome": r.outcome, "reasons": list(r.problems)}
        for r in sorted(rows, key=lambda r: int(r.source_key.rpartition("/")[2]))
    ]
