"""The emails about a report: to complete and sign it, to sign it again, and the report itself."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import shorten
from typing import Any

from casework.letters import Letter, bullets, letter, spoken_day
from casework.reporting import drafted_on, spoken_report

MOST_CHANGES, MOST_LETTERS = 10, 200
"""How many changes an email shows, and how much of each."""

UNTOLD = "What changed cannot be shown: the library keeps no version of it from before you signed."
SAME = "It says the same again now."
SIGNING = "To sign it, write <i>sign the report</i> to CoS Desk in Teams. It is sent once you have both signed."


def draft_letter(row: Any) -> Letter:
    """The draft is there."""
    title = spoken_report(row)
    return letter(
        f"To complete and sign: {title}",
        f"The {escape(title)} is drafted from the record. It is due on <b>{spoken_day(row.due_on)}</b>.",
        "Figures and charts are filled in. Please complete the key themes, what works and what does not, and the "
        "suggested improvements in Word, clerk and chair together. Name no pupil.",
        f'<p><a href="{escape(row.web_url or "")}">Open the report in Word</a></p>',
        SIGNING,
    )  # fmt: skip


def sign_again_letter(row: Any, changes: Sequence[tuple[str, str]] | None) -> Letter:
    """It was changed after it was signed: what it said then and says now, None where nobody knows."""
    title, changes, told = spoken_report(row), changes or [], UNTOLD if changes is None else SAME
    shown = [f"Before: {_short(before)}. Now: {_short(now)}." for before, now in changes[:MOST_CHANGES]]
    more = [f"And {len(changes) - MOST_CHANGES} more."] if len(changes) > MOST_CHANGES else []
    return letter(
        f"Please sign again: {title}",
        f"The {escape(title)} was changed in Word after you signed it, so your signature was not used. "
        "Please look at it once more and sign it again.",
        *(["What changed:", bullets([*shown, *more])] if shown else [told]),
        f'<p><a href="{escape(row.web_url or "")}">Open the report in Word</a></p>',
        SIGNING,
    )  # fmt: skip


def _short(line: str) -> str:
    return f"'{shorten(line, MOST_LETTERS, placeholder=' …')}'" if line else "nothing"


def sent_letter(row: Any, signed_by: str) -> Letter:
    """To the KiT meeting or the Area Board, with a copy for clerk and chair."""
    title = spoken_report(row)
    return letter(
        title,
        f"The {escape(title)} is attached. It covers {spoken_day(row.first_day)} to {spoken_day(drafted_on(row))}.",
        f"Signed by {escape(signed_by)}.",
        "What comes of it is reported back at the community's next meeting.",
    )
