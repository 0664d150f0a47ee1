"""'Make this an action': a message becomes an action of the community, with an owner and a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from bot.asking import asker_of
from bot.cards.action import WHAT_CHARACTERS, action_card
from bot.turns import Reply
from casework.desk import Work
from casework.errors import InputRefused, NotAllowed
from casework.letters import spoken_day
from casework.meeting_record import add_action

COMMAND = "action"
USUAL = timedelta(days=28)


def ask(work: Work, mail: str, message: str, home: str) -> Reply:
    """The dialog, filled with the message."""
    typed = {
        "what": " ".join(message.split())[:WHAT_CHARACTERS],
        "due_on": (work.today + USUAL).isoformat(),
        "community": home,
    }
    return _dialog(work, mail, typed, ())


def keep(work: Work, mail: str, values: Mapping[str, object]) -> Reply:
    """Add the action; what is to be mended is said on the dialog."""
    typed = {k: str(values.get(k) or "")[:WHAT_CHARACTERS] for k in ("what", "owner", "due_on", "community")}
    try:
        due_on = date.fromisoformat(typed["due_on"])
    except ValueError:
        return _dialog(work, mail, typed, (f"'{typed['due_on']}' is no day. Choose one.",))
    try:
        with work.conn.begin_nested():
            number = add_action(work, typed["community"], typed["what"], typed["owner"], due_on, mail)
    except InputRefused as error:
        return _dialog(work, mail, typed, error.sentences)
    return Reply(text=f"{number} is kept for {typed['owner']}, by {spoken_day(due_on)}.")


def _dialog(work: Work, mail: str, typed: Mapping[str, str], problems: tuple[str, ...]) -> Reply:
    asker = asker_of(work, mail)
    own = asker.runs
    if not own:
        raise NotAllowed("Actions are kept by a community's chair and its clerk.")
    home = typed.get("community", "")
    known = {**typed, "community": home if home in own else own[0]}
    return Reply(cards=(action_card(known, own, problems),), text="Make this an action")
