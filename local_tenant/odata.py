"""How Graph answers: errors, pages, delta links, and the query options it knows."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from aiohttp import web

from local_tenant.state import Json, Tenant

TENANT: web.AppKey[Tenant] = web.AppKey("tenant", Tenant)
OPTIONS = frozenset(
    {"select", "expand", "filter", "top", "skip", "skiptoken", "deltatoken", "orderby", "count", "search", "format"}
)
PAGE = 200
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T")


class GraphError(Exception):
    """An answer that is an error: status, Graph's code, a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def response(self) -> web.Response:
        """In Graph's shape."""
        body = {"error": {"code": self.code, "message": str(self), "innerError": {"request-id": "local"}}}
        return web.json_response(body, status=self.status)


def not_found(what: str) -> GraphError:
    """404 as Graph says it."""
    return GraphError(404, "itemNotFound", f"The resource could not be found: {what}")


def bad_request(sentence: str) -> GraphError:
    """400 as Graph says it."""
    return GraphError(400, "invalidRequest", sentence)


def base_url(request: web.Request) -> str:
    """Where the caller reached us, by the Host header: a proxy may stand before the tenant."""
    return f"{request.scheme}://{request.host}"


def check_options(request: web.Request) -> None:
    """Refuse query options OData does not know, as Graph does."""
    for key in request.query:
        if key != "token" and key.lower().removeprefix("$") not in OPTIONS and not key.startswith("@"):
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


def delta_page(
    request: web.Request, changes: Sequence[tuple[int, T]], show: Callable[[T], Json], now_seq: int
) -> web.Response:
    """A page of what changed since the caller's token, with a next or a delta link.

    `changes` are (seq, thing), in the order of seq.
    """
    token = request.query.get("token") or request.query.get("$deltatoken") or request.query.get("$skiptoken")
    url = f"{base_url(request)}{request.path}"
    kept = "&".join(f"{k}={v}" for k, v in request.query.items() if k in ("$expand", "$select", "$top"))
    link = f"{url}?{kept}{'&' if kept else ''}token="
    if token == "latest":
        return web.json_response({"value": [], "@odata.deltaLink": link + token_of(seq=now_seq)})
    parts = parts_of(token) if token else {"seq": 0}
    until = parts.get("until", now_seq)
    wanted = [(seq, thing) for seq, thing in changes if parts["seq"] < seq <= until]
    size = page_size(request)
    body: Json = {"@odata.context": f"{base_url(request)}/v1.0/$metadata", "value": [show(t) for _, t in wanted[:size]]}
    if len(wanted) > size:
        body["@odata.nextLink"] = link + token_of(seq=wanted[size - 1][0], until=until)
    else:
        body["@odata.deltaLink"] = link + token_of(seq=until)
    return web.json_response(body)


def collection(request: web.Request, values: Sequence[Json]) -> web.Response:
    """A page of a plain collection, with `@odata.nextLink` where there is more."""
    size = page_size(request)
    skip = parts_of(request.query["$skiptoken"])["skip"] if "$skiptoken" in request.query else 0
    body: Json = {"value": list(values[skip : skip + size])}
    if len(values) > skip + size:
        kept = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "$skiptoken")
        body["@odata.nextLink"] = (
            f"{base_url(request)}{request.path}?{kept}{'&' if kept else ''}$skiptoken={token_of(skip=skip + size)}"
        )
    return web.json_response(body)
