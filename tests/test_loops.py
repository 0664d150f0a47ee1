"""No loop over several communities, libraries, lists or people leaves the rest undone where one of them fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "casework", "graph_sync", "service")
OUTSIDE = {"adapter", "graph", "ports"}
"""What an await that names one of these asks may fail for one thing and not for the next."""

ONE_THING, UNTIL_DONE, OWN_ANSWER = (
    "what is asked for is one thing: done in part it is not done, and all of it is tried again",
    "the same is asked for in turn, until one answer will do",
    "a failure is an answer about that one, kept where it arises",
)
REASONS = {
    "bot/channels.py _open_chat": UNTIL_DONE,
    "graph_sync/attachments.py attach": ONE_THING,
    "graph_sync/batch.py _ask": OWN_ANSWER,
    "graph_sync/batch.py get_together": UNTIL_DONE,
    "graph_sync/calendar.py busy": ONE_THING,
    "graph_sync/delta.py pull": UNTIL_DONE,
    "graph_sync/doctor.py _tried": OWN_ANSWER,
    "graph_sync/doctor.py examine": OWN_ANSWER,
    "graph_sync/doctor_files.py _looked_at": ONE_THING,
    "graph_sync/doctor_outlook.py examine_outlook": OWN_ANSWER,
    "graph_sync/files_found.py found_file": UNTIL_DONE,
    "graph_sync/list_edits.py read_versions": UNTIL_DONE,
    "graph_sync/mail.py _find": ONE_THING,
    "graph_sync/provision.py _see_to_column": ONE_THING,
    "graph_sync/provision.py _see_to_columns": OWN_ANSWER,
    "graph_sync/subscriptions.py _end_others": ONE_THING,
}
"""Loops that do not take each by itself (`casework.each`), and why that is right."""


def loops_in(source: str) -> Iterator[str]:
    """The functions that await something outside in a loop."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.AsyncFunctionDef) and any(map(_repeats_a_call, _own(function.body))):
            yield function.name


def _repeats_a_call(node: ast.AST) -> bool:
    match node:
        case ast.For() | ast.AsyncFor():
            repeated: list[ast.AST] = [*node.body]
        case ast.DictComp():
            repeated = [node.key, node.value, *(one for g in node.generators for one in g.ifs)]
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            repeated = [node.elt, *(one for g in node.generators for one in g.ifs)]
        case _:
            return False
    return any(isinstance(one, ast.Await) and _reaches_outside(one) for one in _own(repeated))


def _own(nodes: list[ast.stmt] | list[ast.AST]) -> Iterator[ast.AST]:
    """These and all under them, without what other functions do."""
    left: list[ast.AST] = [*nodes]
    while left:
        node = left.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield node
            left += ast.iter_child_nodes(node)


def _reaches_outside(awaited: ast.Await) -> bool:
    names = {n.id for n in ast.walk(awaited) if isinstance(n, ast.Name)}
    names |= {n.attr for n in ast.walk(awaited) if isinstance(n, ast.Attribute)}
    return any(name.lstrip("_") in OUTSIDE for name in names)


def test_each_loop_over_things_outside_takes_each_by_itself_or_says_why_not() -> None:
    found = {
        f"{path.relative_to(ROOT)} {name}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for name in loops_in(path.read_text("utf-8"))
    }
    assert sorted(found - REASONS.keys()) == [], "take each by itself: casework.each"
    assert sorted(REASONS.keys() - found) == [], "no such loop any more: take it out of the table"


LOOPS = (
    ("for c in communities:\n  await graph.get(c)", True),
    ("for c in communities:\n  if c:\n    await look(self._graph, c)", True),
    ("async for c in communities:\n  await ports.mail.send(c)", True),
    ("return [await self._adapter.roster(c) for c in teams]", True),
    ("return {c: c for c in teams if await graph.get(c)}", True),
    ("for c in communities:\n  await desk.run(c)", False),
    ("for c in communities:\n  async def look():\n    await graph.get(c)", False),
    ("return await each(communities, lambda c: graph.get(c))", False),
    ("for c in await graph.get(teams):\n  print(c)", False),
)


@pytest.mark.parametrize(("body", "is_one"), LOOPS)
def test_such_a_loop_is_found(body: str, is_one: bool) -> None:
    indented = body.replace("\n", "\n  ")
    assert list(loops_in(f"async def it():\n  {indented}")) == (["it"] if is_one else [])
