"""What an import would take out of the directory: rows that were refused take nothing out, and much at once is asked
about first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from casework.errors import InputRefused
from communities.directory import Person, Role, School
from communities.names import plain

Entry = TypeVar("Entry", School, Person)

ONE_IN = 10
"""A choice: an import that removes more than a tenth of what is there is more often a wrong file than a decision."""

SHOWN = 5
"""So many of those that would go are named."""


def role_key(person: Person) -> tuple[str, Role, str]:
    """What tells one role from another, whenever it is held."""
    return person.mail.casefold(), person.role, person.of


def keys_of(entry: School | Person) -> frozenset[str]:
    """By what a row of a workbook may name it; compared with `RefusedRow.about`."""
    if isinstance(entry, Person):
        return frozenset({entry.mail.casefold(), plain(entry.name)})
    return frozenset({plain(entry.name), *([str(entry.dfe)] if entry.dfe is not None else [])})


def named_by_refused(
    current: Sequence[Entry], wanted: Sequence[Entry], about: Iterable[tuple[str, ...]]
) -> tuple[Entry, ...]:
    """Those held now that a refused row names, and that no accepted row speaks of: they stay as they are.

    `about` holds the keys of each refused row, the surest first: the first that is known counts.
    """
    known = frozenset(key for entry in current for key in keys_of(entry))
    named = {next((k for k in keys if k in known), "") for keys in about}
    spoken_of = frozenset(key for entry in wanted for key in _own_keys(entry))
    return tuple(e for e in current if named & keys_of(e) and not spoken_of & frozenset(_own_keys(e)))


def _own_keys(entry: School | Person) -> Iterator[tuple[object, ...]]:
    """What tells one role or membership from another."""
    if isinstance(entry, Person):
        yield role_key(entry)
        return
    yield plain(entry.name), entry.community
    if entry.dfe is not None:
        yield (entry.dfe,)


def check_removals(current: Sequence[Entry], gone: Sequence[Entry], allowed: bool) -> None:
    """Raises `InputRefused` where an import would remove more than a tenth and nobody has said that it may.

    `current` are those held on the day the import counts from, `gone` those of them the workbook does not name.
    """
    if allowed or len(gone) * ONE_IN <= len(current):
        return
    names = ", ".join(map(_named, gone[:SHOWN]))
    more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
    what = "schools" if isinstance(gone[0], School) else "roles"
    raise InputRefused(
        f"This import would remove {len(gone)} of {len(current)} {what}: {names}{more}. Check that the workbook "
        "is complete. If they are to go, import it again with --allow-removal. Nothing was changed."
    )


def check_administrators(current: Iterable[Person], after: Iterable[Person], allowed: bool) -> None:
    """Raises `InputRefused` where the last administrator would go and nobody has said that they may: nobody could
    then put right what an import does.
    """
    before, left = ([p for p in people if p.role is Role.ADMINISTRATOR] for people in (current, after))
    if before and not left and not allowed:
        names = ", ".join(sorted({p.mail for p in before}))
        raise InputRefused(
            f"This import would remove every administrator ({names}). Add a row with the role "
            f"'{Role.ADMINISTRATOR}', or import it again with --allow-removal. Nothing was changed."
        )


def _named(entry: School | Person) -> str:
    if isinstance(entry, School):
        return f"'{entry.name}' in '{entry.community}'"
    return f"{entry.mail} ({entry.role}{f', {entry.of}' if entry.of else ''})"
