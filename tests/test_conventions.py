"""What must stay true of the whole: documents say what the code does, schema and migrations agree."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect
from typer.main import get_command

import casework
from casework.database import migrate, open_engine
from casework.tables import metadata
from casework.working_list import KCC_FIELDS, fields_of
from graph_sync.provision import load_lists
from service import cli
from service.settings import Settings
from tests.conftest import Bench
from tests.letter_gallery import GOLDEN, LETTERS, as_text
from tests.test_record import arrive

FORBIDDEN = ("/wo" + "rk/", r"pypi\.org/" + "simple", "files.python" + "hosted", "registry.npm" + "js")
ROOT = Path(__file__).parent.parent


def test_the_migrations_make_the_schema(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [d for d in differences if d[0] != "remove_table"] == []
    for table in metadata.sorted_tables:  # Alembic does not compare these
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        assert {c["name"] for c in inspect(engine).get_check_constraints(table.name)} == wanted, table.name
    engine.dispose()


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert [n for n in Settings.model_fields if f"`COS_{n.upper()}`" not in text] == []


def test_the_working_list_has_a_column_for_every_field_that_is_written(bench: Bench) -> None:
    arrive(bench)
    columns = {c["name"] for c in load_lists()["requests"]["columns"]}
    with bench.desk.work() as work:
        assert set(fields_of(work, "R-2026-0001")) <= columns
    assert set(KCC_FIELDS) <= columns


def test_every_mail_reads_as_it_was_agreed() -> None:
    assert GOLDEN.read_text("utf-8") == as_text()
    assert "A &lt;b&gt;" in as_text()
    assert [written.subject for _, written in LETTERS if re.search(r"""href=(""|'')""", written.html)] == []


def test_every_letter_there_is_stands_in_the_gallery() -> None:
    written = {
        getattr(module, name)
        for module in (import_module(f"casework.{m.name}") for m in iter_modules(casework.__path__))
        for name in vars(module)
        if name.endswith("_letter") and not name.startswith(("_", "mail_", "render_"))
    }
    assert written == {wrote for wrote, _ in LETTERS}


def test_the_readme_names_every_command_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for command in get_command(cli.app).commands:
        assert f"cos {command}" in text
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("http") or (ROOT / link).exists(), link


def test_the_project_speaks_of_itself_alone() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in (n for n in listed if n.endswith((".py", ".md", ".toml", ".json", ".lock", "Makefile"))):
        text = (ROOT / name).read_text("utf-8")
        assert not re.search("|".join(FORBIDDEN), text), name


def test_the_coverage_names_only_tests_there_are() -> None:
    text = (ROOT / "docs" / "coverage.md").read_text("utf-8")
    there = {n for p in (ROOT / "tests").glob("test_*.py") for n in re.findall(r"def (test_\w+)", p.read_text("utf-8"))}
    named = set(re.findall(r"`(test_\w+)`", text))
    assert len(named) == 18
    assert named <= there


def test_every_threat_is_answered_by_a_test_that_is_there() -> None:
    page = (ROOT / "docs" / "threats.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    written = "\n".join(f.read_text("utf-8") for f in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert [n for n in sorted(named) if f"def {n}(" not in written] == []
    lines = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert [line for line in lines if "`test_" not in line] == []


def test_each_decision_has_a_number_of_its_own() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert len(numbers) == len(set(numbers)) > 40
    for path in decisions:
        assert path.read_text("utf-8").startswith(f"# {int(path.name[:4])}. "), path.name
