"""The Bot Connector: what a bot calls to post, replace and delete, and how people's clicks reach the bot."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from aiohttp import ClientSession, ClientTimeout, web

from local_tenant.har import record
from local_tenant.odata import TENANT, GraphError, base_url, not_found, read_json
from local_tenant.state import Channel, Conversation, Json, Posted, Team, Tenant, User, stable_id

routes = web.RouteTableDef()
BOT = {"id": "28:cos-desk", "name": "CoS Desk"}
MESSAGE_BYTES = 100 * 1024
"""Of a message as UTF-16, pictures in base64 not counted (learn.microsoft.com, 'Format your bot messages')."""

REFRESHED = 60
"""Members up to which a card is refreshed for everybody, and people a card may name for it at most: Microsoft,
'Universal Actions for Adaptive Cards'.
"""

PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]*")

INVOKE_S = 10.0
"""What Teams waits for the answer to a press: 10 to 15 seconds (MicrosoftDocs/msteams-docs issue 6461)."""

OLD = timedelta(days=30)

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "rename": "teamRenamed", "archive": "teamArchived", "unarchive": "teamUnarchived", "delete": "teamDeleted",
        "restore": "teamRestored", "delete-channel": "channelDeleted", "rename-channel": "channelRenamed",
    }
)  # fmt: skip
"""What becomes of a team, and how Teams calls it (learn.microsoft.com, 'Conversation events in your Teams bot')."""


def conversation_of(request: web.Request) -> Conversation:
    """The conversation in the path; a channel's id may carry `;messageid=`."""
    key = request.match_info["conversation"].split(";")[0]
    tenant = request.app[TENANT]
    found = tenant.conversations.get(key)
    team = tenant.teams.get(found.team_id) if found and found.team_id else None
    if found is None or (team and team.is_deleted):
        raise GraphError(404, "ConversationNotFound", "Conversation not found.")
    if team and (team.is_archived or not team.has_bot):
        raise GraphError(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    return found


async def _read_message(request: web.Request) -> Json:
    body = await read_json(request)
    text = PICTURE.sub("", json.dumps(body, ensure_ascii=False))
    is_limited = request.app[TENANT].behaves("message-of-100-kb")
    if is_limited and len(text.encode("utf-16-le", "surrogatepass")) > MESSAGE_BYTES:
        raise GraphError(413, "MessageSizeTooBig", "Message size too large.")
    return body


@routes.post("/v3/conversations")
async def post_conversation(request: web.Request) -> web.Response:
    """Start a chat with a person, or a thread in a channel (`channelData.channel.id`)."""
    tenant, body = request.app[TENANT], await read_json(request)
    channel = ((body.get("channelData") or {}).get("channel") or {}).get("id")
    if channel:
        conversation = tenant.conversations.get(channel)
        if conversation is None:
            raise not_found("channel")
    else:
        members = body.get("members") or []
        conversation = chat_with(tenant, _reached(tenant, members[0].get("id", "") if members else ""))
    made: Json = {"id": conversation.id, "serviceUrl": f"{base_url(request)}/"}
    if activity := body.get("activity"):
        made["activityId"] = _post(tenant, conversation, activity).id
    return web.json_response(made, status=201)


def _reached(tenant: Tenant, key: str) -> User:
    """Whoever the bot may open a chat with: by Teams' own id those of a team it is in, by object id those who have the
    app.
    """
    user = tenant.user(key)
    is_open = user is not None and (
        user.id in tenant.has_app
        or not tenant.behaves("chat-by-object-id-needs-app")
        or (key == user.member_id and any(user.id in t.members for t in tenant.teams.values() if _is_in(t)))
    )
    if user is None or not is_open:
        raise GraphError(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
    return user


def _is_in(team: Team) -> bool:
    return team.has_bot and not team.is_deleted


def chat_with(tenant: Tenant, user: User) -> Conversation:
    """The bot's chat with one person."""
    chat_id = f"a:{stable_id('chat', user.id)}"
    return tenant.conversations.setdefault(chat_id, Conversation(chat_id, "personal", member_id=user.id))


def _post(tenant: Tenant, conversation: Conversation, activity: Json) -> Posted:
    posted = Posted(str(1_600_000_000_000 + tenant.next_seq()), conversation.id, activity, tenant.now())
    conversation.posts.append(posted)
    return posted


@routes.post("/v3/conversations/{conversation}/activities")
@routes.post("/v3/conversations/{conversation}/activities/{reply_to}")
async def post_activity(request: web.Request) -> web.Response:
    """A message of the bot."""
    activity = await _read_message(request)
    conversation = conversation_of(request)
    if activity.get("type") == "typing":
        return web.json_response({"id": "typing"}, status=202)
    return web.json_response({"id": _post(request.app[TENANT], conversation, activity).id}, status=201)


@routes.put("/v3/conversations/{conversation}/activities/{activity}")
async def put_activity(request: web.Request) -> web.Response:
    """Replace a message of the bot's own."""
    posted, body = _posted(request), await _read_message(request)
    tenant = request.app[TENANT]
    if tenant.behaves("old-messages-stay-as-they-are") and _is_old(tenant, posted):
        raise GraphError(403, "Forbidden", "The message is too old to be changed.")
    posted.activity, posted.updates = body, posted.updates + 1
    return web.json_response({"id": posted.id})


def _is_old(tenant: Tenant, posted: Posted) -> bool:
    return datetime.fromisoformat(tenant.now()) - datetime.fromisoformat(posted.at) > OLD


@routes.delete("/v3/conversations/{conversation}/activities/{activity}")
async def delete_activity(request: web.Request) -> web.Response:
    """Delete a message of the bot's own."""
    _posted(request).deleted = True
    return web.Response(status=200)


def _posted(request: web.Request) -> Posted:
    wanted = request.match_info["activity"]
    for posted in conversation_of(request).posts:
        if posted.id == wanted and not posted.deleted:
            return posted
    raise not_found("activity")


@routes.get("/v3/conversations/{conversation}/pagedmembers")
async def get_paged_members(request: web.Request) -> web.Response:
    """The roster of a team the bot is in, a page at a time (learn.microsoft.com, 'Get Teams specific context')."""
    conversation, tenant = conversation_of(request), request.app[TENANT]
    members = tenant.teams[conversation.team_id].members if conversation.team_id else [conversation.member_id or ""]
    size, begin = int(request.query.get("pageSize", 200)), int(request.query.get("continuationToken", 0))
    page = [user for key in members[begin : begin + size] if (user := tenant.user(key))]
    name = "objectId" if tenant.behaves("roster-writes-object-id") else "aadObjectId"
    said: Json = {"members": [_member(user) | {name: user.id} for user in page]}
    if begin + size < len(members):
        said["continuationToken"] = str(begin + size)
    return web.json_response(said)


def _member(user: User) -> Json:
    """As a roster shows somebody, but for the object id."""
    return {"id": user.member_id, "name": user.name, "email": user.mail, "userPrincipalName": user.upn}


@routes.get("/v3/conversations/{conversation}/members/{member}")
async def get_member(request: web.Request) -> web.Response:
    """Who a Teams member id is."""
    user = request.app[TENANT].user(request.match_info["member"])
    if user is None:
        raise GraphError(404, "MemberNotFoundInConversation", "The person is not in this conversation.")
    return web.json_response(_member(user) | {"aadObjectId": user.id})


def person(user: User) -> Json:
    """A person as an activity's `from`."""
    return {"id": user.member_id, "name": user.name, "aadObjectId": user.id}


def _activity(tenant: Tenant, kind: str, conversation: Conversation, user: User | None, **more: Any) -> Json:
    channel_data: Json = {"tenant": {"id": tenant.id}}
    if conversation.team_id:
        team = tenant.teams[conversation.team_id]
        channel_data |= {
            "team": {"id": team.thread_id, "name": team.name, "aadGroupId": team.id},
            "channel": {"id": conversation.id},
        }
    return {
        "type": kind,
        "id": f"f:{tenant.next_seq()}",
        "timestamp": tenant.now(),
        "channelId": "msteams",
        "serviceUrl": tenant.service_url,
        "from": person(user) if user else {"id": "29:system"},
        "recipient": BOT,
        "conversation": {
            "id": conversation.id,
            "conversationType": conversation.kind,
            "tenantId": tenant.id,
            "isGroup": conversation.kind == "channel",
        },
        "channelData": channel_data | more.pop("channel_data", {}),
        "locale": "en-GB",
        **more,
    }


async def send_to_bot(
    tenant: Tenant, session: ClientSession, activity: Json, within_s: float = 30.0
) -> tuple[int, Any]:
    """Deliver an activity to the registered bot; the exchange is recorded. Raises `TimeoutError`."""
    if tenant.bot_endpoint is None:
        raise GraphError(409, "NoBot", "No bot is registered with this tenant.")
    async with session.post(tenant.bot_endpoint, json=activity, timeout=ClientTimeout(total=within_s)) as response:
        raw = await response.read()
        answer = await response.json() if raw and "json" in response.content_type else None
        record(tenant, "POST", tenant.bot_endpoint, activity, response.status, answer)
        return response.status, answer


async def install_in_team(tenant: Tenant, session: ClientSession, team: Team, channel: Channel, by: User) -> int:
    """Somebody adds the bot to a team and chooses a channel for it: told twice. Returns the bot's worst status."""
    team.has_bot = True
    chosen, team_data = tenant.conversations[channel.id], {"id": team.thread_id, "aadGroupId": team.id}
    if not tenant.behaves("installation-names-no-team"):
        team_data["name"] = team.name
    settings = {"settings": {"selectedChannel": {"id": channel.id}}}
    installed = _activity(
        tenant, "installationUpdate", chosen, by, action="add", channel_data={"team": team_data} | settings
    )
    is_general = tenant.behaves("chosen-channel-only-on-installation")
    where = tenant.conversations[team.thread_id] if is_general else chosen
    added = _activity(
        tenant, "conversationUpdate", where, by, membersAdded=[BOT],
        channel_data={"eventType": "teamMemberAdded"} | ({} if is_general else settings),
    )  # fmt: skip
    return max([(await send_to_bot(tenant, session, told))[0] for told in (installed, added)])


async def remove_from_team(tenant: Tenant, session: ClientSession, team: Team, by: User) -> int:
    """Somebody takes the bot out of a team."""
    general = tenant.conversations[team.thread_id]
    removed = _activity(
        tenant, "conversationUpdate", general, by, membersRemoved=[BOT], channel_data={"eventType": "teamMemberRemoved"}
    )
    status, _ = await send_to_bot(tenant, session, removed)
    team.has_bot = False
    return status


async def join_team(tenant: Tenant, session: ClientSession, team: Team, member: User, by: User) -> int:
    """Somebody becomes a member of a team."""
    team.members.append(member.id)
    general = tenant.conversations[team.thread_id]
    more = {"channel_data": {"eventType": "teamMemberAdded"}, "membersAdded": [person(member)]}
    status, _ = await send_to_bot(tenant, session, _activity(tenant, "conversationUpdate", general, by, **more))
    return status


async def change_team(
    tenant: Tenant, session: ClientSession, team: Team, act: str, by: User, channel: Channel, name: str
) -> int:
    """A team or channel is renamed, archived, deleted or restored: told in General."""
    match act:
        case "rename":
            team.name = name
        case "archive" | "unarchive":
            team.is_archived = act == "archive"
        case "delete" | "restore":
            team.is_deleted = act == "delete"
        case "delete-channel":
            team.channels.remove(channel)
    data: Json = {"eventType": EVENTS[act]}
    if act.endswith("-channel"):
        data["channel"] = {"id": channel.id, "name": name or channel.name}
    general = tenant.conversations[team.thread_id]
    told = _activity(tenant, "conversationUpdate", general, by, channel_data=data)
    return (await send_to_bot(tenant, session, told))[0]


async def install_for(tenant: Tenant, session: ClientSession, user: User) -> int:
    """The app is installed for one person."""
    tenant.has_app.add(user.id)
    chat = chat_with(tenant, user)
    more = {"membersAdded": [person(user), BOT]}
    return (await send_to_bot(tenant, session, _activity(tenant, "conversationUpdate", chat, user, **more)))[0]


async def click(
    tenant: Tenant,
    session: ClientSession,
    posted: Posted,
    user: User,
    verb: str,
    data: Json,
    *,
    trigger: str = "manual",
) -> Json:
    """A person presses an `Action.Execute`; a card in the answer replaces the one that was pressed."""
    conversation = tenant.conversations[posted.conversation_id]
    value = {"action": {"type": "Action.Execute", "verb": verb, "data": data}, "trigger": trigger}
    activity = _activity(
        tenant, "invoke", conversation, user, name="adaptiveCard/action", value=value, replyToId=posted.id
    )
    if tenant.behaves("old-messages-stay-as-they-are") and _is_old(tenant, posted):
        return {"status": 403, "answer": None}
    within_s = INVOKE_S if tenant.behaves("press-answered-within-10-s") else 30.0
    try:
        status, answer = await send_to_bot(tenant, session, activity, within_s)
    except TimeoutError:
        return {"status": 504, "answer": None}
    is_card = isinstance(answer, dict) and answer.get("type") == "application/vnd.microsoft.card.adaptive"
    if is_card and trigger == "manual":
        card = {"contentType": answer["type"], "content": answer["value"]}
        posted.activity = {**posted.activity, "attachments": [card]}
        posted.updates += 1
    return {"status": status, "answer": answer}


async def look(tenant: Tenant, session: ClientSession, posted: Posted, user: User) -> Json:
    """A person opens a card. Teams refreshes it by itself for everybody in a small conversation, in a large one for
    those whom the card names; what they see is theirs alone.
    """
    card: Json = posted.activity["attachments"][0]["content"]
    refresh = card.get("refresh") or {}
    conversation = tenant.conversations[posted.conversation_id]
    members = tenant.teams[conversation.team_id].members if conversation.team_id else [user.id]
    named = refresh.get("userIds") or []
    is_small = len(members) <= REFRESHED and not named
    is_limited = tenant.behaves("refresh-for-sixty-at-most")
    is_named = len(named) <= REFRESHED and {user.member_id, f"8:orgid:{user.id}"} & {*named}
    if not refresh or (is_limited and not (is_small or is_named)):
        return {"card": card, "is_refreshed": False}
    action = refresh["action"]
    said = await click(tenant, session, posted, user, action["verb"], action.get("data", {}), trigger="automatic")
    return {"card": said["answer"]["value"], "is_refreshed": True}


async def edit(tenant: Tenant, session: ClientSession, user: User, text: str) -> Json:
    """A person changes what they wrote last to the bot; returns what the bot posted back."""
    chat = chat_with(tenant, user)
    before, more = len(chat.posts), {"channel_data": {"eventType": "editMessage"}}
    status, _ = await send_to_bot(tenant, session, _activity(tenant, "messageUpdate", chat, user, text=text, **more))
    return {"status": status, "posts": [p.activity for p in chat.posts[before:]]}


def notification(tenant: Tenant, activity: Json) -> str:
    """What a phone says of a message."""
    if tenant.behaves("card-notified-by-summary"):
        return str(activity.get("summary") or activity.get("text") or "Sent a card")
    return str(activity.get("text") or "Sent a card")


async def say(tenant: Tenant, session: ClientSession, user: User, text: str, channel: str = "") -> Json:
    """A person writes to the bot, in their own chat or in the channel of that id; returns what the bot posted back."""
    if channel:
        chat = tenant.conversations[channel]
    else:
        tenant.has_app.add(user.id)
        chat = chat_with(tenant, user)
    before = len(chat.posts)
    status, _ = await send_to_bot(tenant, session, _activity(tenant, "message", chat, user, text=text))
    return {"status": status, "posts": [p.activity for p in chat.posts[before:]]}
