"""Surgeries for their adviser: a session to publish, one to sum up or call off."""

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
    DateInput,
    ExecuteAction,
    NumberInput,
    TextInput,
    TimeInput,
)

from bot.cards.parts import finish, heading, image, line, literal
from bot.turns import Card
from communities.meeting_times import HOURS
from communities.surgeries import LEAST_MINUTES, MOST_MINUTES, MOST_SLOTS, SLOT_MINUTES, SUMMARY_CHARACTERS
from papers.charts import PictureOrWords

PUBLISH_FORM, PUBLISH, SUM_UP_FORM, SUM_UP = "surgery.new", "surgery.publish", "surgery.sum-up-form", "surgery.sum-up"
CALL_OFF = "surgery.call-off"
SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class OwnSession:
    """A session of the adviser's own, with who comes to it."""

    surgery_id: str
    when: str
    said: str
    bookings: Sequence[str]
    is_over: bool
    """Held, and to be summed up."""


def own_sessions_card(
    title: str, sessions: Sequence[OwnSession], said: Sequence[str], themes: PictureOrWords | None
) -> Card:
    """The adviser's sessions to sum up and to come, and what the year came to so far."""
    body: list[CardElement] = [heading(literal(title)), *(line(literal(s)) for s in said)]
    body += [_own(s) for s in sessions[:SHOWN]]
    if len(sessions) > SHOWN:
        body.append(line(f"And {len(sessions) - SHOWN} more.", subtle=True))
    if themes:
        body.append(line(literal(themes)) if isinstance(themes, str) else image(themes))
    actions: list[Action] = [ExecuteAction(title="Publish a session", verb=PUBLISH_FORM, data={}, style="positive")]
    listed = "; ".join(f"{s.when}: {s.said}" for s in sessions[:SHOWN])
    return finish(AdaptiveCard(body=body, actions=actions, lang="en", fallback_text=f"{title}. {listed}"))


def _own(session: OwnSession) -> Container:
    items: list[CardElement] = [
        line(f"**{literal(session.when)}**"),
        line(literal(session.said), subtle=True),
        *(line(f"- {literal(b)}") for b in session.bookings),
    ]
    data = {"surgery_id": session.surgery_id}
    action = (
        ExecuteAction(title="Sum it up", verb=SUM_UP_FORM, data=data)
        if session.is_over
        else ExecuteAction(title="Call it off", verb=CALL_OFF, data=data, style="destructive")
    )
    items.append(ActionSet(actions=[action]))
    return Container(items=items, separator=True, spacing="Small")


def publish_card(typed: Mapping[str, str], problem: str = "") -> Card:
    """Day, time and slots of a session."""
    body: list[CardElement] = [heading("Publish a surgery")]
    if problem:
        body.append(line(f"⚠ {literal(problem)}", color="Attention"))
    body += [
        DateInput(
            id="day", label="Day", value=typed.get("day") or None, is_required=True, error_message="Choose a day."
        ),
        TimeInput(
            id="at", label=f"Begins at ({HOURS})", value=typed.get("at") or None,
            is_required=True, error_message="Choose a time.",
        ),
        NumberInput(id="slots", label=f"Slots (1 to {MOST_SLOTS})", value=_number(typed, "slots", 6), min=1,
                    max=MOST_SLOTS, is_required=True, error_message=f"Choose 1 to {MOST_SLOTS}."),
        NumberInput(id="minutes", label="Minutes a slot", value=_number(typed, "minutes", SLOT_MINUTES),
                    min=LEAST_MINUTES, max=MOST_MINUTES, is_required=True,
                    error_message=f"Choose {LEAST_MINUTES} to {MOST_MINUTES}."),
        line("It gets a Teams meeting; schools can book at once and read of it in the next mail.", subtle=True),
    ]  # fmt: skip
    action = ExecuteAction(title="Publish", verb=PUBLISH, data={}, style="positive")
    return finish(AdaptiveCard(body=body, actions=[action], lang="en", fallback_text="Publish a surgery."))


def _number(typed: Mapping[str, str], name: str, usual: int) -> float:
    written = typed.get(name, "")
    return float(written) if written.isdecimal() else float(usual)


def sum_up_card(
    surgery_id: str, title: str, came: Sequence[tuple[int, str]], typed: Mapping[str, str], problem: str = ""
) -> Card:
    """Who came, and the summary of the discussion, which goes to those who came."""
    body: list[CardElement] = [heading(literal(title))]
    if problem:
        body.append(line(f"⚠ {literal(problem)}", color="Attention"))
    body += [
        ChoiceSetInput(
            id="came", label="Who came?", is_multi_select=True, style="expanded", wrap=True,
            value=typed.get("came", ",".join(str(number) for number, _ in came)),
            choices=[Choice(title=name, value=str(number)) for number, name in came],
        ),
        TextInput(
            id="summary", label="Summary of the discussion", is_multiline=True, value=typed.get("summary", ""),
            max_length=SUMMARY_CHARACTERS, is_required=True, error_message="Write what was discussed.",
            placeholder="Several schools read it: name no child.",
        ),
    ]  # fmt: skip
    data = {"surgery_id": surgery_id}
    action = ExecuteAction(title="Share with those who came", verb=SUM_UP, data=data, style="positive")
    return finish(AdaptiveCard(body=body, actions=[action], lang="en", fallback_text=title))
