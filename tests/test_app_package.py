"""The Teams app: Microsoft's own checker finds nothing, every command is answered, icons are as Teams wants them."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot import action_items
from bot.chat import Place, talk
from bot.searching import SEARCHES
from casework.errors import InputRefused
from communities.directory import Directory
from forms_ingest.request_for_support import read_response
from service.app_package import app_manifest, app_package
from service.node import find_node
from tests.conftest import Bench
from tests.console import cos
from tests.left_out import node_tool
from tests.test_chat import senco
from tests.test_record import set_up

APP, URL = "11111111-2222-3333-4444-555555555555", "https://cos.kent.example"
ATK, NODE = node_tool("atk"), find_node()


def validated(manifest: dict[str, Any], folder: Path) -> tuple[int, str]:
    """What Microsoft's toolkit says about a manifest."""
    assert NODE is not None
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    done = subprocess.run(
        [NODE.node, str(ATK), "validate", "--manifest-file", "manifest.json", "--telemetry", "false"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.skipif(ATK is None, reason="needs Node and npm (`make test` says so)")
def test_microsofts_toolkit_finds_nothing_and_can_find_something(tmp_path: Path) -> None:
    code, said = validated(app_manifest(APP, URL), tmp_path)
    assert (code, "All passed" in said) == (0, True), said
    code, said = validated({**app_manifest(APP, URL), "accentColor": "navy"}, tmp_path)
    assert code != 0
    assert "accentColor" in said


def test_the_zip_holds_manifest_and_icons(tmp_path: Path) -> None:
    done = cos("package", "--app-id", APP, "--public-url", URL, "--out", "app.zip", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "app.zip") as packed:
        assert sorted(packed.namelist()) == ["color.png", "manifest.json", "outline.png"]
        assert not re.search(r"\{[a-z_]+\}", packed.read("manifest.json").decode()), "a place was not filled in"
        color, outline = (Image.open(io.BytesIO(packed.read(f"{n}.png"))) for n in ("color", "outline"))
    assert (color.size, outline.size) == ((192, 192), (32, 32))
    *colours, shape = (band.getextrema() for band in outline.convert("RGBA").split())
    assert (colours, shape) == ([(255, 255)] * 3, (0, 255)), "an outline is white on nothing"


@pytest.mark.parametrize(
    ("app_id", "url", "said"),
    [
        ("", URL, "no application id"),
        ("me", URL, "no application id"),
        (APP, "", "will not do"),
        (APP, "http://cos.kent.example", "will not do"),
        (APP, "https://cos.kent.example/desk", "will not do"),
    ],
)
def test_an_id_or_address_that_will_not_do_is_refused_in_words(app_id: str, url: str, said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        app_package(app_id, url)


def commands() -> list[tuple[str, str]]:
    lists = app_manifest(APP, URL)["bots"][0]["commandLists"]
    return [(scope, c["title"]) for x in lists for scope in x["scopes"] for c in x["commands"]]


def test_every_command_of_the_app_is_understood_for_certain(bench: Bench, directory: Directory) -> None:
    set_up(bench, directory)
    for _, title in commands():
        with bench.desk.work() as work:
            said = talk(work, title, senco(directory), Place(), read_response)
        assert said.question.confidence > 0.8, title
        assert said.question.intent != "unknown", title


def test_the_commands_of_the_message_extension_are_those_that_are_answered() -> None:
    extension = app_manifest(APP, URL)["composeExtensions"][0]["commands"]
    assert {c["id"] for c in extension} == {*SEARCHES, action_items.COMMAND}
