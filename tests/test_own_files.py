"""What is written on the machine is for the user it runs as alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from service.pupil_keys import seal_keys
from service.record import opened
from service.settings import Settings


def _modes(folder: Path) -> dict[str, int]:
    return {str(f.relative_to(folder)): stat.S_IMODE(f.stat().st_mode) for f in (folder, *folder.rglob("*"))}


def test_all_that_a_command_writes_is_its_own_users_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    env = {**os.environ, "COS_LOCAL": "1", "COS_DATA_DIR": str(folder)}
    sample = Path(__file__).parent.parent / "sample_world" / "directory.xlsx"
    for words in (["import", "directory", str(sample)], ["backup", str(folder / "record.backup")]):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "service", *words], cwd=tmp_path, env=env, capture_output=True, text=True,
            check=False, umask=0,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    found = _modes(folder)
    assert {"record.db", "record.backup"} <= set(found)
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}


def test_a_record_that_others_could_read_is_closed_at_the_start(tmp_path: Path) -> None:
    settings = Settings(local=True, data_dir=tmp_path / "data")
    seal_keys(settings)
    with opened(settings):
        for file in settings.data_dir.glob("record.db*"):
            file.chmod(0o644)
    with opened(settings):
        assert [f.name for f in settings.data_dir.glob("record.db*") if stat.S_IMODE(f.stat().st_mode) & 0o077] == []
    beside = settings.data_dir / "notes.txt"
    beside.write_text("somebody else's")
    beside.chmod(0o644)
    with opened(settings):
        assert stat.S_IMODE(beside.stat().st_mode) == 0o644
