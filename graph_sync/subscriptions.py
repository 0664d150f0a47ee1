"""Our subscriptions for change notifications: made, renewed well before they run out, made anew where they are gone."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from kiota_abstractions.method import Method
from sqlalchemy import delete, select

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.each import Pulled, each
from casework.errors import Conflict, NeedsAttention
from graph_sync.graph import Graph
from graph_sync.notifications import Known
from graph_sync.places import SITE, all_places
from graph_sync.sources import SOURCES

LIFE = timedelta(days=3)
"""A choice: lists and libraries allow 42,300 minutes (short of 30 days); a short life mends what goes wrong."""

RENEW_BEFORE = timedelta(days=2)
"""At a third of its life a subscription is renewed; there are two days left to try again."""

PATHS = ("/graph/notifications", "/graph/lifecycle")


async def known_subscriptions(desk: Desk) -> dict[str, Known]:
    """Ours by id, with the secret each carries."""
    return await desk.run(SYSTEM, _known)


def _known(work: Work) -> dict[str, Known]:
    rows = work.conn.execute(select(tables.subscriptions)).all()
    return {r.id: Known(source=r.source, client_state=r.client_state) for r in rows}


async def keep_subscriptions(desk: Desk, graph: Graph, public_url: str, renew: set[str]) -> Pulled[str, bool]:
    """See to every source's subscription; `renew` are those Graph wants to hear of again now.

    By source, whether it was without one until now: it is pulled then, for its notifications were missed. One that is
    refused stops none of the others: `NeedsAttention`, with what Graph said, where the address cannot be reached from
    outside.
    """
    places = await desk.run(SYSTEM, all_places)
    rows = await desk.run(SYSTEM, _rows)

    async def keep(source: str) -> bool:
        row, now = rows.get(source), desk.clock.now()
        if row is not None and source not in renew and row.expires_at - now > RENEW_BEFORE:
            return False
        if row is not None and await _renewed(desk, graph, source, row.id, now + LIFE):
            return False
        key, form = SOURCES[source]
        resource = form.format(site=places[SITE], id=places[key])
        await _subscribe(desk, graph, source, resource, public_url, now + LIFE)
        return True

    return await each([s for s, (key, _) in SOURCES.items() if key in places and SITE in places], keep)


def _rows(work: Work) -> dict[str, Any]:
    return {r.source: r for r in work.conn.execute(select(tables.subscriptions))}


async def _renewed(desk: Desk, graph: Graph, source: str, id_: str, until: datetime) -> bool:
    """Renew (which reauthorizes too); False where Graph knows it no more."""
    url = graph.url("subscriptions", id_)
    if await graph.change(url, {"expirationDateTime": _written(until)}) is None:
        await desk.run(SYSTEM, _forget, {source})
        return False
    await desk.run(SYSTEM, _expires, source, until)
    return True


async def _subscribe(desk: Desk, graph: Graph, source: str, resource: str, public_url: str, until: datetime) -> None:
    base, secret = public_url.rstrip("/"), secrets.token_urlsafe(32)
    body = {
        "changeType": "updated",
        "resource": resource,
        "notificationUrl": base + PATHS[0],
        "lifecycleNotificationUrl": base + PATHS[1],
        "expirationDateTime": _written(until),
        "clientState": secret,
    }
    try:
        made = await graph.write(Method.POST, graph.url("subscriptions"), body)
    except Conflict:
        await _end_others(graph, resource)  # one of an earlier life of ours, whose secret is lost
        made = await graph.write(Method.POST, graph.url("subscriptions"), body)
    except NeedsAttention as error:
        raise NeedsAttention(
            f"Graph does not take the address {base} for change notifications: {error} "
            "COS_PUBLIC_URL must be https and reach this service from outside. Until then the sources are polled."
        ) from error
    row = {"source": source, "id": made.json()["id"], "client_state": secret, "expires_at": until}
    await desk.run(SYSTEM, _keep, row)


async def _end_others(graph: Graph, resource: str) -> None:
    async for page in graph.pages(graph.url("subscriptions")):
        for one in page["value"]:
            if str(one["resource"]).strip("/") == resource.strip("/"):
                await graph.change(graph.url("subscriptions", one["id"]), None)


def _keep(work: Work, row: dict[str, Any]) -> None:
    work.conn.execute(insert_or_replace(work.conn, tables.subscriptions, row, ("source",)))


def _expires(work: Work, source: str, until: datetime) -> None:
    kept = tables.subscriptions
    work.conn.execute(kept.update().where(kept.c.source == source).values(expires_at=until))


def _forget(work: Work, sources: set[str]) -> None:
    kept = tables.subscriptions
    work.conn.execute(delete(kept).where(kept.c.source.in_(sources)))


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
