"""Graph: subscriptions and the change notifications they bring: late, twice and out of order where faults say so."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from aiohttp import ClientError, ClientTimeout, web

from local_tenant.control import SESSION
from local_tenant.faults import FAULTS
from local_tenant.odata import TENANT, GraphError, bad_request, check_options, collection, not_found, read_json
from local_tenant.state import Json

routes = web.RouteTableDef()
LONGEST_MINUTES = {"list": 42_300, "drive": 42_300, "mailbox": 10_080}
SHORTEST_MINUTES = 45
"""A shorter life is raised to this."""
CLIENT_STATE = 128
VALIDATION_S, DELIVERY_S = 10, 3
TRIES, LONGEST_WAIT_S = 20, 5.0
"""Graph goes on for four hours; here a minute and a half stands for them."""

PROPERTIES = frozenset({"changeType", "notificationUrl", "lifecycleNotificationUrl", "resource", "expirationDateTime",
                        "clientState", "latestSupportedTlsVersion"})  # fmt: skip
_RESOURCES = (
    ("list", re.compile(r"/?sites/([^/]+)/lists/([^/]+)")),
    ("drive", re.compile(r"/?drives/([^/]+)/root")),
    ("mailbox", re.compile(r"/?users/([^/]+)/(messages|events)")),
)


@dataclass
class Subscription:
    """Who wants to know about what, until when."""

    id: str
    body: Json
    watches: str
    """Id of the list, also of a drive's."""
    expires_at: datetime

    def shown(self) -> Json:
        """As Graph shows one; the client state is kept back."""
        shown = {k: v for k, v in self.body.items() if k != "clientState"}
        expires = self.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**shown, "id": self.id, "applicationId": "cos-desk", "expirationDateTime": expires}


class Post:
    """The subscriptions, and the queue of what is to be delivered."""

    def __init__(self) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.waiting: set[asyncio.Task[None]] = set()
        self.delivered = 0
        self.refused = 0


POST: web.AppKey[Post] = web.AppKey("post", Post)


def _resource(request: web.Request, written: str) -> tuple[str, str]:
    """Its kind and the id of the list it is."""
    tenant = request.app[TENANT]
    for kind, form in _RESOURCES:
        if match := form.fullmatch(written):
            if kind == "list" and (found := tenant.find_list(match[2])):
                return kind, found.id
            if kind == "drive" and (drive := tenant.drives.get(match[1])):
                return kind, drive.list_id
            if kind == "mailbox":
                return kind, match[1]
            raise not_found(written)
    raise bad_request(f"Resource '{written}' is not supported for subscriptions.")


def _expiry(request: web.Request, written: object, kind: str) -> datetime:
    now = datetime.fromisoformat(request.app[TENANT].now())
    try:
        wanted = datetime.fromisoformat(str(written))
    except ValueError as error:
        raise bad_request("expirationDateTime is not a moment.") from error
    if wanted.tzinfo is None or wanted <= now:
        raise bad_request("Subscription expiration must lie in the future.")
    if wanted > now + timedelta(minutes=LONGEST_MINUTES[kind]):
        raise bad_request(f"Subscription expiration can only be {LONGEST_MINUTES[kind]} minutes in the future.")
    return max(wanted, now + timedelta(minutes=SHORTEST_MINUTES)).astimezone(UTC)


@routes.post("/v1.0/subscriptions")
async def post_subscription(request: web.Request) -> web.Response:
    """Subscribe: both addresses must answer the validation before the subscription stands."""
    body, post = await read_json(request), request.app[POST]
    if unknown := [k for k in body if k not in PROPERTIES]:
        raise bad_request(f"The property '{unknown[0]}' does not exist on type 'subscription'.")
    kind, watches = _resource(request, str(body.get("resource")))
    if kind in ("list", "drive") and body.get("changeType") != "updated":
        raise bad_request("Only 'updated' is supported for this resource.")
    if not 0 < len(str(body.get("clientState") or "x")) <= CLIENT_STATE:
        raise bad_request(f"clientState has at most {CLIENT_STATE} characters.")
    expires_at = _expiry(request, body.get("expirationDateTime"), kind)
    now = datetime.fromisoformat(request.app[TENANT].now())
    if any(s.watches == watches and s.expires_at > now and s.body["resource"] == body["resource"]
           for s in post.subscriptions.values()):  # fmt: skip
        raise GraphError(409, "ExtensionError", "Subscription Id <> already exists for the requested combination.")
    for field in ("notificationUrl", "lifecycleNotificationUrl"):
        if url := body.get(field):
            await _validate(request, str(url))
    made = Subscription(request.app[TENANT].new_id("subscription"), body, watches, expires_at)
    post.subscriptions[made.id] = made
    return web.json_response(made.shown(), status=201)


