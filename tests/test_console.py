"""What the console prints can be typed again: nothing is cut, on a narrow terminal or in a pipe."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from rich.console import Console

from service import console
from service.__main__ import NOT_HERE
from service.console import Column, print_table
from service.record import opened
from service.settings import Settings
from tests.test_stuck import make_stuck

COS = Path(sys.executable).with_name("cos")
ROOT = Path(__file__).parent.parent
EFFECTS = ("mail.letter:R-2027-0001#1", "agenda.upload:Sevenoaks and Swanley Inclusion 2026-27 T2#3")


class Terminal(io.StringIO):
    """What is printed to somebody's terminal."""

    def isatty(self) -> bool:
        return True


def printed(heads: list[str | Column], rows: list[tuple[str, ...]], *, width: int, terminal: bool) -> str:
    file = Terminal() if terminal else io.StringIO()
    print_table(
        heads,
        rows,
        to=Console(file=file, width=width, highlight=False, soft_wrap=True, color_system=None),
        title="A title",
    )
    return file.getvalue()


HEADS: list[str | Column] = [Column("Effect", is_typed=True), "What", Column("Count", is_number=True), "Why"]
LONG = "It was refused; look whether the mailbox is there, and then try it again. " * 4
ROWS = [(EFFECTS[1], "Put the agenda into the library", "12", LONG), ("x:1", "Mail", "3", "a\tb\nc")]


def test_in_a_pipe_it_is_lines_with_tabs_and_nothing_else() -> None:
    said = printed(HEADS, ROWS, width=80, terminal=False)
    assert said == (
        f"A title\nEffect\tWhat\tCount\tWhy\n{EFFECTS[1]}\tPut the agenda into the library\t12\t{LONG.strip()}\n"
        "x:1\tMail\t3\ta b c\n"
    )


@pytest.mark.parametrize("width", [200, 120, 80, 60, 40, 20])
def test_on_a_terminal_of_any_width_what_is_typed_is_in_one_piece_and_nothing_is_lost(width: int) -> None:
    said = printed(HEADS, ROWS, width=width, terminal=True)
    assert EFFECTS[1] in said
    assert "…" not in said
    words = re.findall(r"\w+", said)
    assert [w for w in set(re.findall(r"\w+", LONG)) if w not in words and width > 40] == []
    if width >= 120:
        assert max(map(len, said.splitlines())) <= width


def test_marks_of_rich_in_what_is_printed_are_text() -> None:
    for terminal in (True, False):
        assert "[red]x[/nothing]" in printed(["A"], [("[red]x[/nothing]",)], width=80, terminal=terminal)


def test_the_command_prints_the_ids_of_what_is_stuck_whole(tmp_path: Path) -> None:
    with opened(Settings(local=True, data_dir=tmp_path / ".cos", database_url="")) as desk, desk.work("test") as work:
        make_stuck(work, *EFFECTS)
    environment = {**os.environ, "COS_LOCAL": "1", "COS_DATA_DIR": str(tmp_path / ".cos"), "COLUMNS": "80"}
    piped = subprocess.run(
        [COS, "stuck", "list"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert piped.returncode == 1
    heads, *lines = piped.stdout.splitlines()
    assert heads == "Effect\tWhat\tSince\tWhy, and what to do"
    assert [line.split("\t")[0] for line in lines] == sorted(EFFECTS)
    ours, theirs = os.openpty()
    shown = subprocess.Popen([COS, "stuck", "list"], cwd=tmp_path, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 65_536):
            said += piece
    except OSError:  # Linux says so where the other side is closed
        pass
    os.close(ours)
    assert shown.wait() == 1
    assert [effect for effect in EFFECTS if effect not in said.decode()] == []
    assert "…" not in said.decode()


def test_every_table_is_printed_in_that_one_way() -> None:
    others = [
        path.name
        for path in (ROOT / "service").glob("*.py")
        if "rich.table" in path.read_text("utf-8") and path.name != Path(console.__file__).name
    ]
    assert others == []


def test_windows_gets_a_sentence_that_says_where_it_runs() -> None:
    code = (
        "import sys\n"
        "sys.platform = 'win32'\n"
        "sys.modules['fcntl'] = sys.modules['resource'] = None\n"
        "from importlib.metadata import entry_points\n"
        "[cos] = entry_points(group='console_scripts', name='cos')\n"
        "cos.load()()"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [f"cos: {NOT_HERE}"]
    assert "WSL" in NOT_HERE
    assert "Docker" in NOT_HERE


def test_the_version_is_that_of_what_is_installed() -> None:
    done = subprocess.run([COS, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"cos-desk {version('cos-desk')}\n"
