"""Which commands need a database that is there, which may begin one, and which look at none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import create_engine, inspect

from service import cli
from service.sample import sample
from service.settings import Settings
from tests.databases import PostgresTemplates

SAMPLES = Path(__file__).parent.parent / "sample_world"
ON = ("--community", "ABC", "--date", "2026-11-02")
WHY = ("--reason", "x")

BEGINS = {"demo", "local", "serve", "worker", "provision", "import", "restore"}
"""These make what they work on; what begins the demo's and `cos local`'s is in a folder they are told."""

LOOKS_AT_NONE = {
    "tenant", "ingest", "package", "explain lifecycle", "explain notional", "explain permissions",
    "doctor",  # it is run before there is a database, and then looks at an empty one that is gone afterwards
}  # fmt: skip

NEEDS: dict[str, tuple[str, ...]] = {
    "action add": ("--community", "ABC", "--what", "x", "--owner", "y", "--due", "2026-12-01"),
    "action close": ("A-1", "--outcome", "x"),
    "action list": ("--community", "ABC"),
    "agenda": (*ON, "-o", "a.docx"),
    "ask": ("hello", "--as", "a@x.example"),
    "backup": ("b.zip",),
    "budget check": ("budget.xlsx",),
    "budget correct": ("--community", "ABC", "--amount", "1", *WHY),
    "budget export": ("--community", "ABC", "-o", "b.xlsx"),
    "budget return": ("R-1", "--amount", "1", *WHY),
    "budget school": ("--school", "x"),
    "budget show": (),
    "budget transfer": ("--from", "ABC", "--to", "ABC", "--amount", "1", *WHY),
    "clocks": ("--community", "ABC"),
    "flow": ("--form", "x"),
    "headings confirm": ("x", "--none"),
    "headings list": (),
    "held discard": ("R-1",),
    "held list": (),
    "held release": ("R-1",),
    "journal show": ("R-1",),
    "journal verify": (),
    "meeting cancel": (*ON, *WHY),
    "meeting list": ("--community", "ABC"),
    "meeting minutes": ON,
    "meeting move": (*ON, "--to", "2026-11-12T14:00"),
    "meeting papers-sent": (*ON, "--on", "2026-11-02"),
    "meeting propose": ("--community", "ABC", "--from", "2026-11-02", "--to", "2026-11-03"),
    "meeting register": ON,
    "meeting room": (*ON, "--room", "x"),
    "meeting times": (*ON, "--minutes", "5"),
    "privacy adult": ("a@x.example", "--out", "a.zip"),
    "privacy child": ("A B", "--out", "c.zip"),
    "privacy reseal": (),
    "privacy retention": (),
    "report area": ("--area", "West", "-o", "r.docx"),
    "report board": ("--community", "ABC", "-o", "r.docx"),
    "report county": ("-o", "c.csv"),
    "report improvement": ("x",),
    "report kit": ("--community", "ABC", "-o", "r.docx"),
    "report list": (),
    "report sign": ("x", "--as", "a@x.example"),
    "request close": ("R-1",),
    "request defer": ("R-1", *WHY),
    "request let-in": ("R-1", *WHY),
    "request pay": ("R-1", "--amount", "1", "--on", "2026-11-02"),
    "request reopen": ("R-1", *WHY),
    "request return": ("R-1", *WHY),
    "request withdraw": ("R-1", *WHY),
    "schedule": ("--year", "2026-27"),
    "status": (),
    "stuck drop": ("x", *WHY),
    "stuck list": (),
    "stuck retry": ("x",),
    "surgery call-off": ("S-1",),
    "surgery list": (),
    "surgery load": ("--adviser", "a@x.example"),
    "surgery publish": ("--adviser", "a@x.example", "--at", "2026-11-12T14:00"),
    "surgery sum-up": ("S-1", "--summary", "x"),
    "teams link": ("ABC", "19:x"),
    "teams list": (),
    "year agree": ("--community", "ABC", "--balance", "1"),
    "year close": ("--community", "ABC"),
    "year open": ("--year", "2026-27"),
    "year standing": (),
}

Cos = Callable[..., int]


@pytest.fixture
def cos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cos:
    """`cos` in this process, in a folder without anything; its exit status."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COS_{name.upper()}", raising=False)
    monkeypatch.setenv("COS_LOCAL", "1")
    monkeypatch.setattr(cli, "start_logs", lambda: None)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["cos", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        assert isinstance(code, int)
        return code

    return run


def commands(group: Any, path: str = "") -> Iterator[str]:
    """Every command there is, as it is typed."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def test_every_command_is_listed_as_one_that_needs_a_database_begins_one_or_looks_at_none() -> None:
    listed = [*BEGINS, *LOOKS_AT_NONE, *NEEDS]
    assert sorted(commands(typer.main.get_command(cli.app))) == sorted(listed)


@pytest.mark.parametrize("command", sorted(NEEDS))
def test_a_command_that_needs_a_database_says_where_it_looked_and_makes_nothing(
    command: str, cos: Cos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "here" / "budget.xlsx").write_bytes(sample("community-budget-summary.xlsx"))
    status = cos(*command.split(), *NEEDS[command])
    said = capsys.readouterr()
    assert f"There is no CoS Desk database at {tmp_path / 'here' / '.cos' / 'record.db'}" in said.err
    assert "COS_DATA_DIR" in said.err
    assert "cos import directory" in said.err
    assert (status, said.out) == (2, "")
    assert [p.name for p in (tmp_path / "here").iterdir()] == ["budget.xlsx"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("words", [("doctor",), ("explain", "notional"), ("package", "--public-url", "https://x.y")])
def test_what_looks_at_no_database_makes_none(words: tuple[str, ...], cos: Cos, tmp_path: Path) -> None:
    cos(*words)
    assert list((tmp_path / "here").glob(".cos*")) == []


def test_a_directory_can_be_looked_at_before_anything_begins(
    cos: Cos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cos("import", "directory", str(SAMPLES / "directory.xlsx"), "--dry-run") == 0
    assert "653 added" in capsys.readouterr().out
    assert list((tmp_path / "here").iterdir()) == []


def test_an_import_begins_the_database_and_then_the_rest_works(cos: Cos, tmp_path: Path) -> None:
    assert cos("import", "directory", str(SAMPLES / "directory.xlsx")) == 0
    assert (tmp_path / "here" / ".cos" / "record.db").is_file()
    assert cos("status") == 0


def test_a_folder_may_have_any_name(cos: Cos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COS_DATA_DIR", str(tmp_path / "50% of what? a#b é"))
    assert cos("import", "directory", str(SAMPLES / "directory.xlsx")) == 0
    assert cos("status") == 0


def test_serving_without_its_settings_makes_nothing(cos: Cos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COS_LOCAL")
    assert cos("serve") == 2
    assert list((tmp_path / "here").iterdir()) == []


def test_a_file_that_is_no_database_of_ours_is_left_as_it_is(
    cos: Cos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "here" / ".cos" / "record.db"
    other.parent.mkdir()
    engine = create_engine(f"sqlite:///{other}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql("CREATE TABLE birds (name VARCHAR(32))")
    engine.dispose()
    before = other.read_bytes()
    assert cos("status") == 2
    assert f"There is no CoS Desk database at {other}" in capsys.readouterr().err
    assert other.read_bytes() == before


def test_a_postgresql_without_our_tables_is_refused_and_left_as_it_is(
    cos: Cos, postgres_templates: PostgresTemplates, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres_templates.empty()
    monkeypatch.setenv("COS_DATABASE_URL", url)
    assert cos("status") == 2
    said = capsys.readouterr().err
    assert "There is no CoS Desk database in the PostgreSQL database" in said
    assert "COS_DATABASE_URL" in said
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    assert cos("import", "directory", str(SAMPLES / "directory.xlsx")) == 0
    assert cos("status") == 0


@pytest.mark.parametrize("command", ["status", "serve", "import directory", "journal verify", "provision"])
def test_a_database_of_a_newer_version_is_named_and_left_as_it_is(
    command: str, cos: Cos, record_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = create_engine(record_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    monkeypatch.setenv("COS_DATABASE_URL", record_url)
    files = (str(SAMPLES / "directory.xlsx"),) if command.startswith("import") else ()
    assert cos(*command.split(), *files) == 2
    said = capsys.readouterr().err
    assert "is of a newer version (revision 9999; this version's newest is " in said
    assert "Install that version" in said
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"
    engine.dispose()
