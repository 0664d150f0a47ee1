"""The Bot Framework SDK, and nothing else: activities into `Turn`, `Reply` back, posts out.

Microsoft ended this SDK's support at the end of 2025; swapping it touches this module alone.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import structlog
from aiohttp import web
from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    Attachment,
    ChannelAccount,
    ConversationParameters,
    ConversationReference,
)
from botframework.connector.auth import AuthenticateRequestResult, ClaimsIdentity

from bot.callers import Callers
from bot.incoming import read_activity, without_mention
from bot.messages import message_bytes, notification_of, too_large
from bot.pacing import Pace
from bot.turns import ASK, Card, Found, Handler, Kind, Reference, Reply, Scope, TeamEvent, Turn
from casework.errors import NeedsAttention, TryLater
from casework.lease import check_lease

EXTENSION = {
    "composeExtension/query": Kind.SEARCH,
    "composeExtension/fetchTask": Kind.DIALOG,
    "composeExtension/submitAction": Kind.DIALOG_DONE,
}
THUMBNAIL_TYPE = "application/vnd.microsoft.card.thumbnail"
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
BODY_BYTES = 256 * 1024
ROSTER_PAGE = 500
"""People on a page of a team's roster, the most there may be (learn.microsoft.com, 'Get Teams specific context')."""

GONE = frozenset({403, 404})
"""The bot was taken out, or the conversation or message is deleted."""

RETRY = frozenset({412, 429, 502, 503, 504})
"""What Teams wants tried again (Microsoft: 'Optimize your bot with rate limiting')."""

CLAIMS: web.RequestKey[Mapping[str, Any]] = web.RequestKey("claims", Mapping)
"""What the verified token of a request says."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class BotCredentials:
    """The bot's registration; all empty in local mode, where anybody on this machine may talk to it."""

    APP_ID: str = ""
    APP_PASSWORD: str = field(default="", repr=False)
    APP_TENANTID: str = ""
    APP_TYPE: str = "SingleTenant"


MOST_CLIENTS = 16
"""Service URLs a client is kept for: Teams has a handful, one a region."""


IDLE_S = 60.0
"""A client that was not used for this long is made anew: what stands between may have dropped its connections."""

Clients = OrderedDict[tuple[str, str], tuple[Any, float]]
"""Service URL and audience to the client and when it was last used."""


class _KeptClients:
    """In the place of the SDK's connector factory, which makes a client with credentials and connections every turn:
    one client a service URL and audience.
    """

    def __init__(self, made_by: Any, kept: Clients) -> None:
        self._made_by, self._kept = made_by, kept

    async def create(self, service_url: str, audience: str) -> Any:
        """The client that is there, or a new one in the place of the one that was used longest ago."""
        key, now = (service_url, audience), time.monotonic()
        client, used = self._kept.pop(key, (None, 0.0))
        if client is None or now - used > IDLE_S:
            client = await self._made_by.create(service_url, audience)
        self._kept[key] = (client, now)
        while len(self._kept) > MOST_CLIENTS:
            self._kept.popitem(last=False)
        return client


class _Authentication(ConfigurationBotFrameworkAuthentication):
    """The SDK's own, which keeps its clients; nobody signs in through the bot, so no client is made for that."""

    def __init__(self, configuration: BotCredentials) -> None:
        super().__init__(configuration)
        self._clients: Clients = OrderedDict()

    def caller_of(self, claims: Mapping[str, Any]) -> Any:
        """What the SDK wants to know of whoever called, whose token was verified already."""
        caller, identity = AuthenticateRequestResult(), ClaimsIdentity(dict(claims), True)
        caller.claims_identity, caller.audience = identity, self.get_originating_audience()
        caller.connector_factory = self.create_connector_factory(identity)
        return caller

    def create_connector_factory(self, claims_identity: Any) -> Any:
        """For posts the bot begins by itself."""
        return _KeptClients(super().create_connector_factory(claims_identity), self._clients)

    async def create_user_token_client(self, claims_identity: Any) -> None:
        """None is needed."""


