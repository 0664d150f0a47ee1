"""Where the demo and `cos local` write: what is somebody else's stays, and a folder that will not do is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.demo_report import LEFT
from service.local import RECORDS
from service.sample_folder import MARK, claim
from service.settings import SettingsIncomplete
from tests.test_databases import Cos, cos

__all__ = ["cos"]

COMMANDS = {
    "--out": (("demo", "--term", "--communities", "1", "--out"), (*LEFT, "tenant/thesis.txt")),
    "--data": (("local", "--port", "0", "--data"), ("record.db", "record.db-wal", "record.db-shm")),
}
"""Each option that names such a folder: its command, and what of somebody else's could be there."""


@pytest.mark.parametrize(("option", "theirs"), [(o, name) for o, (_, names) in COMMANDS.items() for name in names])
def test_what_somebody_else_left_there_stays_and_is_named(
    option: str, theirs: str, cos: Cos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "o" / theirs
    file.parent.mkdir(parents=True)
    if file.name == "tenant":
        file.mkdir()
    else:
        file.write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    assert cos(*COMMANDS[option][0], str(tmp_path / "o")) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'o'} holds {theirs.partition('/')[0]}" in " ".join(said.split())
    assert f"Name another folder with {option}." in " ".join(said.split())
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("option", COMMANDS)
def test_a_folder_nobody_can_write_to_is_said_before_anything_is_lived(
    option: str, cos: Cos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", Path("/proc/none")):
        assert cos(*COMMANDS[option][0], str(folder)) == 2
        assert "cannot be written to" in " ".join(capsys.readouterr().err.split())
    assert (tmp_path / "file").read_text() == "mine"


def test_what_an_earlier_run_left_is_replaced(tmp_path: Path) -> None:
    claim(tmp_path / "new", LEFT, "--out")
    for name in LEFT:
        (tmp_path / "new" / name).write_text("an earlier run's")
    claim(tmp_path / "new", LEFT, "--out")
    assert (tmp_path / "new" / MARK).is_file()


def test_a_folder_with_other_things_in_it_is_taken(tmp_path: Path) -> None:
    (tmp_path / "screens").mkdir()
    claim(tmp_path, LEFT, "--out")
    claim(tmp_path, (RECORDS,), "--data")
    (tmp_path / MARK).unlink()
    (tmp_path / "tenant").mkdir()
    with pytest.raises(SettingsIncomplete):
        claim(tmp_path, LEFT, "--out")
