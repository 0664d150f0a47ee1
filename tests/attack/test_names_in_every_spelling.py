"""Every pupil's name and date of birth in every free text people write, in twelve spellings: where they come out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from tests.attack.canary_demo import canary
from tests.patience import PATIENCE_S
from tests.pupils_names import texts_of
from tests.test_demo import MAY_HOLD

RESPONSES = range(2, 140)
MAY_HOLD_TOO = r"traffic: (answer to )?POST [^/]*/api/messages"
"""What a chair types into a card, and the same card given back to them where something on it does not fit."""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the term leaves behind."""
    out = tmp_path_factory.mktemp("canaries") / "out"
    command = [sys.executable, "-P", "-m", "tests.attack.canary_demo", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=6 * PATIENCE_S)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    (out / "log.txt").write_text(done.stdout + done.stderr, "utf-8")
    return out


def _bare(text: str) -> str:
    """Letters and digits alone, so that no spelling hides anything."""
    if "\\u" in text:
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


MARKS = frozenset(mark for n in RESPONSES for mark in re.findall("(?:zyx|quaf)[a-z]{3}", _bare(canary(n).name)))
MARK = re.compile("(?:zyx|quaf)[a-z]{3}")
BORN = frozenset(
    written.casefold()
    for born in (date.fromisoformat(canary(n).born or "") for n in RESPONSES)
    for written in (f"{born:%d%B%Y}", f"{born:%B%d%Y}", f"{born:%d%b%Y}", f"{born:%d/%m/%Y}", f"{born:%d-%m-%Y}",
                    f"{born:%Y-%m-%d}", f"{born:%Y/%m/%d}", f"{born:%d.%m.%y}", f"{born:%d %m %Y}", f"{born:%m/%d/%Y}")
)  # fmt: skip


def _holds(text: str) -> list[str]:
    bare, folded = _bare(text), text.casefold()
    return [*MARKS.intersection(MARK.findall(bare)), *(b for b in BORN if b in (bare if b.isalnum() else folded))]


def test_no_spelling_of_a_name_or_a_birth_date_leaves_the_record_but_where_it_may(left: Path) -> None:
    found: dict[str, list[str]] = {}
    for place, text in texts_of(left):
        if held := _holds(text):
            found[place] = held
    may = (*MAY_HOLD, MAY_HOLD_TOO)
    wrong = {p: h[:3] for p, h in found.items() if not any(re.fullmatch(allowed, p) for allowed in may)}
    assert wrong == {}
    unused = [allowed for allowed in may if not any(re.fullmatch(allowed, p) for p in found)]
    assert unused == [], "a place where they may be and are not: nothing was looked at there"


def test_people_did_write_them_and_the_record_keeps_the_mask_instead(left: Path) -> None:
    def said(table: str, *columns: str) -> str:
        rows = json.loads((left / "record" / f"{table}.json").read_text("utf-8"))
        return json.dumps([{c: row[c] for c in columns} for row in rows])

    for table, *columns in (
        ("requests", "submission"), ("decisions", "details"), ("decisions", "conditions"), ("minutes", "notes"),
        ("minutes", "matters"), ("journal", "details"),
    ):  # fmt: skip
        assert "[pupil]" in said(table, *columns), (table, columns)
    assert "[date of birth]" in said("requests", "submission")
