"""A cell of a workbook as an amount of money."""

from __future__ import annotations

from communities.money import NotAnAmount, read_pence
from papers.sheets import Cell, text_of


def pence_of(cell: Cell, what: object) -> int:
    """The pence of a cell, an empty one being nothing; Excel's binary fractions are rounded to the penny.

    Raises `ValueError` naming the cell and `what` it stands under.
    """
    if cell is None:
        return 0
    written: object = cell
    if isinstance(cell, str):
        written = cell.replace("-£", "-")
    elif isinstance(cell, float):
        written = round(cell, 2)
    try:
        return read_pence(written)
    except NotAnAmount:
        raise ValueError(f"'{text_of(cell)}' in '{what}' is not an amount") from None
