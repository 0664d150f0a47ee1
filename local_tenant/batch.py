"""Graph: `$batch`, up to 20 requests in one; each has its own status and headers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from local_tenant.control import SESSION
from local_tenant.odata import bad_request, base_url, read_json
from local_tenant.state import Json

routes = web.RouteTableDef()
MOST = 20
HEADERS = ("retry-after", "location", "content-type", "etag", "ratelimit-remaining", "ratelimit-limit",
           "ratelimit-reset")  # fmt: skip


@routes.post("/v1.0/$batch")
async def post_batch(request: web.Request) -> web.Response:
    """Each request through our own door, all at once; the answers in any order."""
    wanted = (await read_json(request)).get("requests")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= MOST:
        raise bad_request(f"A batch holds 1 to {MOST} requests.")
    ids = [str(one.get("id", "")) for one in wanted]
    if len(set(ids)) < len(ids) or "" in ids:
        raise bad_request("Every request of a batch needs an id of its own.")
    answers = await asyncio.gather(*(_one(request, one) for one in wanted))
    return web.json_response({"responses": sorted(answers, key=lambda a: hash(a["id"]) % 7)})


async def _one(request: web.Request, one: Json) -> Json:
    url, body = str(one.get("url", "")), one.get("body")
    if not url.startswith("/") or "$batch" in url:
        raise bad_request(f"'{url}' is not an address relative to the service's root.")
    headers = dict(one.get("headers") or {})
    if body is not None and not any(k.lower() == "content-type" for k in headers):
        raise bad_request("A body needs headers with its Content-Type.")
    headers |= {"Authorization": request.headers.get("Authorization", ""), "X-Local-Batch": "1"}
    sent = json.dumps(body).encode() if body is not None else None
    session = request.app[SESSION]
    address = f"{base_url(request)}/v1.0{url}"
    async with session.request(one["method"], address, headers=headers, data=sent, allow_redirects=False) as answer:
        raw = await answer.read()
        shown: Any = json.loads(raw) if raw and "json" in answer.content_type else None
        kept = {k: v for k, v in answer.headers.items() if k.lower() in HEADERS}
        return {"id": one["id"], "status": answer.status, "headers": kept, "body": shown}
