"""The same document made twice is the same bytes: a Word file is a zip, whose members carry when they were put in.

So a paper made again, after a crash or a restore, is known to be the one that lies in the library already.
"""

from __future__ import annotations

import io
import struct
import zipfile

NO_TIME = struct.pack("<HH", 0, 0x21)
"""Midnight of 1 January 1980, the first moment of a zip."""

LOCAL_TIME_AT, CENTRAL_TIME_AT = 10, 12
"""Where the moment stands in the header before a member and in the one of the directory at the end."""

FIXED_BYTES = 46
LENGTHS_AT = 28


def undated(content: bytes) -> bytes:
    """A zip with every member's moment set to the first one. Raises `ValueError` where two have one name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members, at = archive.infolist(), archive.start_dir
    if len({m.filename for m in members}) < len(members):
        raise ValueError("A part is there twice.")
    changed = bytearray(content)
    for member in members:
        begins = member.header_offset + LOCAL_TIME_AT
        changed[begins : begins + len(NO_TIME)] = NO_TIME
        changed[at + CENTRAL_TIME_AT : at + CENTRAL_TIME_AT + len(NO_TIME)] = NO_TIME
        at += FIXED_BYTES + sum(struct.unpack_from("<HHH", content, at + LENGTHS_AT))
    return bytes(changed)
