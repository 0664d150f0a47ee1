"""What a Word document says: its text, tables and pictures, however it is formatted, packed or saved again.

Two people who sign a report sign the same where this is the same: SharePoint changes the bytes by itself.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from papers.office_parts import office_parts, parsed

TEXTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
ENDS = {f"{WORD}p": "\n", f"{WORD}tc": "|", f"{WORD}tr": "/", f"{WORD}tbl": "#"}
"""What ends a paragraph, a cell, a row, a table."""

MARKS = {f"{WORD}tab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-"}


def wording_hash(content: bytes) -> str:
    """The same for two documents that say the same; of all bytes where it is no Word document."""
    said = _wording(content)
    return hashlib.sha256(content if said is None else said.encode()).hexdigest()


def wording_changes(before: bytes, after: bytes) -> list[tuple[str, str]]:
    """What one document says where it differs from another: lines before and after, either '' where there is none."""
    old, new = _lines(before), _lines(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(" ".join(old[a:b]), " ".join(new[c:d])) for kind, a, b, c, d in steps if kind != "equal"]


def _lines(content: bytes) -> list[str]:
    """Its paragraphs and cells that say something."""
    said = re.split(r"[\n\f]", _wording(content) or "")
    return [line for paragraph in said if (line := paragraph.strip(" \t|/#"))]


def _wording(content: bytes) -> str | None:
    """All it says; None where it is no Word document."""
    parts = office_parts(content) or {}
    said = sorted(text for name in parts if TEXTS.fullmatch(name) if (text := _said(parts, name)).strip("\n"))
    return "\f".join(said) if said else None


def _said(parts: Mapping[str, bytes], name: str) -> str:
    root = parsed(parts[name])
    return "" if root is None else "".join(_words(root, _pictures(parts, name)))


def _words(element: Any, pictures: Mapping[str, str]) -> Iterator[str]:
    if element.tag == f"{WORD}t":
        yield element.text or ""
    elif element.tag in MARKS:
        yield MARKS[element.tag]
    elif element.tag == f"{WORD}sym":
        yield f"[{element.get(f'{WORD}char')}]"
    elif (held := element.get(f"{LINK}embed") or element.get(f"{LINK}id")) in pictures:
        yield f"[picture {pictures[held]}]"
    for child in element:
        yield from _words(child, pictures)
    yield ENDS.get(element.tag, "")


def _pictures(parts: Mapping[str, bytes], name: str) -> dict[str, str]:
    """The hash of each picture of a part, by the id it is linked with."""
    folder, own = posixpath.split(name)
    links = parsed(parts.get(f"{folder}/_rels/{own}.rels", b""))
    found = {}
    for link in () if links is None else links:
        target = posixpath.normpath(posixpath.join(folder, link.get("Target", "")))
        if link.get("Type", "").endswith("/image") and target in parts:
            found[link.get("Id", "")] = hashlib.sha256(parts[target]).hexdigest()
    return found
