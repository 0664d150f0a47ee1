"""The Bot Connector: what a bot calls to post, replace and delete, and how people's clicks reach the bot."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession, ClientTimeout, web

from local_tenant.har import record
from local_tenant.odata import TENANT, GraphError, base_url, not_found, read_json
from local_tenant.state import Channel, Conversation, Json, Posted, Team, Tenant, User, stable_id

routes = web.RouteTableDef()
BOT = {"id": "28:cos-desk", "name": "CoS Desk"}
ACTIVITY_BYTES = 28 * 1024
"""Teams refuses larger messages."""


def conversation_of(request: web.Request) -> Conversation:
    """The conversation in the path; a channel's id may carry `;messageid=`."""
    key = request.match_info["conversation"].split(";")[0]
    found = request.app[TENANT].conversations.get(key)
    if found is None:
        raise GraphError(404, "ConversationNotFound", "Conversation not found.")
    return found


async def _read_activity(request: web.Request) -> Json:
    raw = await request.read()
    if len(raw) > ACTIVITY_BYTES:
        raise GraphError(413, "MessageSizeTooBig", "Message size too large.")
    return await read_json(request)


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
        conversation = _chat_with(tenant, body)
    made: Json = {"id": conversation.id, "serviceUrl": f"{base_url(request)}/"}
    if activity := body.get("activity"):
        made["activityId"] = _post(tenant, conversation, activity).id
    return web.json_response(made, status=201)


def _chat_with(tenant: Tenant, body: Json) -> Conversation:
    members = body.get("members") or []
    key = (members[0].get("id", "") if members else "").removeprefix("29:")
    user = tenant.user(key)
    if user is None:
        raise GraphError(403, "BotNotInConversationRoster", "The bot is not part of a conversation with this person.")
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
    activity = await _read_activity(request)
    conversation = conversation_of(request)
    if activity.get("type") == "typing":
        return web.json_response({"id": "typing"}, status=202)
    return web.json_response({"id": _post(request.app[TENANT], conversation, activity).id}, status=201)


@routes.put("/v3/conversations/{conversation}/activities/{activity}")
async def put_activity(request: web.Request) -> web.Response:
    """Replace a message of the bot's own."""
    posted, body = _posted(request), await _read_activity(request)
    posted.activity, posted.updates = body, posted.updates + 1
    return web.json_response({"id": posted.id})


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


@routes.get("/v3/conversations/{conversation}/members/{member}")
async def get_member(request: web.Request) -> web.Response:
    """Who a Teams member id is."""
    user = request.app[TENANT].user(request.match_info["member"].removeprefix("29:"))
    if user is None:
        raise GraphError(404, "MemberNotFoundInConversation", "The person is not in this conversation.")
    return web.json_response({**person(user), "email": user.mail, "userPrincipalName": user.upn})


def person(user: User) -> Json:
    """A person as an activity's `from`."""
    return {"id": f"29:{user.id}", "name": user.name, "aadObjectId": user.id}


def _activity(tenant: Tenant, kind: str, conversation: Conversation, user: User | None, **more: Any) -> Json:
    channel_data: Json = {"tenant": {"id": tenant.id}}
    if conversation.team_id:
        team = tenant.teams[conversation.team_id]
        channel_data |= {
            "team": {"id": team.channels[0].id, "name": team.name, "aadGroupId": team.id},
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


async def send_to_bot(tenant: Tenant, session: ClientSession, activity: Json) -> tuple[int, Any]:
    """Deliver an activity to the registered bot; the exchange is recorded."""
    if tenant.bot_endpoint is None:
        raise GraphError(409, "NoBot", "No bot is registered with this tenant.")
    async with session.post(tenant.bot_endpoint, json=activity, timeout=ClientTimeout(total=30)) as response:
        raw = await response.read()
        answer = await response.json() if raw and "json" in response.content_type else None
        record(tenant, "POST", tenant.bot_endpoint, activity, response.status, answer)
        return response.status, answer


async def install_in_team(tenant: Tenant, session: ClientSession, team: Team, channel: Channel) -> int:
    """Tell the bot that it was added to a team. Returns the bot's status."""
    conversation = tenant.conversations[channel.id]
    members = [BOT]
    more = {"channel_data": {"eventType": "teamMemberAdded"}, "membersAdded": members}
    status, _ = await send_to_bot(tenant, session, _activity(tenant, "conversationUpdate", conversation, None, **more))
    return status


async def click(tenant: Tenant, session: ClientSession, posted: Posted, user: User, verb: str, data: Json) -> Json:
    """A person presses an `Action.Execute`; a card in the answer replaces the one that was pressed."""
    conversation = tenant.conversations[posted.conversation_id]
    value = {"action": {"type": "Action.Execute", "verb": verb, "data": data}, "trigger": "manual"}
    activity = _activity(
        tenant, "invoke", conversation, user, name="adaptiveCard/action", value=value, replyToId=posted.id
    )
    status, answer = await send_to_bot(tenant, session, activity)
    if isinstance(answer, dict) and answer.get("type") == "application/vnd.microsoft.card.adaptive":
        card = {"contentType": answer["type"], "content": answer["value"]}
        posted.activity = {**posted.activity, "attachments": [card]}
        posted.updates += 1
    return {"status": status, "answer": answer}


async def say(tenant: Tenant, session: ClientSession, user: User, text: str) -> Json:
    """A person writes to the bot in their own chat; returns what the bot posted back."""
    chat = _chat_with(tenant, {"members": [{"id": user.id}]})
    before = len(chat.posts)
    status, _ = await send_to_bot(tenant, session, _activity(tenant, "message", chat, user, text=text))
    return {"status": status, "posts": [p.activity for p in chat.posts[before:]]}
