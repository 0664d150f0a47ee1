"""Cookies, character sets and multiparts nobody sends: once 500 with a traceback each, which fills the log."""

from __future__ import annotations

import logging

import pytest

from tests.attack.conftest import METRICS_TOKEN, Service

FORM = b"application/x-www-form-urlencoded"
PLACES = {"{request_id}": "R-2026-0001", "{tail:.*}": "x"}

Headers = dict[bytes, bytes]
SPOILT: dict[str, tuple[bytes, Headers, bytes]] = {
    "a cookie that is no text": (b"", {b"Cookie": b"cos_tab=\xff\xfe; cos_theme=\xff"}, b""),
    "a token that is no text": (b"", {b"Authorization": b"Bearer \xc3\x28"}, b""),
    "a name of a header that is no text": (b"", {b"X-\xff": b"x"}, b""),
    "an address that is no text": (b"?theme=\xff\xfe&community=\xc3\x28", {}, b""),
    "a character set that is a codec": (b"", {b"Content-Type": FORM + b"; charset=base64"}, b"persona=x"),
    "a character set nobody knows": (b"", {b"Content-Type": FORM + b"; charset=klingon"}, b"persona=x"),
    "a character set of two bytes": (b"", {b"Content-Type": FORM + b"; charset=utf-16"}, b"persona=x"),
    "JSON in a character set": (b"", {b"Content-Type": b"application/json; charset=rot13"}, b"{}"),
    "a multipart without boundary": (b"", {b"Content-Type": b"multipart/form-data"}, b"--x\r\n\r\n"),
    "a multipart of nothing": (b"", {b"Content-Type": b"multipart/form-data; boundary=x"}, b"--x--\r\n"),
    "a multipart in a multipart": (b"", {b"Content-Type": b"multipart/mixed; boundary=x"}, b"--x\r\n"),
    "something compressed": (b"", {b"Content-Encoding": b"gzip", b"Content-Type": FORM}, b"\x1f\x8b\x08"),
    "something compressed in a way nobody knows": (b"", {b"Content-Encoding": b"zzz"}, b"x"),
}
"""What is added to the address, the headers, the body."""

FORMS_ALONE: dict[str, bytes] = {
    "a form that is no text": b"persona=\xff\xfe",
    "a form of too many fields": b"a=&" * 200,
}
STRANGE: dict[str, tuple[bytes, Headers, bytes]] = {
    "percents that are no text": (b"?community=%FF%FE&theme=%00", {}, b""),
    "a header nobody reads that is no text": (b"", {b"Accept-Language": b"\xc3\x28"}, b""),
    "a session of garbage": (b"", {b"Cookie": b"cos_tab=a.b.c; cos_theme=x"}, b""),
    "a thousand cookies": (b"", {b"Cookie": b"a=b;" * 1_000}, b""),
    "a form of percents that are no text": (b"", {b"Content-Type": FORM}, b"key=%FF&token=%ED%A0%80&persona=%00"),
    "a form of no fields": (b"", {b"Content-Type": FORM}, b"&&&=&="),
    "a kind of body that is none": (b"", {b"Content-Type": b"\t;;;="}, b"x"),
    "a length that is none": (b"", {b"Content-Length": b"abc"}, b""),
    "a host that is none": (b"", {b"Host": b"[::1"}, b""),
}  # fmt: skip
"""Odd, and answered somehow."""


def addresses(service: Service) -> list[tuple[str, bytes]]:
    """Every method and path there is, and one that is not."""
    found = []
    for route in service.app.router.routes():
        path = route.resource.canonical if route.resource else ""
        for place, value in PLACES.items():
            path = path.replace(place, value)
        if route.method != "HEAD":
            found.append((route.method, path.encode()))
    assert len(found) > 15
    return [*found, ("GET", b"/nowhere")]


@pytest.mark.parametrize("name", [*SPOILT, *FORMS_ALONE, *STRANGE])
async def test_every_page_and_door_answers_what_is_malformed_without_a_traceback(
    name: str, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    known = {b"Authorization": f"Bearer {METRICS_TOKEN}".encode()}
    for number, (method, path) in enumerate(addresses(service)):
        at = {b"X-Forwarded-For": f"10.0.0.{number}".encode(), **known}
        if name in FORMS_ALONE:
            if method == "POST":
                body = FORMS_ALONE[name]
                assert await service.status(method, path, {**at, b"Content-Type": FORM}, body) in (400, 401), path
            continue
        more, headers, body = (SPOILT | STRANGE)[name]
        status = await service.status(method, path + more, {**at, **headers}, body)
        assert status == 400 if name in SPOILT else status < 500, (method, path, status)
    assert [r for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR] == []
