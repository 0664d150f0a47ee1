"""A flood without a token against real turns: how soon `/healthz` and the bot answer meanwhile.

`python -m benchmarks.flood [SECONDS]` runs the service as it is outside local mode, behind one proxy, and from another
process a thousand hostile posts a second from fifty forwarded addresses: 20 KB of list entries without a token, with a
garbled one and with one signed by somebody else, malformed forms, broken JSON. It prints the p99 of `/healthz` and of a
search in Teams (a turn whose answer is the response) in calm and in the flood, and their ratio (aim: 250 ms).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import jwt
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.turns import HOST, fill, p99
from bot.callers import CHANNEL, ISSUER
from casework.directory_record import directory_of
from communities.directory import Role
from service.office import open_office
from service.run_commands import free_port
from service.settings import Settings
from service.web import make_app

SOMEBODY = "somebody"
"""The file with the mail of whoever searches."""

A_SECOND, ADDRESSES, SECONDS, CALM_S, BETWEEN_S = 1_000, 50, 20, 5, 0.02
APP, TENANT, SERVICE = "app-id", "our-tenant", "https://smba.trafficmanager.net/uk/"
AIM_S = 0.25
ENTRIES = b'{"type":"message","membersAdded":[' + b"{}," * 6_600 + b"{}]}"


def token(key: Any) -> str:
    """Bot Connector's, if it is signed with its key."""
    claims = {"iss": ISSUER, "aud": APP, "serviceurl": SERVICE, "exp": time.time() + 3_600, "nbf": time.time() - 10}
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})


def hostile(number: int, forged: str) -> tuple[str, dict[str, str], bytes]:
    """Where to, with which headers, and what."""
    address = {"X-Forwarded-For": f"203.0.113.{number % ADDRESSES}", "Content-Type": "application/json"}
    form = {**address, "Content-Type": "application/x-www-form-urlencoded; charset=base64"}
    kinds = (
        ("/api/messages", address, ENTRIES),
        ("/api/messages", {**address, "Authorization": "Bearer a.b.c"}, ENTRIES),
        ("/api/messages", {**address, "Authorization": f"Bearer {forged}"}, ENTRIES),
        ("/api/messages", address, b"[" * 20_000),
        ("/tab/sign-in", form, b"token=x"),
    )
    return kinds[number % len(kinds)]