class ConversationGone(NeedsAttention):
    """Nothing was posted: what was known of the conversation does not hold any more."""


class TeamsAdapter:
    """The endpoint `/api/messages` and the way out."""

    def __init__(self, credentials: BotCredentials, callers: Callers | None = None) -> None:
        """Without `callers` anybody may call: in local mode alone, where the service listens on loopback."""
        if (callers is None) == bool(credentials.APP_ID):
            raise ValueError("A bot with credentials verifies its callers, and one without has none to verify.")
        self._callers = callers
        self._app_id = credentials.APP_ID
        self._pace = Pace(time.monotonic)
        configuration = credentials if credentials.APP_ID else BotCredentials(APP_TYPE="MultiTenant")
        self._authentication = _Authentication(configuration)
        self._adapter = CloudAdapter(self._authentication)

    async def check_caller(self, request: web.Request) -> None:
        """Verify the token of whoever posts, before a byte of the body is read.

        Raises `CallerRefused`, and `TryLater` where nobody can be verified just now.
        """
        if self._callers is not None:
            request[CLAIMS] = await self._callers.verify(request.headers.get("Authorization", ""), time.time())

    async def receive(self, request: web.Request, handler: Handler) -> web.Response:
        """One activity in, answered; its caller was checked before. What is no activity gets 400, never a 500. Raises
        `CallerRefused` where the activity is of somebody else than the token.
        """
        if request.content_type != "application/json":
            return web.json_response({"error": "Send JSON."}, status=415)
        body, activity = await asyncio.to_thread(read_activity, await request.read())
        if activity is None:
            return web.json_response({"error": "This is no Bot Framework activity."}, status=400)
        claims: Mapping[str, Any] = {}
        if self._callers is not None:
            claims = request[CLAIMS]
            self._callers.hold(claims, body)
        if not _is_addressed(activity):
            return web.json_response({"error": "This is no Bot Framework activity."}, status=400)

        try:
            turn = turn_of(activity)
        except (AttributeError, KeyError, TypeError, ValueError):
            return web.json_response({"error": "This is no activity of Teams."}, status=400)

        async def on_turn(context: Any) -> None:
            reply = _fitting(await handler(turn))
            try:
                await _answer(context, reply)
            except Exception as error:  # the SDK raises many kinds, some of its own making
                # what was asked for is done; that the answer did not arrive is no reason to have it asked for again
                log.warning("Teams did not take an answer", error=type(error).__name__, status=_status_of(error))

        caller: Any = self._authentication.caller_of(claims)
        invoked: Any = await self._adapter.process_activity(caller, activity, on_turn)
        if invoked is None:
            return web.Response(status=201)
        return web.json_response(invoked.body, status=invoked.status)

    async def post(self, reference: Reference, card: Card) -> Mapping[str, str]:
        """Post a card; returns the message's id and conversation."""
        sent: dict[str, str] = {}

        message = _posted(card)

        async def say(context: Any) -> None:
            response = await context.send_activity(message)
            sent.update(activity=response.id if response else "", conversation=context.activity.conversation.id)

        where = ConversationReference().deserialize(reference)
        await self._sending(self._adapter.continue_conversation(where, say, self._app_id), where.conversation.id)
        return sent

    async def replace(self, reference: Reference, activity_id: str, card: Card) -> None:
        """Put a card in the place of a message of the bot's own; the same again is harmless."""

        message = _posted(card)
        message.id = activity_id

        async def put(context: Any) -> None:
            await context.update_activity(message)

        where = ConversationReference().deserialize(reference)
        await self._sending(
            self._adapter.continue_conversation(where, put, self._app_id), where.conversation.id, is_repeatable=True
        )

    async def roster(self, known: Reference, team_id: str) -> list[tuple[str, str]]:
        """Teams' own id and the object id of everybody in a team the bot is in; it needs no permission."""
        found: list[tuple[str, str]] = []

        async def read(context: Any) -> None:
            client = context.turn_state.get(BotAdapter.BOT_CONNECTOR_CLIENT_KEY)
            after = None
            while True:
                page = await client.conversations.get_teams_conversation_paged_members(team_id, ROSTER_PAGE, after)
                found.extend(_ids(member) for member in page.members or [])
                after = page.continuation_token
                if not after:
                    return

        where = ConversationReference().deserialize(known)
        reading = self._adapter.continue_conversation(where, read, self._app_id)
        await self._sending(reading, team_id, is_repeatable=True)
        return found

    async def open_chat(self, known: Reference, user_id: str, object_id: str) -> Reference:
        """A personal chat with somebody who never wrote: `known` gives service URL and tenant. By Teams' own id it
        opens for whoever is in a team with the bot, by object id alone (`user_id` is '') where they have the app.
        """
        where: Any = ConversationReference().deserialize(known)
        tenant_id = where.conversation.tenant_id or ""
        opened: list[Any] = []

        async def note(context: Any) -> None:
            opened.append(TurnContext.get_conversation_reference(context.activity))

        parameters = ConversationParameters(
            is_group=False,
            bot=where.bot,
            members=[ChannelAccount(id=user_id or object_id, aad_object_id=object_id)],
            tenant_id=tenant_id,
            channel_data={"tenant": {"id": tenant_id}},
        )
        await self._sending(
            self._adapter.create_conversation(
                self._app_id, note, parameters, channel_id="msteams", service_url=where.service_url
            ),
            object_id,
            is_repeatable=True,
        )
        reference: Reference = opened[0].serialize()
        return reference

    async def _sending(self, sending: Any, conversation: str, *, is_repeatable: bool = False) -> None:
        try:
            await self._pace.turn(conversation)
            check_lease()
        except TryLater:
            sending.close()
            raise
        try:
            await sending
        except Exception as error:
            status = _status_of(error)
            if _never_connected(error):
                raise TryLater("Teams was not reached.", 2.0) from error
            if status is None and is_repeatable:
                raise TryLater("The connection to Teams broke.", 2.0) from error
            if status is None:
                raise NeedsAttention(
                    "The connection to Teams broke while posting, and Teams does not say whether it arrived: "
                    "look in the channel or chat; it is not repeated by itself."
                ) from error
            if status in RETRY:
                headers = getattr(error.response, "headers", None) or {}  # type: ignore[attr-defined]
                wait = str(headers.get("Retry-After", "2"))
                raise TryLater(
                    f"Teams is busy ({status}).", float(wait) if wait.replace(".", "", 1).isdigit() else 2.0
                ) from error
            if status in GONE:
                raise ConversationGone(
                    f"Teams knows the conversation no more ({status}): add the bot to the team or chat again."
                ) from error
            raise NeedsAttention(f"Teams refused the post ({status}).") from error


