"""The local tenant refuses what Microsoft's would, and answers deltas, eTags and repeated creations as it would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.conftest import START

WORLD = {
    "now": START.isoformat(),
    "site": "/sites/communities",
    "users": [
        {"name": "Desk", "mail": "desk@kent.example"},
        {"name": "Guest", "mail": "sam@school.example", "guest": True},
    ],
    "teams": [{"name": "ABC"}],
    "libraries": ["Papers"],
}
Api = Any


@pytest.fixture
async def api(tenant_url: str) -> AsyncIterator[Api]:
    """Calls of Graph with a token: (method, path, json, headers) -> (status, body)."""
    async with ClientSession() as session:
        await session.post(f"{tenant_url}/_local/world", json=WORLD)
        form = {"grant_type": "client_credentials", "client_id": "x"}
        async with session.post(f"{tenant_url}/t/oauth2/v2.0/token", data=form) as response:
            token = (await response.json())["access_token"]

        async def call(method: str, path: str, json: Any = None, **headers: str) -> tuple[int, Any]:
            url = path if path.startswith("http") else f"{tenant_url}/v1.0/{path}"
            sent = {"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
            async with session.request(method, url, json=json, headers=sent, allow_redirects=False) as response:
                is_json = "json" in response.content_type
                return response.status, await response.json() if is_json else dict(response.headers)

        yield call


async def site_of(api: Api) -> str:
    _, body = await api("GET", "sites/kent.example:/sites/communities")
    return str(body["id"])


async def make_list(api: Api) -> str:
    columns = [
        {"name": "Amount", "number": {"decimalPlaces": "two"}},
        {"name": "Key", "text": {}, "indexed": True},
        {"name": "State", "choice": {"choices": ["Open", "Done"]}},
    ]
    site = await site_of(api)
    status, body = await api("POST", f"sites/{site}/lists", {"displayName": "Things", "columns": columns})
    assert status == 201
    path = f"sites/{site}/lists/{body['id']}"
    assert (await api("PATCH", f"{path}/columns/Key", {"enforceUniqueValues": True}))[0] == 200
    return path


async def test_without_a_token_nothing_is_told(tenant_url: str) -> None:
    async with ClientSession() as session, session.get(f"{tenant_url}/v1.0/users") as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"Amount": 1.5, "State": "Open"}, 201),
        ({"Amount": "1.5"}, 400),
        ({"Amount": True}, 400),
        ({"State": "Ajar"}, 400),
        ({"Nope": 1}, 400),
        ({"Title": "x" * 256}, 400),
    ],
)
async def test_a_list_takes_only_what_its_columns_hold(api: Api, fields: dict[str, Any], status: int) -> None:
    path = await make_list(api)
    assert (await api("POST", f"{path}/items", {"fields": fields}))[0] == status


async def test_unique_columns_and_names_stand_once(api: Api) -> None:
    path = await make_list(api)
    assert [(await api("POST", f"{path}/items", {"fields": {"Key": "k"}}))[0] for _ in range(2)] == [201, 409]
    site = await site_of(api)
    assert (await api("POST", f"sites/{site}/lists", {"displayName": "things"}))[0] == 409


async def test_a_write_with_an_old_etag_is_refused(api: Api) -> None:
    path = await make_list(api)
    _, item = await api("POST", f"{path}/items", {"fields": {"Amount": 1}})
    url = f"{path}/items/{item['id']}/fields"
    assert (await api("PATCH", url, {"Amount": 2}, If_Match=item["eTag"]))[0] == 200
    assert (await api("PATCH", url, {"Amount": 3}, If_Match=item["eTag"]))[0] == 412


async def test_delta_shows_the_latest_state_once_and_then_nothing(api: Api) -> None:
    path = await make_list(api)
    for n in range(5):
        await api("POST", f"{path}/items", {"fields": {"Amount": n}})
    await api("PATCH", f"{path}/items/1/fields", {"Amount": 9})
    seen: list[dict[str, Any]] = []
    link: str | None = f"{path}/items/delta?$expand=fields&$top=2"
    while link:
        _, page = await api("GET", link)
        assert len(page["value"]) <= 2
        seen += page["value"]
        link, delta = page.get("@odata.nextLink"), page.get("@odata.deltaLink")
    assert [(i["id"], i["fields"]["Amount"]) for i in seen] == [("2", 1), ("3", 2), ("4", 3), ("5", 4), ("1", 9)]
    assert (await api("GET", delta))[1]["value"] == []
    await api("DELETE", f"{path}/items/2")
    assert (await api("GET", delta))[1]["value"] == [{"id": "2", "deleted": {"state": "deleted"}}]


async def test_links_are_built_from_the_host_the_caller_used(api: Api, tenant_url: str) -> None:
    port = tenant_url.rpartition(":")[2]
    _, page = await api("GET", f"http://localhost:{port}/v1.0/users?$top=1")
    assert page["@odata.nextLink"].startswith(f"http://localhost:{port}/v1.0/users?")


async def test_unknown_query_options_and_properties_are_refused(api: Api) -> None:
    assert (await api("GET", "users?$fields=id"))[0] == 400
    assert (await api("GET", "users?$select=id,shoeSize"))[0] == 400
    assert (await api("POST", "users/desk@kent.example/messages", {"subjct": "x"}))[0] == 400
    assert (await api("GET", "users/nobody@kent.example"))[0] == 404


@pytest.mark.parametrize(
    "wrong", [{"subject": 1}, {"attendees": {}}, {"isOnlineMeeting": "yes"}, {"body": {"contentType": "rtf"}}]
)
async def test_values_of_the_wrong_type_are_refused(api: Api, wrong: dict[str, Any]) -> None:
    status, body = await api("POST", "users/desk@kent.example/events", an_event(**wrong))
    assert (status, body["error"]["code"]) == (400, "RequestBodyRead")


async def test_an_expired_token_is_challenged_as_entra_does(api: Api, tenant_url: str) -> None:
    await api("POST", f"{tenant_url}/_local/tokens/expire")
    assert (await api("GET", "users"))[0] == 401


def an_event(**more: Any) -> dict[str, Any]:
    return {
        "subject": "M", "start": {"dateTime": "2026-11-05T13:30:00", "timeZone": "Europe/London"},
        "end": {"dateTime": "2026-11-05T15:30:00", "timeZone": "Europe/London"}, "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness", "transactionId": "t", **more,
    }  # fmt: skip


async def test_the_same_transaction_makes_one_event(api: Api) -> None:
    made = [(await api("POST", "users/desk@kent.example/events", an_event()))[1]["id"] for _ in range(2)]
    assert made[0] == made[1]
    assert (await api("POST", "users/desk@kent.example/events", an_event(attendes=[])))[0] == 400
    backwards = an_event(end={"dateTime": "2026-11-05T12:00:00", "timeZone": "Europe/London"}, transactionId="u")
    assert (await api("POST", "users/desk@kent.example/events", backwards))[0] == 400


async def test_guests_have_no_mailbox_here(api: Api) -> None:
    status, _ = await api("POST", "users/sam@school.example/messages", {"subject": "x"})
    assert status == 404


async def test_a_draft_is_found_by_its_key_and_sent_once(api: Api) -> None:
    prop = {"id": "String {6f1d5a44-2c0e-4f57-9d2a-9b6f3a1c7e10} Name CosKey", "value": "k"}
    draft = {
        "subject": "S", "toRecipients": [{"emailAddress": {"address": "a@x.example"}}],
        "singleValueExtendedProperties": [prop],
    }  # fmt: skip
    status, made = await api("POST", "users/desk@kent.example/messages", draft)
    assert status == 201
    where = f"singleValueExtendedProperties/any(ep: ep/id eq '{prop['id']}' and ep/value eq 'k')"
    _, found = await api("GET", f"users/desk@kent.example/messages?$filter={where}")
    assert [m["id"] for m in found["value"]] == [made["id"]]
    sends = [(await api("POST", f"users/desk@kent.example/messages/{made['id']}/send"))[0] for _ in range(2)]
    assert sends == [202, 404]


async def test_an_application_cannot_post_to_a_channel_through_graph(api: Api) -> None:
    status, _ = await api("POST", "teams/x/channels/y/messages", {"body": {"content": "hi"}})
    assert status in (403, 404)


async def test_a_download_is_a_redirect_to_an_address_that_takes_no_token(api: Api, tenant_url: str) -> None:
    site = await site_of(api)
    _, drives = await api("GET", f"sites/{site}/drives")
    papers = next(d["id"] for d in drives["value"] if d["name"] == "Papers")
    url = f"{tenant_url}/v1.0/drives/{papers}/root:/a/b.txt"
    async with ClientSession() as session:
        await session.put(f"{tenant_url}/_local/files/Papers/a/b.txt?by=desk@kent.example", data=b"hello")
        status, headers = await api("GET", f"{url}:/content")
        assert status == 302
        async with session.get(headers["Location"]) as response:
            assert await response.read() == b"hello"
        assert (await api("GET", headers["Location"]))[0] == 401


async def test_the_recording_keeps_every_exchange_and_no_token(api: Api, tenant_url: str) -> None:
    await api("GET", "users")
    async with ClientSession() as session, session.get(f"{tenant_url}/_local/har") as response:
        har = await response.json()
        text = await response.text()
    assert har["log"]["version"] == "1.2"
    assert har["log"]["entries"][-1]["request"]["url"].endswith("/v1.0/users")
    assert "authorization" not in text.casefold()


async def test_the_page_shows_what_landed(api: Api, tenant_url: str) -> None:
    await make_list(api)
    async with ClientSession() as session:
        for path in ("/", "/_page/mail", "/_page/calendar", "/_page/libraries", "/_page/lists", "/_page/channels"):
            async with session.get(tenant_url + path) as response:
                assert response.status == 200
                assert "<h1>" in await response.text()
