"""Encrypting pupils' names and dates of birth at rest (Fernet: AES-128-CBC with HMAC-SHA-256)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from casework.errors import NeedsAttention
from communities.requests import FREE_TEXTS, Pupil, Submission

NO_KEY = "Pupils' data cannot be opened: the key it was sealed with is not configured."


class PupilData(msgspec.Struct, frozen=True):
    """What is sealed: the pupils as read, the field as it was written, links whose names may name a child, and the
    free texts as they were written, where they do name one.
    """

    pupils: list[Pupil]
    written: str
    attachments: list[str] = msgspec.field(default_factory=list)
    texts: dict[str, str] = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        """Nothing of it: it would be in a log or a traceback."""
        return "PupilData(...)"


def pupil_data(submission: Submission, kept: Mapping[str, Any]) -> PupilData:
    """What of a submission is sealed; `kept` is what stands in the open."""
    return PupilData(
        pupils=list(submission.pupils),
        written=submission.pupils_written,
        attachments=list(submission.attachments),
        texts={f: text for f in FREE_TEXTS if (text := getattr(submission, f)) != kept[f]},
    )


class Sealer:
    """Seals with the first key, opens with any: put a new key first to rotate."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(k) for k in keys]) if keys else None
        self._newest = Fernet(keys[0]) if keys else None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it was sealed with the first key."""
        self._opened()
        assert self._newest is not None
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def rotate(self, sealed: bytes) -> bytes:
        """The same, sealed with the first key; raises `NeedsAttention` where no key opens it."""
        try:
            return self._opened().rotate(sealed)
        except InvalidToken as error:
            raise NeedsAttention(NO_KEY) from error

    def _opened(self) -> MultiFernet:
        if self._fernet is None:
            raise NeedsAttention("Pupils' data can be neither stored nor read: COS_PUPIL_KEYS is not set.")
        return self._fernet

    def seal(self, data: PupilData) -> bytes:
        """To the bytes that may be stored."""
        return self.seal_bytes(msgspec.json.encode(data))

    def seal_bytes(self, content: bytes) -> bytes:
        """Anything else that may name a child."""
        return self._opened().encrypt(content)

    def open(self, sealed: bytes) -> PupilData:
        """Back again; a key that is not there any more is an administrator's matter."""
        return msgspec.json.decode(self.open_bytes(sealed), type=PupilData)

    def open_bytes(self, sealed: bytes) -> bytes:
        """What `seal_bytes` sealed."""
        try:
            return self._opened().decrypt(sealed)
        except InvalidToken as error:
            raise NeedsAttention(NO_KEY) from error
