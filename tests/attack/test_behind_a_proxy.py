"""Whoever asks writes lines of the proxies' own: once each request came from another address, and had no limit."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from service.doors import DOORS
from service.metrics import Metrics
from tests.attack.conftest import METRICS_TOKEN, Service


@pytest.mark.parametrize("name", [b"X-Forwarded-For", b"Forwarded"])
async def test_a_line_the_client_wrote_does_not_count(name: bytes, service: Service) -> None:
    own = b"203.0.113.9" if name == b"X-Forwarded-For" else b"for=203.0.113.9;proto=https"
    statuses: list[bytes] = []
    for number in range(2 * DOORS[-1].at_once):  # on a slow machine some may come again meanwhile
        said = b"10.1.%d.%d" % divmod(number, 250)
        forged = said if name == b"X-Forwarded-For" else b"for=" + said
        head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s: %s\r\n%s: %s\r\n\r\n"
        statuses.append((await service.ask(head % (name, forged, name, own))).split(b" ", 2)[1])
    assert statuses[0] == b"200"
    assert b"429" in statuses


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 404), ({b"X-Forwarded-For": b"1.2.3.4"}, 404), ({b"Forwarded": b"for=1.2.3.4"}, 404),
     ({b"Authorization": b"Bearer "}, 404), ({b"Authorization": b"Bearer wrong"}, 404),
     ({b"Authorization": f"Bearer {METRICS_TOKEN}".encode()}, 200)],
)  # fmt: skip
async def test_the_figures_are_for_whoever_has_their_token(
    headers: dict[bytes, bytes], status: int, service: Service
) -> None:
    assert await service.status("GET", b"/metrics", headers) == status


async def test_without_a_token_set_the_figures_are_for_nobody(service: Service) -> None:
    settings = service.office.settings.model_copy(update={"metrics_token": ""})
    page = Metrics(service.office.desk, settings)
    for said in ("", "Bearer ", "Bearer"):
        assert (await page.page(make_mocked_request("GET", "/metrics", {"Authorization": said}))).status == 404
