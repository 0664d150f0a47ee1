"""Microsoft's Agents Playground: their own chat client, offline, one for each persona. Node is needed, nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from service.node import ensure_packages, find_node

LOG = "client.log"
LOOPBACK = "loopback.cjs"
"""The client listens on every interface by itself, and any site's page could speak to it."""

LISTENS = re.compile(r"Listening on (\d+)")
STARTS_WITHIN_S = 30.0

OTHERS = 5
"""The client wants exactly five people beside its own."""


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody of the tenant who chats with the bot."""

    name: str
    mail: str
    object_id: str
    what: str
    """The roles, in words."""
    try_: str = "help"
    """A sentence to begin with."""


async def ensure_playground(folder: Path) -> Path | None:
    """The client's entry, installed into the folder on first use; None where Node is not or npm fails."""
    modules = await ensure_packages(folder, files("manifests") / "playground")
    return modules and modules / "@microsoft" / "m365agentsplayground" / "cli.js"


def _user(persona: Persona) -> dict[str, str]:
    return {
        "id": f"29:{persona.object_id}",
        "name": persona.name,
        "userPrincipleName": persona.mail,
        "aadObjectId": persona.object_id,
        "givenName": persona.name.partition(" ")[0],
        "surname": persona.name.rpartition(" ")[2],
        "email": persona.mail,
    }


def configuration(persona: Persona, others: Sequence[Persona], tenant_id: str) -> str:
    """The client's own settings file; JSON is YAML. Nobody stands in it twice."""
    return json.dumps(
        {
            "version": "0.1.1",
            "tenantId": tenant_id,
            "bot": {"id": "28:cos-desk", "name": "CoS Desk"},
            "currentUser": _user(persona),
            "users": [_user(other) for other in others[:OTHERS]],
            "personalChat": {"id": f"personal-{persona.object_id}"},
            "groupChat": {"id": f"group-{persona.object_id}", "name": "Group chat"},
            "team": {
                "id": f"team-{persona.object_id}",
                "name": f"Teams client of {persona.name}",
                "aadGroupId": persona.object_id,
                "channels": [{"id": f"channel-{persona.object_id}", "name": "General"}],
            },
        },
        indent=1,
    )


async def start_playground(
    cli: Path, folder: Path, persona: Persona, others: Sequence[Persona], *, tenant_id: str, bot_url: str, port: int
) -> asyncio.subprocess.Process:
    """One client, in a folder of its own."""
    found = find_node()
    assert found is not None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".m365agentsplayground.yml").write_text(configuration(persona, others, tenant_id), "utf-8")
    (folder / LOOPBACK).write_bytes((files("service") / LOOPBACK).read_bytes())
    with (folder / LOG).open("wb") as log:
        command = (
            found.node,
            "--require",
            f"./{LOOPBACK}",
            str(cli),
            "-e",
            bot_url,
            "-c",
            "msteams",
            "-p",
            str(port),
            "--dt",
        )
        quiet = {**os.environ, "TEAMSAPPTESTER_BROWSER": "none"}
        return await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=quiet, stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL
        )


class ClientNotStarted(Exception):
    """The client ended before it listened; says what it wrote last."""


async def listening_port(process: asyncio.subprocess.Process, folder: Path) -> int:
    """The port the client listens on, as it says itself: where the one asked for is taken it takes another, and what
    answers on that one is another program. Raises `ClientNotStarted` or `TimeoutError`.
    """
    log = folder / LOG
    async with asyncio.timeout(STARTS_WITHIN_S):
        while (found := LISTENS.search(log.read_text("utf-8", "replace"))) is None:
            if process.returncode is not None:
                raise ClientNotStarted(log.read_text("utf-8", "replace").strip()[-200:] or f"see {log}")
            await asyncio.sleep(0.05)
    return int(found[1])
