"""Which workbooks of a form are known, by drive and item: that which is read, those beside it, those lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casework.desk import Work
from graph_sync.delta import Changes, Item
from graph_sync.intake import FormBook
from graph_sync.places import all_places, forget_places, keep_places

LISTED = "workbooks-listed"
"""Every file that was there was seen once, so that what the drives tell is all that is new."""


def item_key(form: str) -> str:
    """The key of the id of a form's workbook."""
    return f"workbook:{form}"


def workbook_drive_key(form: str) -> str:
    """The key of the drive a form's workbook lies in."""
    return f"workbook-drive:{form}"


def beside_key(form: str, item_id: str = "") -> str:
    """The key of the drive of another workbook of the same name."""
    return f"workbook-beside:{form}:{item_id}"


def lost_key(form: str, item_id: str = "") -> str:
    """The key of the drive of a workbook that was read and is not there any more."""
    return f"workbook-lost:{form}:{item_id}"


def drives_under(places: Mapping[str, str], key: str) -> dict[str, str]:
    """Id to drive, of the keys that begin so."""
    return {k.removeprefix(key): drive for k, drive in places.items() if k.startswith(key)}


class DriveChange(Item):
    """What a drive's delta says of an item: enough to know where to look; a folder has no `file`."""

    name: str = ""
    file: Any = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """The workbooks of a form that may be there, each id with its drive."""

    main: str | None
    by_id: Mapping[str, str]
    """What it is called does not matter: the one that is read, and those that were and got lost."""
    by_name: Mapping[str, str]
    """The others: they count while they have the name."""
    is_told: bool
    """A drive told of one of them just now."""

    @property
    def all(self) -> dict[str, str]:
        """Those known by id first, what was lost before what is read: a workbook that was restored is taken back."""
        return {**self.by_id, **self.by_name}


def known_of(book: FormBook, places: Mapping[str, str], changes: Mapping[str, Changes[DriveChange]]) -> Known:
    """By the id it had, whatever a workbook is called now and wherever it lies; others, and the first time, by name."""
    told = {i.id: (d, i) for d, c in changes.items() for i in c.items.values()}
    main, drive = places.get(item_key(book.form)), places.get(workbook_drive_key(book.form))
    by_id = drives_under(places, lost_key(book.form))
    if main is not None and (where := told[main][0] if main in told else drive) is not None:
        by_id[main] = where
    named = {i.id: d for d, i in told.values() if i.file is not None and i.deleted is None and i.name == book.name}
    by_name = {i: d for i, d in {**drives_under(places, beside_key(book.form)), **named}.items() if i not in by_id}
    is_told = any(i in told for i in (*by_id, *by_name))
    return Known(main=main, by_id=by_id, by_name=by_name, is_told=is_told)


def keep_known(work: Work, form: str, known: Known, there: Mapping[str, str], leading: str) -> bool:
    """Keep which workbook is read (`leading`, '' for none), which lie beside it, and which was read and is lost: it may
    be restored. `there` are those that are there, each id with its drive. Returns whether another is read than before.
    """
    before = all_places(work)
    now = {
        **{lost_key(form, i): drive for i, drive in known.by_id.items() if i not in there},
        **{beside_key(form, i): drive for i, drive in there.items() if i != leading},
    }
    if leading:
        now |= {item_key(form): leading, workbook_drive_key(form): there[leading]}
    read = (item_key(form), workbook_drive_key(form))
    ours = {k for k in before if k in read or k.startswith((lost_key(form), beside_key(form)))}
    forget_places(work, ours - now.keys())
    keep_places(work, now)
    return any(before.get(key) != now.get(key) for key in read)
