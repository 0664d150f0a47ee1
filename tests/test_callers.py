"""Who may speak to the bot: real tokens against real keys over HTTP; every kind of forgery refused, journaled, and told
nothing.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select
from sqlalchemy.exc import TimeoutError as RecordTimeout
from structlog.testing import capture_logs

from bot.callers import CHANNEL, ISSUER, CallerRefused, Callers, tenants_of
from bot.keys import Keys
from casework import tables
from casework.desk import Desk
from casework.errors import TryLater
from casework.refused import Refusals
from service.key_sets import fetch_keys
from service.office import open_office
from service.settings import Settings
from service.web import make_app
from tests.conftest import KEY as PUPIL_KEY
from tests.conftest import Bench, free_port
from tests.test_tab import KEY, OTHER, key_set

APP, TENANT, SERVICE = "app-id", "our-tenant", "https://smba.trafficmanager.net/uk/"
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def token(key: Any = KEY, *, kid: str | None = "k1", algorithm: str = "RS256", **changed: Any) -> str:
    now = time.time()
    usual = {"iss": ISSUER, "aud": APP, "serviceurl": SERVICE, "nbf": now - 10, "exp": now + 86_400}
    claims = {k: v for k, v in {**usual, **changed}.items() if v is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


def activity(**changed: Any) -> dict[str, Any]:
    usual = {
        "type": "message", "id": "1", "channelId": CHANNEL, "serviceUrl": SERVICE, "text": "help",
        "from": {"id": "29:x", "aadObjectId": "nobody"}, "recipient": {"id": "28:bot"},
        "conversation": {"id": "c", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
    }  # fmt: skip
    return {**usual, **changed}


def keys() -> dict[str, Any]:
    """Bot Connector's: one endorsed for Teams, one for another channel alone."""
    [own], [other] = key_set()["keys"], key_set(OTHER, "k2")["keys"]
    return {"keys": [{**own, "endorsements": ["msteams", "skype"]}, {**other, "endorsements": ["webchat"]}]}


def with_the_public_key_as_secret() -> str:
    """HS256 over the public key, which everybody has; PyJWT itself refuses to make such a token from a PEM."""

    def part(value: Any) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    claims = {"iss": ISSUER, "aud": APP, "serviceurl": SERVICE, "exp": time.time() + 3_600}
    head = part({"alg": "HS256", "kid": "k1"}) + b"." + part(claims)
    return (head + b"." + base64.urlsafe_b64encode(hmac.digest(PUBLIC, head, "sha256")).rstrip(b"=")).decode()


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "no token": ("", {}, "no token"),
    "another scheme": ("Basic eDp5", {}, "no token"),
    "not a token": ("Bearer garbage", {}, "not a token of Bot Framework"),
    "three dots": ("Bearer a.b.c", {}, "not a token of Bot Framework"),
    "a token of two pages": ("Bearer " + "a" * 8_100, {}, "no token"),
    "signed by another": (f"Bearer {token(OTHER)}", {}, "signed by another"),
    "cut": (f"Bearer {token()[:-6]}", {}, "signed by another"),
    "alg none": (f"Bearer {jwt.encode({'iss': ISSUER, 'aud': APP}, None, algorithm='none')}", {},
                 "signed in another way"),
    "the public key as a secret": (f"Bearer {with_the_public_key_as_secret()}", {}, "signed in another way"),
    "an unknown key id": (f"Bearer {token(kid='k9')}", {}, "signed with an unknown key"),
    "no key id": (f"Bearer {token(kid=None)}", {}, "signed with an unknown key"),
    "a key of another channel": (f"Bearer {token(OTHER, kid='k2')}", {}, "signed with an unknown key"),
    "a swapped key id": (f"Bearer {token(KEY, kid='k2')}", {}, "signed with an unknown key"),
    "for another bot": (f"Bearer {token(aud='another')}", {}, "for another bot"),
    "of another issuer": (f"Bearer {token(iss='https://evil.example')}", {}, "of another issuer"),
    "of our own tenant's Entra ID": (f"Bearer {token(iss='https://sts.windows.net/our-tenant/')}", {},
                                     "of another issuer"),
    "over": (f"Bearer {token(exp=time.time() - 86_400)}", {}, "over, or not yet"),
    "not yet": (f"Bearer {token(nbf=time.time() + 86_400)}", {}, "over, or not yet"),
    "without an end": (f"Bearer {token(exp=None)}", {}, "not a token of Bot Framework"),
    "with an end that is none": (f"Bearer {token(exp='soon')}", {}, "not a token of Bot Framework"),
    "for another service": (f"Bearer {token(serviceurl='https://evil.example/')}", {}, "for another service"),
    "without a service": (f"Bearer {token(serviceurl=None)}", {}, "for another service"),
    "answers to go elsewhere": (f"Bearer {token()}", {"serviceUrl": "https://evil.example/"}, "for another service"),
    "another channel": (f"Bearer {token()}", {"channelId": "webchat"}, "of another channel"),
    "another tenant": (f"Bearer {token()}", {"conversation": {"id": "c", "tenantId": "theirs"}}, "of another tenant"),
    "another tenant beside ours": (f"Bearer {token()}", {"channelData": {"tenant": {"id": "theirs"}}},
                                   "of another tenant"),
    "no tenant": (f"Bearer {token()}", {"conversation": {"id": "c"}, "channelData": {}}, "of another tenant"),
}  # fmt: skip
"""The Authorization header, what the activity says instead, and the reason that is journaled."""


