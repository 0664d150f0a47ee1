"""The `cos` command in this process: hundreds are called, and a process each takes two seconds to start."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from service import cli
from service.record import opened
from service.settings import Settings


def cos(*words: object, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it as somebody in that folder would, in local mode; what it printed and its exit status."""
    out, err = io.StringIO(), io.StringIO()
    said = ["cos", *map(str, words)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in {"COS_LOCAL": "1", "COS_DATA_DIR": str(folder / ".cos"), **environment}.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", said)
        patch.setattr(cli, "start_logs", lambda: None)  # this process has its own
        with pytest.raises(SystemExit) as ended:
            cli.main()
    code = ended.value.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(said, code, out.getvalue(), err.getvalue())


def begin(folder: Path) -> None:
    """A database with nothing in it, where `cos` looks for one."""
    with opened(Settings(local=True, data_dir=folder / ".cos", database_url="")):
        pass
