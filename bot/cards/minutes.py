"""What chair and clerk write after a meeting: the register and the notes to each item of the agenda."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microsoft_teams.cards import AdaptiveCard, CardElement, Choice, ChoiceSetInput, ExecuteAction, TextInput

from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card
from communities.meetings import Attendee, Mark

REGISTER, MINUTES = "register", "minutes"
NOTE_CHARACTERS = 1_200
"""A note on a card; longer minutes are written in Word."""

MATTERS = "matters"


def register_card(meeting_id: str, title: str, register: Sequence[Attendee]) -> Card:
    """One line a school, with what is known already; `of.N` is the N-th line."""
    lines: list[CardElement] = [
        ChoiceSetInput(
            id=f"of.{number}",
            label=f"{a.of}" + (f" ({a.person})" if a.person else ""),
            style="compact",
            value=a.mark.value,
            choices=[Choice(title=m.value, value=m.value) for m in Mark],
        )
        for number, a in enumerate(register)
    ]
    body = [heading(f"Register: {literal(title)}"), line("Each school sends one person.", subtle=True), *lines]
    return _card(body, "Save the register", REGISTER, meeting_id, f"The register of {title} is to be taken.")


def minutes_card(meeting_id: str, title: str, items: Sequence[str], notes: Mapping[str, str]) -> Card:
    """A note for each item of the agenda; decisions, actions and attendance are filled in by themselves."""
    said = "Decisions, actions and the register are filled in by themselves. Leave empty what needs no note."
    lines: list[CardElement] = [
        TextInput(
            id=f"item.{number}", label=f"{number}. {item}", is_multiline=True, max_length=NOTE_CHARACTERS,
            value=notes.get(str(number), "")[:NOTE_CHARACTERS],
        )
        for number, item in enumerate(items, 1)
    ]  # fmt: skip
    arising = TextInput(id=MATTERS, label="Matters arising for the next meeting, one a line", is_multiline=True,
                        max_length=NOTE_CHARACTERS, value=notes.get(MATTERS, "")[:NOTE_CHARACTERS])  # fmt: skip
    body = [heading(f"Minutes: {literal(title)}"), line(said, subtle=True), *lines, arising]
    return _card(body, "Save the minutes", MINUTES, meeting_id, f"The minutes of {title} are to be written.")


def _card(body: Sequence[CardElement], title: str, verb: str, meeting_id: str, fallback: str) -> Card:
    save = ExecuteAction(title=title, verb=verb, data={"meeting_id": meeting_id}, style="positive")
    return finish(AdaptiveCard(body=list(body), actions=[save], lang="en", fallback_text=fallback))
