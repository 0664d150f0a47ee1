"""The Request for Support as five short cards; what was written is kept from card to card.

Pupils' names are asked for on a card and never shown back: cards stay in Teams' own store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from microsoft_teams.cards import (
    Action,
    AdaptiveCard,
    CardElement,
    Choice,
    ChoiceSetInput,
    ExecuteAction,
    NumberInput,
    TextInput,
)

from bot.cards.parts import facts, finish, heading, line, literal
from bot.turns import Card
from communities.requests import (
    ATTACHMENTS,
    ATTACHMENTS_TITLE,
    LINK_CHARACTERS,
    MOST_ATTACHMENTS,
    TITLES,
    WORD_LIMITS,
    KeyStage,
    Problem,
    Support,
)
from communities.words import count_words

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Your school", ("school", "contact", "trust")),
    ("What you ask for", ("support", "solution", "outcomes")),
    ("The pupils", ("pupils", "sen_support", "ehcp", "looked_after", "key_stages")),
    ("Money, and what you did so far", ("requested_pence", "funding_use", "already_supported", ATTACHMENTS)),
    ("Check and send", ("signature",)),
)
"""What each card asks for, in the order of the form."""

CHECK = len(STEPS) - 1
STEP_OF: Mapping[str, int] = {name: number for number, (_, names) in enumerate(STEPS) for name in names} | {
    "community": 0
}

CHARACTERS_A_WORD = 16
"""Longer than English is; the words are counted, this only stops a pasted book."""
SHORT_CHARACTERS = 200
PUPILS_CHARACTERS = 4_000
REASON_CHARACTERS = 500

FIRST_WORDS = 25
"""Of each text on the last card."""
MOST_CORRECTIONS = 3
"""Teams shows six buttons; three are for sending, going back and keeping it."""

LATER = "later"
"""On a button that leaves a card with gaps; the last card lists them."""
GO, SEND, CLOSE, DISCARD = "draft.go", "draft.send", "draft.close", "draft.discard"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody has written so far, as the cards need it."""

    answers: Mapping[str, str]
    schools: Sequence[str]
    """The schools they may send for; for an amendment its own."""
    amends: str = ""
    """The request it changes; '' for a new one."""
    pupils_named: int = 0
    problems: Sequence[Problem] = field(default=())
    """What has to be put right before it can be sent."""
    doubts: Sequence[Problem] = field(default=())
    """What to look at; it may be sent as it is."""


def title_of(name: str) -> str:
    """The field's name as people know it."""
    return TITLES.get(name, ATTACHMENTS_TITLE)


def step_card(draft: Draft, step: int) -> Card:
    """One card of the five; problems of its own fields stand at its head."""
    name, fields = STEPS[step]
    what = f"Change {draft.amends}" if draft.amends else "Request for Support"
    body: list[CardElement] = [
        heading(what),
        line(f"Step {step + 1} of {len(STEPS)}: {name}. Kept as you go; nothing is sent before the last step.",
             subtle=True),
    ]  # fmt: skip
    shown = draft.problems if step == CHECK else [p for p in draft.problems if STEP_OF.get(p.field) == step]
    body += [line(f"⚠ {literal(p.sentence)}", color="Attention") for p in shown]
    doubts = draft.doubts if step == CHECK else [d for d in draft.doubts if STEP_OF.get(d.field) == step]
    body += [line(f"⚠ Please check: {literal(d.sentence)}") for d in doubts]
    if step == CHECK:
        body += _review(draft)
    else:
        for asked in fields:
            body += _input(asked, draft)
    return finish(
        AdaptiveCard(
            body=body, actions=list(_actions(draft, step)), lang="en",
            fallback_text=f"{what}, step {step + 1} of {len(STEPS)}: {name}. Open it in a newer Teams.",
        )
    )  # fmt: skip


def _go(title: str, to: int, step: int, **more: str) -> ExecuteAction:
    return ExecuteAction(title=title, verb=GO, data={"step": step, "to": to}, **more)


def _actions(draft: Draft, step: int) -> Sequence[Action]:
    found: list[Action] = []
    if step == CHECK:
        title = f"Change {draft.amends}" if draft.amends else "Send the request"
        found.append(ExecuteAction(title=title, verb=SEND, data={"step": step}, style="positive"))
        found += [_go(f"Correct: {STEPS[n][0]}", n, step) for n in _steps_to_correct(draft)[:MOST_CORRECTIONS]]
    else:
        found.append(_go("Next", step + 1, step, style="positive"))
        if draft.problems:
            found.append(
                ExecuteAction(title="Skip for now", verb=GO, data={"step": step, "to": step + 1, LATER: "yes"})
            )
    if step:
        found.append(_go("Back", step - 1, step))
    found.append(ExecuteAction(title="Keep for later", verb=CLOSE, data={"step": step}))
    return found


def _steps_to_correct(draft: Draft) -> list[int]:
    found = (*draft.problems, *draft.doubts)
    return sorted({STEP_OF[p.field] for p in found if STEP_OF.get(p.field, CHECK) != CHECK})


