"""The `cos` command as people and scripts call it: words, answers, exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from typer.main import get_command

from service import cli
from service.sample import EXPECTED
from tests.console import begin, cos

SAMPLES = Path(__file__).parent.parent / "sample_world"
OWNERS = Path(__file__).parent / "samples"
RESPONSES, DIRECTORY = OWNERS / "request-for-support-responses.xlsx", SAMPLES / "directory.xlsx"


def test_ingest_prints_the_json_scripts_read_and_exits_1_where_something_was_refused(tmp_path: Path) -> None:
    done = cos("ingest", RESPONSES, "--directory", DIRECTORY, "--json", folder=tmp_path)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["totals"] == {"received": 61, "accepted": 41, "refused": 19, "held": 1}
    wanted = {"accept": {"accepted"}, "refuse": {"refused"}, "held": {"held"}}
    for expected, response in zip(json.loads((OWNERS / EXPECTED).read_bytes()), report["responses"], strict=True):
        assert response["id"] == expected["id"]
        assert response["outcome"] in wanted[expected["expect"].partition(":")[0].partition(" ")[0]]
        assert set(response) == {"id", "outcome", "reasons", "mended", "request"}
    assert "Jo Okoro 10/04/2014" not in done.stdout


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_large_workbook_is_read_within_400_mb(count: int, tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    rows = load_workbook(RESPONSES).worksheets[0].iter_rows(values_only=True)
    sheet.append(next(rows))
    row = list(next(rows))
    for column in (9, 10, 17, 19):
        row[column] = "A quiet corner"
    for number in range(count):
        row[0] = number + 1
        sheet.append(row)
    book.save(tmp_path / "big.xlsx")
    code = (
        "import sys; from service.cli import main\n"
        "sys.argv = ['cos', 'ingest', 'big.xlsx', '--directory', sys.argv[1], '--json']\n"
        "try: main()\n"
        "finally: print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    command = [sys.executable, "-P", "-c", code, str(DIRECTORY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=300)
    assert json.loads(done.stdout)["totals"]["received"] == count
    assert int(done.stderr.split()[-1]) < 400_000


def test_ingest_in_sentences_names_what_to_mend(tmp_path: Path) -> None:
    done = cos("ingest", RESPONSES, "--directory", DIRECTORY, folder=tmp_path)
    assert "Response 8: refused" in done.stdout
    assert "mend: 'Solution required' has 262 words; the limit is 250." in done.stdout
    assert done.stdout.rstrip().endswith("61 responses: 41 accepted, 19 refused, 1 held for the clerk.")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("ingest", "nowhere.xlsx", "--directory", DIRECTORY), 1, "nowhere.xlsx: cannot be read"),
        (("ingest", DIRECTORY, "--directory", DIRECTORY), 1, "directory.xlsx: no header row was found"),
        (("ingest", RESPONSES), 2, "--directory"),
        (("import", "pigeons", DIRECTORY), 2, "'pigeons' is not one of directory, people, budget"),
        (("import", "budget", SAMPLES / "community-budget-summary.xlsx"), 1, "run `cos import directory FILE` first"),
        (("agenda", "--community", "ABC", "--date", "soon", "-o", "x.docx"), 2, "'soon' is not a date"),
        (("agenda", "--community", "ABD", "--date", "2026-11-02", "-o", "x.docx"), 1, "There is no community 'ABD'"),
        (("schedule", "--year", "1999-00"), 1, "No term dates are known for '1999-00'"),
        (("held", "release", "R-1"), 1, "There is no request 'R-1'"),
        (("request", "return", "R-1", "--reason", "x"), 1, "There is no request 'R-1'"),
        (("request", "pay", "R-1", "--amount", "lots", "--on", "2026-11-02"), 2, "'lots' is not an amount"),
        (("clocks",), 2, "name either --request or --community"),
        (("local", "--until", "yesterday", "--port", "0"), 2, "'yesterday' is not a moment"),
        (("demo", "--out", "d", "--faults", "zzz"), 2, "zzz"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_a_wrong_word_or_file_gets_a_sentence_and_the_right_status(
    tmp_path: Path, words: tuple[object, ...], status: int, said: str
) -> None:
    begin(tmp_path)
    done = cos(*words, folder=tmp_path)
    assert done.returncode == status, done.stderr
    assert said in " ".join(done.stderr.split())


def every_command(command: Any, *words: str) -> Iterator[tuple[str, ...]]:
    """Each group and command there is, as it is called."""
    yield words
    for name, further in getattr(command, "commands", {}).items():
        yield from every_command(further, *words, name)


def test_every_command_says_what_it_does(tmp_path: Path) -> None:
    found = list(every_command(get_command(cli.app)))
    assert len(found) > 60
    short = [words for words in found if len(cos(*words, "--help", folder=tmp_path).stdout) < 150]
    assert short == []


def test_from_workbooks_to_an_agenda_without_a_tenant(tmp_path: Path) -> None:
    now = {"COS_NOW": "2026-10-05T09:00:00+01:00"}
    assert cos("import", "directory", DIRECTORY, folder=tmp_path, **now).returncode == 0
    assert cos("import", "people", SAMPLES / "people.xlsx", folder=tmp_path, **now).returncode == 0
    again = cos("import", "directory", DIRECTORY, "--dry-run", folder=tmp_path, **now)
    assert "Would change 0 added, 0 changed, 0 gone; nothing was written." in again.stdout
    budget = cos("import", "budget", SAMPLES / "community-budget-summary.xlsx", folder=tmp_path, **now)
    assert "'ABC' 2025-26: balance £52,308" in budget.stdout
    agree = cos("budget", "check", SAMPLES / "community-budget-summary.xlsx", folder=tmp_path, **now)
    assert (agree.returncode, agree.stdout) == (0, "The workbook and the ledger agree.\n")
    other = cos("budget", "check", SAMPLES / "county-budget-summaries.xlsx", folder=tmp_path, **now)
    assert other.returncode == 1
    assert "no budget of that year is in the record" in other.stdout
    shown = cos("budget", "show", folder=tmp_path, COLUMNS="200", **now)
    assert "£52,308" in shown.stdout
    assert cos("budget", "export", "--community", "ABC", "-o", "b.xlsx", folder=tmp_path, **now).returncode == 0
    booked = cos("schedule", "--year", "2026-27", "--community", "abc", folder=tmp_path, **now)
    assert booked.stdout.startswith("5 meetings booked")
    made = cos("agenda", "--community", "ABC", "--date", "2026-11-02", "-o", "a.docx", folder=tmp_path, **now)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "a.docx").read_bytes()[:2] == b"PK"
    unbooked = cos("agenda", "--community", "ABC", "--date", "2026-11-03", "-o", "b.docx", folder=tmp_path, **now)
    assert unbooked.returncode == 0
    assert "no meeting booked on 2026-11-03" in " ".join(unbooked.stderr.split())
    stands = json.loads(cos("status", "--json", folder=tmp_path, **now).stdout)
    assert stands["meetings"] == {"Scheduled": 5}


def test_actions_and_clocks_from_the_console(tmp_path: Path) -> None:
    now = {"COS_NOW": "2026-10-05T09:00:00+01:00", "COLUMNS": "200"}
    for words in (("import", "directory", DIRECTORY), ("import", "people", SAMPLES / "people.xlsx"),
                  ("schedule", "--year", "2026-27", "--community", "ABC")):  # fmt: skip
        assert cos(*words, folder=tmp_path, **now).returncode == 0
    agreed = ("--community", "abc", "--what", "Share the audit", "--owner", "Sam Field", "--due", "2026-12-01")
    assert cos("action", "add", *agreed, folder=tmp_path, **now).stdout == "A-2026-0001 was added.\n"
    listed = cos("action", "list", "--community", "ABC", folder=tmp_path, **now).stdout
    assert listed == "A-2026-0001  1 December 2026  Sam Field: Share the audit\n"
    closed = cos("action", "close", "A-2026-0001", "--outcome", "Shared", folder=tmp_path, **now)
    assert closed.returncode == 0
    again = cos("action", "close", "A-2026-0001", "--outcome", "Shared", folder=tmp_path, **now)
    assert (again.returncode, "was closed on 5 October 2026" in again.stderr) == (1, True)
    shown = cos("clocks", "--community", "ABC", folder=tmp_path, **now).stdout
    assert "KiT report November" in shown
    assert "Mon 19 Oct 2026" in shown


def test_a_surgery_and_what_is_stuck_from_the_console(tmp_path: Path) -> None:
    now = {"COS_NOW": "2026-10-05T09:00:00+01:00", "COLUMNS": "200"}
    for words in (("import", "directory", DIRECTORY), ("import", "people", SAMPLES / "people.xlsx")):
        assert cos(*words, folder=tmp_path, **now).returncode == 0
    offer = ("surgery", "publish", "--adviser", "beatrix.olumide@kent.example", "--slots", "3")
    wrong = cos(*offer, "--at", "2026-10-10T14:00", folder=tmp_path, **now)
    assert (wrong.returncode, "is at a weekend" in wrong.stderr) == (1, True)
    unread = cos(*offer, "--at", "tomorrow", folder=tmp_path, **now)
    assert (unread.returncode, "is not a moment like" in unread.stderr) == (2, True)
    done = cos(*offer, "--at", "2026-10-15T14:00", folder=tmp_path, **now)
    assert done.stdout == "S-2026-0001 is published.\n"
    assert "3 of 3" in cos("surgery", "list", folder=tmp_path, **now).stdout
    assert cos("surgery", "sum-up", "S-2026-0001", "--summary", "x", folder=tmp_path, **now).returncode == 1
    assert (
        "0 sessions"
        in cos("surgery", "load", "--adviser", "beatrix.olumide@kent.example", folder=tmp_path, **now).stdout
    )
    assert "is called off; 0 bookings" in cos("surgery", "call-off", "S-2026-0001", folder=tmp_path, **now).stdout
    assert cos("stuck", "list", folder=tmp_path, **now).stdout == "Nothing is stuck.\n"
    teams = cos("teams", "list", folder=tmp_path, **now)
    assert (teams.returncode, "ABC has no team: its posts wait." in teams.stdout) == (1, True)
    linked = cos("teams", "link", "ABC", "19:x", folder=tmp_path, **now)
    assert (linked.returncode, "CoS Desk is in no team with the id '19:x'" in linked.stderr) == (1, True)
    none = cos("stuck", "retry", "mail.x:1", folder=tmp_path, **now)
    assert (none.returncode, "There is no effect 'mail.x:1'" in none.stderr) == (1, True)
    wrote = cos("report", "county", "-o", "county.csv", folder=tmp_path, **now)
    assert "53 communities, 2026-27" in wrote.stdout
    assert len((tmp_path / "county.csv").read_text("utf-8").splitlines()) == 54


def test_a_meeting_and_a_budget_from_the_console(tmp_path: Path) -> None:
    now = {"COS_NOW": "2026-10-05T09:00:00+01:00", "COLUMNS": "200"}
    for words in (("import", "directory", DIRECTORY), ("import", "people", SAMPLES / "people.xlsx"),
                  ("import", "budget", SAMPLES / "community-budget-summary.xlsx"),
                  ("schedule", "--year", "2026-27", "--community", "ABC")):  # fmt: skip
        assert cos(*words, folder=tmp_path, **now).returncode == 0
    on = ("--community", "abc", "--date", "2026-11-02")
    wrong = cos("meeting", "times", *on, "--minutes", "10,20", folder=tmp_path, **now)
    assert (wrong.returncode, "The agenda has 6 items and 2 times were given" in wrong.stderr) == (1, True)
    assert cos("meeting", "times", *on, "--minutes", "5,5,5,5,60,40", folder=tmp_path, **now).returncode == 0
    moved = cos("meeting", "move", *on, "--to", "2026-11-12T14:00", folder=tmp_path, **now)
    assert moved.stdout == "ABC 2026-27 T2 was moved to Thursday 12 November 2026 at 14:00.\n"
    assert "Thu 12 Nov 2026 14:00" in cos("meeting", "list", "--community", "ABC", folder=tmp_path, **now).stdout
    then = ("--community", "abc", "--date", "2026-11-12")
    marked = cos("meeting", "register", *then, "--line", "Chair = Uma Grant = present", folder=tmp_path, **now)
    assert "Chair: Present (Uma Grant)" in marked.stdout
    early = cos("meeting", "minutes", *then, "--note", "1=Welcomed", folder=tmp_path, **now)
    assert (early.returncode, "was not held yet" in early.stderr) == (1, True)
    money = ("--community", "ABC", "--amount=-1,000.50", "--reason", "KCC's books")
    assert cos("budget", "correct", *money, folder=tmp_path, **now).stdout == "ABC: corrected by -£1,000.50.\n"
    shown = cos("budget", "show", "--community", "ABC", folder=tmp_path, **now).stdout
    assert all(part in shown for part in ("Corrections", "£51,307.50", "Forecast", "Pearfield Primary School"))
    checked = cos("budget", "check", SAMPLES / "community-budget-summary.xlsx", folder=tmp_path, **now)
    assert (checked.returncode, "'Balance': the workbook says £52,308" in checked.stdout) == (1, True)
    for kind, of in (("kit", ("--community", "ABC")), ("area", ("--area", "west"))):
        made = cos("report", kind, *of, "-o", "r.docx", folder=tmp_path, **now)
        assert made.returncode == 0, made.stderr
        assert (tmp_path / "r.docx").read_bytes()[:2] == b"PK"


def test_refused_rows_are_named_and_the_exit_status_says_so(tmp_path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(("Community Name", "Community Area", "School Name", "DfE Num"))
    sheet.append(("ABC", "West", "Good School", 1))
    sheet.append(("ABC", "Middle", "Bad School", 2))
    out = io.BytesIO()
    book.save(out)
    (tmp_path / "d.xlsx").write_bytes(out.getvalue())
    done = cos("import", "directory", "d.xlsx", folder=tmp_path)
    assert done.returncode == 1
    assert "Imported 1 communities and 1 schools" in done.stdout
    assert "Refused Row 3: 'Bad School' has the area 'Middle'" in done.stderr


def test_serving_without_settings_is_refused_in_words(tmp_path: Path) -> None:
    done = cos("serve", folder=tmp_path, COS_LOCAL="0")
    assert done.returncode == 2
    assert "COS_TENANT_ID, COS_BOT_APP_ID, COS_BOT_APP_PASSWORD, COS_PUPIL_KEYS must be set" in done.stderr


def test_commands_that_touch_no_pupils_data_need_no_settings(tmp_path: Path) -> None:
    done = cos("import", "directory", DIRECTORY, folder=tmp_path, COS_LOCAL="0")
    assert done.returncode == 0, done.stderr
    assert "53 communities and 600 schools" in done.stdout


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("postgresql://cos:s3cr@127.0.0.1:1/x", 1, "connection failed"),
        ("sqlite:///{folder}/none/record.db", 2, "There is no CoS Desk database at {folder}/none/record.db."),
        ("sqlite:///{folder}/notes.txt", 1, "file is not a database"),
        ("mysql://cos:s3cr@host/x", 2, "COS_DATABASE_URL is neither"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, url: str, status: int, said: str) -> None:
    (tmp_path / "notes.txt").write_text("Not a database, whatever somebody typed.\n" * 50)
    done = cos("status", folder=tmp_path, COS_DATABASE_URL=url.format(folder=tmp_path))
    assert done.returncode == status
    assert said.format(folder=tmp_path) in done.stderr
    assert "s3cr" not in done.stderr
