"""A row of a workbook that was not taken, and why: what every import reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RefusedRow:
    """`row` is the number Excel shows at the left."""

    row: int
    reason: str
    about: tuple[str, ...] = ()
    """Keys of the person or school the row names, as far as they could be read, the surest first: an import leaves
    those as they are.
    """

    def __str__(self) -> str:
        return f"Row {self.row}: {self.reason}"
