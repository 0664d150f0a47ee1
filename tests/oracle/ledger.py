"""A community's money: what it began with, what was agreed, processed, paid and came back. Whole pence.

DOMAIN.md, 'The money': a decision commits money; the moderated and paid amounts can differ, and each difference stays
visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.oracle.year import Request


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A change of the balance."""

    at: datetime
    community: str
    kind: str
    pence: int
    """Added to the balance."""
    request: str = ""
    school: str = ""
    pupils: int = 0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a community's budget stands; all amounts as their names say."""

    opening: int
    agreed: int
    """Committed by decisions that stand or were taken back."""
    moderated: int
    settled: int
    paid: int
    returned: int
    moved: int
    """Transfers and corrections."""

    @property
    def unpaid(self) -> int:
        """Approved and not paid yet."""
        return self.agreed + self.moderated - self.settled

    @property
    def balance(self) -> int:
        """What is left."""
        return self.opening + self.moved - self.unpaid - self.paid + self.returned


class Ledger:
    """Every entry of the year."""

    def __init__(self, opening: dict[str, int]) -> None:
        self.opening, self.entries = opening, list[Entry]()

    def close(self) -> None:
        """Nothing more is entered."""
        self.entries.sort(key=lambda e: e.at)

    def _add(self, request: Request, at: datetime, kind: str, pence: int) -> None:
        pupils = sum(request.response.counts[:2]) if kind == "agreed" else 0
        self.entries.append(
            Entry(at=at, community=request.community, kind=kind, pence=pence, request=request.id,
                  school=request.response.school, pupils=pupils)
        )  # fmt: skip

    def _of(self, request: Request, *kinds: str) -> int:
        return sum(e.pence for e in self.entries if e.request == request.id and e.kind in kinds)

    def commit(self, request: Request, at: datetime, pence: int) -> None:
        """The community agreed it."""
        self._add(request, at, "agreed", -pence)

    def moderate(self, request: Request, at: datetime, final: int) -> None:
        """KCC's final amount."""
        self._add(request, at, "moderated", -self._of(request, "agreed", "moderated", "released") - final)

    def take_back(self, request: Request, at: datetime) -> None:
        """The decision was reopened: all of it is free again."""
        self._add(request, at, "released", -self._of(request, "agreed", "moderated"))

    def pay(self, request: Request, at: datetime, paid: int) -> None:
        """It left the commitments, and what was paid stands in their place."""
        self._add(request, at, "settled", -self._of(request, "agreed", "moderated", "released"))
        self._add(request, at, "paid", -paid)

    def give_back(self, request: Request, at: datetime, pence: int) -> None:
        """The school did not use it."""
        self._add(request, at, "returned", pence)

    def correct(self, community: str, at: datetime, pence: int) -> None:
        """What KCC's books say."""
        self.entries.append(Entry(at=at, community=community, kind="moved", pence=pence))

    def transfer(self, source: str, target: str, at: datetime, pence: int) -> None:
        """From one community to another."""
        self.correct(source, at, -pence)
        self.correct(target, at, pence)

    def standing(self, community: str, moment: datetime) -> Standing:
        """At a moment."""
        by_kind: dict[str, int] = {}
        for entry in self.entries:
            if entry.community == community and entry.at <= moment:
                by_kind[entry.kind] = by_kind.get(entry.kind, 0) + entry.pence
        return Standing(
            opening=self.opening[community],
            agreed=-by_kind.get("agreed", 0),
            moderated=-by_kind.get("moderated", 0),
            settled=by_kind.get("settled", 0),
            paid=-by_kind.get("paid", 0),
            returned=by_kind.get("returned", 0) + by_kind.get("released", 0),
            moved=by_kind.get("moved", 0),
        )

    def of_school(self, school: str, moment: datetime) -> tuple[int, int]:
        """What the community agreed for a school (pence, pupils), decisions that were taken back left out."""
        mine = [e for e in self.entries if e.school == school and e.at <= moment]
        freed = {e.request: e.at for e in mine if e.kind == "released"}
        stands = [
            e for e in mine if e.kind in ("agreed", "moderated") and (e.request not in freed or e.at > freed[e.request])
        ]
        return -sum(e.pence for e in stands), sum(e.pupils for e in stands)
