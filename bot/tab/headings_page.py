"""The page where clerks and administrators say which heading of a form is which question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from casework.desk import Work
from casework.errors import InputRefused
from casework.form_headings import FormState, confirm_heading, form_states
from casework.reading import Thing, check_may_read

NONE = "none"
"""What the form of the page sends for 'none of the form's questions'."""

DONE = {"confirmed": "Thank you. We will read every response again within about 15 minutes."}


@dataclass(frozen=True, kw_only=True)
class HeadingsPage:
    """The forms, and what came of the last press."""

    states: Sequence[FormState]
    key: str = field(repr=False)
    """What the forms carry, so that only this page's own are taken."""
    done: str
    problem: str


def headings_page(
    work: Work, mail: str, key: str, done: str = "", problem: str = "", _typed: Mapping[str, str] | None = None
) -> HeadingsPage:
    """The forms whose headings were read. Raises `NotAllowed`."""
    check_may_read(work, Thing.HEADINGS, mail)
    return HeadingsPage(states=form_states(work), key=key, done=DONE.get(done, ""), problem=problem)


def confirm_on_page(work: Work, mail: str, form: Mapping[str, str]) -> str:
    """Say which question a heading is. Raises what the command raises, and `InputRefused` where nothing was chosen."""
    question = form.get("question", "")[:200]
    if not question:
        raise InputRefused("Choose the question this heading asks, or 'None of these questions'.")
    confirm_heading(
        work, form.get("form", "")[:60], form.get("heading", "")[:300], "" if question == NONE else question, mail
    )
    return "confirmed"
