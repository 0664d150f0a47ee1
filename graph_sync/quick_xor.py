"""QuickXorHash: the only hash SharePoint gives of a file (learn.microsoft.com: 'Code Snippets: QuickXorHash').

Each byte is xored into 160 bits, 11 bits further round than the one before; the length is xored in at the end.
"""

from __future__ import annotations

import base64

BITS, SHIFT = 160, 11


def quick_xor_hash(content: bytes) -> str:
    """Base64, as `file.hashes.quickXorHash` shows it."""
    folded = 0
    for start in range(0, len(content), BITS):  # bytes 160 apart fall on the same bits
        folded ^= int.from_bytes(content[start : start + BITS], "little")
    value = 0
    for place, byte in enumerate(folded.to_bytes(BITS, "little")):
        value ^= byte << (place * SHIFT % BITS)
    value = (value & ((1 << BITS) - 1)) ^ (value >> BITS) ^ (len(content) << (BITS - 64))
    return base64.b64encode(value.to_bytes(BITS // 8, "little")).decode()
