"""What the service answers over HTTP and what a worker does beside it: one application for each kind of process.

`cos serve` answers Teams, Graph and the tab; `cos worker` carries out effects, pulls and sweeps. On SQLite one process
does both.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from opentelemetry.trace import SpanKind

from casework.adrift import LOOK_S, OWN_LOOK_S, Dropped, begin_adrift
from casework.engine import EffectEngine
from casework.errors import NeedsAttention, TryLater
from casework.presence import Duty, who_is_there
from casework.tracing import span
from graph_sync.notifications import MOST_BYTES, NotificationsUnreadable
from graph_sync.subscriptions import PATHS
from service.away import answer_while_away, tell_failed
from service.connections import CONNECTIONS
from service.doors import Check, make_doorkeeper
from service.metrics import Metrics
from service.notices import Notices
from service.office import Office
from service.own_pages import make_origin_check
from service.puller import Puller
from service.tab import make_tab

OFFICE: web.AppKey[Office] = web.AppKey("office", Office)
PULLER: web.AppKey[Puller] = web.AppKey("puller", Puller)
NOTICES: web.AppKey[Notices] = web.AppKey("notices", Notices)
TOKEN_CHARACTERS = 4_096
READY_S = 3.0

log = structlog.get_logger()


async def messages(request: web.Request) -> web.Response:
    """`/api/messages`: Teams speaks to the bot."""
    office = request.app[OFFICE]
    with span("bot turn", kind=SpanKind.SERVER):
        return await office.adapter.receive(request, office.router)


def _check_of(office: Office) -> Check:
    """Whoever speaks to the bot is verified, or asked to come again where nobody can be verified just now."""

    async def check(request: web.Request) -> None:
        try:
            await office.adapter.check_caller(request)
        except TryLater as error:
            log.warning("callers cannot be verified", said=str(error))
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}, text="Try again later.") from error

    return check


async def notifications(request: web.Request) -> web.Response:
    """`/graph/…`: Graph validates the address, or says that something changed. Taken at once, done afterwards."""
    if (token := request.query.get("validationToken")) is not None:
        if len(token) > TOKEN_CHARACTERS:
            return web.Response(status=400)
        return web.Response(text=token, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})
    try:
        await request.app[NOTICES].take(await request.read())
    except NotificationsUnreadable:
        return web.Response(status=400)
    return web.Response(status=202)


async def health(request: web.Request) -> web.Response:
    """Alive."""
    return web.json_response({"status": "ok", "now": request.app[OFFICE].desk.clock.now().isoformat()})


async def ready(request: web.Request) -> web.Response:
    """Whether the record answers, so that work may be sent here; 503 while it does not."""
    try:
        async with asyncio.timeout(READY_S):
            await request.app[OFFICE].desk.look(who_is_there)
    except Exception as error:  # whatever it is, this process cannot work now
        return web.json_response({"status": "the record is away", "error": type(error).__name__}, status=503)
    return web.json_response({"status": "ready"})


async def _engine(app: web.Application) -> AsyncIterator[None]:
    """Effects, with this worker known to the others before it begins any and until it has stopped."""
    office = app[OFFICE]
    await office.presence.look()
    engine = office.engine()
    await engine.start()
    signs = [
        asyncio.create_task(office.presence.run()),
        asyncio.create_task(_put_back_what_was_dropped(office, engine)),
    ]
    yield
    for task in signs:
        task.cancel()
    await asyncio.gather(*signs, return_exceptions=True)

    def stop() -> None:
        engine.stop()  # DBOS takes the loop's threads with it
        office.presence.leave()

    await asyncio.to_thread(stop)


async def _loops(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_moving(app[PULLER]))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def keep_moving(puller: Puller) -> None:
    """Pull, sweep and look for what is adrift, again and again."""
    await asyncio.gather(puller.run(), keep_sweeping(puller.office), keep_from_drifting(puller.office))


async def _put_back_what_was_dropped(office: Office, engine: EffectEngine) -> None:
    dropped = Dropped(office.presence.name)
    while True:
        await asyncio.sleep(OWN_LOOK_S)
        try:
            begun = await asyncio.to_thread(office.outbox.begun)
            if lost := dropped.look(begun, engine.at_work):
                await asyncio.to_thread(office.outbox.resume, lost)
                log.warning("effects the engine had dropped go on", count=len(lost))
        except Exception as error:
            tell_failed("effects dropped", error)


async def keep_from_drifting(office: Office) -> None:
    """Begin again what the record waits for and the engine knows nothing of: at the start, and now and then."""
    while True:
        await office.presence.turn(Duty.TAKING_OVER)
        try:
            if begun := await begin_adrift(office.desk, office.outbox):
                log.warning("effects nobody carried on were begun again", count=begun)
        except Exception as error:
            tell_failed("effects adrift", error)
        await asyncio.sleep(LOOK_S)


async def keep_sweeping(office: Office) -> None:
    """Do what has fallen due, again and again; trouble is logged by name and tried again, never the end of it."""
    while True:
        await office.presence.turn(Duty.CLOCKS)
        try:
            await office.sweep()
        except (TryLater, NeedsAttention) as error:
            log.warning("left for the next round", what="sweep", code=error.code)
        except Exception as error:
            tell_failed("sweep", error)
        await asyncio.sleep(office.settings.poll_s)


def make_app(office: Office, *, works: bool = True, loops: bool = True) -> web.Application:
    """What `cos serve` answers; with `works`, what a worker does as well. `loops=False` leaves pulling and sweeping to
    the caller.
    """
    app = web.Application(
        client_max_size=MOST_BYTES,
        middlewares=[
            answer_while_away,
            make_doorkeeper(office.refusals, office.settings.proxies, _check_of(office)),
            _own_pages(office),
        ],
        handler_args=CONNECTIONS,
    )
    app[OFFICE] = office
    app.router.add_post("/api/messages", messages)
    for path in PATHS:
        app.router.add_post(path, notifications)
    app.router.add_get("/healthz", health)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", Metrics(office.desk, office.settings).page)
    make_tab(office).add_to(app)
    puller = _work_in(app, office, loops=loops) if works else None
    app[NOTICES] = Notices(office, puller if office.presence.is_alone else None)
    return app


def _own_pages(office: Office) -> Middleware:
    return make_origin_check(office.settings.public_url, is_local=office.settings.local)


def make_worker(office: Office) -> web.Application:
    """What `cos worker` does; over HTTP it only says how it is."""
    app = web.Application(middlewares=[_own_pages(office)], handler_args=CONNECTIONS)
    app[OFFICE] = office
    app.router.add_get("/healthz", health)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", Metrics(office.desk, office.settings).page)
    _work_in(app, office, loops=True)
    return app


def _work_in(app: web.Application, office: Office, *, loops: bool) -> Puller:
    app[PULLER] = Puller(office)
    app.cleanup_ctx.append(_engine)
    if loops:
        app.cleanup_ctx.append(_loops)
    return app[PULLER]
