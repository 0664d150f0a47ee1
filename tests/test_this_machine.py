"""`make setup` on a machine that does not serve: a sentence at once, before anything is installed."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from service.this_machine import PARTS, reasons

ROOT = Path(__file__).parent.parent


def make(folder: Path, *words: str) -> tuple[int, str]:
    """`make setup`, with an environment of its own to set up."""
    done = subprocess.run(
        ["make", "--no-print-directory", "setup", f"VENV={folder / 'venv'}", *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def script(path: Path, text: str) -> Path:
    """An executable."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_python_that_is_too_old_or_does_not_start_is_said_in_a_sentence(tmp_path: Path) -> None:
    for python in (script(tmp_path / "shim", "echo python: command not found >&2; exit 127"), tmp_path / "none"):
        code, said = make(tmp_path, f"PYTHON={python}")
        assert code != 0
        assert f"Python 3.11 to 3.14 is needed; {python} is another or does not start." in said
        assert "command not found" not in said
    assert not (tmp_path / "venv").exists()


def test_a_python_without_environments_is_said_before_half_of_one_is_made(tmp_path: Path) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError('as on Debian without python3-venv')")
    python = script(tmp_path / "python3", f'PYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"')
    code, said = make(tmp_path, f"PYTHON={python}")
    assert (code != 0, "apt-get install python3-venv" in said) == (True, True), said
    assert not (tmp_path / "venv").exists()


def test_the_first_python_that_starts_is_taken(tmp_path: Path) -> None:
    """pyenv puts a `python3.12` onto the path for every version anybody has, whether it may be started or not."""
    for name in ("python3.11", "python3", "python3.12"):
        script(tmp_path / name, "exit 127")
    script(tmp_path / "python3.13", f'exec "{sys.executable}" "$@"')
    done = subprocess.run(
        ["make", "--no-print-directory", "which"], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.stdout.strip() == "python3.13"


def test_makefile_and_project_name_the_same_pythons() -> None:
    project, makefile = ((ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "Makefile"))
    assert 'requires-python = ">=3.11,<3.15"' in project
    assert "(3, 11) <= sys.version_info[:2] < (3, 15)" in makefile
    assert re.findall(r"Python :: (3\.\d+)", project) == ["3.11", "3.12", "3.13", "3.14"]


def test_this_one_serves() -> None:
    assert reasons() == []


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_a_distribution_left_out_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    assert len(reasons()) == 1
    assert PARTS[name] in reasons()[0]


def test_a_sqlite_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    assert "SQLite 3.35 or newer is needed" in reasons()[0]
