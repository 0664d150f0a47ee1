"""What a Word document says, and what in its XML would keep somebody from reading it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise

from docx import Document
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


def text_of(content: bytes) -> str:
    """Paragraphs, then the cells of the tables."""
    document = Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def accessibility_problems(content: bytes) -> Iterator[str]:
    """Headings are headings and in order, tables have header rows and descriptions, pictures have words,
    the language is English (UK), the document has a title."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    body = etree.fromstring(archive.read("word/document.xml"))
    yield from _heading_problems(body)
    for number, table in enumerate(body.iter(f"{W}tbl"), 1):
        if len(table.findall(f"{W}tr")) > 1:
            if table.find(f"{W}tr/{W}trPr/{W}tblHeader") is None:
                yield f"table {number} has no header row"
            if table.find(f"{W}tblPr/{W}tblDescription") is None:
                yield f"table {number} has no description"
    for picture in body.iter(f"{DRAWING}docPr"):
        if not (picture.get("descr") or "").strip():
            yield f"picture '{picture.get('name')}' has no alternative text"
    for part in ("word/styles.xml", "word/document.xml"):
        for language in set(re.findall(r'<w:lang [^>]*w:val="([^"]+)"', archive.read(part).decode())) - {"en-GB"}:
            yield f"{part} is in {language}"
    if 'w:val="en-GB"' not in archive.read("word/styles.xml").decode():
        yield "no language is set"
    if not re.search(r"<dc:title>[^<]+</dc:title>", archive.read("docProps/core.xml").decode()):
        yield "the document has no title"


def _heading_problems(body: etree._Element) -> Iterator[str]:
    levels = [
        int(style[7:])
        for p in body.iter(f"{W}p")
        if (s := p.find(f"{W}pPr/{W}pStyle")) is not None and (style := s.get(f"{W}val") or "").startswith("Heading")
    ]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"the headings are {levels}; there must be one of level 1, at the top"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"
    for p in body.iter(f"{W}p"):
        runs = [r for r in p.findall(f"{W}r") if "".join(r.itertext()).strip()]
        fake = runs and all(r.find(f"{W}rPr/{W}sz") is not None and r.find(f"{W}rPr/{W}b") is not None for r in runs)
        sizes = [int(r.find(f"{W}rPr/{W}sz").get(f"{W}val")) for r in runs] if fake else []
        if sizes and min(sizes) > 40:
            yield f"'{''.join(p.itertext())}' only looks like a heading"
