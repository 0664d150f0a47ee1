"""A card holds only keys that Microsoft's schema and Teams know: an unknown one is sent on and does nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botbuilder.schema import Activity
from jsonschema import Draft6Validator
from microsoft_teams.cards import (
    ActionSet,
    AdaptiveCard,
    Choice,
    ChoiceSetInput,
    Container,
    ExecuteAction,
    RefreshDefinition,
    SubmitAction,
    SubmitActionData,
    Table,
    TableCell,
    TableRow,
    TextBlock,
)

from bot.adapter import turn_of
from bot.cards.parts import UnknownCardKeys, asking, finish
from bot.turns import ASK
from tests.card_gallery import GALLERY
from tests.test_cards import nodes

ROOT = Path(__file__).parent.parent
SCHEMA = Draft6Validator(json.loads((ROOT / "tests" / "schemas" / "adaptive-card-1.5.0.json").read_text("utf-8")))
DIALOGS = {"action"}
"""Cards of dialogs: Teams sends what was filled in to the dialog's own command, so their button needs no data."""


@pytest.mark.parametrize("name", GALLERY)
def test_every_card_fits_microsofts_schema(name: str) -> None:
    complaints = [c for e in SCHEMA.iter_errors(GALLERY[name]) for c in (e.context or [e])]
    assert [(list(c.absolute_path), c.message[:200]) for c in complaints] == []


@pytest.mark.parametrize("name", [n for n in GALLERY if n not in DIALOGS])
def test_every_button_that_submits_asks_a_sentence(name: str) -> None:
    for button in (n for n in nodes(GALLERY[name]) if n.get("type") == "Action.Submit"):
        assert list(button["data"]) == [ASK], button["title"]
        assert button["data"][ASK].strip()


WRONG = TextBlock(text="x", colour="Good")  # type: ignore[call-arg]
UNKNOWN: dict[str, AdaptiveCard] = {
    "the card": AdaptiveCard(body=[], languge="en"),  # type: ignore[call-arg]
    "an element": AdaptiveCard(body=[WRONG]),
    "an element in a container": AdaptiveCard(body=[Container(items=[Container(items=[WRONG])])]),
    "a cell of a table": AdaptiveCard(body=[Table(rows=[TableRow(cells=[TableCell(items=[WRONG])])])]),
    "a choice": AdaptiveCard(body=[ChoiceSetInput(id="a", choices=[Choice(title="a", value="b", name="c")])]),  # type: ignore[call-arg]
    "an action": AdaptiveCard(actions=[ExecuteAction(title="a", verb="b", tilte="c")]),  # type: ignore[call-arg]
    "an action in the body": AdaptiveCard(body=[ActionSet(actions=[SubmitAction(titel="c")])]),  # type: ignore[call-arg]
    "what a button sends": AdaptiveCard(actions=[SubmitAction(data=SubmitActionData(ms_teams={"type": "imBack"}))]),  # type: ignore[call-arg]
    "the refresh": AdaptiveCard(refresh=RefreshDefinition(user_id=["x"])),  # type: ignore[call-arg]
}


@pytest.mark.parametrize("where", UNKNOWN)
def test_a_key_the_builders_do_not_know_is_refused_wherever_it_stands(where: str) -> None:
    with pytest.raises(UnknownCardKeys, match=r"no field for \w+\.\w+"):
        finish(UNKNOWN[where])


def test_what_a_verb_is_called_with_is_free() -> None:
    card = finish(AdaptiveCard(actions=[ExecuteAction(title="a", verb="b", data={"request_id": "R-1"})]))
    assert card["actions"][0]["data"] == {"request_id": "R-1"}


def test_every_card_leaves_through_the_place_that_refuses() -> None:
    dumps = re.compile(r"model_dump|\.dict\(|\.json\(|to_json|TypeAdapter")
    made = {p.name for p in (ROOT / "bot").rglob("*.py") if "microsoft_teams" in p.read_text("utf-8")}
    dumping = {p.name for p in (ROOT / "bot" / "cards").glob("*.py") if dumps.search(p.read_text("utf-8"))}
    assert dumping == {"parts.py"}
    assert made <= {p.name for p in (ROOT / "bot" / "cards").glob("*.py")}


def submitted(value: object, text: str | None = None) -> str:
    """What a message with a button's data, and with or without a text, is understood to say."""
    said: dict[str, Any] = {
        "type": "message", "text": text, "value": value, "serviceUrl": "http://x.example",
        "from": {"id": "29:x", "aadObjectId": "x"}, "conversation": {"id": "c"}, "recipient": {"id": "28:cos-desk"},
    }  # fmt: skip
    return turn_of(Activity().deserialize(said)).text


def test_what_a_button_asks_is_heard_as_if_it_had_been_typed() -> None:
    button = asking("My requests", "show my requests").model_dump(by_alias=True, exclude_none=True)
    assert submitted(button["data"]) == "show my requests"
    assert submitted(button["data"], "typed") == "typed"


@pytest.mark.parametrize(
    "value", [None, [], "x", {}, {ASK: None}, {ASK: 7}, {ASK: ["x"]}, {"ms_teams": {"value": "x"}}]
)
def test_a_broken_submit_says_nothing(value: object) -> None:
    assert submitted(value) == ""
