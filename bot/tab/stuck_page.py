"""The administrator's page: what is stuck, why, and the two ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from casework.desk import Work
from casework.errors import InputRefused
from casework.reading import Thing, check_may_read
from casework.stuck import drop, retry, retry_all
from casework.stuck_mail import StuckLine, stuck_lines

DONE = {
    "retry": "It is begun again.",
    "retry-all": "They are begun again; posts that may have arrived are left.",
    "drop": "It is dropped; the reason stands in the journal.",
}
MOST_REASON = 300


@dataclass(frozen=True, kw_only=True)
class StuckPage:
    """What is stuck, and what came of the last press."""

    lines: Sequence[StuckLine]
    key: str = field(repr=False)
    """What the forms carry, so that only this page's own are taken."""
    done: str
    problem: str


def stuck_page(
    work: Work, mail: str, key: str, done: str = "", problem: str = "", _typed: Mapping[str, str] | None = None
) -> StuckPage:
    """What is stuck. Raises `NotAllowed`."""
    check_may_read(work, Thing.STUCK, mail)
    return StuckPage(lines=stuck_lines(work), key=key, done=DONE.get(done, ""), problem=problem)


def act_on_stuck(work: Work, mail: str, form: Mapping[str, str]) -> str:
    """Try again or drop, as one command; returns which it was. Raises what the commands raise."""
    doing, effect_id = form.get("do", ""), form.get("effect", "")[:200]
    match doing:
        case "retry-all":
            retry_all(work, mail)
        case "retry":
            retry(work, effect_id, mail)
        case "drop":
            drop(work, effect_id, form.get("reason", "")[:MOST_REASON], mail)
        case _:
            raise InputRefused("The page has changed meanwhile. Load it again.")
    return doing
