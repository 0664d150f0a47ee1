"""`cos ask`: one turn of chat from the console, through the code that answers in Teams."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.console import out, record

if TYPE_CHECKING:
    from bot.chat import Said


def ask(
    sentence: Annotated[str | None, typer.Argument(help="What somebody would write to the bot.")] = None,
    mail: Annotated[str, typer.Option("--as", help="Mail of the person who asks.")] = "",
    batch: Annotated[str | None, typer.Option(help="A file with a sentence a line, or - for the input.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a sentence.")] = False,
    is_talk: Annotated[
        bool, typer.Option("--talk", help="The batch is one conversation, not sentences apart.")
    ] = False,
) -> None:
    """Ask the bot, and see what it understood and would answer."""
    from bot.chat import Place, cards_of, talk
    from forms_ingest.request_for_support import read_response

    if (sentence is None) == (batch is None):
        raise typer.BadParameter("Write a sentence, or name a file with --batch; not both.")
    place = Place(conversation="console" if batch is None or is_talk else "")
    for line in [sentence] if sentence is not None else _lines(str(batch)):
        with record() as work:
            said = talk(work, str(line), mail, place, read_response)
            shown = _shown(said, cards_of(said, work))
        if as_json:
            json.dump(shown, sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")
            sys.stdout.flush()
        else:
            out.print(shown["reply"], markup=False)


def _lines(written: str) -> Iterable[str]:
    if written == "-":
        yield from (line.rstrip("\n") for line in sys.stdin)
        return
    try:
        yield from Path(written).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{written} cannot be read: {error}") from error


def _shown(said: Said, cards: Sequence[dict[str, Any]]) -> dict[str, Any]:
    question, answer = said.question, said.answer
    return {
        "intent": question.intent,
        "entities": dict(question.entities),
        "confidence": question.confidence,
        "reply": answer.as_text(),
        "card": cards[0],
        "actions": [
            *({"title": title, "says": sentence} for title, sentence in answer.choices),
            *_presses(cards),
        ],
    }


def _presses(node: Any) -> Iterable[dict[str, Any]]:
    """The buttons of a card that do something: title, verb and what they send."""
    if isinstance(node, list | tuple):
        for part in node:
            yield from _presses(part)
    elif isinstance(node, dict):
        if node.get("type") == "Action.Execute" and node.get("title"):
            yield {"title": node["title"], "verb": node.get("verb", ""), "data": node.get("data", {})}
        for part in node.values():
            yield from _presses(part)
