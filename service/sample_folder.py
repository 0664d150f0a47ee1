"""Folders that `cos demo` and `cos local` fill with the sample world and empty again: nobody else's things go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from service.settings import SettingsIncomplete

MARK = ".cos-sample"
"""The file that says whose the folder is."""

SAID = "The sample world of CoS Desk. What is in this folder is replaced by the next run.\n"


def claim(folder: Path, replaced: Sequence[str], option: str) -> None:
    """Make the folder, or take it where it was made for this before.

    `replaced` are patterns of what a run deletes there. Raises `SettingsIncomplete`, which names the option, where
    something of that name is there that no run left, or where nothing can be written.
    """
    try:
        found = sorted(p.name for pattern in replaced for p in folder.glob(pattern))
        if found and not (folder / MARK).is_file():
            raise SettingsIncomplete(
                f"{folder} holds {found[0]}, which no run of the sample world left there and which would be deleted. "
                f"Nothing was changed. Name another folder with {option}."
            )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(SAID, "utf-8")
    except OSError as error:
        raise SettingsIncomplete(
            f"{folder} cannot be written to: {error.strerror or error}. Name another folder with {option}."
        ) from None
