"""Every exchange as HAR 1.2: Graph and Connector calls in, activities out. No Authorization header is kept."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from local_tenant.odata import TENANT, Handler
from local_tenant.state import Json, Tenant

RECORDED = ("/v1.0/", "/beta/", "/v3/", "/_download/")
LEFT_OUT = frozenset({"authorization", "cookie"})
TEXT_BYTES = 1_000_000
_BYTES = re.compile(rb'"[A-Za-z0-9+/=]{1000,}"')
"""A file's content within JSON; it is left out of a large body, and the rest kept."""


def entry(
    method: str, url: str, request_headers: Json, sent: bytes, sent_type: str, status: int, answer: bytes,
    answer_type: str, took_ms: float,
) -> Json:  # fmt: skip
    """One HAR entry; bodies that are no text are noted by size only."""
    _, _, query = url.partition("?")
    request: Json = {
        "method": method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": k, "value": v} for k, v in request_headers.items() if k.lower() not in LEFT_OUT],
        "queryString": [{"name": k, "value": v} for k, _, v in (q.partition("=") for q in query.split("&") if q)],
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(sent),
    }
    if sent:
        request["postData"] = {"mimeType": sent_type, "text": _text(sent, sent_type)}
    return {
        "startedDateTime": datetime.now(UTC).isoformat(),
        "time": took_ms,
        "request": request,
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Content-Type", "value": answer_type}],
            "cookies": [],
            "content": {"size": len(answer), "mimeType": answer_type, "text": _text(answer, answer_type)},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(answer),
        },
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
    }


def _text(body: bytes, mime: str) -> str:
    if "json" in mime and len(body) > TEXT_BYTES:
        body = _BYTES.sub(b'""', body)
    if ("json" in mime or mime.startswith("text/")) and len(body) <= TEXT_BYTES:
        return body.decode("utf-8", "replace")
    return f"({len(body)} bytes of {mime or 'no type'} left out)" if body else ""


def record(tenant: Tenant, method: str, url: str, sent: Any, status: int, answer: Any) -> None:
    """An exchange that the tenant began: an activity delivered to the bot."""
    tenant.exchanges += 1
    if not tenant.keeps_traffic:
        return
    tenant.har.append(
        entry(
            method,
            url,
            {"Content-Type": "application/json"},
            json.dumps(sent).encode(),
            "application/json",
            status,
            b"" if answer is None else json.dumps(answer).encode(),
            "application/json",
            0.0,
        )
    )


@web.middleware
async def record_exchanges(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Middleware: keep each exchange of the recorded paths."""
    if not request.path.startswith(RECORDED):
        return await handler(request)
    started = time.perf_counter()
    response = await handler(request)
    tenant = request.app[TENANT]
    tenant.exchanges += 1
    if not tenant.keeps_traffic:
        return response
    answer = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
    url = f"{request.scheme}://{request.host}{request.rel_url}"
    tenant.har.append(
        entry(
            request.method,
            url,
            dict(request.headers),
            await request.read(),
            request.content_type,
            response.status,
            answer,
            response.content_type,
            (time.perf_counter() - started) * 1000,
        )
    )
    return response


def har_of(tenant: Tenant) -> Json:
    """The whole recording."""
    creator = {"name": "CoS Desk local tenant", "version": "1"}
    return {"log": {"version": "1.2", "creator": creator, "entries": tenant.har}}
