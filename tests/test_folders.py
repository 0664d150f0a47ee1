"""Wherever a command is run: folders of the same names as ours lie in nobody's way."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest

from papers.agenda import render_agenda
from papers.apart import render_apart
from papers.word import template
from service.run_commands import tenant_process
from tests.conftest import free_port
from tests.sample_papers import an_agenda

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OURS = (*PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"], "tests", "benchmarks")
COS = Path(sys.executable).with_name("cos")

NO_START = ("tests/sbom.py",)
"""Where `sys.executable` is only the path of an interpreter another tool looks at."""


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own folder, with a folder of every name of ours, none of which may be imported."""
    for name in OURS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise ImportError('{name} of the working directory')\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_answers_in_a_folder_with_our_names(crowded: Path) -> None:
    done = subprocess.run([COS, "explain", "notional"], cwd=crowded, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    again = subprocess.run(
        [sys.executable, "-P", "-m", "service", "explain", "notional"], cwd=crowded, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (again.returncode, again.stdout) == (0, done.stdout)


@pytest.mark.usefixtures("crowded")
async def test_the_demo_starts_its_tenant_in_a_folder_with_our_names() -> None:
    async with tenant_process("") as url:
        assert answers(f"{url}/")


@pytest.mark.usefixtures("crowded")
def test_a_template_is_filled_in_in_a_folder_with_our_names() -> None:
    own, paper = template("agenda.docx"), an_agenda("text")
    assert render_apart(render_agenda, paper, own)[:2] == b"PK"


@pytest.mark.process
@pytest.mark.parametrize("command", ["tenant", "local"])
def test_what_is_left_running_starts_in_a_folder_with_our_names(crowded: Path, command: str) -> None:
    port = free_port()
    environment = {**os.environ, "COS_PORT": str(free_port())}
    with (crowded / "said.log").open("wb") as log:
        process = subprocess.Popen(
            [COS, command, "--port", str(port)], cwd=crowded, env=environment, stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + 60
        while not answers(f"http://127.0.0.1:{port}/"):
            assert process.poll() is None, (crowded / "said.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def starts_of(tree: ast.AST) -> Iterator[tuple[int, bool]]:
    """Each `sys.executable`: its line, and whether -P is the next word of its command. `Path(sys.executable)` only
    names a program beside it, and within a text nothing is started.
    """
    safe = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            safe.update(map(id, ast.walk(node)))
        words = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Path":
            safe.update(map(id, words))
        safe.update(
            id(word) for word, after in pairwise(words) if isinstance(after, ast.Constant) and after.value == "-P"
        )
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.executable":
            yield node.lineno, id(node) in safe


def test_every_start_of_python_leaves_the_working_directory_out() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    careless = [
        f"{name}:{line}"
        for name in listed.stdout.split()
        if name not in NO_START and (ROOT / name).exists()
        for line, is_safe in starts_of(ast.parse((ROOT / name).read_text("utf-8")))
        if not is_safe
    ]
    assert careless == [], "write sys.executable, '-P', …: without -P Python imports from the working directory first"


@pytest.mark.parametrize(
    ("written", "is_safe"),
    [
        ("run([sys.executable, '-P', '-m', 'service'])", True),
        ("run([sys.executable, '-m', 'service'])", False),
        ("start(sys.executable, *words)", False),
        ("start(sys.executable, '-P', *words)", True),
        ("python = sys.executable", False),
        ("said = f'This Python ({sys.executable}) is old.'", True),
        ("Path(sys.executable).with_name('cos')", True),
    ],
)
def test_the_search_for_careless_starts_finds_what_it_is_for(written: str, is_safe: bool) -> None:
    assert [found for _, found in starts_of(ast.parse(written))] == [is_safe]
