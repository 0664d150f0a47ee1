"""The parts of an Office file (.docx, .xlsx, .pptx): a zip of XML and pictures, opened only where that is safe."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from docx.oxml.parser import parse_xml

from papers.zips import ZipRefused, check_zip

MOST_UNPACKED = 60_000_000
"""Our papers are a few pages, with pictures; a person may put in some more."""

TYPES = "[Content_Types].xml"


def office_parts(content: bytes) -> dict[str, bytes] | None:
    """Each part by its name; None where it is no Office file, or none that may be opened."""
    try:
        names = check_zip(content, MOST_UNPACKED)
        if TYPES not in names:
            return None
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in names}
    except (ZipRefused, zipfile.BadZipFile, ValueError, KeyError, OSError):
        return None


def parsed(part: bytes) -> Any:
    """A part's root element; None where it is no XML. Entities are not resolved."""
    try:
        return parse_xml(part)
    except Exception:  # whatever lxml says of a part that is broken
        return None