async def serve(folder: Path, port: int, keys_url: str) -> None:
    """The service, with a county in its record."""
    desk = fill(folder)
    with desk.work() as work:
        (folder / SOMEBODY).write_text(next(p.mail for p in directory_of(work).people if p.role is Role.CLERK), "utf-8")
    desk.engine.dispose()
    settings = Settings(
        data_dir=folder, tenant_id=TENANT, bot_app_id=APP, bot_app_password="x", client_id="x", client_secret="x",
        pupil_keys=Fernet.generate_key().decode(), bot_keys_url=keys_url, port=port, proxies=1,
    )  # fmt: skip
    runner = web.AppRunner(make_app(open_office(settings), works=False), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    await asyncio.Event().wait()


async def flood(base: str, seconds: float) -> None:
    """Hostile posts at the rate, each sent when it is due whatever became of those before; prints what was answered."""
    forged, answers = token(rsa.generate_private_key(public_exponent=65_537, key_size=2_048)), Counter[str]()

    async def post(session: ClientSession, number: int) -> None:
        path, headers, body = hostile(number, forged)
        try:
            async with session.post(base + path, data=body, headers=headers) as response:
                answers[str(response.status)] += 1
        except (ClientError, TimeoutError):
            answers["cut"] += 1

    async with ClientSession(connector=TCPConnector(limit=0), timeout=ClientTimeout(total=10)) as session:
        began, number = time.perf_counter(), 0
        async with asyncio.TaskGroup() as group:
            while (passed := time.perf_counter() - began) < seconds:
                while number < passed * A_SECOND:
                    group.create_task(post(session, number))
                    number += 1
                await asyncio.sleep(0.005)
        took = time.perf_counter() - began
    print(f"hostile posts: {number / took:.0f} a second; answered {dict(sorted(answers.items()))}", flush=True)


class Caller:
    """Who has a token, and asks for `/healthz` and searches in turn."""

    def __init__(self, session: ClientSession, base: str, key: Any, mail: str) -> None:
        self._session, self._base, self._token, self._mail = session, base, token(key), mail

    async def once(self, kind: str) -> float:
        """Seconds of one request."""
        began = time.perf_counter()
        if kind == "healthz":
            async with self._session.get(f"{self._base}/healthz", headers={"X-Forwarded-For": "198.51.100.1"}) as found:
                assert found.status in (200, 429), found.status
        else:
            headers = {"Authorization": f"Bearer {self._token}", "X-Forwarded-For": "198.51.100.2"}
            async with self._session.post(f"{self._base}/api/messages", json=self._search(), headers=headers) as found:
                body = await found.json()
                assert found.status == 200, (found.status, body)
                assert "composeExtension" in body
        return time.perf_counter() - began

    async def for_a_while(self, seconds: float) -> dict[str, list[float]]:
        """All the seconds, by kind."""
        until, found = time.perf_counter() + seconds, {"healthz": list[float](), "turn": list[float]()}
        while time.perf_counter() < until:
            for kind, spent in found.items():
                spent.append(await self.once(kind))
                await asyncio.sleep(BETWEEN_S if kind == "turn" else 0.1)
        return found

    def _search(self) -> dict[str, Any]:
        value = {"commandId": "requests", "parameters": [{"name": "search", "value": "ABC"}]}
        return {
            "type": "invoke", "name": "composeExtension/query", "id": "1", "value": value, "channelId": CHANNEL,
            "serviceUrl": SERVICE, "from": {"id": "29:x", "aadObjectId": self._mail}, "recipient": {"id": "28:bot"},
            "conversation": {"id": "c", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
        }  # fmt: skip


async def measure(folder: Path, seconds: float) -> None:
    """Calm first, then the flood."""
    key, port, key_port = rsa.generate_private_key(public_exponent=65_537, key_size=2_048), free_port(), free_port()
    published = web.Application()
    published.router.add_get("/keys", lambda _: _keys(key))
    runner = web.AppRunner(published)
    await runner.setup()
    await web.TCPSite(runner, HOST, key_port).start()
    base = f"http://{HOST}:{port}"
    service = await _started("serve", str(folder), str(port), f"http://{HOST}:{key_port}/keys")
    try:
        async with ClientSession() as session:
            await _reached(session, f"{base}/healthz")
            caller = Caller(session, base, key, (folder / SOMEBODY).read_text("utf-8").casefold())
            await caller.for_a_while(CALM_S)
            calm = await caller.for_a_while(CALM_S)
            flooding = await _started("hostile", base, str(seconds + 2))
            await asyncio.sleep(1)
            stormy = await caller.for_a_while(seconds)
            await flooding.wait()
    finally:
        service.terminate()
        await service.wait()
        await runner.cleanup()
    for kind in calm:
        before, after = p99(calm[kind]), p99(stormy[kind])
        print(
            f"{kind}: p99 {before * 1e3:.0f} ms in calm, {after * 1e3:.0f} ms in the flood (aim {AIM_S * 1e3:.0f}), "
            f"ratio {after / before:.1f}; the longest {max(stormy[kind]) * 1e3:.0f} ms of {len(stormy[kind])}"
        )


async def _keys(key: Any) -> web.Response:
    shown = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return web.json_response({"keys": [{**shown, "kid": "k1", "alg": "RS256", "endorsements": [CHANNEL]}]})


async def _started(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", "benchmarks.flood", *words)


async def _reached(session: ClientSession, url: str) -> None:
    for _ in range(600):
        with suppress(ClientError):
            async with session.get(url):
                return
        await asyncio.sleep(0.2)
    raise SystemExit("The service never listened.")


def main() -> None:
    """The measurement; `serve …` and `hostile …` are its other two processes."""
    match sys.argv[1:]:
        case ["serve", folder, port, keys_url]:
            asyncio.run(serve(Path(folder), int(port), keys_url))
        case ["hostile", base, seconds]:
            asyncio.run(flood(base, float(seconds)))
        case rest:
            with tempfile.TemporaryDirectory() as home:
                asyncio.run(measure(Path(home), float(rest[0]) if rest else SECONDS))


if __name__ == "__main__":
    main()
