"""A message's turn within what Exchange lets a mailbox send: taken before it is made, waited for where it is later."""

from __future__ import annotations

from collections.abc import Sequence

from casework.desk import SYSTEM, Desk
from casework.errors import TryLater
from casework.mail_turns import take_turn


async def turn_of(desk: Desk, key: str, mailboxes: Sequence[str], recipients: int, *, can_wait: bool) -> str:
    """The mailbox a message is sent from, once it is its turn. Raises `TryLater` until then.

    `key` is the message's own: asked for again, the turn is the same.
    """
    turn = await desk.run(SYSTEM, take_turn, key, mailboxes, recipients, can_wait=can_wait)
    if (wait_s := (turn.at - desk.clock.now()).total_seconds()) > 0:
        raise TryLater(f"{turn.mailbox} has sent as much as Exchange lets it for now: this is next.", wait_s)
    return turn.mailbox
