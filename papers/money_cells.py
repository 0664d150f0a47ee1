"""A cell of a workbook as an amount of money."""

from __future__ import annotations

import re
from collections.abc import Iterable

from communities.headings import shown_heading
from communities.money import NotAnAmount, read_pence
from papers.sheets import Cell, plain_title, text_of

_OTHER_UNIT = re.compile(
    r"[€$¥]|£ ?,?(?:k|m|0{2,6}s?)\b|\((?:k|m|p|£?,?0{2,6}s?)\)|(?<![\d,.])\b0{3}s?\b"
    r"|\bper (?:pupil|child|head|week|month|term)\b"
    r"|\b(?:pence|penny|pennies|cents?|euros?|eur|usd|dollars?|thousands?|millions?)\b"
)
_OF_ALL_FIGURES = re.compile(r"\b(?:figures|amounts|sums|values|numbers|money|£)\b|^\W*£|in thousands|in pence")


def check_pounds(titles: Iterable[Cell]) -> None:
    """Raises `ValueError` naming the first title that says its figures are in something else than pounds."""
    for title in titles:
        if isinstance(title, str) and (found := _OTHER_UNIT.search(plain_title(title))):
            raise ValueError(f"'{shown_heading(title)}' has '{found[0]}' in it; every amount must be in pounds")


def check_notes(cells: Iterable[Cell]) -> None:
    """As `check_pounds`, for cells that speak of all figures of a sheet, such as `All figures in £000s`."""
    check_pounds(c for c in cells if isinstance(c, str) and _OF_ALL_FIGURES.search(plain_title(c)))


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
