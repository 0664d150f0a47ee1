"""The pieces every card is made of, so that all cards look and read alike."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence

from microsoft_teams.cards import (
    AdaptiveCard,
    CardElement,
    ColumnDefinition,
    ExecuteAction,
    Fact,
    FactSet,
    Image,
    RichTextBlock,
    SubmitAction,
    SubmitActionData,
    Table,
    TableCell,
    TableRow,
    TextBlock,
    TextRun,
)
from pydantic import BaseModel

from bot.turns import ASK, Card
from casework.ports import BudgetLine
from communities.budget import rounded_note
from communities.money import pounds, whole_pounds
from papers.word import Picture

_MARKDOWN = re.compile(r"([\\`*_\[\]()#>~|])")
SHOWN_CHARACTERS = 1_800
"""The longest free text on a card: 250 words of ordinary length; four of them stay well under the most a message
holds (`bot.messages`).
"""


def literal(text: str) -> str:
    """Somebody's words inside a markdown text, so that nothing in them is read as markdown."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def heading(text: str) -> TextBlock:
    """A card's title, a heading for screen readers too."""
    return TextBlock(text=text, size="Large", weight="Bolder", wrap=True, style="heading")


def line(text: str, *, subtle: bool = False, color: str | None = None) -> TextBlock:
    """A sentence of ours."""
    block = TextBlock(text=text, wrap=True, is_subtle=subtle or None)
    return block.with_color(color) if color else block  # type: ignore[arg-type]  # a literal of the builder's


def said(label: str, text: str) -> list[CardElement]:
    """A label and somebody's words under it, as plain text without markdown."""
    short = text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
    return [
        TextBlock(text=label, weight="Bolder", wrap=True, spacing="Medium"),
        RichTextBlock(inlines=[TextRun(text=short or "–")], spacing="None"),
    ]


def facts(pairs: Sequence[tuple[str, str]]) -> FactSet:
    """Short answers side by side with their names."""
    return FactSet(facts=[Fact(title=title, value=literal(value) or "–") for title, value in pairs])


def image(picture: Picture) -> Image:
    """A chart inside the card itself: no address in the open has the figures (Teams does not count inline images to a
    message's size, Microsoft: 'Format your bot messages').
    """
    data = base64.b64encode(picture.png).decode()
    return Image(url=f"data:image/png;base64,{data}", alt_text=picture.alt, size="Stretch")


def balances(rows: Sequence[tuple[str, BudgetLine]]) -> list[CardElement]:
    """Balances as a table, with a word where its financial years are rounded."""
    note = rounded_note(*(b.split for _, b in rows))
    return [_balance_table(rows), *([line(note, subtle=True)] if note else [])]


def _balance_table(rows: Sequence[tuple[str, BudgetLine]]) -> Table:
    """Balances in the academic year and in both financial years. A table's first row is its head unless it says not;
    the key is left out, as schema and renderers spell it differently (microsoft/AdaptiveCards 9298).
    """
    first = rows[0][1]
    head = [
        "Balance",
        f"{first.academic_year} year",
        f"FY {first.financial_years[0]}",
        f"FY {first.financial_years[1]}",
    ]
    body = [
        [
            label,
            pounds(b.balance_pence),
            whole_pounds(b.split.first_pence),
            whole_pounds(b.split.second_pence),
        ]
        for label, b in rows
    ]
    return Table(
        columns=[ColumnDefinition(width=w) for w in (4.0, 3.0, 3.0, 3.0)],
        show_grid_lines=True,
        rows=[TableRow(cells=[_cell(text, bold=i == 0) for text in row]) for i, row in enumerate([head, *body])],
    )


def _cell(text: str, *, bold: bool) -> TableCell:
    return TableCell(items=[TextBlock(text=text, wrap=True, weight="Bolder" if bold else None)])


def asking(title: str, sentence: str) -> SubmitAction:
    """A button that asks the sentence for the person."""
    return SubmitAction(title=title, data={ASK: sentence})


class UnknownCardKeys(TypeError):
    """Microsoft's builders keep a key they do not know and write it into the card, where Teams ignores it."""


def finish(card: AdaptiveCard) -> Card:
    """The card as JSON; every card leaves here. Raises `UnknownCardKeys` with each key that is no field."""
    if unknown := sorted(set(_unknown_keys(card))):
        raise UnknownCardKeys(f"The builders of cards have no field for {', '.join(unknown)}.")
    dumped: Card = card.model_dump(by_alias=True, exclude_none=True)
    return dumped


def _unknown_keys(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _unknown_keys(one)
    if not isinstance(part, BaseModel):
        return
    known = {ASK} if isinstance(part, SubmitActionData) else set()
    yield from (f"{type(part).__name__}.{name}" for name in (part.model_extra or {}).keys() - known)
    for name, value in vars(part).items():
        if not (isinstance(part, ExecuteAction) and name == "data"):  # what a verb is called with is ours to name
            yield from _unknown_keys(value)
