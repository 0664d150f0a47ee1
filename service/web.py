"""The service as an aiohttp application: the bot's endpoint, Graph's notices, health, and what keeps it moving."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from casework.errors import NeedsAttention, TryLater
from graph_sync.notifications import MOST_BYTES, NotificationsUnreadable, read_delivery
from graph_sync.subscriptions import PATHS
from service.office import Office
from service.puller import Puller
from service.tab import make_tab

OFFICE: web.AppKey[Office] = web.AppKey("office", Office)
PULLER: web.AppKey[Puller] = web.AppKey("puller", Puller)
TOKEN_CHARACTERS = 4_096
log = structlog.get_logger()


async def messages(request: web.Request) -> web.Response:
    """`/api/messages`: Teams speaks to the bot."""
    office = request.app[OFFICE]
    return await office.adapter.receive(request, office.router)


async def notifications(request: web.Request) -> web.Response:
    """`/graph/…`: Graph validates the address, or says that something changed. Taken at once, done afterwards."""
    if (token := request.query.get("validationToken")) is not None:
        if len(token) > TOKEN_CHARACTERS:
            return web.Response(status=400)
        return web.Response(text=token, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})
    if (request.content_length or 0) > MOST_BYTES:
        return web.Response(status=413)
    puller = request.app[PULLER]
    try:
        puller.take(read_delivery(await request.read(), puller.known))
    except NotificationsUnreadable:
        return web.Response(status=400)
    return web.Response(status=202)


async def health(request: web.Request) -> web.Response:
    """Alive."""
    return web.json_response({"status": "ok", "now": request.app[OFFICE].desk.clock.now().isoformat()})


async def _engine(app: web.Application) -> AsyncIterator[None]:
    engine = app[OFFICE].engine()
    await engine.start()
    yield
    await asyncio.to_thread(engine.stop)


async def _loops(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_moving(app[PULLER]))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def keep_moving(puller: Puller) -> None:
    """Pull and sweep, again and again."""
    await asyncio.gather(puller.run(), keep_sweeping(puller.office))


async def keep_sweeping(office: Office) -> None:
    """Do what has fallen due, again and again; trouble is logged by name and tried again, never the end of it."""
    while True:
        try:
            await office.sweep()
        except (TryLater, NeedsAttention) as error:
            log.warning("left for the next round", what="sweep", code=error.code)
        except Exception:
            log.exception("failed; tried again in the next round", what="sweep")
        await asyncio.sleep(office.settings.poll_s)


def make_app(office: Office, *, loops: bool = True) -> web.Application:
    """The application; `loops=False` leaves pulling and sweeping to the caller."""
    app = web.Application(client_max_size=MOST_BYTES)
    app[OFFICE], app[PULLER] = office, Puller(office)
    app.router.add_post("/api/messages", messages)
    for path in PATHS:
        app.router.add_post(path, notifications)
    app.router.add_get("/healthz", health)
    make_tab(office).add_to(app)
    app.cleanup_ctx.append(_engine)
    if loops:
        app.cleanup_ctx.append(_loops)
    return app
