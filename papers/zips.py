"""Zip files that people send (workbooks, Word documents), checked before anything unpacks them.

A zip says of each member how large it is, and can lie: so each is unpacked piece by piece, no further than it says.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
STORED, DEFLATED = 0, 8
PIECE = 1 << 20
MOST_MEMBERS = 5_000


class ZipRefused(ValueError):
    """It is no zip, is larger unpacked than may be read, or is not what it says; the sentence goes on from 'it'."""


class NoZip(ZipRefused):
    """It is no zip at all."""


def check_zip(content: bytes, most_bytes: int) -> frozenset[str]:
    """The names of its members, where they unpack to `most_bytes` at most together. Raises `ZipRefused`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error) as error:
        raise NoZip("is no zip") from error
    total = sum(m.file_size for m in members)
    if total > most_bytes:
        raise ZipRefused(f"holds {total // 1_000_000:,} MB unpacked; at most {most_bytes // 1_000_000} MB are read")
    if len(members) > MOST_MEMBERS:
        raise ZipRefused(f"holds {len(members):,} parts; at most {MOST_MEMBERS:,} are read")
    for member in members:
        _check_size(content, member)
    return frozenset(m.filename for m in members)


def _check_size(content: bytes, member: zipfile.ZipInfo) -> None:
    begins = max(member.header_offset, 0)
    if (
        member.flag_bits & 1
        or member.compress_type not in (STORED, DEFLATED)
        or begins + LOCAL_HEADER.size > len(content)
    ):
        raise ZipRefused(f"has a part that cannot be opened ('{member.filename[:60]}')")
    *_, name_bytes, extra_bytes = LOCAL_HEADER.unpack_from(content, begins)
    packed = memoryview(content)[begins + LOCAL_HEADER.size + name_bytes + extra_bytes :][: member.compress_size]
    if member.compress_type == STORED:
        is_as_said = len(packed) == member.file_size
    else:
        is_as_said = _unpacked_bytes(packed, member.file_size) == member.file_size
    if not is_as_said:
        raise ZipRefused(f"has a part that is not as large as it says ('{member.filename[:60]}')")


def _unpacked_bytes(packed: memoryview, most: int) -> int:
    """How large a member is, counted no further than one byte past what it says."""
    unpacking, count = zlib.decompressobj(-zlib.MAX_WBITS), 0
    left: bytes | memoryview = packed
    try:
        while not unpacking.eof and count <= most:
            piece = unpacking.decompress(left, min(PIECE, most + 1 - count))
            left = unpacking.unconsumed_tail
            count += len(piece)
            if not piece and not left:
                break
    except zlib.error:
        return -1
    return count if unpacking.eof else -1
