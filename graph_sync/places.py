"""Where things lie in the tenant: ids of the site, its lists and libraries, found by `provision` and kept."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from casework import tables
from casework.desk import Work, insert_or_replace
from casework.errors import NeedsAttention
from casework.stuck import PLACE, retry_waiting_for

SITE = "site"
APPLICATION = "application"
"""The id Graph knows this application by, as items it made name it."""


def list_key(name: str) -> str:
    """The key of a list's id."""
    return f"list:{name}"


def drive_key(library: str) -> str:
    """The key of a library's drive id."""
    return f"drive:{library}"


def keep_places(work: Work, found: dict[str, str]) -> int:
    """Remember ids, and go on with what was stuck for want of them; returns how many were new or different."""
    known = all_places(work)
    changed = {k: v for k, v in found.items() if known.get(k) != v}
    for key, value in changed.items():
        work.conn.execute(insert_or_replace(work.conn, tables.places, {"key": key, "value": value}, ("key",)))
        retry_waiting_for(work, f"{PLACE}{key}")
    return len(changed)


def forget_places(work: Work, keys: Collection[str]) -> None:
    """These are there no more."""
    work.conn.execute(delete(tables.places).where(tables.places.c.key.in_(keys)))


def all_places(work: Work) -> dict[str, str]:
    """Every id known."""
    return {r.key: r.value for r in work.conn.execute(select(tables.places))}


def place_or_none(work: Work, key: str) -> str | None:
    """One id, where it is known."""
    return work.conn.execute(select(tables.places.c.value).where(tables.places.c.key == key)).scalar_one_or_none()


def place(work: Work, key: str) -> str:
    """One id; an administrator runs `cos provision` where it is missing."""
    value = place_or_none(work, key)
    if value is None:
        raise NeedsAttention(f"'{key}' is not known in the tenant yet: run `cos provision`.", f"{PLACE}{key}")
    return value
