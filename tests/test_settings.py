"""Settings that cannot be read: one sentence with the setting, its value and what is expected; never a secret."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service import cli
from service.clocks import FileClock
from service.settings import Settings, SettingsIncomplete

WRONG = ("abc", "", "-7", "nan", "1e400", "99999999999999999999999", "2026-99-99", "☃", " ")
SECRETS = (
    "database_url",
    "client_certificate_password",
    "client_secret",
    "bot_app_password",
    "pupil_keys",
    "metrics_token",
)
TYPED = [n for n, f in Settings.model_fields.items() if f.annotation not in (str, Path, Path | None)]
"""Those that are more than text."""

EVERYWHERE = {"database_url": 2, "pupil_keys": 2, "pupil_keys_file": 2, "pupil_keys_vault": 2}
"""Text that `cos status` cannot work with either: its exit status where it is `abc`."""

Cos = Callable[..., tuple[int, str]]


@pytest.fixture
def cos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cos:
    """`cos` in this process, beside an empty database; its exit status and what it said on standard error."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COS_{name.upper()}", raising=False)
    monkeypatch.setenv("COS_LOCAL", "1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "start_logs", lambda: None)
    from service.record import open_desk

    desk, outbox = open_desk(Settings())
    outbox.close()
    desk.engine.dispose()

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["cos", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code: Any = ended.value.code
        return code, capsys.readouterr().err

    return run


@pytest.mark.parametrize("name", TYPED)
def test_a_setting_that_cannot_be_read_is_named_with_its_value_and_what_is_expected(
    name: str, cos: Cos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"COS_{name.upper()}", "abc")
    status, said = cos("status")
    assert (status, said.count("\n")) == (2, 1)
    assert re.fullmatch(rf"cos: COS_{name.upper()} is 'abc'; expected: [^\n]+\.\n", said), said


@pytest.mark.parametrize("name", Settings.model_fields)
@pytest.mark.parametrize("value", WRONG)
def test_no_value_of_a_setting_is_more_than_a_sentence(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"COS_{name.upper()}", value)
    try:
        Settings().check()
    except SettingsIncomplete as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize("name", [n for n in Settings.model_fields if n not in TYPED])
def test_text_no_command_can_work_with_is_a_sentence_too(name: str, cos: Cos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"COS_{name.upper()}", "abc")
    status, said = cos("status")
    assert "Traceback" not in said
    assert name in ("data_dir", "clock_file", "term_dates") or status == EVERYWHERE.get(name, 0), said


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", "0"), ("port", "65536"), ("keep_months", "0"), ("poll_s", "0"), ("queue_poll_s", "inf"),
     ("proxies", "-1"), ("sharepoint_units", "0"), ("fallback_s", "nan")],
)  # fmt: skip
def test_a_number_that_makes_no_sense_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"COS_{name.upper()}", value)
    with pytest.raises(SettingsIncomplete, match=rf"^COS_{name.upper()} is '{value}'; expected: a "):
        Settings()


def test_what_stands_in_the_env_file_is_said_to_stand_there(cos: Cos, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("COS_PORT=3978x\nCOS_MANAGED_IDENTITY=perhaps\n", "utf-8")
    status, said = cos("status")
    assert status == 2
    assert "COS_PORT is '3978x' (in the file .env); expected: a whole number from 1 to 65535, for example 3978." in said
    assert "COS_MANAGED_IDENTITY is 'perhaps' (in the file .env); expected: 1 for yes or 0 for no." in said


def test_an_env_file_that_is_no_text_is_a_sentence(cos: Cos, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("COS_SITE=Größe".encode("utf-16"))
    status, said = cos("status")
    assert (status, said) == (2, "cos: The file .env cannot be read: it is not UTF-8 text. Save it as UTF-8.\n")


@pytest.mark.parametrize("url", ["postgresql://cos:s3cr@host:port/x",
                                 "postgresql://cos:s3cr@[::1/x"])  # fmt: skip
def test_an_address_of_a_database_that_cannot_be_read_is_a_sentence(
    url: str, cos: Cos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COS_DATABASE_URL", url)
    status, said = cos("status")
    assert (status, said.count("\n")) == (2, 1)
    assert "COS_DATABASE_URL" in said
    assert "s3cr" not in said


@pytest.mark.parametrize("end", ["", "\n", " \r\n"])
def test_a_clock_file_may_end_with_a_new_line(tmp_path: Path, end: str) -> None:
    (tmp_path / "clock").write_bytes(f"2026-11-04T08:10+00:00{end}".encode())
    assert FileClock(tmp_path / "clock").now() == datetime(2026, 11, 4, 8, 10, tzinfo=UTC)


def test_a_clock_file_without_a_moment_is_a_sentence(cos: Cos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clock").write_text("tea time\n")
    monkeypatch.setenv("COS_CLOCK_FILE", str(tmp_path / "clock"))
    status, said = cos("status")
    assert status == 2
    assert said.startswith(f"cos: COS_CLOCK_FILE: {tmp_path / 'clock'} holds no moment like 2026-11-04T08:10+00:00")


def test_every_secret_is_known_as_one_and_never_printed() -> None:
    hidden = [name for name, field in Settings.model_fields.items() if not field.repr]
    assert hidden == list(SECRETS)
    looks_like_one = re.compile(r"secret|password|database_url|keys$|token")
    assert [n for n in Settings.model_fields if looks_like_one.search(n)] == hidden
    for name in SECRETS:
        values: Any = {name: datetime(2031, 1, 1)}  # noqa: DTZ001
        with pytest.raises(SettingsIncomplete) as caught:
            Settings(**values)
        assert str(caught.value) == f"COS_{name.upper()} cannot be read; expected: text."
    shown = repr(Settings(bot_app_password="hunter22", pupil_keys="hunter22", client_secret="hunter22"))
    assert "hunter22" not in shown


@pytest.mark.parametrize("command", ["tenant", "local"])
def test_a_port_there_cannot_be_is_used_wrongly(command: str, cos: Cos) -> None:
    status, said = cos(command, "--port", "99999")
    assert status == 2
    assert "--port" in said
    assert "65535" in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HOST", "nowhere.invalid", "COS_HOST is 'nowhere.invalid'; expected: an address of this machine"),
        ("CLIENT_ID", "", "COS_CLIENT_ID cannot be used to sign in"),
        ("TENANT_ID", "a/b", "COS_TENANT_ID and COS_CLIENT_ID cannot be used to sign in"),
        ("GRAPH_URL", "abc", "COS_GRAPH_URL is 'abc'; expected: an address"),
        ("PUBLIC_URL", "cos.example", "COS_PUBLIC_URL is 'cos.example'; expected: an address"),
        ("SITE", "communities", "COS_SITE is 'communities'; expected: HOST:/sites/NAME"),
    ],
)
def test_what_the_service_cannot_start_with_names_its_setting(
    name: str, value: str, said: str, cos: Cos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COS_LOCAL", "0")
    for known in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "BOT_APP_ID", "BOT_APP_PASSWORD"):
        monkeypatch.setenv(f"COS_{known}", "x")
    monkeypatch.setenv("COS_PUPIL_KEYS", "A" * 43 + "=")
    monkeypatch.setenv(f"COS_{name}", value)
    status, answer = cos("serve")
    assert (status, said in answer) == (2, True), answer
