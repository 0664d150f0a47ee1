"""Single answers into values: text, counts, choices, times. Each says what it mended or what is wrong.

Nothing here knows the form as a whole; that is `request_for_support`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from communities.calendars import LONDON
from communities.money import HOW_TO_WRITE, NotAnAmount, pounds, read_pence
from communities.requests import (
    CELL_CHARACTERS,
    LINK_CHARACTERS,
    MOST_ATTACHMENTS,
    TITLES,
    Problem,
    missing,
)
from forms_ingest.columns import Cell

Choice = TypeVar("Choice", bound=StrEnum)
NONE_WORDS = frozenset({"none", "nil", "zero", "no", "n/a", "na", "-"})


class Notes:
    """Collects, while one response is read, what was wrong and what was mended."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.mended: list[str] = []

    def wrong(self, field: str, sentence: str) -> None:
        """The sender must mend this."""
        self.problems.append(Problem(field=field, sentence=sentence))

    def mend(self, field: str, sentence: str) -> None:
        """Mended here, and said so."""
        self.mended.append(f"'{TITLES[field]}': {sentence}")


def shown(cell: Cell, most: int = 60) -> str:
    """What stood there, short enough for a sentence."""
    text = " ".join(str(cell).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def read_text(cell: Cell) -> str:
    """The answer as text, trimmed; no-break spaces become spaces, line breaks stay."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    if not cell.isascii():
        cell = cell.replace("\u00a0", " ")
    if "\r" in cell:
        cell = cell.replace("\r\n", "\n")
    return cell.strip()[: CELL_CHARACTERS + 1000]


def read_count(field: str, cell: Cell, notes: Notes) -> int:
    """A whole number of pupils, 0 or more. '07' and 'none' are read and named as mended, spaces are not."""
    if isinstance(cell, float) and 0 <= cell < 1_000_000 and cell.is_integer():
        return int(cell)
    text = read_text(cell)
    if not text:
        notes.problems.append(missing(field))
        return 0
    if isinstance(cell, str) and text.casefold() in NONE_WORDS:
        notes.mend(field, f"'{text}' was read as 0")
        return 0
    if not re.fullmatch(r"[+-]?\d{1,6}", text):
        notes.wrong(field, f"'{TITLES[field]}' is '{shown(text)}'; write a whole number, 0 or more.")
        return 0
    number = int(text)
    if isinstance(cell, str) and text != str(number):
        notes.mend(field, f"'{cell}' was read as {number}")
    return number


def read_choices(field: str, cell: Cell, kinds: type[Choice], notes: Notes) -> tuple[Choice, ...]:
    """One or more of the form's choices, as Forms joins them: with `;`, often one more at the end."""
    chosen, unknown = _chosen(read_text(cell), kinds)
    for part in unknown:
        options = ", ".join(k.value for k in kinds)
        notes.wrong(field, f"'{TITLES[field]}' is '{shown(part)}'; choose one or more of: {options}.")
    return chosen


@lru_cache(maxsize=1024)
def _chosen(text: str, kinds: type[Choice]) -> tuple[tuple[Choice, ...], tuple[str, ...]]:
    """The choices, and the parts that are none; a county's answers repeat."""
    by_text = {k.value.casefold(): k for k in kinds}
    parts = [p.strip() for p in text.split(";") if p.strip()]
    found = [(p, by_text.get(" ".join(p.casefold().split()))) for p in parts]
    return tuple(dict.fromkeys(k for _, k in found if k)), tuple(p for p, k in found if not k)


def read_amount(field: str, cell: Cell, notes: Notes) -> int | None:
    """An amount in pence, None where there is none. What cannot be read for certain is asked about."""
    text = read_text(cell)
    if not text:
        return None
    try:
        pence = read_pence(cell if isinstance(cell, int | float) else text)
    except NotAnAmount:
        notes.wrong(
            field,
            f"'{TITLES[field]}' is '{shown(text)}', which cannot be read for certain. {HOW_TO_WRITE}",
        )
        return None
    if isinstance(cell, str) and text != str(pence // 100):
        notes.mend(field, f"'{text}' was read as {pounds(pence)}")
    return pence


def read_links(field: str, cell: Cell, notes: Notes) -> tuple[str, ...]:
    """Links to documents, one a line; only https is taken."""
    links = tuple(dict.fromkeys(read_text(cell).split()))
    for link in links:
        if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?(/\S*)?", link):
            notes.wrong(
                field, f"'{shown(link)}' is no link. Copy it in SharePoint or OneDrive; it begins with https://."
            )
        elif len(link) > LINK_CHARACTERS:
            notes.wrong(field, f"'{shown(link)}' is longer than {LINK_CHARACTERS} characters. Share a shorter link.")
    if len(links) > MOST_ATTACHMENTS:
        notes.wrong(field, f"{len(links)} links were given; {MOST_ATTACHMENTS} at most. Put the documents in a folder.")
    return links


_TEXT_MOMENTS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y")
_PADDED = re.compile(r"\d\d/\d\d/\d{4}( \d\d:\d\d(:\d\d)?)?", re.ASCII)
"""As a British Excel writes it. Without the noughts the day may come second, as in the United States."""

_FIRST_SERIAL, _AFTER_SERIAL = 36_526, 73_051
"""Excel's numbers for the days from 2000 to 2099."""


def read_moment(cell: Cell) -> datetime | None:
    """A time as UTC: Excel's carry no zone and are London's, a list's are ISO 8601 with one. None where it cannot be
    read for certain. A cell that lost its format holds Excel's day number; one that became text, what it showed.
    """
    if isinstance(cell, str):
        cell = _moment_of_text(" ".join(cell.split()))
    elif isinstance(cell, int | float) and _FIRST_SERIAL <= cell < _AFTER_SERIAL:
        cell = datetime(1899, 12, 30) + timedelta(seconds=round(cell * 86_400))  # noqa: DTZ001  it carries no zone
    if not isinstance(cell, datetime):
        return None
    return (cell if cell.tzinfo else cell.replace(tzinfo=LONDON)).astimezone(UTC)


def _moment_of_text(text: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    for form in _TEXT_MOMENTS if _PADDED.fullmatch(text) else ():
        with suppress(ValueError):
            return datetime.strptime(text, form)  # noqa: DTZ007  it carries no zone
    return None
