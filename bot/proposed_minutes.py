"""Changes that somebody else made to the minutes in Word: chair or clerk accept or reject them, one by one."""

from __future__ import annotations

from collections.abc import Mapping

from bot.asking import Answer
from bot.cards.proposed_minutes import ACCEPT, REJECT, VERB, proposed_card
from bot.verbs import Press, Pressing
from casework.errors import AlreadyDone, InputRefused
from casework.letters import spoken_day
from casework.meeting_record import day_of
from casework.minutes_proposals import open_proposals, settle_proposal
from casework.schedule import check_runs, meeting_row


def proposed_form(press: Press, meeting_id: str) -> Answer:
    """The oldest change that waits, with how many there are besides."""
    meeting = meeting_row(press.work, meeting_id)
    check_runs(press.work, meeting.community, press.mail)
    waiting = open_proposals(press.work, meeting_id)
    if not waiting:
        raise AlreadyDone("There are no changes to these minutes left to accept or reject.")
    title = f"Minutes of {meeting.community}, {spoken_day(day_of(meeting))}"
    card = proposed_card(title, waiting[0], len(waiting) - 1)
    return Answer(title=title, cards=(card,), is_card=True, is_of_now=False)


def settle(press: Press) -> Answer:
    """Accept or reject one; then the next."""
    proposal_id, which = press.text("proposal_id"), press.text("is")
    if which not in (ACCEPT, REJECT):
        raise InputRefused(f"'{which[:20]}' is no answer: accept the change, or reject it.")
    press.attempt(settle_proposal, proposal_id, which == ACCEPT, press.mail)
    meeting_id = proposal_id.rpartition("#")[0]
    if open_proposals(press.work, meeting_id):
        return proposed_form(press, meeting_id)
    return Answer(title="You have accepted or rejected every change", sentences=("The Word file stays as it is.",))


VERBS: Mapping[str, Pressing] = {VERB: settle}
