"""The files for containers, held against the product: real commands, real settings, loopback alone, pinned images.

No engine is asked. The commands of `production-like` are run as they are written, as processes.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from local_tenant import door
from service import cli
from service.local_page import PAGE_PORT
from service.settings import Settings
from tests.conftest import free_port
from tests.test_folders import COS, PROJECT, ROOT, answers

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "manifests" / "infra" / "Dockerfile").read_text("utf-8")
DEVCONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
PINNED = re.compile(r"[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?(@sha256:[0-9a-f]{64})?")
SITE = "/opt/cos/lib/python3.11/site-packages/"
FOREIGN = {"POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "PGPASSWORD"}
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("cos-desk:")}
DOORS = {name for name, service in OURS.items() if "entrypoint" in service}
MANY = [name for name, service in SERVICES.items() if "production-like" in service.get("profiles", ())]


@pytest.mark.parametrize("name", sorted(set(OURS) - DOORS))
def test_each_service_runs_a_command_there_is(name: str) -> None:
    words = [word.replace(SITE, f"{ROOT}/") for word in OURS[name]["command"]]
    command: Any = typer.main.get_command(cli.app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context(name, words)  # raises where an option is none of its own, or a value is missing


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_setting_of_a_service_is_one_there_is(name: str) -> None:
    known = {f"COS_{n.upper()}" for n in Settings.model_fields}
    assert set(SERVICES[name].get("environment", {})) - known <= FOREIGN


def test_every_port_is_published_on_loopback_alone() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert published
    assert [p for p in published if not re.fullmatch(r"127\.0\.0\.1:\d+:\d+", p)] == []
    hosts = [p.split(":")[1] for p in published]
    assert len(set(hosts)) == len(hosts)
    assert [n for n, service in SERVICES.items() if service.get("network_mode") == "host"] == []


def test_local_mode_listens_on_loopback_in_its_container_and_a_door_leads_there() -> None:
    for name in set(OURS) - DOORS - {"tenant"}:
        assert OURS[name]["environment"]["COS_HOST"] == "127.0.0.1", name
    assert "COS_HOST=0.0.0.0" in DOCKERFILE, "what the services above have to take back"
    for name in DOORS:
        home = OURS[name]["network_mode"].removeprefix("service:")
        assert OURS[name]["entrypoint"] == ["python", "-P", "-m", "local_tenant.door"]
        assert importlib.util.find_spec("local_tenant.door")
        opened = door.read_ports(OURS[name]["command"])
        assert {str(source) for source, _ in opened} == {p.split(":")[2] for p in SERVICES[home]["ports"]}
        inside = {n: s for n, s in OURS.items() if n == home or s.get("network_mode") == f"service:{home}"}
        listening = {
            int(s["environment"]["COS_PORT"]) for s in inside.values() if "COS_PORT" in s.get("environment", {})
        }
        told = SERVICES[home]["command"]
        listening |= {PAGE_PORT} if told[0] == "local" else set()
        listening.add(int(told[told.index("--port") + 1]))
        assert {target for _, target in opened} <= listening
        published = {int(p.split(":")[2]): int(p.split(":")[1]) for p in SERVICES[home]["ports"]}
        assert all(published[source] == target for source, target in opened), "an address means the same on both sides"


def test_every_image_is_pinned() -> None:
    used = [service["image"] for service in SERVICES.values()]
    used += [*re.findall(r"^ARG PYTHON=(\S+)", DOCKERFILE, re.MULTILINE), DEVCONTAINER["image"]]
    assert [image for image in used if not PINNED.fullmatch(image)] == []
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${PYTHON}"}
    assert {s["image"] for s in OURS.values()} == {f"cos-desk:{PROJECT['project']['version']}"}


def test_the_image_holds_every_package_of_the_wheel_and_sees_no_more() -> None:
    packages = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE)) == packages
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert let_in == packages | {"pyproject.toml", "README.md", "requirements.lock"}
    assert "*" in lines
    assert OURS["local"]["build"] == {"context": ".", "dockerfile": "manifests/infra/Dockerfile"}


def test_what_waits_for_another_names_one_of_its_profile() -> None:
    for name, service in SERVICES.items():
        for other in service.get("depends_on", ()):
            assert SERVICES[other].get("profiles") == service.get("profiles"), (name, other)
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in COMPOSE["volumes"]
    assert [n for n, s in SERVICES.items() if "profiles" not in s] == ["local", "local-door"]
    kinds = [s["command"][0] for s in OURS.values()]
    assert (kinds.count("serve"), kinds.count("worker")) == (2, 2)


def test_the_editors_container_makes_what_the_makefile_knows() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert DEVCONTAINER["postCreateCommand"] == "make setup .venv/.installed-dev"
    assert "DEV_STAMP := $(VENV)/.installed-dev" in makefile
    assert {PAGE_PORT, 8100, 3978} <= set(DEVCONTAINER["forwardPorts"])


async def test_a_door_hands_on_both_ways_and_shuts_where_nothing_listens() -> None:
    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read()).upper())
        writer.close()

    behind = await asyncio.start_server(shout, "127.0.0.1", 0)
    target = behind.sockets[0].getsockname()[1]
    source, nowhere = free_port(), free_port()
    doors = [await door.open_door(source, target, "127.0.0.1"), await door.open_door(nowhere, free_port(), "127.0.0.1")]
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", source)
        writer.write(b"said " * 50_000)
        writer.write_eof()
        assert await reader.read() == b"SAID " * 50_000
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", nowhere)
        assert await reader.read() == b""
        writer.close()
    finally:
        for one in (*doors, behind):
            one.close()
            await one.wait_closed()


def test_a_door_opens_in_a_container_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["18100:8100"], signs=[str(tmp_path / "none")]) == 2
    assert "in a container only" in capsys.readouterr().err
    for wrong in ([], ["8100"], ["a:b"], ["1:2:3"]):
        assert door.main(wrong, signs=[str(tmp_path)]) == 2


@pytest.mark.process
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_commands_of_production_like_do_together_what_they_are_for(empty_url: str, tmp_path: Path) -> None:
    """As processes: the network namespace is this machine's loopback, with other ports; the database another one."""
    ports: dict[str, str] = {}

    def here(word: str) -> str:
        word = word.replace(SITE, f"{ROOT}/")
        return re.sub(r"\b(8110|39[89]\d)\b", lambda m: ports.setdefault(m[0], str(free_port())), word)

    started: dict[str, subprocess.Popen[bytes]] = {}
    with (tmp_path / "said.log").open("ab") as log:
        try:
            for name in [n for n in MANY if n in OURS and n not in DOORS]:
                service = SERVICES[name]
                told = {k: here(v) for k, v in service.get("environment", {}).items() if k != "PGPASSWORD"}
                environment = {**os.environ, **told, "COS_DATA_DIR": str(tmp_path / "keys")}
                if "COS_DATABASE_URL" in told:
                    environment["COS_DATABASE_URL"] = empty_url
                words = [COS, *map(here, service["command"])]
                started[name] = subprocess.Popen(words, env=environment, cwd=tmp_path, stdout=log, stderr=log)
                if name == "tenant":
                    until_answers(f"http://127.0.0.1:{ports['8110']}/", started[name])
                elif service["command"][0] not in ("serve", "worker"):
                    assert started[name].wait(300) == 0, (name, (tmp_path / "said.log").read_text()[-2_000:])
            for name in ("serve-1", "serve-2", "worker-1", "worker-2"):
                port = ports[SERVICES[name]["environment"]["COS_PORT"]]
                until_answers(f"http://127.0.0.1:{port}/readyz", started[name])
        finally:
            for process in started.values():
                process.kill()
                process.wait()


def until_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while not answers(url):
        assert process.poll() is None, url
        assert time.monotonic() < until, url
        time.sleep(0.1)
