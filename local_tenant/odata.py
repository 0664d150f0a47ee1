"""How Graph answers: errors, pages, delta links, and the query options it knows."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from aiohttp import web

from local_tenant.state import Json, Tenant

TENANT: web.AppKey[Tenant] = web.AppKey("tenant", Tenant)
TOKENS: web.AppKey[dict[str, set[str] | None]] = web.AppKey("tokens", dict)
"""Each token that was given out, with the permissions that stand in it; None is all of them."""

OPTIONS = frozenset(
    {"select", "expand", "filter", "top", "skip", "skiptoken", "deltatoken", "orderby", "count", "search", "format"}
)
PAGE = 200
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T", bound="Changing")


class Changing(Protocol):
    """What a delta tells of."""

    seq: int
    deleted: bool


class GraphError(Exception):
    """An answer that is an error: status, Graph's code, a sentence."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers

    def response(self) -> web.Response:
        """In Graph's shape."""
        body = {"error": {"code": self.code, "message": str(self), "innerError": {"request-id": "local"}}}
        return web.json_response(body, status=self.status, headers=self.headers)


def not_found(what: str) -> GraphError:
    """404 as Graph says it."""
    return GraphError(404, "itemNotFound", f"The resource could not be found: {what}")


def bad_request(sentence: str) -> GraphError:
    """400 as Graph says it."""
    return GraphError(400, "invalidRequest", sentence)


def base_url(request: web.Request) -> str:
    """Where the caller reached us, by the Host header: a proxy may stand before the tenant."""
    return f"{request.scheme}://{request.host}"


def check_options(request: web.Request, *own: str) -> None:
    """Refuse query options OData does not know, as Graph does; a function's `own` parameters are known."""
    for key in request.query:
        if key not in ("token", *own) and key.lower().removeprefix("$") not in OPTIONS and not key.startswith("@"):
            raise GraphError(400, "BadRequest", f"The query option '{key}' is not known.")


async def read_json(request: web.Request) -> Json:
    """The body as an object, or 400/415."""
    if "json" not in request.content_type:
        raise GraphError(415, "invalidRequest", f"Content-Type '{request.content_type}' is not JSON.")
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise bad_request("Unable to read JSON request payload.") from error
    if not isinstance(body, dict):
        raise bad_request("Unable to read JSON request payload: an object is expected.")
    return body


def page_size(request: web.Request) -> int:
    """`$top`, or the tenant's own page."""
    top = request.query.get("$top", str(PAGE))
    if not top.isdecimal() or not 0 < int(top) <= 999:
        raise GraphError(400, "BadRequest", f"The value '{top}' of $top is not between 1 and 999.")
    return int(top)


def token_of(**parts: int) -> str:
    """An opaque token."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def parts_of(token: str) -> dict[str, int]:
    """What `token_of` put in; 400 where it is none of ours."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(token))
        return {str(k): int(v) for k, v in parts.items()}
    except (ValueError, AttributeError) as error:
        raise bad_request("The token is malformed.") from error


RESYNCS = ("resyncChangesApplyDifferences", "resyncChangesUploadDifferences")


def delta_page(
    request: web.Request,
    things: Mapping[str, T],
    show: Callable[[T], Json],
    *,
    known_since: int,
    resync: str,
) -> web.Response:
    """A page of what changed since the caller's token, with a next or a delta link.

    `things` stand in the order they changed in: what changed last stands last. A token from before `known_since`, or
    one that `resync` says is gone, gets 410, with the address of a fresh enumeration unless that is left out.
    """
    tenant = request.app[TENANT]
    now_seq = tenant.seq
    token = request.query.get("token") or request.query.get("$deltatoken") or request.query.get("$skiptoken")
    url = f"{base_url(request)}{request.path}"
    kept = "&".join(f"{k}={v}" for k, v in request.query.items() if k in ("$expand", "$select", "$top"))
    link = f"{url}?{kept}{'&' if kept else ''}token="
    if token == "latest":
        return web.json_response({"value": [], "@odata.deltaLink": link + token_of(seq=now_seq)})
    parts = parts_of(token) if token else {"seq": 0, "full": 1}
    is_full = bool(parts.get("full"))
    is_old = not is_full and parts["seq"] < known_since
    is_led_astray = bool(parts.get("resync")) and tenant.behaves("resync-address-fails")
    if is_led_astray or (is_old and tenant.behaves("old-links-fail")):
        raise GraphError(500, "generalException", "General exception while processing.", {"Retry-After": "0"})
    if is_old or (resync and not is_full):
        raise _gone(resync or RESYNCS[0], link, names_address=not tenant.behaves("resync-names-no-address"))
    until = parts.get("until", now_seq)
    size = page_size(request)
    shown: list[tuple[int, Json]] = []
    for thing in _changed_since(things, parts["seq"], until):
        if not (is_full and thing.deleted):
            shown.append((thing.seq, show(thing)))
        if len(shown) > size:
            break
    body: Json = {"@odata.context": f"{base_url(request)}/v1.0/$metadata", "value": [t for _, t in shown[:size]]}
    if len(shown) > size:
        more = {"full": 1} if is_full else {}
        body["@odata.nextLink"] = link + token_of(seq=shown[size - 1][0], until=until, **more)
    else:
        body["@odata.deltaLink"] = link + token_of(seq=until)
    return web.json_response(body)


def _gone(code: str, link: str, *, names_address: bool) -> GraphError:
    where = {"Location": link + token_of(seq=0, full=1, resync=1)} if names_address else {}
    return GraphError(410, code, "The token is too old; a resync is required.", where)


def _changed_since(things: Mapping[str, T], since: int, until: int) -> list[T]:
    """Looked for from the end, so that nothing new costs nothing however much there is."""
    found = []
    for thing in reversed(things.values()):  # type: ignore[call-overload]  # a dict's values can be reversed
        if thing.seq <= since:
            break
        if thing.seq <= until:
            found.append(thing)
    return found[::-1]


def collection(
    request: web.Request, values: Sequence[Any], show: Callable[[Any], Json] = lambda value: value
) -> web.Response:
    """A page of a plain collection, with `@odata.nextLink` where there is more; only that page is shown."""
    size = page_size(request)
    skip = parts_of(request.query["$skiptoken"])["skip"] if "$skiptoken" in request.query else 0
    body: Json = {"value": [show(value) for value in values[skip : skip + size]]}
    if len(values) > skip + size:
        kept = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "$skiptoken")
        body["@odata.nextLink"] = (
            f"{base_url(request)}{request.path}?{kept}{'&' if kept else ''}$skiptoken={token_of(skip=skip + size)}"
        )
    return web.json_response(body)
