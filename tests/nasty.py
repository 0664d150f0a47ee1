"""Making good input bad, the same way again for the same seed: for the fuzz tests of every door."""

from __future__ import annotations

import copy
import io
import random
import zipfile
from typing import Any

TEXTS = (
    "", " ", "\x00", "\ufffd", "\u202e\u200b\ufeff", "🏫" * 300, "a" * 20_000, "'; DROP TABLE requests; --",
    "<script>alert(1)</script>", "{{ 7 * 7 }}", "${jndi:ldap://x}", "../../etc/passwd", '=HYPERLINK("http://x","y")',
    "[x](javascript:alert(1))", "R-2026-0001", "R-9999-9999", "NaN", "1e999", "-0", "½", "\u0661\u0662\u0663",
    "2026-13-45", "0000-00-00T00:00:00Z", "2026-11-05T13:30:00+99:99", "Financial contribution", "true", "null",
    "S-2026-0001/2",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**30, 0.1, -0.0, 1e308, float("inf"), float("nan"))
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], {"a": {"b": [None]}}, [1, "x", None], {"": ""})


def nasty(chance: random.Random) -> Any:
    """A value nobody expects."""
    kind = chance.random()
    if kind < 0.55:
        return chance.choice(TEXTS)
    return chance.choice(NUMBERS) if kind < 0.75 else copy.deepcopy(chance.choice(OTHERS))


def spoilt(good: Any, chance: random.Random) -> Any:
    """The same with one to three of its parts replaced, taken out, doubled or nested."""
    bad = {"": copy.deepcopy(good)}
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(list(_places(bad)))
        match chance.randint(0, 4):
            case 0 | 1:
                holder[key] = nasty(chance)
            case 2 if isinstance(holder, dict) and holder is not bad:
                del holder[key]
            case 3:
                holder[key] = [holder[key], copy.deepcopy(holder[key])]
            case _:
                deep: Any = holder[key]
                for _ in range(chance.choice((1, 5, 200))):
                    deep = {"x": deep}
                holder[key] = deep
    return bad[""]


def _places(of: Any) -> Any:
    for key in list(of) if isinstance(of, dict) else range(len(of)):
        yield of, key
        if isinstance(of[key], dict | list) and of[key]:
            yield from _places(of[key])


def spoilt_bytes(good: bytes, chance: random.Random) -> bytes:
    """The same with some bytes changed, a piece cut out, or an end lost."""
    bad = bytearray(good)
    match chance.randint(0, 3):
        case 0:
            for _ in range(chance.choice((1, 10, 200))):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
        case 1:
            at = chance.randrange(len(bad))
            del bad[at : at + chance.randrange(1, 500)]
        case 2:
            del bad[chance.randrange(len(bad)) :]
        case _:
            at = chance.randrange(len(bad))
            bad[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 500)))
    return bytes(bad)


def spoilt_zip(good: bytes, chance: random.Random) -> bytes:
    """The same with one of its members spoilt, and a good zip again; now and then the zip itself is."""
    if chance.random() < 0.3:
        return spoilt_bytes(good, chance)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        names = archive.namelist()
        chosen = chance.choice(names)
        for name in names:
            content = archive.read(name)
            bad.writestr(name, spoilt_bytes(content, chance) if name == chosen and content else content)
    return out.getvalue()
