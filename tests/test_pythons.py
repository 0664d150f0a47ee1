"""`make pythons` finds what starts, and the list of quick tests names tests that there are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import pythons

ROOT = Path(__file__).parent.parent


def test_a_python_that_does_not_start_is_passed_over_for_the_one_pyenv_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shims, kept = tmp_path / "shims", tmp_path / "versions" / "3.13.0" / "bin"
    for folder, name, run in ((shims, "python3.13", "exit 127"), (kept, "python", f'exec "{sys.executable}" "$@"')):
        folder.mkdir(parents=True)
        (folder / name).write_text(f"#!/bin/sh\n{run}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(shims))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    found = pythons.found("3.13")
    assert found is not None
    assert found[0] == str(kept / "python")
    assert pythons.found("3.14") is None


def test_the_quick_tests_are_there() -> None:
    for line in (ROOT / "tests" / "quick.txt").read_text("utf-8").splitlines():
        path, _, name = line.partition("::")
        there = line.startswith("-k=") or (ROOT / path).is_dir() or f"def {name}" in (ROOT / path).read_text("utf-8")
        assert there, line
