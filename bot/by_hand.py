"""Papers that CoS Desk could not send: chair or clerk says on which day they sent them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from bot.asking import Answer
from bot.cards.by_hand import VERB, by_hand_card
from bot.verbs import Press, Pressing
from casework.errors import AlreadyDone, InputRefused
from casework.letters import spoken_day
from casework.papers_by_hand import may_be_by_hand, papers_sent_by_hand
from casework.schedule import check_runs, meeting_row
from communities.calendars import london


def by_hand_form(press: Press, meeting_id: str) -> Answer:
    """The card behind a line of the desk."""
    meeting = meeting_row(press.work, meeting_id)
    check_runs(press.work, meeting.community, press.mail)
    if not may_be_by_hand(press.work, meeting):
        raise AlreadyDone(f"The papers of {meeting.community} are out, or are being sent. Nothing was changed.")
    on = spoken_day(london(meeting.starts_at).date())
    card = by_hand_card(meeting_id, meeting.community, on, press.work.today)
    return Answer(title=f"Papers of the meeting on {on}", cards=(card,), is_card=True)


def record(press: Press) -> Answer:
    """They went on that day."""
    meeting_id, written = press.text("meeting_id", 200), press.text("sent_on")
    check_runs(press.work, meeting_row(press.work, meeting_id).community, press.mail)
    on: date | None = None
    with suppress(ValueError):
        on = date.fromisoformat(written)
    if on is None:
        raise InputRefused(f"'{written[:20]}' is no day. Choose the day you sent the papers.")
    press.attempt(papers_sent_by_hand, meeting_id, on, press.mail)
    return Answer(title=f"Recorded: you sent the papers on {spoken_day(on)}")


VERBS: Mapping[str, Pressing] = {VERB: record}
