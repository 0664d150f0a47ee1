"""Every regular expression of the product is tried with hostile texts: twice the text takes about twice the time.

What people, files and mails hold is as long as they like; an expression that begins anew at each character of a run
takes four times as long for twice the text, and minutes for a megabyte.
"""

from __future__ import annotations

import ast
import re
import re._parser as parser
import signal
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from random import Random
from typing import Any

import pytest

from tests.patience import PATIENCE_S

ROOMS = ("bot", "casework", "communities", "forms_ingest", "graph_sync", "papers", "service")
ROOT = Path(__file__).parent.parent
CALLS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
ANCHORED = frozenset({"match", "fullmatch"})
SHORT, MEGABYTE = 4_000, 1_000_000
FLOOR_S = 0.004
"""What takes less for the short text is linear, or short enough not to matter for any text of that length."""

MORE_THAN_TWICE = 3.0
PIECES = (*"aA0 <(.,'\"@£\n-{[&#/_\t", "A a", "a@", "a.", "0,000", "<a ")
CATEGORIES = {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}


def modules() -> Iterator[Any]:
    """Every module of the product but those that only start something."""
    for room in ROOMS:
        for found in walk_packages(import_module(room).__path__, f"{room}."):
            if ".migrations" not in found.name and not found.name.endswith("__main__"):
                yield import_module(found.name)


def kept(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The compiled expressions in a module's name, also in its tables."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, dict):
        for inner in (*value, *value.values()):
            yield from kept(inner, depth + 1)
    elif depth < 3 and isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from kept(inner, depth + 1)


def collected() -> dict[str, tuple[re.Pattern[Any], bool]]:
    """Each expression by where it stands, and whether it is only ever tried at the beginning of a text."""
    found: dict[str, tuple[re.Pattern[Any], bool]] = {}
    for module in modules():
        tree = ast.parse(Path(module.__file__).read_text("utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
        used: dict[str, set[str]] = {}
        for call in calls:
            assert isinstance(call.func, ast.Attribute)
            if isinstance(call.func.value, ast.Name):
                used.setdefault(call.func.value.id, set()).add(call.func.attr)
            is_call = ast.unparse(call.func.value) == "re" and call.func.attr in CALLS
            if is_call and isinstance(written := call.args[0], ast.Constant):
                place = f"{module.__name__}:{call.lineno}"
                found[place] = re.compile(written.value), call.func.attr in ANCHORED
        for name, value in vars(module).items():
            for number, pattern in enumerate(kept(value)):
                ways = used.get(name, set())
                found[f"{module.__name__}.{name}.{number}"] = pattern, bool(ways) and ways <= ANCHORED
    return found


def literals(tree: Any) -> Iterator[str]:
    """The characters an expression names."""
    for operator, value in tree:
        match str(operator):
            case "LITERAL" | "NOT_LITERAL":
                yield chr(value)
            case "IN":
                yield from (chr(v if str(o) == "LITERAL" else v[0]) for o, v in value if str(o) in ("LITERAL", "RANGE"))
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                yield from literals(value[2])
            case "SUBPATTERN":
                yield from literals(value[3])
            case "BRANCH":
                yield from (character for branch in value[1] for character in literals(branch))


def matched(tree: Any, chance: Random) -> str:
    """A text the expression may match."""
    text = ""
    for operator, value in tree:
        match str(operator):
            case "LITERAL":
                text += chr(value)
            case "NOT_LITERAL" | "ANY":
                text += "a"
            case "IN":
                kind, one = chance.choice(value)
                character = one if str(kind) == "LITERAL" else one[0] if str(kind) == "RANGE" else ord("a")
                text += CATEGORIES.get(str(one), "!") if str(kind) == "CATEGORY" else chr(character)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                text += "".join(matched(value[2], chance) for _ in range(max(value[0], min(1, value[1]))))
            case "SUBPATTERN":
                text += matched(value[3], chance)
            case "BRANCH":
                text += matched(chance.choice(value[1]), chance)
    return text


def hostile(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """What a text begins with, what it repeats, what it ends with: pieces of what the expression wants, and nothing."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree, chance = parser.parse(source, pattern.flags & re.VERBOSE), Random(1)
    wanted = {matched(tree, chance) for _ in range(4)}
    parts = {part for text in wanted for end in (1, 2, 3, 5, 8) for part in (text[:end], text[-end:])}
    for piece in sorted({*PIECES, *literals(tree), *parts, *wanted} - {""}):
        yield "", piece, "\x00"
        yield min(wanted), piece, "\x00"


def text_of(spoilt: tuple[str, str, str], length: int) -> str:
    """So long."""
    head, piece, tail = spoilt
    return head + (piece * (length // len(piece) + 1))[:length] + tail


def taken_s(pattern: re.Pattern[Any], is_anchored: bool, text: str) -> float:
    """This thread's seconds of processor for looking through the text."""
    given = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    everywhere = (lambda t: sum(1 for _ in pattern.finditer(t)),)
    ways: tuple[Callable[[Any], Any], ...] = (pattern.match, pattern.fullmatch) if is_anchored else everywhere

    began = time.thread_time()
    for way in ways:
        way(given)
    return time.thread_time() - began


def slowest(pattern: re.Pattern[Any], is_anchored: bool) -> tuple[str, str, str]:
    """The hostile text that takes longest. Fails where twice of one takes more than twice as long."""
    worst, longest_s = ("", "a", ""), 0.0
    for spoilt in hostile(pattern):
        once_s = taken_s(pattern, is_anchored, text_of(spoilt, SHORT))
        if once_s > longest_s:
            worst, longest_s = spoilt, once_s
        if once_s > FLOOR_S:
            in_turns = [
                [taken_s(pattern, is_anchored, text_of(spoilt, length)) for length in (SHORT, 2 * SHORT)]
                for _ in range(6)
            ]  # what else the machine does is seen by both
            once_s, twice_s = (min(taken) for taken in zip(*in_turns, strict=True))
            assert twice_s < MORE_THAN_TWICE * once_s, (spoilt, once_s, twice_s)
    return worst


@pytest.fixture
def interrupted() -> Iterator[None]:
    """An expression that does not come to an end is stopped; its signal is looked at while it matches."""

    def stop(*_: object) -> None:
        raise TimeoutError("an expression did not come to an end")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("room", ROOMS)
def test_twice_the_text_takes_an_expression_about_twice_the_time(room: str, interrupted: None) -> None:
    found = {place: one for place, one in collected().items() if place.startswith(f"{room}.")}
    assert found
    for place, (pattern, is_anchored) in found.items():
        try:
            worst = slowest(pattern, is_anchored)
            half_s = taken_s(pattern, is_anchored, text_of(worst, MEGABYTE // 2))
            whole_s = taken_s(pattern, is_anchored, text_of(worst, MEGABYTE))
        except (AssertionError, TimeoutError) as error:
            raise AssertionError(f"{place}: {pattern.pattern!r}") from error
        assert whole_s < MORE_THAN_TWICE * half_s + 10 * FLOOR_S, (place, pattern.pattern, worst, half_s, whole_s)


@pytest.mark.parametrize("written", [r"[a-z]+@[a-z]+", r"<[^>]*>", r"\s+$"])
def test_an_expression_that_begins_anew_at_each_character_is_found(written: str, interrupted: None) -> None:
    with pytest.raises((AssertionError, TimeoutError)):
        slowest(re.compile(written), False)
