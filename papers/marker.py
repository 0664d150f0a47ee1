"""Our mark in an Office file: under which name it was filed, and a fingerprint of its parts as we made them.

SharePoint writes its own properties into Office files after an upload, so neither size nor hash nor tag says whether
somebody edited one. The parts do: only those that people write in are in the fingerprint.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from typing import Any

from papers.office_parts import TYPES, office_parts, parsed
from papers.undated import undated

PROPERTIES = "docProps/custom.xml"
"""Where a document's own properties stand; SharePoint adds its columns there and keeps what others wrote."""

PROPERTY = "CoS Desk"
NOT_OURS = re.compile(r"docProps/|customXml/|_rels/\.rels$|\[Content_Types\]\.xml$")
"""Parts SharePoint writes into: properties, its own XML, and the lists of what there is."""

SMALL, KEPT = 500_000, 64
"""Bytes, and parts: a document's styles are most of it to read, and the same in the next one."""

_PROPERTY = re.compile(rf'<property [^>]*name="{PROPERTY}"[^>]*>\s*<vt:lpwstr>([^<]*)</vt:lpwstr>\s*</property>')
_EMPTY = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"></Properties>'
)
_KIND = '<Override PartName="/docProps/custom.xml" ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/>'  # noqa: E501  one element
_LINK = '<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties" Target="docProps/custom.xml"/>'  # noqa: E501  one element
_FORM = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The format id of a document's own properties (MS-OSHARED, 2.3.3.2.1.1)."""


@dataclass(frozen=True, kw_only=True)
class Marker:
    """What stands in the mark."""

    name: str
    fingerprint: str


def fingerprint(content: bytes) -> str:
    """Of the parts people write in, however they are packed; of all bytes where it is no Office file."""
    parts = office_parts(content)
    if parts is None:
        return hashlib.sha256(content).hexdigest()
    whole = hashlib.sha256()
    for name in sorted(n for n in parts if not NOT_OURS.match(n)):
        whole.update(hashlib.sha256(name.encode()).digest())
        whole.update(_digest(parts[name], name.rpartition(".")[2]))
    return whole.hexdigest()


def marked(content: bytes, name: str) -> bytes:
    """The file with our mark, the same for the same; as it is where it is no Office file."""
    parts = office_parts(content)
    if parts is None:
        return content
    properties = parts.get(PROPERTIES, b"").decode("utf-8", "replace") or _EMPTY
    properties = _PROPERTY.sub("", properties)
    number = max((int(n) for n in re.findall(r'pid="(\d+)"', properties)), default=1) + 1
    said = escape(f"{fingerprint(content)} {name}")
    own = f'<property fmtid="{_FORM}" pid="{number}" name="{PROPERTY}"><vt:lpwstr>{said}</vt:lpwstr></property>'
    changed = {PROPERTIES: properties.replace("</Properties>", f"{own}</Properties>").encode()}
    if PROPERTIES not in parts:
        changed[TYPES] = parts[TYPES].replace(b"</Types>", f"{_KIND}</Types>".encode())
        link = _LINK.format(id=_free_id(parts["_rels/.rels"]))
        changed["_rels/.rels"] = parts["_rels/.rels"].replace(b"</Relationships>", f"{link}</Relationships>".encode())
    return _packed({**parts, **changed})


def marker_of(content: bytes) -> Marker | None:
    """The mark that stands in it, if any."""
    parts = office_parts(content) or {}
    found = _PROPERTY.search(parts.get(PROPERTIES, b"").decode("utf-8", "replace"))
    if found is None:
        return None
    made, _, name = unescape(found[1]).partition(" ")
    return Marker(name=name, fingerprint=made)


def _free_id(links: bytes) -> str:
    known = set(re.findall(rb'Id="([^"]+)"', links))
    return next(name for n in range(1, len(known) + 2) if (name := f"rIdDesk{n}").encode() not in known)


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda n: (n != TYPES, n)):  # readers want the types first
            archive.writestr(name, parts[name])
    return undated(out.getvalue())


def _digest(part: bytes, kind: str) -> bytes:
    return (_known if len(part) <= SMALL else _read)(part, kind)


def _read(part: bytes, kind: str) -> bytes:
    return hashlib.sha256(_plain(part, kind)).digest()


_known = lru_cache(KEPT)(_read)


def _plain(part: bytes, kind: str) -> bytes:
    """A part as it reads whatever wrote it: XML without the order of its attributes, links without SharePoint's."""
    root = parsed(part) if kind in ("xml", "rels") else None
    if root is None:
        return part
    elements = sorted(_elements(root)) if kind == "rels" else list(_elements(root))
    return "\n".join(elements).encode()


def _elements(root: Any) -> Iterator[str]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        attributes = dict(element.attrib)
        if not attributes.get("Type", "").endswith("/customXml"):
            yield repr((element.tag, sorted(attributes.items()), element.text or "", element.tail or ""))