def _is_addressed(activity: Any) -> bool:
    """Whether it says what it is, where it was said and where an answer goes."""
    where = getattr(activity.conversation, "id", None)
    return all(isinstance(said, str) and said for said in (activity.type, where, activity.service_url))


def _status_of(error: Exception) -> int | None:
    """What Teams answered, where it did."""
    status: int | None = getattr(getattr(error, "response", None), "status_code", None)
    return status


def _never_connected(error: Exception) -> bool:
    """Whether nothing left this machine: the SDK wraps requests' error, which wraps urllib3's and its reason."""
    causes = getattr(getattr(error, "inner_exception", None), "args", ())
    reasons = (getattr(cause, "reason", None) for cause in causes)
    return any(type(reason).__name__ in ("NewConnectionError", "NameResolutionError") for reason in reasons)


def turn_of(activity: Any) -> Turn:
    """An activity in our own words."""
    data = activity.channel_data if isinstance(activity.channel_data, dict) else {}
    conversation = activity.conversation
    value = activity.value if isinstance(activity.value, dict) else {}
    action = value.get("action") if isinstance(value.get("action"), dict) else {}
    assert isinstance(action, dict)
    values = action.get("data") if isinstance(action.get("data"), dict) else {}
    kind = _kind(activity)
    verb, text = str(action.get("verb") or ""), _text(activity)
    if kind in (Kind.SEARCH, Kind.DIALOG, Kind.DIALOG_DONE):
        verb, text = str(value.get("commandId") or ""), _asked(value)
        values = value.get("data") if isinstance(value.get("data"), dict) else {}
    scope = _scope(conversation, data)
    sender = activity.from_property
    return Turn(
        kind=kind,
        object_id=str(getattr(sender, "aad_object_id", None) or ""),
        text=text,
        verb=verb[:40],
        values=values or {},
        team=_of(data, "team", "name")[:100] if scope is Scope.CHANNEL else "",
        team_id=_of(data, "team", "id") if scope is Scope.CHANNEL else "",
        channel=_channel(kind, data),
        event=_event(data),
        joined=_joined(activity),
        scope=scope,
        reference=_reference(activity),
    )


