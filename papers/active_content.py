"""What in a Word document does something when it is opened: fetches, runs, or fills itself in from elsewhere.

Our papers need none of it. A template of somebody's own that holds any is refused, and so is a document that a tag in
it has written such a thing into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from papers.office_parts import TYPES, office_parts, parsed

FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES", "DATE"})
"""Fields that may stand in a paper: they look at the document and the clock alone."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HYPERLINK = "/hyperlink"
_RUNS = ("oleobject", "package", "vbaproject", "afchunk", "control", "activex", "attachedtemplate", "frame")
"""Ends of relationship types: things that hold another document or a program."""

_MACROS = re.compile(rb"macroEnabled|vnd\.ms-office\.(vbaProject|activeX)", re.IGNORECASE)
_ELEMENTS = {
    "altChunk": "another document inside it",
    "object": "an embedded object",
    "control": "a control",
    "subDoc": "another document inside it",
    "dde": "a link to another program",
    "attachedTemplate": "a template elsewhere",
    "mailMerge": "a source for a mail merge",
}
REMEDY = "Take it out in Word and save the template again; page numbers, the date, pictures and links may stay."


def active_content(content: bytes) -> str:
    """The first such thing, in a sentence with what to do; '' where there is none, or it is no Office file."""
    parts = office_parts(content) or {}
    found = next((said for name, part in sorted(parts.items()) for said in _in_part(name, part)), "")
    return f"It holds {found}, which our papers may not. {REMEDY}" if found else ""


def _in_part(name: str, part: bytes) -> Iterator[str]:
    if name == TYPES and _MACROS.search(part):
        yield "macros"
    if not name.endswith((".xml", ".rels")):
        if "vbaProject" in name or name.startswith("word/embeddings/"):
            yield "an embedded object"
        return
    root = parsed(part)
    if root is None:
        return
    if name.endswith(".rels"):
        yield from _in_relationships(root)
        return
    for element, what in _ELEMENTS.items():
        if root.find(f".//{_WORD}{element}") is not None:
            yield what
    yield from (f"a field '{word}'" for word in _fields(root) if word not in FIELDS)


def _in_relationships(root: Any) -> Iterator[str]:
    for related in root:
        kind = str(related.get("Type", "")).casefold()
        if kind.endswith(_RUNS):
            yield "an embedded object or a template elsewhere"
        elif related.get("TargetMode") == "External" and not kind.endswith(_HYPERLINK):
            yield f"something that is fetched from elsewhere ('{str(related.get('Target', ''))[:60]}')"
        elif kind.endswith(_HYPERLINK) and not _is_plain_link(str(related.get("Target", ""))):
            yield f"a link that is none of a page or an email ('{str(related.get('Target', ''))[:60]}')"


def _is_plain_link(target: str) -> bool:
    return target.casefold().startswith(("https:", "http:", "mailto:", "#")) or ":" not in target


def _fields(root: Any) -> Iterator[str]:
    """The first word of each field's instruction, however Word has cut it into pieces."""
    for simple in root.iter(f"{_WORD}fldSimple"):
        yield _first_word(simple.get(f"{_WORD}instr", ""))
    depth, said = 0, [""]
    for element in root.iter(f"{_WORD}fldChar", f"{_WORD}instrText"):
        if element.tag.endswith("instrText"):
            said[-1] += element.text or ""
            if not depth:
                yield _first_word(said.pop())
                said.append("")
        elif element.get(f"{_WORD}fldCharType") == "begin":
            depth += 1
            said.append("")
        elif element.get(f"{_WORD}fldCharType") == "end" and depth:
            depth -= 1
            yield _first_word(said.pop())


def _first_word(instruction: str) -> str:
    words = instruction.split()
    return words[0].upper()[:40] if words else "without a name"
