"""The sample phrases of `manifests/chat/phrases.txt`, written with choices, as whole sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import product

MOST_A_LINE = 20
"""A line with many choices gives this many sentences, spread over all of them."""

_BEGINNING = re.compile(r"(<\w+>) = (.*)")
_PART = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|([^()\[\]]+)")


@cache
def phrases() -> tuple[tuple[str, str], ...]:
    """Intent and sentence, in the order of the file, each once."""
    found: dict[tuple[str, str], None] = {}
    intent, beginnings = "", {}
    for line in (files("manifests") / "chat" / "phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            intent = line[2:].strip()
        elif defined := _BEGINNING.fullmatch(line):
            beginnings[defined[1]] = f"({defined[2]})"
        elif line.strip() and not line.startswith("#"):
            whole = line
            for name, choices in beginnings.items():
                whole = whole.replace(name, choices)
            found.update(dict.fromkeys((intent, sentence) for sentence in written_out(whole)))
    return tuple(found)


def written_out(line: str) -> Iterator[str]:
    """`(show|give) me [the] papers` as its sentences, at most `MOST_A_LINE` of them."""
    choices = [_choices(*match.groups()) for match in _PART.finditer(line)]
    count = 1
    for options in choices:
        count *= len(options)
    if count <= MOST_A_LINE:
        yield from (_joined(parts) for parts in product(*choices))
        return
    for number in range(MOST_A_LINE):
        rest, parts = number * 7_919 + number * number, []
        for options in choices:
            parts.append(options[rest % len(options)])
            rest = rest // len(options) + number
        yield _joined(parts)


def _choices(either: str | None, maybe: str | None, plain: str | None) -> Sequence[str]:
    if either is not None:
        return either.split("|")
    return ["", *maybe.split("|")] if maybe is not None else [plain or ""]


def _joined(parts: Sequence[str]) -> str:
    return " ".join("".join(parts).split())
