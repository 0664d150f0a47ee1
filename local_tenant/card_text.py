"""An Adaptive Card as plain text: what somebody would read out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]


def card_as_text(card: Node) -> str:
    """Texts, facts, tables, inputs (with their values) and buttons, top to bottom."""
    return "\n".join(_lines(card))


def _lines(node: Node) -> Iterator[str]:
    match node.get("type"):
        case "TextBlock":
            yield str(node.get("text", ""))
        case "RichTextBlock":
            yield "".join(str(r.get("text", "")) if isinstance(r, dict) else str(r) for r in node.get("inlines", []))
        case "FactSet":
            for fact in node.get("facts", []):
                yield f"{fact.get('title')}: {fact.get('value')}"
        case "Table":
            for row in node.get("rows", []):
                yield " | ".join(" ".join(_lines(cell)) for cell in row.get("cells", []))
        case str() as kind if kind.startswith("Input."):
            yield f"[{node.get('label') or node.get('placeholder') or node.get('id')}: {node.get('value', '')}]"
        case str() as kind if kind.startswith("Action."):
            yield f"({node.get('title')})"
        case _:
            for key in ("body", "items", "columns", "inlines", "actions"):
                for child in node.get(key) or []:
                    if isinstance(child, dict):
                        yield from _lines(child)