def _of(data: Mapping[str, Any], *names: str) -> str:
    """A text deep in what Teams adds, '' where there is none."""
    found: Any = data
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _channel(kind: Kind, data: Mapping[str, Any]) -> str:
    if kind is Kind.INSTALLED:
        return _of(data, "settings", "selectedChannel", "id")
    return _of(data, "channel", "id") if kind is Kind.TEAM_CHANGED else ""


def _event(data: Mapping[str, Any]) -> TeamEvent:
    try:
        return TeamEvent(_of(data, "eventType"))
    except ValueError:
        return TeamEvent.OTHER


def _joined(activity: Any) -> tuple[tuple[str, str], ...]:
    members = (activity.members_added or []) if activity.type == ActivityTypes.conversation_update else []
    return tuple(_ids(m) for m in members if _ids(m)[1])


def _ids(member: Any) -> tuple[str, str]:
    """Teams' own id and the object id, which a roster calls `objectId` and an activity `aadObjectId`."""
    more = getattr(member, "additional_properties", None) or {}
    object_id = getattr(member, "aad_object_id", None) or more.get("objectId") or more.get("aadObjectId")
    return str(getattr(member, "id", None) or ""), str(object_id or "")


def _reference(activity: Any) -> Reference:
    """Where it came from, without the message itself: the same for every message of a conversation."""
    found: Reference = TurnContext.get_conversation_reference(activity).serialize()
    found.pop("activityId", None)
    return found


def _kind(activity: Any) -> Kind:
    if activity.type == ActivityTypes.invoke and activity.name == "adaptiveCard/action":
        return Kind.CARD_ACTION
    if activity.type == ActivityTypes.invoke:
        return EXTENSION.get(str(activity.name), Kind.OTHER)
    if activity.type == ActivityTypes.event and activity.name == "application/vnd.microsoft.meetingStart":
        return Kind.MEETING_STARTED
    if activity.type == ActivityTypes.message:
        return Kind.MESSAGE
    if activity.type == ActivityTypes.message_update:
        return Kind.EDITED
    if activity.type == ActivityTypes.installation_update:
        return Kind.REMOVED if str(activity.action or "").startswith("remove") else Kind.INSTALLED
    if activity.type == ActivityTypes.conversation_update:
        return _conversation_kind(activity)
    return Kind.OTHER


def _conversation_kind(activity: Any) -> Kind:
    """Whether the bot itself came or went, or something else happened to a team it is in."""
    bot = activity.recipient.id if activity.recipient else None
    if bot in {m.id for m in activity.members_removed or []}:
        return Kind.REMOVED
    is_channel = getattr(activity.conversation, "conversation_type", None) == "channel"
    if is_channel and bot not in {m.id for m in activity.members_added or []}:
        return Kind.TEAM_CHANGED
    return Kind.INSTALLED


