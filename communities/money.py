"""Pounds and pence. Amounts are whole pence everywhere; this is the only place that reads or writes them.

Nothing here knows what the money is for.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

_WRITTEN = re.compile(r"^£?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,2})?$")


MOST_PENCE = 10**13
"""A hundred thousand million pounds: what is more is a slip, and no database's business."""

BINARY_NOISE = Decimal("0.0001")
"""Pence that Excel's and JSON's binary fractions may be off by: 5800.400000000001 is £5,800.40."""


class NotAnAmount(ValueError):
    """What was written cannot be read as one amount without guessing."""


def read_pence(written: object) -> int:
    """Read an amount as people and Excel write it: `£3,250.00`, `3,250`, `3250`, `3250.5`.

    `3.25k`, `about 3000` and `3,25` raise `NotAnAmount`: they are asked about, never guessed.
    """
    pence = _pence_of(written)
    if abs(pence) > MOST_PENCE:
        raise NotAnAmount(str(written).strip())
    return pence


def _pence_of(written: object) -> int:
    if isinstance(written, bool) or (isinstance(written, float) and not isfinite(written)):
        raise NotAnAmount(str(written))
    if isinstance(written, int):
        return written * 100
    if isinstance(written, float):
        pence = Decimal(repr(written)) * 100
        if abs(pence - pence.to_integral_value()) > BINARY_NOISE:
            raise NotAnAmount(repr(written))
        return int(pence.to_integral_value())
    text = str(written).strip().replace("\u00a0", " ")
    negative, text = text.startswith("-"), text.removeprefix("-").strip()
    if not (match := _WRITTEN.match(text)):
        raise NotAnAmount(str(written).strip())
    pence_read = int(Decimal(match[1].replace(",", "") + (match[2] or "")) * 100)
    return -pence_read if negative else pence_read


def pounds(pence: int) -> str:
    """`123450` as `£1,234.50`, `123400` as `£1,234`, `-500` as `-£5`."""
    sign, whole, rest = "-" if pence < 0 else "", abs(pence) // 100, abs(pence) % 100
    return f"{sign}£{whole:,}" + (f".{rest:02d}" if rest else "")


def whole_pounds(pence: int) -> str:
    """Rounded to the pound, half up, as the budget slide prints its figures."""
    return pounds(int((Decimal(pence) / 100).quantize(Decimal(1), ROUND_HALF_UP)) * 100)


def share(pence: int, numerator: int, denominator: int) -> int:
    """A fraction of an amount, in whole pence, half a penny rounded up (away from zero)."""
    return int((Decimal(pence) * numerator / denominator).quantize(Decimal(1), ROUND_HALF_UP))
