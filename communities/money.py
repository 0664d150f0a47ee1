"""Pounds and pence. Amounts are whole pence everywhere; this is the only place that reads or writes them.

Nothing here knows what the money is for.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

_WRITTEN = re.compile(
    r"(?:£|gbp ?)? ?(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?P<part>\.\d+)?"
    r"(?: ?(?P<thousands>k|thousand)\b)?(?: ?(?:pounds?|quid|gbp))?",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f]+")

MOST_PENCE = 10**13
"""A hundred thousand million pounds: what is more is a slip, and no database's business."""

BINARY_NOISE = Decimal("0.0001")
"""Pence that Excel's and JSON's binary fractions may be off by: 5800.400000000001 is £5,800.40."""


HOW_TO_WRITE = "Write one amount in figures, for example 3,250, 3250.50 or 3.25k."
"""What to do where an amount cannot be read; every door says it."""


class NotAnAmount(ValueError):
    """What was written cannot be read as one amount without guessing; its text says so, and how to write one."""

    def __init__(self, written: object) -> None:
        short = str(written).strip()[:40]
        super().__init__(f"'{short}' is not an amount in pounds. {HOW_TO_WRITE}")


def read_pence(written: object) -> int:
    """Read an amount as people and Excel write it: `£3,250.00`, `3,250`, `3 250`, `3250.5`, `3.25k`, `4 thousand`.

    `about 3000`, `3-4k`, `3,25` and `1.234` raise `NotAnAmount`: they are asked about, never guessed.
    """
    pence = _pence_of(written)
    if abs(pence) > MOST_PENCE:
        raise NotAnAmount(written)
    return pence


def _pence_of(written: object) -> int:
    if isinstance(written, bool) or (isinstance(written, float) and not isfinite(written)):
        raise NotAnAmount(written)
    if isinstance(written, int):
        return written * 100
    if isinstance(written, float):
        pence = Decimal(repr(written)) * 100
        if abs(pence - pence.to_integral_value()) > BINARY_NOISE:
            raise NotAnAmount(written)
        return int(pence.to_integral_value())
    text = _SPACES.sub(" ", str(written)).strip()
    negative, text = text.startswith("-"), text.removeprefix("-").strip()
    if not (match := _WRITTEN.fullmatch(text)):
        raise NotAnAmount(written)
    part = match["part"] or ""
    if len(match["whole"]) > len("999") if match["thousands"] else len(part) > len(".00"):
        raise NotAnAmount(written)  # '4000k' is a slip, '1.234' may be a thousand
    pence_read = Decimal(match["whole"].replace(",", "").replace(" ", "") + part) * 100
    pence_read *= 1_000 if match["thousands"] else 1
    if pence_read != pence_read.to_integral_value():
        raise NotAnAmount(written)
    return -int(pence_read) if negative else int(pence_read)


def pounds(pence: int) -> str:
    """`123450` as `£1,234.50`, `123400` as `£1,234`, `-500` as `-£5`."""
    sign, whole, rest = "-" if pence < 0 else "", abs(pence) // 100, abs(pence) % 100
    return f"{sign}£{whole:,}" + (f".{rest:02d}" if rest else "")


def whole_pounds(pence: int) -> str:
    """Rounded to the pound, half up: for what a fraction makes (7/12, 5/12), as the budget slide prints it. What
    somebody asked for, decided or has left is never rounded: `pounds`.
    """
    return pounds(int((Decimal(pence) / 100).quantize(Decimal(1), ROUND_HALF_UP)) * 100)


def share(pence: int, numerator: int, denominator: int) -> int:
    """A fraction of an amount, in whole pence, half a penny rounded up (away from zero)."""
    return int((Decimal(pence) * numerator / denominator).quantize(Decimal(1), ROUND_HALF_UP))
