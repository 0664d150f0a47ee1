"""Texts that several people read, or that leave the record, must name no child: checked before they are kept."""

from __future__ import annotations

from collections.abc import Collection

from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.masking import names_a_pupil
from communities.personal_details import personal_details


class NamesAChild(InputRefused):
    """The sentence shows what looks like a name: it is for who wrote it, on their own card, and goes nowhere else."""


def check_names_nobody(work: Work, text: str, what: str, communities: Collection[str]) -> None:
    """Raises `NamesAChild` where a text seems to hold a child's name or date of birth, or names a pupil of these
    communities' requests, however it is spelt.
    """
    if not text:
        return
    signs = list(dict.fromkeys(personal_details(text, _known_names(work))))
    if not signs and names_a_pupil(work, communities, text):
        raise NamesAChild(
            f"The {what} names a child of a request. Write it without: what has to be known of a child is asked of you "
            "where only those see it who may."
        )
    if signs:
        shown = ", ".join(f"'{s}'" for s in signs[:3])
        raise NamesAChild(
            f"The {what} seems to name a child or to hold a date of birth ({shown}). Write it without: what has to be "
            "known of a child is asked of you where only those see it who may."
        )


def _known_names(work: Work) -> list[str]:
    """Names that may stand: schools, communities, the adults of the directory."""
    directory = directory_of(work)
    return [
        *(str(s.name) for s in directory.schools),
        *(str(c.name) for c in directory.communities),
        *(p.name for p in directory.people),
    ]
