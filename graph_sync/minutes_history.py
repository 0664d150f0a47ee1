"""Who changed what in the minutes' file since it was read: each version's difference is its own editor's.

What one version alone, or several people's, do not say whose it is has nobody's mail, and casework proposes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casework.minutes_reading import LastRead
from casework.minutes_saves import Save
from papers.minutes_changes import Units, differences


@dataclass(frozen=True, kw_only=True)
class SavedVersion:
    """A version of the file: who saved it ('' where nobody can be named) and what it says; None: it cannot be read."""

    id: str
    by: str
    units: Units | None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class History:
    """Each save since the file was read, what was read last, and why the newest could not be."""

    saves: tuple[Save, ...]
    version: str
    by: str
    units: Units
    problem: str


def history(saved: Sequence[SavedVersion], last: LastRead, *, is_whole: bool, is_one_save: bool) -> History:
    """`saved` is the oldest first. It begins with the version that was read last where `is_whole`; else it is the
    present state alone, which is its editor's only where it was saved once since.
    """
    saves, units, editors = [], last.units, set[str]()
    read_by, read_version = last.by, last.version
    for number, version in enumerate(saved):
        editors.add(_editor(version, last, is_first=number == 0, is_whole=is_whole, is_one_save=is_one_save))
        if version.units is None:
            continue
        by = next(iter(editors)) if len(editors) == 1 else ""
        if changes := differences(units, version.units):
            saves.append(Save(by=by, changes=changes))
        units, editors, read_by, read_version = version.units, set(), version.by, version.id
    problem = saved[-1].problem if saved else ""
    return History(saves=tuple(saves), version=read_version, by=read_by, units=units, problem=problem)


def _editor(version: SavedVersion, last: LastRead, *, is_first: bool, is_whole: bool, is_one_save: bool) -> str:
    """Whose a version's difference is. The one that was read last may have been saved again where it stands: that is
    its editor's where the same person had saved it before.
    """
    if not is_whole:
        return version.by if is_one_save else ""
    return version.by if not is_first or version.by == last.by else ""
