"""Errors named by what must happen next. SDK and driver errors are translated to these once, in the adapters."""

from __future__ import annotations


class InputRefused(Exception):
    """The person corrects it: `sentences` say what is wrong, with which value, and what to do."""

    code = "input-refused"

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


class NotAllowed(Exception):
    """This person may not do this; the sentence says who may."""

    code = "not-allowed"


class NotReadable(NotAllowed):
    """This person may not read this; the sentence says whom to ask, and not whether there is anything."""

    code = "not-readable"


class AlreadyDone(Exception):
    """It has happened before: nothing was changed, the sentence says what stands."""

    code = "already-done"


class TryLater(Exception):
    """The service is busy or away: try again after so many seconds."""

    code = "try-later"

    def __init__(self, sentence: str, retry_after_s: float) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class FileOpen(TryLater):
    """Somebody has the file open or checked out: it may be free in a moment, or tomorrow."""


class Conflict(Exception):
    """Somebody else changed it: read and decide again."""

    code = "conflict"


class NeedsAttention(Exception):
    """It cannot succeed until a person mends something; the sentence says what.

    `needs` names what it waits for where the desk will notice by itself that it is there again.
    """

    code = "needs-attention"

    def __init__(self, sentence: str, needs: str = "") -> None:
        super().__init__(sentence)
        self.needs = needs


class FileTooLarge(NeedsAttention):
    """A file is larger than its kind ever is, and was not taken into memory."""

    code = "file-too-large"

    def __init__(self, size: int, most_bytes: int, name: str = "The file") -> None:
        self.size, self.most_bytes = size, most_bytes
        super().__init__(f"{name} has {_megabytes(size)} or more; at most {_megabytes(most_bytes)} are read.")


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