async def _validate(request: web.Request, url: str) -> None:
    token = f"Validation: Testing client application reachability for subscription Request-Id: {url[-8:]} & more"
    address = f"{url}{'&' if '?' in url else '?'}validationToken={quote(token)}"
    try:
        async with request.app[SESSION].post(address, timeout=ClientTimeout(total=VALIDATION_S),
                                             headers={"Content-Type": "text/plain"}) as answer:  # fmt: skip
            said, kind, status = await answer.text(), answer.content_type, answer.status
    except (ClientError, TimeoutError) as error:
        raise bad_request(f"Subscription validation request failed: {type(error).__name__}.") from error
    if status != 200 or kind != "text/plain" or said != token:
        raise bad_request(
            f"Subscription validation request failed. Must respond with 200 OK to this request (was {status}, {kind})."
        )


def _known(request: web.Request) -> Subscription:
    found = request.app[POST].subscriptions.get(request.match_info["subscription"])
    now = datetime.fromisoformat(request.app[TENANT].now())
    if found is None or found.expires_at <= now:
        raise not_found("subscription")
    return found


@routes.get("/v1.0/subscriptions")
async def get_subscriptions(request: web.Request) -> web.Response:
    """The application's subscriptions that stand."""
    check_options(request)
    now = datetime.fromisoformat(request.app[TENANT].now())
    return collection(request, [s.shown() for s in request.app[POST].subscriptions.values() if s.expires_at > now])


@routes.patch("/v1.0/subscriptions/{subscription}")
async def patch_subscription(request: web.Request) -> web.Response:
    """Renew."""
    found, body = _known(request), await read_json(request)
    if unknown := [k for k in body if k not in ("expirationDateTime", "notificationUrl")]:
        raise bad_request(f"'{unknown[0]}' cannot be changed.")
    kind, _ = _resource(request, found.body["resource"])
    found.expires_at = _expiry(request, body.get("expirationDateTime"), kind)
    return web.json_response(found.shown())


@routes.post("/v1.0/subscriptions/{subscription}/reauthorize")
async def post_reauthorize(request: web.Request) -> web.Response:
    """Confirm that the application still may."""
    _known(request)
    return web.Response(status=204)


@routes.delete("/v1.0/subscriptions/{subscription}")
async def delete_subscription(request: web.Request) -> web.Response:
    """End it."""
    del request.app[POST].subscriptions[_known(request).id]
    return web.Response(status=204)


def notice(app: web.Application, list_id: str) -> None:
    """Something changed in a list: tell whoever watches it, some time later, perhaps twice."""
    now = datetime.fromisoformat(app[TENANT].now())
    for subscription in app[POST].subscriptions.values():
        if subscription.watches == list_id and subscription.expires_at > now:
            for _ in range(2 if app[FAULTS].strikes("dup") else 1):
                _send(app, subscription, {"changeType": "updated", "resource": subscription.body["resource"]})


def _send(app: web.Application, subscription: Subscription, what: Json) -> None:
    tenant, lifecycle = app[TENANT], "lifecycleEvent" in what
    value = {
        "subscriptionId": subscription.id,
        "clientState": subscription.body.get("clientState"),
        "subscriptionExpirationDateTime": subscription.shown()["expirationDateTime"],
        "tenantId": tenant.id,
        **what,
    }
    url = subscription.body.get("lifecycleNotificationUrl" if lifecycle else "notificationUrl")
    if url:
        task = asyncio.get_running_loop().create_task(_deliver(app, str(url), {"value": [value]}))
        app[POST].waiting.add(task)
        task.add_done_callback(app[POST].waiting.discard)


async def _deliver(app: web.Application, url: str, body: Json) -> None:
    """Again and again until it is taken, with growing waits."""
    await asyncio.sleep(app[FAULTS].wait_s("late"))
    for attempt in range(TRIES):
        try:
            async with app[SESSION].post(url, json=body, timeout=ClientTimeout(total=DELIVERY_S)) as answer:
                if 200 <= answer.status < 300:
                    app[POST].delivered += 1
                    return
        except (ClientError, TimeoutError):
            pass
        app[POST].refused += 1
        await asyncio.sleep(min(0.2 * 2**attempt, LONGEST_WAIT_S))


@routes.post("/_local/lifecycle")
async def post_lifecycle(request: web.Request) -> web.Response:
    """Send a lifecycle notification (`event`) for every subscription; `subscriptionRemoved` ends them (on demand)."""
    event, post = (await read_json(request))["event"], request.app[POST]
    for subscription in list(post.subscriptions.values()):
        if event == "subscriptionRemoved":
            del post.subscriptions[subscription.id]
        _send(request.app, subscription, {"lifecycleEvent": event, "resource": subscription.body["resource"]})
    return web.json_response({"sent": len(post.waiting)})


@routes.get("/_local/subscriptions")
async def get_watchers(request: web.Request) -> web.Response:
    """The subscriptions with their client states, and how many notifications were taken and refused."""
    post = request.app[POST]
    shown = [{**s.shown(), "clientState": s.body.get("clientState")} for s in post.subscriptions.values()]
    return web.json_response({"subscriptions": shown, "delivered": post.delivered, "refused": post.refused})


async def deliver_on_change(app: web.Application) -> AsyncIterator[None]:
    """While the application runs, every change is noticed; what is on its way at the end is dropped."""
    app[TENANT].on_change = lambda list_id: notice(app, list_id)
    yield
    for task in list(app[POST].waiting):
        task.cancel()
    await asyncio.gather(*app[POST].waiting, return_exceptions=True)
