"""What is installed: one wheel with everything the product reads, that no registry takes by mistake."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.test_folders import OURS, PROJECT, ROOT

PACKAGES = tuple(name for name in OURS if name not in ("tests", "benchmarks"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it is built for an installation."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    [built] = folder.glob("*.whl")
    return built


def test_every_folder_of_ours_is_a_package() -> None:
    """A folder without `__init__.py` is joined with every other of its name on Python's path."""
    joined = [name for name in OURS if (spec := find_spec(name)) is None or spec.origin is None]
    assert joined == []


def test_everything_that_is_read_is_in_the_wheel(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(wheel) as archive:
        missing = set(listed.stdout.split()) - set(archive.namelist())
    assert {name for name in missing if (ROOT / name).exists()} == set()


def test_the_wheel_works_where_it_is_unpacked(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import manifests, service, papers.word, forms_ingest.columns, bot.understanding.phrases\n"
        "from graph_sync.permissions import as_markdown\n"
        "assert papers.word.template('agenda.docx')[:2] == b'PK'\n"
        "print(as_markdown()[:1], manifests.__file__, service.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    site = tmp_path / "site"
    assert done.stdout.split() == ["#", str(site / "manifests" / "__init__.py"), str(site / "service" / "__init__.py")]


def test_no_public_registry_takes_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [n for n in archive.namelist() if n.endswith("/METADATA")]
        said = Parser().parsestr(archive.read(name).decode()).get_all("Classifier", [])
    assert "Private :: Do Not Upload" in said, "PyPI refuses a package with a classifier that begins with Private"
    assert said == PROJECT["project"]["classifiers"]
