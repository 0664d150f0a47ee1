"""Whose page a browser's request comes from, and by which name: our own, or in local mode this machine's.

Any site may have a browser send a form here, and may let a name of its own lead to this machine.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
REFUSED = "This page is not for the address it was asked by."


def make_origin_check(public_url: str, *, is_local: bool) -> Middleware:
    """The middleware that refuses forms of other sites; in local mode any request of them, or by another name."""
    own = urlsplit(public_url).netloc

    @web.middleware
    async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_local:
            is_ours = _is_this_machine(f"//{request.host}") and _is_of_this_machine(request)
        else:
            is_ours = _is_of(request, {own, request.host})
        return await handler(request) if is_ours else web.Response(status=403, text=REFUSED)

    return check_origin


def _is_of_this_machine(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or _is_this_machine(origin)


def _is_of(request: web.Request, hosts: set[str]) -> bool:
    """Whether a form is of one of these hosts; whatever is no browser names none."""
    origin = request.headers.get("Origin")
    is_form = request.method == "POST" and request.path.startswith("/tab")
    return not is_form or origin is None or _host_of(origin) in hosts - {""}


def _host_of(origin: str) -> str:
    """With its port; '' for an origin that is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _is_this_machine(address: str) -> bool:
    try:
        return urlsplit(address).hostname in THIS_MACHINE
    except ValueError:
        return False
