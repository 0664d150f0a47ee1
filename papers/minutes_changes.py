"""What a saved version of the minutes says, unit by unit, and what changed from one version to the next.

A unit is what is taken or proposed as a whole: the note to an item, the matters, a line's person, its mark, an action.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from papers.minutes_reading import WrittenMinutes


class Part(StrEnum):
    """The kinds of units."""

    NOTE = "note"
    MATTERS = "matters"
    PERSON = "person"
    MARK = "mark"
    ACTION = "action"


Units = Mapping[str, tuple[str, ...]]
"""What each unit says, by its key; one that is not there says nothing."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A unit that says something else than in the version before; `of` is its item, its school or role, its action."""

    part: Part
    of: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def key(self) -> str:
        """The unit's key."""
        return unit_key(self.part, self.of)


def unit_key(part: Part, of: str) -> str:
    """`note:2`; `action:Share the list`."""
    return f"{part}:{of}"


def change_of(key: str, before: tuple[str, ...], after: tuple[str, ...]) -> Change:
    """The change of the unit of that key."""
    part, _, of = key.partition(":")
    return Change(part=Part(part), of=of, before=before, after=after)


def units_of(written: WrittenMinutes) -> dict[str, tuple[str, ...]]:
    """Every unit of one version. An action with a number is in the record already, and no unit."""
    units: dict[str, tuple[str, ...]] = {unit_key(Part.NOTE, str(n)): (text,) for n, text in written.notes.items()}
    units[unit_key(Part.MATTERS, "")] = tuple(written.matters)
    for of, person, mark in written.register:
        units[unit_key(Part.PERSON, of)] = (person,)
        units[unit_key(Part.MARK, of)] = (mark,)
    for row in written.actions:
        if not row.number:
            units[unit_key(Part.ACTION, row.what)] = (row.owner, row.due)
    return units


def differences(before: Units, after: Units) -> tuple[Change, ...]:
    """What changed. A line taken out of the register says nothing about who was there."""
    keys = sorted(k for k in {*before, *after} if before.get(k, ()) != after.get(k, ()))
    changes = (change_of(k, before.get(k, ()), after.get(k, ())) for k in keys)
    return tuple(c for c in changes if c.after or c.part not in (Part.PERSON, Part.MARK))