@dataclass
class Door:
    """The bot's endpoint as it is outside local mode."""

    url: str
    session: ClientSession
    desk: Desk

    async def knock(self, header: str, body: dict[str, Any]) -> tuple[int, str]:
        headers = {"Authorization": header} if header else {}
        async with self.session.post(self.url, json=body, headers=headers) as response:
            return response.status, await response.text()

    async def reasons(self) -> list[str]:
        journal = tables.journal
        rows = select(journal.c.details).where(journal.c.command == "refuse at the door").order_by(journal.c.number)
        return [d["reason"] for d in await self.desk.look(lambda work: work.conn.execute(rows).scalars().all())]


@pytest.fixture
async def door(tmp_path: Any) -> AsyncIterator[Door]:
    async def key_page(_request: web.Request) -> web.Response:
        return web.json_response(keys())

    published, port, own = web.Application(), free_port(), free_port()
    published.router.add_get("/keys", key_page)
    runner = web.AppRunner(published)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    settings = Settings(
        data_dir=tmp_path, tenant_id=TENANT, bot_app_id=APP, bot_app_password="x", pupil_keys=PUPIL_KEY.decode(),
        client_secret="x", client_id="x", bot_keys_url=f"http://127.0.0.1:{port}/keys", port=own,
    )  # fmt: skip
    office = open_office(settings)
    serving = web.AppRunner(make_app(office, works=False))
    await serving.setup()
    await web.TCPSite(serving, "127.0.0.1", own).start()
    async with ClientSession() as session:
        yield Door(f"http://127.0.0.1:{own}/api/messages", session, office.desk)
    for each in (serving, runner):
        await each.cleanup()
    await office.close()


async def test_every_kind_of_forgery_is_refused_journaled_and_told_nothing(door: Door) -> None:
    for name, (header, changed, _) in REFUSED.items():
        assert await door.knock(header, activity(**changed)) == (401, '{"error": "The token was refused."}'), name
    expected = list(dict.fromkeys(reason for _, _, reason in REFUSED.values()))
    assert sorted(await door.reasons()) == sorted(expected)


@pytest.mark.parametrize("name", REFUSED)
async def test_each_forgery_is_refused_for_its_own_reason(name: str) -> None:
    header, changed, reason = REFUSED[name]
    callers = Callers(app_id=APP, tenant_id=TENANT, keys=Keys(keys))
    with pytest.raises(CallerRefused) as refused:
        callers.hold(await callers.verify(header, time.time()), activity(**changed))
    assert (refused.value.reason, str(refused.value)) == (reason, "The token was refused.")


async def test_bot_connector_is_let_in(door: Door) -> None:
    status, _ = await door.knock(f"Bearer {token()}", {**activity(), "type": "typing"})
    assert status == 201
    assert await door.reasons() == []


async def test_what_is_no_activity_is_refused_before_anything_is_read_of_it(door: Door) -> None:
    async with door.session.post(
        door.url, data=b"[" * 90_000, headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 401


async def test_where_the_keys_cannot_be_had_the_caller_is_asked_to_come_again() -> None:
    callers = Callers(app_id=APP, tenant_id=TENANT, keys=Keys(lambda: fetch_keys("http://127.0.0.1:1/keys")))
    with pytest.raises(TryLater):
        await callers.verify(f"Bearer {token()}", time.time())


async def test_a_flood_of_forgeries_makes_one_entry_now_and_the_count_later(bench: Bench) -> None:
    at = [0.0]
    refusals = Refusals(bench.desk, clock=lambda: at[0])
    with capture_logs() as logged:
        for _ in range(500):
            await refusals.note("bot", "no token")
        at[0] = 601.0
        await refusals.note("bot", "no token")
    assert [entry["times"] for entry in logged] == [1, 500]
    journal = tables.journal
    with bench.desk.work() as work:
        rows = select(journal.c.details).where(journal.c.command == "refuse at the door").order_by(journal.c.number)
        assert [d["times"] for d in work.conn.execute(rows).scalars()] == [1, 500]


async def test_where_the_record_is_away_a_refusal_is_a_refusal_and_counted_the_next_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [0.0]
    refusals = Refusals(bench.desk, clock=lambda: at[0])

    async def away(*_: object) -> None:
        raise RecordTimeout

    with monkeypatch.context() as patched:
        patched.setattr(Desk, "run", away)
        await refusals.note("bot", "no token")
    at[0] = 601.0
    await refusals.note("bot", "no token")
    journal = tables.journal
    with bench.desk.work() as work:
        rows = select(journal.c.details).where(journal.c.command == "refuse at the door")
        assert [d["times"] for d in work.conn.execute(rows).scalars()] == [2]


@pytest.mark.parametrize(
    ("said", "tenants"),
    [
        ({}, [""]), ({"conversation": None, "channelData": "x"}, [""]),
        ({"channelData": {"tenant": {"id": "a"}}}, ["a"]),
        ({"conversation": {"tenantId": "b"}, "channelData": {"tenant": "a"}}, ["b"]),
    ],
)  # fmt: skip
def test_the_tenant_is_read_wherever_it_is_said(said: dict[str, Any], tenants: list[str]) -> None:
    assert tenants_of(said) == tenants
