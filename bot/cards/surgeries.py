"""Surgeries for a school: the coming sessions, a slot to book, a booking to move or give back, feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from microsoft_teams.cards import (
    Action,
    ActionSet,
    AdaptiveCard,
    CardElement,
    Choice,
    ChoiceSetInput,
    Container,
    ExecuteAction,
    TextInput,
)

from bot.cards.parts import asking, finish, heading, line, literal
from bot.turns import Card
from communities.continuum import OTHER, THEMES
from communities.surgeries import COMMENT_CHARACTERS, NOTE_CHARACTERS, RATINGS

BOOK, CANCEL, MOVE, FEEDBACK = "surgery.book", "surgery.cancel", "surgery.move", "surgery.feedback"
STOP_MAILS, RESUME_MAILS = "surgery.stop-mails", "surgery.resume-mails"
SHOWN = 8
"""Sessions on one card."""

_RATED: Mapping[str, str] = {"1": "1 – not useful", "5": "5 – very useful"}


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """A coming session as a list shows it."""

    when: str
    adviser: str
    free: str
    ask: str
    """The sentence its button writes; '' where nothing can be asked of it."""
    button: str = "Book a slot"


def sessions_card(
    title: str, lines: Sequence[SessionLine], *, booked: Sequence[str], is_stopped: bool | None, more: int = 0
) -> Card:
    """The coming sessions, the reader's own first. `is_stopped` is None where it is not theirs to choose."""
    body: list[CardElement] = [heading(literal(title)), *(line(f"✓ {literal(b)}", color="Good") for b in booked)]
    body += [_session(s) for s in lines[:SHOWN]]
    if left := max(0, len(lines) - SHOWN) + more:
        body.append(line(f"And {left} more: name a day to see them.", subtle=True))
    actions: list[Action] = []
    if is_stopped is not None:
        verb, said = (
            (RESUME_MAILS, "Mails about surgeries again") if is_stopped else (STOP_MAILS, "No mails about surgeries")
        )
        actions.append(ExecuteAction(title=said, verb=verb, data={}))
    said = "; ".join(f"{s.when} with {s.adviser}, {s.free}" for s in lines[:SHOWN])
    return finish(AdaptiveCard(body=body, actions=actions or None, lang="en", fallback_text=f"{title}. {said}"))


def _session(session: SessionLine) -> Container:
    items: list[CardElement] = [
        line(f"**{literal(session.when)}**"),
        line(f"{literal(session.adviser)} · {literal(session.free)}", subtle=True),
    ]
    if session.ask:
        items.append(ActionSet(actions=[asking(session.button, session.ask)]))
    return Container(items=items, separator=True, spacing="Small")


def book_card(
    where: Mapping[str, object], title: str, adviser: str, schools: Sequence[str], typed: Mapping[str, str],
    problem: str = "", *, is_waiting: bool = False,
) -> Card:  # fmt: skip
    """A slot to book, or a place on the waiting list; `where` is the session and the slot."""
    body: list[CardElement] = [heading(literal(title)), line(f"With {literal(adviser)}.", subtle=True)]
    if problem:
        body.insert(1, line(f"⚠ {literal(problem)}", color="Attention"))
    if len(schools) > 1:
        body.append(
            ChoiceSetInput(
                id="school", label="For which school?", value=typed.get("school") or schools[0], style="compact",
                choices=[Choice(title=s, value=s) for s in schools],
            )
        )  # fmt: skip
    body += [
        ChoiceSetInput(
            id="theme", label="What is it about?", style="compact", value=typed.get("theme") or OTHER,
            choices=[Choice(title=t, value=t) for t in THEMES],
        ),
        TextInput(
            id="note", label="In a sentence or two, for the adviser alone (optional)", is_multiline=True,
            value=typed.get("note", "")[:NOTE_CHARACTERS], max_length=NOTE_CHARACTERS,
            placeholder="Name no child and no date of birth.",
        ),
    ]  # fmt: skip
    said = "Put me on the waiting list" if is_waiting else "Book it"
    data = {**where, **({"school": schools[0]} if len(schools) == 1 else {})}
    action = ExecuteAction(title=said, verb=BOOK, data=data, style="positive")
    return finish(AdaptiveCard(body=body, actions=[action], lang="en", fallback_text=f"{title} with {adviser}."))


def booking_card(
    booking_id: int, title: str, said: Sequence[str], free: Sequence[tuple[str, str]], *, has_slot: bool
) -> Card:
    """A booking of one's own: give it back, or move it to one of the `free` slots (title, `SURGERY/SLOT`)."""
    body: list[CardElement] = [heading(literal(title)), *(line(literal(s)) for s in said)]
    data = {"booking_id": booking_id}
    actions: list[Action] = []
    if has_slot and free:
        body.append(
            ChoiceSetInput(
                id="to", label="Move it to", style="compact", value=free[0][1],
                choices=[Choice(title=name, value=value) for name, value in free],
            )
        )  # fmt: skip
        actions.append(ExecuteAction(title="Move it", verb=MOVE, data=data))
    gone = "Cancel the booking" if has_slot else "Leave the waiting list"
    actions.append(ExecuteAction(title=gone, verb=CANCEL, data=data, style="destructive"))
    return finish(AdaptiveCard(body=body, actions=actions, lang="en", fallback_text=" ".join((title, *said))))


def feedback_card(sessions: Sequence[tuple[int, str]], typed: Mapping[str, str], problem: str = "") -> Card:
    """How useful was it? `sessions` are (number of the booking, what it was), the latest first."""
    body: list[CardElement] = [heading("How useful was the surgery?")]
    if problem:
        body.append(line(f"⚠ {literal(problem)}", color="Attention"))
    if len(sessions) > 1:
        body.append(
            ChoiceSetInput(
                id="booking_id", label="Which one?", style="compact",
                value=typed.get("booking_id") or str(sessions[0][0]),
                choices=[Choice(title=name, value=str(number)) for number, name in sessions],
            )
        )  # fmt: skip
    else:
        body.append(line(literal(sessions[0][1]), subtle=True))
    body += [
        ChoiceSetInput(
            id="useful", label="From 1 to 5", style="expanded", is_required=True, value=typed.get("useful") or None,
            error_message="Choose 1 to 5.", choices=[Choice(title=_RATED.get(r, r), value=r) for r in RATINGS],
        ),
        TextInput(
            id="comment", label="What should be kept or changed? (optional)", is_multiline=True,
            value=typed.get("comment", ""), max_length=COMMENT_CHARACTERS, placeholder="Name no child.",
        ),
    ]  # fmt: skip
    data = {"booking_id": sessions[0][0]} if len(sessions) == 1 else {}
    action = ExecuteAction(title="Send feedback", verb=FEEDBACK, data=data, style="positive")
    return finish(AdaptiveCard(body=body, actions=[action], lang="en", fallback_text="How useful was the surgery?"))
