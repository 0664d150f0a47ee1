"""The tab: who may look, by Teams' token and our session; what each page shows, and to whom it does not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import jwt
import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import insert

from bot.keys import ASKED_AGAIN_S, KEYS_KEPT_S, Keys
from bot.tab.routes import COOKIE, LocalPersona, Tab
from bot.tab.sign_in import SCOPE, SignIn
from casework import tables
from casework.errors import NotAllowed, TryLater
from casework.meeting_record import add_action
from communities.directory import Directory, Role
from service.key_sets import fetch_keys
from tests.conftest import Bench, begun
from tests.ports import free_port
from tests.test_chat import senco
from tests.test_moves import R1, clerk
from tests.test_record import MEETING, chair, home, one_decided

APP, TENANT, DOMAIN = "11111111-2222-3333-4444-555555555555", "tenant", "cos.kent.example"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)


def key_set(key: rsa.RSAPrivateKey = KEY, kid: str = "k1") -> dict[str, Any]:
    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return {"keys": [{**public, "kid": kid, "use": "sig", "alg": "RS256"}]}


def claims(**changed: Any) -> dict[str, Any]:
    usual = {
        "aud": f"api://{DOMAIN}/{APP}", "iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT, "oid": "person",
        "scp": SCOPE, "nbf": NOW.timestamp() - 10, "exp": NOW.timestamp() + 3600,
    }  # fmt: skip
    return {k: v for k, v in {**usual, **changed}.items() if v is not None}


def token(key: Any = KEY, kid: str = "k1", algorithm: str = "RS256", **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm=algorithm, headers={"kid": kid})


def sign_in_of(fetch: Any) -> SignIn:
    return SignIn(app_id=APP, tenant_id=TENANT, domain=DOMAIN, keys=Keys(fetch), secret=b"s" * 32)


@pytest.mark.parametrize(
    "changed",
    [{}, {"aud": APP, "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0"}, {"scp": f"x {SCOPE}"}],
)
async def test_a_token_for_us_of_our_tenant_signs_in(changed: Mapping[str, Any]) -> None:
    assert await sign_in_of(key_set).object_id(token(**changed), NOW) == "person"


FORGED = {
    "for another application": token(aud="api://elsewhere/app"),
    "of another issuer": token(iss="https://evil.example/"),
    "of another tenant's issuer": token(iss="https://sts.windows.net/other/"),
    "of another tenant": token(tid="other"),
    "over": token(exp=NOW.timestamp() - 120),
    "not yet": token(nbf=NOW.timestamp() + 120),
    "without an end": token(exp=None),
    "without a person": token(oid=None),
    "without our scope": token(scp="User.Read"),
    "of an application": token(scp=None),
    "signed by another": token(OTHER),
    "with an unknown key": token(kid="k2"),
    "signed with nothing": jwt.encode(claims(), None, algorithm="none", headers={"kid": "k1"}),
    "signed with the public key as a secret": token(b"x" * 64, algorithm="HS256"),
    "cut": token()[:-5],
    "no token": "garbage",
    "empty": "",
    "three dots": "a.b.c",
    "with times that are none": token(exp="soon"),
}


@pytest.mark.parametrize("kind", FORGED)
async def test_a_token_that_is_not_for_us_is_refused_without_saying_why(kind: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        await sign_in_of(key_set).object_id(FORGED[kind], NOW)
    assert str(refused.value) == "The sign-in was refused. Close the tab and open it again."


async def test_unknown_keys_do_not_make_us_call_microsoft_at_will() -> None:
    calls, at = [], [0.0]

    def fetch() -> dict[str, Any]:
        calls.append(1)
        return key_set()

    keys = Keys(fetch, clock=lambda: at[0])
    for number in range(50):
        assert await keys.find(f"forged{number}") is None
    assert len(calls) == 1
    at[0] += ASKED_AGAIN_S
    assert await keys.find("k1") is not None
    assert await keys.find("rolled over") is None
    assert len(calls) == 2


async def test_where_microsoft_is_away_it_is_said_and_asked_again() -> None:
    away = [True]

    def fetch() -> dict[str, Any]:
        if away[0]:
            raise OSError("away")
        return key_set()

    keys = Keys(fetch)
    with pytest.raises(TryLater):
        await keys.find("k1")
    away[0] = False
    assert await keys.find("k1") is not None


async def test_who_comes_while_the_keys_are_fetched_waits_for_them() -> None:
    calls = []

    def fetch() -> dict[str, Any]:
        calls.append(1)
        time.sleep(0.05)
        return key_set()

    keys = Keys(fetch)
    assert None not in await asyncio.gather(*(keys.find("k1") for _ in range(20)))
    assert len(calls) == 1


async def test_known_keys_go_on_where_microsoft_is_away() -> None:
    at, away = [0.0], [False]

    def fetch() -> dict[str, Any]:
        if away[0]:
            raise OSError("away")
        return key_set()

    keys = Keys(fetch, clock=lambda: at[0])
    assert await keys.find("k1") is not None
    away[0], at[0] = True, KEYS_KEPT_S
    assert await keys.find("k1") is not None
    at[0] += KEYS_KEPT_S
    with pytest.raises(TryLater):
        await keys.find("rolled over")


def test_a_session_is_ours_and_ends() -> None:
    ours, theirs = (
        sign_in_of(key_set),
        SignIn(app_id=APP, tenant_id=TENANT, domain="", keys=Keys(dict), secret=b"t" * 32),
    )
    session = ours.session_for("person", NOW)
    assert ours.person_of(session, NOW + timedelta(hours=7)) == "person"
    assert ours.person_of(session, NOW + timedelta(hours=9)) is None
    assert theirs.person_of(session, NOW) is None
    for forged in (
        "",
        "x",
        session[:-3],
        jwt.encode({"sub": "person", "aud": "tab", "exp": 9e9}, None, algorithm="none"),
    ):
        assert ours.person_of(forged, NOW) is None


@dataclass
class Site:
    """The pages of one desk, over HTTP."""

    url: str
    session: ClientSession
    bench: Bench

    async def look(self, path: str, mail: str, **query: str) -> tuple[int, str, ClientResponse]:
        """What a person sees."""
        cookies = {COOKIE: sign_in_of(dict).session_for(mail, self.bench.clock.now())}
        async with self.session.get(self.url + path, cookies=cookies, params=query) as response:
            return response.status, await response.text(), response


@begun
def pages_record(bench: Bench, directory: Directory) -> None:
    """One decided request, a meeting, a budget and an action with a hostile text. Everybody's id is their mail."""
    one_decided(bench, directory)
    with bench.desk.work() as work:
        add_action(work, home(directory), "<script>alert(1)</script> & more", "Jo", date(2027, 1, 5), clerk(directory))
        mails = {p.mail.casefold() for p in directory.people}
        work.conn.execute(insert(tables.identities), [{"aad_object_id": m, "mail": m} for m in sorted(mails)])


