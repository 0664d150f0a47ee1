"""Office files that cannot be opened without a key: a sensitivity label encrypts them, or a password."""

from __future__ import annotations

CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
"""An OLE compound file, in which an encrypted package lies (MS-OFFCRYPTO, 2.3.1)."""

PACKAGE = "EncryptedPackage".encode("utf-16-le")

ENCRYPTED = (
    "It is encrypted by a sensitivity label or a password, so it cannot be read here. Open it in Word, choose a label "
    "without encryption or remove the password, and save it again."
)


def is_encrypted(content: bytes) -> bool:
    """Whether it is an encrypted Office file; an old .doc lies in such a container too, but in the clear."""
    return content.startswith(CONTAINER) and PACKAGE in content
