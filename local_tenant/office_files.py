"""What SharePoint does to files: it writes its columns into an Office file as the file's own properties, encrypts
what a label protects, and refuses some names.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile

SUFFIXES = (".docx", ".xlsx", ".pptx")
PROPERTIES, TYPES, LINKS = "docProps/custom.xml", "[Content_Types].xml", "_rels/.rels"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
CONTENT_TYPE = "0x0101000E5A7B2C4D6F8A4B9C0D1E2F3A4B5C6D"
ITEM = b'<?xml version="1.0"?><p:properties xmlns:p="http://schemas.microsoft.com/office/2006/metadata/properties"/>'


def is_rewritten(name: str, content: bytes) -> bool:
    """Whether SharePoint writes into a file of that name: only into what really is an Office file."""
    return name.lower().endswith(SUFFIXES) and zipfile.is_zipfile(io.BytesIO(content))


def rewritten(content: bytes) -> bytes:
    """The file as it lies in the library afterwards: the text is the same, size, hash and packing are others."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if TYPES not in parts:
        return content
    if PROPERTIES not in parts:
        parts[PROPERTIES] = (
            f'<?xml version="1.0"?><Properties xmlns="{OFFICE}/custom-properties" '
            f'xmlns:vt="{OFFICE}/docPropsVTypes"></Properties>'
        ).encode()
        kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
        parts[TYPES] = _with(parts[TYPES], "Types", f'<Override PartName="/{PROPERTIES}" ContentType="{kind}"/>')
        parts[LINKS] = _with(parts.get(LINKS, b""), "Relationships", _link("rIdSP1", "custom-properties", PROPERTIES))
    if b"ContentTypeId" not in parts[PROPERTIES]:
        number = max((int(n) for n in re.findall(rb'pid="(\d+)"', parts[PROPERTIES])), default=1) + 1
        own = f'fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number}" name="ContentTypeId"'
        value = f"<property {own}><vt:lpwstr>{CONTENT_TYPE}</vt:lpwstr></property>"
        parts[PROPERTIES] = _with(parts[PROPERTIES], "Properties", value)
    links = next((n for n in parts if re.fullmatch(r"(word|xl|ppt)/_rels/\w+\.xml\.rels", n)), "")
    if links and "customXml/itemSP.xml" not in parts:
        parts["customXml/itemSP.xml"] = ITEM
        parts[links] = _with(parts[links], "Relationships", _link("rIdSP2", "customXml", "../customXml/itemSP.xml"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def encrypted(content: bytes, key: str) -> bytes:
    """What an application reads of a file whose label encrypts it: other bytes each time, nothing of the text."""
    whole = hashlib.sha512(key.encode()).digest() * (len(content) // 64 + 1)
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le") + whole


def is_allowed_name(name: str) -> bool:
    """Whether SharePoint takes it for a file or folder ('Restrictions and limitations in OneDrive and SharePoint')."""
    stem = name.partition(".")[0].casefold()
    return not (
        set(name) & set('"*:<>?/\\|')
        or any(ord(c) < 32 for c in name)
        or name != name.strip(" ")
        or name.endswith(".")
        or name.startswith("~$")
        or "_vti_" in name.casefold()
        or name.casefold() in ("", ".lock", "desktop.ini", "forms")
        or re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", stem)
    )


def _link(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{OFFICE}/relationships/{kind}" Target="{target}"/>'


def _with(part: bytes, root: str, child: str) -> bytes:
    return part.replace(f"</{root}>".encode(), f"{child}</{root}>".encode())