@pytest.fixture
async def site(pages_record: Bench) -> AsyncIterator[Site]:
    """The pages of a record with a decided request."""
    tab = Tab(pages_record.desk, sign_in_of(key_set), is_local=False, personas=lambda work: ())
    async with served(tab) as url, ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield Site(url, session, pages_record)


class served:
    """A tab on a port of its own."""

    def __init__(self, tab: Tab) -> None:
        app = web.Application()
        tab.add_to(app)
        self.runner = web.AppRunner(app)

    async def __aenter__(self) -> str:
        await self.runner.setup()
        port = free_port()
        await web.TCPSite(self.runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{port}"

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()


async def test_the_community_at_a_glance(site: Site, directory: Directory) -> None:
    status, html, response = await site.look("/tab", senco(directory).casefold())
    assert status == 200
    for said in (home(directory), "Next meeting", "Thursday 5 November 2026 at 13:30", R1, "£3,000", "Opening balance",
                 'alt="Budget. Opening balance: £5,000', "&lt;script&gt;alert(1)"):  # fmt: skip
        assert said in html, said
    assert "<script" not in html
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self' https://teams.microsoft.com" in policy


@pytest.mark.parametrize(("day", "said"), [(0, "Submissions closed"), (1, "Submissions close")])
async def test_a_day_that_is_past_is_not_said_to_come(site: Site, directory: Directory, day: int, said: str) -> None:
    site.bench.at(MEETING + timedelta(days=day))
    status, html, _ = await site.look("/tab", senco(directory).casefold())
    assert status == 200
    assert f"<dt>{said}</dt>" in html


async def test_a_request_tells_its_story_without_a_pupils_name(site: Site, directory: Directory) -> None:
    for mail in (senco(directory), chair(directory), clerk(directory)):
        status, html, _ = await site.look(f"/tab/request/{R1}", mail.casefold())
        assert status == 200
        assert "It was decided by" in html
        assert "Zebedee" not in html


async def test_the_desk_lists_what_is_due_over_all_communities(site: Site, directory: Directory) -> None:
    status, html, _ = await site.look("/tab/desk", clerk(directory).casefold())
    assert status == 200
    assert f"{R1} of" in html
    assert (await site.look("/tab/desk", senco(directory).casefold()))[0] == 403


async def test_what_is_not_theirs_is_refused(site: Site, directory: Directory) -> None:
    other = directory.schools_of(directory.communities[1].name)[0]
    mail = directory.people_with(Role.SENCO, other.name)[0].mail.casefold()
    assert (await site.look("/tab", mail, community=home(directory)))[0] == 403
    for wanted in (R1, "R-1999-0001", "<b>"):
        status, html, _ = await site.look(f"/tab/request/{wanted}", mail)
        assert status in (403, 404)
        assert "Archbishop" not in html
        assert "<b>" not in html
    assert (await site.look("/tab", "nobody@elsewhere.example"))[0] == 403


async def test_kcc_may_look_at_every_community(site: Site, directory: Directory) -> None:
    moderator = directory.people_with(Role.MODERATOR)[0].mail.casefold()
    status, html, _ = await site.look("/tab", moderator, community=str(directory.communities[5].name))
    assert status == 200
    assert html.count("<option") == 53


async def test_who_is_not_signed_in_is_asked_by_teams_and_only_that_page_has_a_script(site: Site) -> None:
    async with site.session.get(f"{site.url}/tab?theme=dark") as response:
        html = await response.text()
    assert response.status == 401
    assert "sign-in.js" in html
    assert 'integrity="sha384-' in html
    assert 'class="theme-dark"' in html
    assert "script-src 'self' https://res.cdn.office.net" in response.headers["Content-Security-Policy"]


async def test_the_theme_teams_says_once_stays_on_the_pages_after(site: Site, directory: Directory) -> None:
    mail = clerk(directory).casefold()
    _, _, response = await site.look("/tab", mail, theme="contrast")
    kept = response.headers["Set-Cookie"]
    assert "SameSite=None; Partitioned" in kept
    cookie = {"Cookie": f"{kept.partition(';')[0]}; {COOKIE}={sign_in_of(dict).session_for(mail, NOW)}"}
    async with site.session.get(f"{site.url}/tab/desk", headers=cookie) as response:
        assert 'class="theme-contrast"' in await response.text()
    _, html, response = await site.look("/tab/desk", mail, theme='"><script>')
    assert "Set-Cookie" not in response.headers
    assert 'class="theme-system"' in html


@pytest.mark.parametrize(
    ("back", "goes"),
    [("/tab/desk", "/tab/desk"), ("https://evil.example", "/tab"), ("//evil.example", "/tab"),
     ("/tab//evil.example", "/tab"), ("", "/tab")],
)  # fmt: skip
async def test_a_token_opens_a_session_and_never_leads_away(site: Site, back: str, goes: str) -> None:
    at = site.bench.clock.now().timestamp()
    data = {"token": token(nbf=at, exp=at + 3_600), "back": back}
    async with site.session.post(f"{site.url}/tab/sign-in", data=data, allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"] == goes
        cookie = response.headers["Set-Cookie"]
    for said in ("HttpOnly", "Secure", "SameSite=None", "Partitioned", "Path=/tab"):
        assert said in cookie, said


async def test_a_forged_token_opens_none_and_a_persona_is_local_only(site: Site, directory: Directory) -> None:
    for data in ({"token": FORGED["signed by another"]}, {"persona": clerk(directory)}, {}):
        async with site.session.post(f"{site.url}/tab/sign-in", data=data, allow_redirects=False) as response:
            assert response.status == 403
            assert "Set-Cookie" not in response.headers
    async with site.session.post(f"{site.url}/tab/sign-in", data={"token": "x" * 20_000}) as response:
        assert response.status == 413


async def test_in_local_mode_one_chooses_whom_to_be(bench: Bench, directory: Directory) -> None:
    cast = [LocalPersona(name="Jo <b>", object_id="jo", what="Clerk")]
    tab = Tab(bench.desk, sign_in_of(dict), is_local=True, personas=lambda work: cast)
    async with served(tab) as url, ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        async with session.get(f"{url}/tab") as response:
            html = await response.text()
        assert "Jo &lt;b&gt;" in html
        assert "<script" not in html
        async with session.post(f"{url}/tab/sign-in", data={"persona": "jo"}, allow_redirects=False) as response:
            assert response.status == 303


async def test_the_pages_that_the_app_links_to_are_there(site: Site) -> None:
    for path in ("/privacy", "/terms", "/tab/style.css", "/tab/sign-in.js"):
        async with site.session.get(site.url + path) as response:
            assert response.status == 200


async def test_keys_are_fetched_over_http_and_trouble_is_an_os_error() -> None:
    import asyncio

    async def keys(_request: web.Request) -> web.Response:
        return web.json_response(key_set())

    async def broken(_request: web.Request) -> web.Response:
        return web.Response(text="<html>", status=200)

    app = web.Application()
    app.router.add_get("/keys", keys)
    app.router.add_get("/broken", broken)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    assert (await asyncio.to_thread(fetch_keys, f"http://127.0.0.1:{port}/keys"))["keys"][0]["kid"] == "k1"
    for path in ("broken", "missing"):
        with pytest.raises(OSError, match=path):
            await asyncio.to_thread(fetch_keys, f"http://127.0.0.1:{port}/{path}")
    await runner.cleanup()
