"""Every request to Microsoft has its line in docs/microsoft-facts.md, and no line is stale. Traffic is held to it by
every `world` (conftest), and whether each line is still asked for by the test of permissions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from graph_sync.permissions import OPEN, SHUT, permissions
from tests.requests_listed import CONNECTOR, PAGE, lines
from tests.test_conventions import ROOT

SPELLED = re.compile(r"[?&](\$\w+|@microsoft\.graph\.\w+)=")
ONE, ANY = "[^/ ]+", "[^ ]+"


def parsed() -> Iterator[ast.AST]:
    for path in sorted((ROOT / "graph_sync").glob("*.py")):
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def addresses() -> dict[str, re.Pattern[str]]:
    """Each address that the code builds by `url(…)`, as a pattern of the table's addresses; what is no constant may be
    any part, what is starred any number of them, and a constant what the table has in braces.
    """
    found = {}
    for node in parsed():
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "url" and node.args:
            parts = [_part(a) for a in node.args]
            if any(p not in (ONE, ANY) for p in parts):
                found[ast.unparse(node)] = re.compile(f"/{'/'.join(parts)}(/[^ ]+)?")
    return found


def _part(arg: ast.expr) -> str:
    if isinstance(arg, ast.Starred):
        return ANY
    return f"(?:{re.escape(str(arg.value))}|x)" if isinstance(arg, ast.Constant) else ONE


def options() -> set[str]:
    """Each option that the code spells: the keys of a `query`, what stands in an address, and `If-Match`."""
    found = set()
    for node in parsed():
        if isinstance(node, ast.Dict):
            keys = [k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
            found |= {k for k in keys if k.startswith("$") or k in ("If-Match", "Prefer", "startDateTime")}
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(SPELLED.findall(node.value))
    return found


def test_each_request_has_its_line_with_its_permission_and_no_line_is_stale() -> None:
    needed = {call: p.name for p in permissions() for call in p.calls}
    needed |= dict.fromkeys(OPEN, "none") | dict.fromkeys(SHUT, "refused") | dict.fromkeys(CONNECTOR, "the bot")
    assert {call: line.permission for call, line in lines().items()} == needed
    assert [call for call, line in lines().items() if not (line.why and line.surprise)] == []


def test_each_address_the_code_builds_has_its_line() -> None:
    known = [re.sub(r"\{\w+\}", "x", line.call.partition(" ")[2]) for line in lines().values()]
    without = [code for code, form in addresses().items() if not any(form.fullmatch(a) for a in known)]
    assert without == []
    assert len(addresses()) > 20, "the walk finds them"


def test_the_code_and_the_table_name_the_same_options() -> None:
    listed = {name for line in lines().values() for name in line.options}
    assert options() - listed == set()
    assert {name for name in listed if name.startswith(("$", "@", "If"))} - options() == set()


def test_a_name_in_italics_is_a_line_of_the_page() -> None:
    names = {row.split("|")[1].strip() for row in PAGE.read_text("utf-8").splitlines() if row.count("|") == 6}
    said = {name for line in lines().values() for name in re.findall(r"\*([^*]+)\*", line.surprise)}
    assert said - names == set()


@pytest.mark.parametrize("lost", sorted(lines()))
def test_a_line_that_is_lost_is_missed(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = {call: line for call, line in lines().items() if call != lost}
    monkeypatch.setattr(f"{__name__}.lines", lambda: left)
    with pytest.raises(AssertionError):
        test_each_request_has_its_line_with_its_permission_and_no_line_is_stale()
