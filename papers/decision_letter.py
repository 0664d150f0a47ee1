"""The letter that tells a school what its community decided. No pupil's name is in it."""

from __future__ import annotations

from dataclasses import dataclass

from papers.word import render

TEMPLATE = "decision-letter.docx"


@dataclass(frozen=True, kw_only=True)
class DecisionLetter:
    """Everything the letter says; rows are (heading, text)."""

    number: str
    school: str
    community: str
    chair: str
    submitted: str
    decided: str
    made_by: str
    opening: str
    rows: tuple[tuple[str, str], ...]
    next_steps: tuple[str, ...]


def render_letter(letter: DecisionLetter, template_bytes: bytes) -> bytes:
    """The .docx. Raises `TemplateBroken`."""
    return render(template_bytes, letter, title=f"Decision on {letter.number}")
