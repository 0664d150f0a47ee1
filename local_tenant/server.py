"""The tenant as one aiohttp application, loopback only: `cos tenant` runs it."""

from __future__ import annotations

import base64
import uuid
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from aiohttp import ClientSession, web

from local_tenant import (
    batch,
    connector,
    control,
    graph_columns,
    graph_drives,
    graph_events,
    graph_lists,
    graph_mail,
    graph_meetings,
    graph_people,
    graph_subscriptions,
    graph_uploads,
    page,
)
from local_tenant.faults import FAULTS, Faults, inject_faults
from local_tenant.har import record_exchanges
from local_tenant.odata import TENANT, TOKENS, GraphError, Handler
from local_tenant.permissions import require_permission
from local_tenant.state import Tenant

CLAIMS = base64.b64encode(b'{"access_token":{"nbf":{"essential":true}}}').decode()
CHALLENGE = {"WWW-Authenticate": f'Bearer realm="", error="insufficient_claims", claims="{CLAIMS}"'}
"""How Entra ID asks for a fresh token ('Claims challenges, claims requests, and client capabilities')."""

THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
BODY_BYTES = 260 * 1024 * 1024


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error in Graph's shape, unknown paths included."""
    try:
        return await handler(request)
    except GraphError as error:
        return error.response()
    except web.HTTPNotFound:
        return GraphError(404, "ResourceNotFound", f"No resource at {request.path}.").response()
    except web.HTTPMethodNotAllowed:
        return GraphError(405, "Request_BadRequest", f"{request.method} is not allowed here.").response()


@web.middleware
async def require_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another site may let a name of its own lead here, and reads what it is answered."""
    said = (f"//{request.host}", request.headers.get("Origin", "//localhost"))
    try:
        is_ours = all(urlsplit(address).hostname in THIS_MACHINE for address in said)
    except ValueError:
        is_ours = False
    if not is_ours:
        raise GraphError(403, "accessDenied", "This tenant is for this machine alone.")
    return await handler(request)


@web.middleware
async def require_token(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Graph wants a bearer token that this tenant gave out."""
    if request.path.startswith(("/v1.0/", "/beta/")):
        sent = request.headers.get("Authorization", "")
        if sent.removeprefix("Bearer ") not in request.app[TOKENS]:
            raise GraphError(
                401, "InvalidAuthenticationToken", "Access token is missing, unknown or expired.", CHALLENGE
            )
    return await handler(request)


async def give_token(request: web.Request) -> web.Response:
    """The client credentials grant. Any client is served: this tenant guards nothing."""
    form = await request.post()
    if form.get("grant_type") != "client_credentials" or not form.get("client_id"):
        return web.json_response({"error": "invalid_request", "error_description": "grant_type"}, status=400)
    token = uuid.uuid4().hex
    request.app[TOKENS][token] = request.app[TENANT].granted
    return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": token})


async def _session(app: web.Application) -> AsyncIterator[None]:
    async with ClientSession() as session:
        app[control.SESSION] = session
        yield


def make_app(tenant: Tenant | None = None, faults: Faults | None = None) -> web.Application:
    """The application, with an empty tenant unless one is given, faultless unless faults are."""
    app = web.Application(
        middlewares=[
            record_exchanges,
            answer_errors,
            require_this_machine,
            inject_faults,
            require_token,
            require_permission,
        ],
        client_max_size=BODY_BYTES,
    )
    app[TENANT] = tenant or Tenant()
    app[TOKENS], app[FAULTS] = {}, faults or Faults()
    app[graph_uploads.UPLOADS], app[graph_subscriptions.POST] = {}, graph_subscriptions.Post()
    app.cleanup_ctx.append(_session)
    app.cleanup_ctx.append(graph_subscriptions.deliver_on_change)
    app.router.add_post("/{tenant_id}/oauth2/v2.0/token", give_token)
    for module in (
        batch, connector, control, graph_columns, graph_drives, graph_events, graph_lists, graph_mail, graph_meetings,
        graph_people, graph_subscriptions, graph_uploads, page,
    ):  # fmt: skip
        app.router.add_routes(module.routes)
    return app
