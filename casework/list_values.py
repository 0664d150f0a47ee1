"""What a SharePoint column says, in whichever form it gives it back: compared, and marked so that a change is seen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime, time

from casework.errors import InputRefused, NeedsAttention
from casework.ports import ListItem, Person
from communities.calendars import london
from communities.money import NotAnAmount, read_pence

SINGLE_LINE = 255
"""The most a column of one line takes, counted as UTF-16 (support.microsoft.com: 'List and library column types')."""

MORE = "…"
"""Ends a text that was cut."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def is_same(theirs: object, ours: object) -> bool:
    """Whether a column says what we wrote, in whichever form SharePoint gives it back, whole or cut.

    A person comes back as the site's own number: an edit of it is overwritten by the next write, and no matter.
    """
    if isinstance(ours, Person) or plain(theirs) == plain(ours):
        return True
    return isinstance(ours, str) and plain(theirs) == plain(cut(ours))


def cut(text: str) -> str:
    """A text as a column of one line takes it: its beginning, with a mark where that is not all of it."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * SINGLE_LINE:
        return text
    return units[: 2 * (SINGLE_LINE - len(MORE))].decode("utf-16-le", "ignore") + MORE


def plain(value: object) -> object:
    """Moments without parts of seconds, days as such, texts without doubled white space, nothing for blank."""
    if isinstance(value, str):
        return _plain_moment(value) if _MOMENT.fullmatch(value) else " ".join(value.split()) or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(float(value), 2)
    return value or None


def _plain_moment(written: str) -> str:
    """A day comes back as midnight, of London or of UTC: both are that day."""
    local = london(datetime.fromisoformat(written))
    return day_value(local.date()) if local.time() == time() else f"{written[:19]}Z"


def marks_of(fields: Mapping[str, object]) -> dict[str, str]:
    """A mark of each column that says something: enough to see a change later, and nothing to read."""
    said = ((name, plain(value)) for name, value in fields.items() if "@" not in name and not isinstance(value, Person))
    return {name: hashlib.sha256(repr(v).encode()).hexdigest()[:16] for name, v in said if v is not None}


def read_amount(column: str, written: object) -> int:
    """An amount's column in pence; a flow may have written anything there. Raises `InputRefused`."""
    try:
        return read_pence(written)
    except NotAnAmount as error:
        raise InputRefused(f"{column}: {error}") from None


def day_value(day: date) -> str:
    """A day as a date's column takes it."""
    return f"{day.isoformat()}T00:00:00Z"


def read_day(column: str, written: object) -> date | None:
    """A date's column, by London's clock; None where it is empty. Raises `InputRefused`."""
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(str(written))
    except ValueError:
        raise InputRefused(f"'{str(written)[:40]}' in '{column}' is not a date.") from None
    return london(moment).date() if moment.tzinfo else moment.date()


def check_whole(written: ListItem) -> None:
    """Raises `NeedsAttention` where a column could not be written: the list is not as the record has it."""
    if written.left_out:
        raise NeedsAttention(written.left_out)
