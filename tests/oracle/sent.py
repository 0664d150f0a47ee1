"""What must stand in whatever left the product: no kind of email, card or document is left out but those named."""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle.answers import Expected
from tests.oracle.cards import Cards
from tests.oracle.documents import Documents
from tests.oracle.emails import Emails
from tests.oracle.outside import Sent
from tests.oracle.year import Year

LEFT_OUT = ("evaluate", "report", "DeskPost", "ToDecidePost")
"""Of emails and cards: surveys, and what repeats a clerk's desk or a meeting's decisions for others to press."""


class SentOut:
    """What is expected of whatever was sent."""

    def __init__(self, year: Year) -> None:
        self._emails, self._documents, self._cards = Emails(year), Documents(year), Cards(year)

    def expected_of(self, sent: Sent) -> Iterator[tuple[Expected, str]]:
        """What it must say, with what it does; a document that is attached is one of its own."""
        kind, _, subject = sent.key.partition(":")
        if sent.door == "email" and kind not in LEFT_OUT:
            yield self._emails.expected(sent), f"To: {', '.join(sorted(sent.to))}\n{sent.text}"
            yield from self._documents.attached(sent, kind, subject)
            return
        found = None
        if sent.door == "document":
            found = self._documents.filed(sent)
        elif sent.door == "card" and not sent.key.startswith(LEFT_OUT):
            found = self._cards.expected(sent)
        if found:
            yield found, sent.text
