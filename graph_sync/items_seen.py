"""Whether a list shows us what others add: told by the numbers its items were given, as Graph counts no items.

A list that is set to 'Read items that were created by the user' shows an application its own items and no error.
"""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import dataclass

from casework.desk import Work
from graph_sync.places import keep_places, place_or_none


def _told_key(list_id: str) -> str:
    return f"items:{list_id}"


def _probe_key(list_id: str) -> str:
    return f"probe:{list_id}"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a trial of a list showed."""

    probe: int
    """The number of the trial's own item: the list's next."""
    ours: Set[int]
    """The items we made, as far as they were looked at."""
    theirs: int | None
    """An item somebody else made; None where none is seen."""


def hidden(told: int, seen: Seen) -> tuple[int, int]:
    """How many items others made are not seen, and up to which number all is told for.

    With an item of others in sight the list hides none, and that item is looked for again the next time. With none in
    sight, every number that was given since and is nobody's that we see is one of theirs.
    """
    if seen.theirs is not None:
        return 0, seen.theirs - 1
    missing = sum(number not in seen.ours for number in range(told + 1, seen.probe))
    return missing, told if missing else seen.probe


def keep(work: Work, list_id: str, seen: Seen) -> int:
    """How many items others made are not seen; remembers what is told for, lest the next trial cries wolf."""
    missing, told = hidden(_number(work, _told_key(list_id)), seen)
    keep_places(work, {_told_key(list_id): str(told), _probe_key(list_id): str(seen.probe)})
    return missing


def note_deleted(work: Work, list_id: str, deleted: Collection[str]) -> None:
    """Items that a pull was told are deleted are not hidden; the trial's own is no sign of others'."""
    told, probe = _number(work, _told_key(list_id)), _number(work, _probe_key(list_id))
    numbers = [int(d) for d in deleted if d.isdecimal() and int(d) != probe]
    if numbers and max(numbers) > told:
        keep_places(work, {_told_key(list_id): str(max(numbers))})


def _number(work: Work, key: str) -> int:
    return int(place_or_none(work, key) or 0)