def _asked(value: Mapping[str, Any]) -> str:
    """The words of a search, or the message a command was used on, as plain text."""
    for parameter in value.get("parameters") or ():
        if isinstance(parameter, dict) and parameter.get("name") == "search":
            return str(parameter.get("value") or "")[:200]
    payload = value.get("messagePayload")
    body = payload.get("body") if isinstance(payload, dict) else None
    content = str(body.get("content") or "") if isinstance(body, dict) else ""
    return unescape(re.sub(r"<[^>]{0,1000}>", " ", content[:20_000]))[:2_000]


def _scope(conversation: Any, data: dict[str, Any]) -> Scope:
    kind = getattr(conversation, "conversation_type", None) or "personal"
    if kind == "personal":
        return Scope.PERSONAL
    if kind == "channel":
        return Scope.CHANNEL
    return Scope.MEETING if data.get("meeting") else Scope.GROUP


def _text(activity: Any) -> str:
    return (without_mention(activity) or _asked_by_button(activity.value)).strip()[:4000]


def _asked_by_button(value: object) -> str:
    """The sentence of a button that asks one: a submit has no text of its own."""
    asked = value.get(ASK) if isinstance(value, dict) else None
    return asked if isinstance(asked, str) else ""


def _message(card: Card) -> Any:
    attachment = Attachment(content_type=CARD_TYPE, content=card)
    return Activity(type=ActivityTypes.message, summary=notification_of(card), attachments=[attachment])


def _posted(card: Card) -> Any:
    """A card as a message the bot posts by itself. Raises `NeedsAttention` naming a card that is too large."""
    if problem := too_large(card):
        raise NeedsAttention(f"{problem} Tell whoever looks after CoS Desk which card it is.")
    return _message(card)


def _fitting(reply: Reply) -> Reply:
    """The answer, or what is said in its place where a card of it is too large."""
    problems = [problem for card in reply.cards if (problem := too_large(card))]
    if not problems:
        return reply
    log.warning("an answer was too large for Teams", bytes=max(message_bytes(card) for card in reply.cards))
    return Reply(text=f"{problems[0]} Ask for a part of it, for example one request by its number.")


async def _answer(context: Any, reply: Reply) -> None:
    if context.activity.type == ActivityTypes.invoke:
        await context.send_activity(
            Activity(
                type=ActivityTypes.invoke_response,
                value=InvokeResponse(status=200, body=invoke_body(reply, _kind(context.activity))),
            )
        )
        return
    if reply.text:
        await context.send_activity(Activity(type=ActivityTypes.message, text=reply.text))
    for card in reply.cards:
        await context.send_activity(_message(card))


NOTHING_DONE = "Nothing was done: the app has no such command. Update it in Teams."


def invoke_body(reply: Reply, kind: Kind = Kind.CARD_ACTION) -> dict[str, Any]:
    """The answer to a card's action: a card that replaces the one used, or a message; to a search: what was found; to a
    dialog: its card, or a closing word.
    """
    if kind is Kind.SEARCH:
        found = [_result(f) for f in reply.found]
        return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": found}}
    if kind in (Kind.DIALOG, Kind.DIALOG_DONE):
        if not reply.cards:
            return {"task": {"type": "message", "value": reply.text or NOTHING_DONE}}
        card = {"contentType": CARD_TYPE, "content": reply.cards[0]}
        value = {"title": reply.text, "height": "medium", "width": "medium", "card": card}
        return {"task": {"type": "continue", "value": value}}
    if reply.cards:
        return {"statusCode": 200, "type": CARD_TYPE, "value": reply.cards[0]}
    return {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": reply.text or NOTHING_DONE,
    }


def _result(found: Found) -> dict[str, Any]:
    preview = {"contentType": THUMBNAIL_TYPE, "content": {"title": found.title, "text": found.text}}
    return {"contentType": CARD_TYPE, "content": found.card, "preview": preview}