def _input(name: str, draft: Draft) -> list[CardElement]:
    value = draft.answers.get(name, "")
    match name:
        case "school":
            choices = [Choice(title=s, value=s) for s in draft.schools]
            first = value or (draft.schools[0] if len(draft.schools) == 1 else "")
            return [ChoiceSetInput(id=name, label=title_of(name), value=first, choices=choices, style="compact")]
        case "support" | "key_stages":
            kinds = Support if name == "support" else KeyStage
            return [
                ChoiceSetInput(
                    id=name, label=title_of(name), is_multi_select=True, value=value.replace(";", ","),
                    style="expanded",
                    choices=[Choice(title=k.value, value=k.value) for k in kinds],
                )
            ]  # fmt: skip
        case "sen_support" | "ehcp" | "looked_after":
            return [NumberInput(id=name, label=title_of(name), min=0, max=9_999, value=_number(value))]
        case "requested_pence":
            label = f"{title_of(name)}, if you ask for money"
            return [TextInput(id=name, label=label, value=value, max_length=40, placeholder="3,250")]
        case "pupils":
            return _pupils(draft)
        case _ if name in WORD_LIMITS:
            return _words(name, value)
        case _ if name == ATTACHMENTS:
            label = f"{ATTACHMENTS_TITLE} in SharePoint or OneDrive, one a line, if any"
            most = (LINK_CHARACTERS + 1) * MOST_ATTACHMENTS
            return [TextInput(id=name, label=label, value=value, is_multiline=True, max_length=most)]
        case _:
            optional = ", if any" if name == "trust" else ""
            return [TextInput(id=name, label=title_of(name) + optional, value=value, max_length=SHORT_CHARACTERS)]


def _words(name: str, value: str) -> list[CardElement]:
    limit, words = WORD_LIMITS[name], count_words(value)
    needed = ", if you ask for money" if name == "funding_use" else ""
    asked = TextInput(
        id=name, label=f"{title_of(name)} (at most {limit} words{needed})", value=value, is_multiline=True,
        max_length=limit * CHARACTERS_A_WORD,
    )  # fmt: skip
    over = f"; shorten it by {words - limit}" if words > limit else ""
    counted = line(f"{words} of {limit} words{over}", subtle=not over, color="Attention" if over else None)
    return [asked, counted] if value else [asked]


def _pupils(draft: Draft) -> list[CardElement]:
    kept = ""
    if draft.pupils_named:
        count = "1 pupil is" if draft.pupils_named == 1 else f"{draft.pupils_named} pupils are"
        kept = f" {count} kept already; write here only to replace them."
    said = (
        "Names and dates of birth are stored encrypted. The chair, the clerk and the High Needs Funding Officer see "
        "them, nobody else. Please name no pupil in the other fields."
    )
    return [
        TextInput(
            id="pupils", label=f"{title_of('pupils')}, one a line", is_multiline=True, max_length=PUPILS_CHARACTERS,
            placeholder="First name Surname 03/04/2015",
        ),
        line(said + kept, subtle=True),
    ]  # fmt: skip


def _review(draft: Draft) -> list[CardElement]:
    shown = []
    for _, names in STEPS[:CHECK]:
        for name in names:
            value = draft.answers.get(name, "")
            if name == "pupils":
                value = f"{draft.pupils_named} named" if draft.pupils_named else "none named"
            elif name in WORD_LIMITS and value:
                value = _begins(value, WORD_LIMITS[name])
            elif name == ATTACHMENTS and value:
                value = f"{len(value.split())} given"
            elif name in ("support", "key_stages"):
                value = value.replace(";", ", ")
            shown.append((title_of(name), value or "–"))
    body: list[CardElement] = [facts(shown)]
    if not draft.problems:
        said = "Nothing is missing: you may send it." if draft.doubts else "Everything is there."
        body.append(line(said, color="Good"))
    if draft.amends:
        label = "Why is it changed? (The clerk and the chair read it.)"
        body.append(TextInput(id="reason", label=label, max_length=REASON_CHARACTERS,
                              value=draft.answers.get("reason", "")))  # fmt: skip
    else:
        body.append(TextInput(id="signature", label=title_of("signature"), max_length=SHORT_CHARACTERS,
                              value=draft.answers.get("signature", "")))  # fmt: skip
    return body


def _begins(text: str, limit: int) -> str:
    """How a text begins, and how long it is: enough to see that it is the right one."""
    words = text.split()
    rest = " …" if len(words) > FIRST_WORDS else ""
    return f"{' '.join(words[:FIRST_WORDS])}{rest} ({count_words(text)} of {limit} words)"


def _number(value: str) -> float | None:
    return float(value) if value.isdecimal() else None


def begun_card(saved_on: str, what: str) -> Card:
    """Somebody begins a request and has one begun already."""
    return finish(
        AdaptiveCard(
            body=[heading("You have one begun"), line(f"{what}, kept on {saved_on}.")],
            actions=[
                ExecuteAction(title="Go on with it", verb=GO, data={"to": 0}, style="positive"),
                ExecuteAction(title="Throw it away", verb=DISCARD, data={}, style="destructive"),
            ],
            lang="en",
            fallback_text=f"{what} is kept since {saved_on}.",
        )
    )
