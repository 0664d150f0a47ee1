"""A row of a workbook that was not taken, and why: what every import reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RefusedRow:
    """`row` is the number Excel shows at the left."""

    row: int
    reason: str

    def __str__(self) -> str:
        return f"Row {self.row}: {self.reason}"
