"""What one answer must say, and what it does say instead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.oracle import days
from tests.oracle.reading import Unreadable, days_in, lines_about, pence_in, requests_in, times_in, without_as_of


@dataclass(frozen=True, kw_only=True)
class Line:
    """In the lines that speak of something (a regular expression) stand just these days, amounts, times and words."""

    about: str
    days: Iterable[date] | None = None
    pence: Iterable[int] | None = None
    times: Iterable[str] | None = None
    says: tuple[str, ...] = ()
    is_just: str = ""
    """The whole of them."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an answer must say. No other day, amount or request may stand in it; None: that is not looked at."""

    door: str
    asked: str
    """Who asked what, for whoever reads a difference."""
    rule: str
    at: datetime
    days: Iterable[date] | None = None
    may_days: Iterable[date] = ()
    """Days that may stand there as well."""
    pence: Iterable[int] | None = None
    may_pence: Iterable[int] = ()
    times: Iterable[str] | None = None
    requests: Iterable[str] | None = None
    lines: tuple[Line, ...] = ()
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A value the oracle and the product do not agree on."""

    expected: Expected
    what: str
    wanted: str
    found: str
    text: str

    def __str__(self) -> str:
        one = self.expected
        return (
            f"{one.door}, {one.at.astimezone(days.LONDON):%a %-d %b %Y %H:%M}, {one.asked}\n    rule: {one.rule}\n"
            f"    {self.what}: must be {self.wanted}, is {self.found}"
        )


@dataclass(kw_only=True)
class Comparison:
    """How many answers by door, and every difference."""

    asked: Counter[str] = field(default_factory=Counter)
    roles: set[str] = field(default_factory=set)
    """Whose questions in chat they were."""
    differences: list[Difference] = field(default_factory=list)

    def compare(self, expected: Expected, text: str, *, is_refused: bool = False, status: int = 200) -> None:
        """One answer; a page with the status it came with."""
        self.asked[expected.door] += 1
        if (status == 200) == is_refused:
            wanted = "refused" if is_refused else "200"
            self.differences.append(
                Difference(expected=expected, what="status", wanted=wanted, found=str(status), text=text)
            )
        self.differences += differences(expected, text)

    def note_refused(self, at: datetime, step: str, why: str) -> None:
        """Somebody could not do what the oracle has them do; nothing after it can be compared."""
        expected = Expected(door="command", asked=step, rule="people may do it then", at=at)
        self.differences.append(Difference(expected=expected, what="refused", wanted="done", found=why, text=why))

    def check_again(self, expected: Expected, text: str) -> None:
        """The same answer in another dress: a card that must say what the text says."""
        self.differences += differences(expected, text)

    @property
    def wrong(self) -> int:
        """How many answers have a difference."""
        return len({id(d.expected) for d in self.differences})

    def report(self, most: int = 40) -> str:
        """What was asked at which door, and the differences, the first of each rule before more of the same."""
        seen: Counter[tuple[str, str]] = Counter()
        ordered = []
        for one in self.differences:
            key = (one.expected.door, one.expected.rule)
            ordered.append((seen[key], one))
            seen[key] += 1
        ordered.sort(key=lambda pair: pair[0])
        kinds = [f"  {count} × {door}: {rule}" for (door, rule), count in seen.most_common()]
        asked = ", ".join(f"{door} {count}" for door, count in sorted(self.asked.items()))
        head = f"{self.asked.total()} answers ({asked}), {self.wrong} wrong"
        return "\n".join([head, *kinds, *(str(one) for _, one in ordered[:most])])


def differences(expected: Expected, text: str) -> Iterator[Difference]:
    """Every value that is missing or should not be there."""
    text, near = without_as_of(text), days.day_of(expected.at)

    def differs(what: str, wanted: Iterable[object], found: Iterable[object]) -> Difference:
        return Difference(expected=expected, what=what, wanted=_shown(wanted), found=_shown(found), text=text)

    try:
        found_days = days_in(text, near)
        if expected.days is not None:
            wanted = set(expected.days)
            if not wanted <= found_days <= wanted | set(expected.may_days):
                yield differs("days", wanted, found_days)
        for line in expected.lines:
            yield from _of_line(expected, line, text, near)
    except Unreadable as error:
        yield differs("day", ["a day of the calendar"], [str(error)])
    if expected.pence is not None:
        amounts, pence = set(expected.pence), pence_in(text)
        if not amounts <= pence <= amounts | set(expected.may_pence):
            yield differs("amounts", map(_pounds, amounts), map(_pounds, pence))
    if expected.times is not None and set(expected.times) != times_in(text):
        yield differs("times", expected.times, times_in(text))
    if expected.requests is not None and set(expected.requests) != requests_in(text):
        yield differs("requests", expected.requests, requests_in(text))
    flat = _flat(text)
    if missing := [one for one in expected.says if _flat(one) not in flat]:
        yield differs("words", missing, [text[:300].replace("\n", " / ")])
    if wrongly := [one for one in expected.never if _flat(one) in flat]:
        yield differs("words that may not be there", ["none"], wrongly)


def _of_line(expected: Expected, line: Line, text: str, near: date) -> Iterator[Difference]:
    lines = lines_about(text, line.about)
    said = "\n".join(lines)

    def differs(what: str, wanted: Iterable[object], found: Iterable[object]) -> Difference:
        return Difference(
            expected=expected, what=f"{what} in the lines about '{line.about}'", wanted=_shown(wanted),
            found=_shown(found) + f" ({said[:200]!r})", text=text,
        )  # fmt: skip

    if line.days is not None and (found := days_in(said, near)) != set(line.days):
        yield differs("days", line.days, found)
    if line.pence is not None and (amounts := pence_in(said)) != set(line.pence):
        yield differs("amounts", map(_pounds, line.pence), map(_pounds, amounts))
    if line.times is not None and (times := times_in(said)) != set(line.times):
        yield differs("times", line.times, times)
    if line.is_just and _flat(said) != _flat(line.is_just):
        yield differs("words", [line.is_just], [said])
    if missing := [one for one in line.says if _flat(one) not in _flat(said)]:
        yield differs("words", missing, [])


def _flat(text: str) -> str:
    """Without what a card or page writes a text with."""
    return re.sub(r"\s+", " ", text.replace("\\", "").replace("\u00a0", " ")).lower()


def _shown(values: Iterable[object]) -> str:
    shown = [f"{v:%a %-d %b %Y}" if isinstance(v, date) else str(v) for v in sorted(values, key=str)]
    return ", ".join(shown) or "nothing"


def _pounds(pence: int) -> str:
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}" + (f".{abs(pence) % 100:02d}" if pence % 100 else "")
