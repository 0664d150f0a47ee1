"""The hand behind the stage (`/_local/…`): seeds the world, moves its clock, and lets invented people act.

Microsoft's service has nothing of this; the product never calls it.
"""

from __future__ import annotations

import asyncio
import base64
from datetime import datetime

from aiohttp import ClientSession, web

from local_tenant import connector
from local_tenant.behaviours import BEHAVIOURS
from local_tenant.export import export_zip
from local_tenant.faults import FAULTS, FaultsUnreadable, read_faults
from local_tenant.graph_columns import add_column
from local_tenant.har import har_of
from local_tenant.list_values import checked
from local_tenant.odata import TENANT, TOKENS, bad_request, base_url, not_found, read_json
from local_tenant.state import Channel, Conversation, Json, Posted, SharePointList, Site, Team, Tenant, User

routes = web.RouteTableDef()
SESSION: web.AppKey[ClientSession] = web.AppKey("session", ClientSession)


@routes.post("/_local/world")
async def post_world(request: web.Request) -> web.Response:
    """Empty the tenant and fill it: `users`, `administrator`, `teams`, `site`, `libraries`. The ids depend on names
    only, and on `another`, which makes it another tenant.
    """
    body, tenant = await read_json(request), request.app[TENANT]
    on_change, keeps_traffic, behaviours = tenant.on_change, tenant.keeps_traffic, tenant.behaviours
    tenant.__init__(body.get("domain", tenant.domain), body.get("another", ""))  # type: ignore[misc]  # the same object, emptied
    tenant.on_change, tenant.keeps_traffic, tenant.behaviours = on_change, keeps_traffic, behaviours
    if "now" in body:
        tenant.set_now(datetime.fromisoformat(body["now"]))
    tenant.granted = set(body["granted"]) if body.get("granted") else None
    tenant.mailboxes = set(body["mailboxes"]) if body.get("mailboxes") else None
    for person in body.get("users", []):
        _add_user(tenant, person)
    tenant.administrator = body.get("administrator", "")
    for team in body.get("teams", []):
        _add_team(tenant, team)
    site = Site(
        id=f"{tenant.domain},{tenant.named_id('site')},{tenant.named_id('web')}", path=body["site"], name="Communities"
    )
    tenant.sites[site.id] = site
    tenant.add_list(site, "Documents", "", "documentLibrary")  # every site has it from the start
    for name in body.get("libraries", []):
        tenant.add_list(site, name, "", "documentLibrary")
    return web.json_response({"tenantId": tenant.id, "users": len(tenant.users), "teams": len(tenant.teams)})


def _add_user(tenant: Tenant, person: Json) -> None:
    mail, is_guest = person["mail"], bool(person.get("guest"))
    upn = f"{mail.replace('@', '_')}#EXT#@{tenant.domain}" if is_guest else mail
    user = User(tenant.named_id("user", mail.casefold()), person["name"], mail, upn, is_guest)
    tenant.add_user(user)


def _add_team(tenant: Tenant, body: Json) -> Team:
    """`name`, `members` (addresses) and `channels` (names beside General); `twin` tells teams of one name apart."""
    name, twin = body["name"], body.get("twin", "")
    members = [user.id for mail in body.get("members", []) if (user := tenant.user(mail))]
    team = Team(tenant.named_id("team", name, *filter(None, [twin])), name, [], members)
    for channel_name in ("General", *body.get("channels", [])):
        parts = [p for p in (channel_name.removeprefix("General"), twin) if p]
        channel = Channel(f"19:{tenant.named_id('channel', name, *parts).replace('-', '')}@thread.tacv2", channel_name)
        team.channels.append(channel)
        tenant.conversations[channel.id] = Conversation(channel.id, "channel", team_id=team.id)
    tenant.teams[team.id] = team
    return team


@routes.delete("/_local/users/{user}")
async def delete_user(request: web.Request) -> web.Response:
    """Somebody's account is closed: mail to them comes back."""
    tenant = request.app[TENANT]
    del tenant.users[_user(tenant, request.match_info["user"]).id]
    return web.Response(status=204)


@routes.post("/_local/clock")
async def post_clock(request: web.Request) -> web.Response:
    """Move the tenant's clock to `now`."""
    request.app[TENANT].set_now(datetime.fromisoformat((await read_json(request))["now"]))
    return web.Response(status=204)


@routes.post("/_local/bot")
async def post_bot(request: web.Request) -> web.Response:
    """Register the bot's endpoint and have the administrator install it in every team, with a pause between (`pause_s`)
    where one is asked for: a policy installs an app over hours.
    """
    tenant, body = request.app[TENANT], await read_json(request)
    tenant.bot_endpoint = body["endpoint"]
    tenant.service_url = f"{base_url(request)}/"
    statuses, by = [], _user(tenant, tenant.administrator)
    for team in list(tenant.teams.values()):
        statuses.append(await connector.install_in_team(tenant, request.app[SESSION], team, team.channels[0], by))
        await asyncio.sleep(body.get("pause_s", 0.0))
    return web.json_response({"installed": sum(200 <= s < 300 for s in statuses), "of": len(statuses)})


@routes.post("/_local/teams")
async def post_team(request: web.Request) -> web.Response:
    """Somebody makes a team, as `post_world` has them; its id is in the answer."""
    return web.json_response({"id": _add_team(request.app[TENANT], await read_json(request)).id})


@routes.post("/_local/teams/{team}/{act}")
async def post_team_act(request: web.Request) -> web.Response:
    """What becomes of a team (its id, or its name) by `by`: install (into `channel`), remove, rename (`name`), archive,
    unarchive, delete, restore, join (`member`), delete-channel and rename-channel (`channel`).
    """
    tenant, body, act = request.app[TENANT], await read_json(request), request.match_info["act"]
    team, by = _team(tenant, request.match_info["team"]), _user(tenant, body["by"])
    named = (c for c in team.channels if c.name == body.get("channel", "General"))
    channel = next(named, team.channels[0])
    session = request.app[SESSION]
    match act:
        case "install":
            status = await connector.install_in_team(tenant, session, team, channel, by)
        case "remove":
            status = await connector.remove_from_team(tenant, session, team, by)
        case "join":
            status = await connector.join_team(tenant, session, team, _user(tenant, body["member"]), by)
        case _ if act in connector.EVENTS:
            status = await connector.change_team(tenant, session, team, act, by, channel, body.get("name", ""))
        case _:
            raise bad_request(f"'{act}' is nothing that becomes of a team.")
    return web.json_response({"status": status})


def _team(tenant: Tenant, key: str) -> Team:
    found = tenant.teams.get(key) or next((t for t in tenant.teams.values() if t.name == key), None)
    if found is None:
        raise not_found(f"team {key}")
    return found


@routes.put("/_local/files/{library}/{path:.+}")
async def put_file(request: web.Request) -> web.Response:
    """A person (or Microsoft Forms) saves a file in a library."""
    tenant = request.app[TENANT]
    library = _list_named(tenant, request.match_info["library"])
    if library.drive is None:
        raise bad_request("Not a library.")
    by = _user(tenant, request.query["by"]).identity()
    item, is_new = tenant.write_file(library.drive, request.match_info["path"], await request.read(), by)
    return web.json_response({"id": item.id, "new": is_new})


@routes.post("/_local/lists/{list}/items")
async def post_items(request: web.Request) -> web.Response:
    """A flow or a person adds items: `{"by", "items": [fields]}`, each as if by itself: those before one that is
    refused stay.
    """
    tenant, body = request.app[TENANT], await read_json(request)
    target, by = _list_named(tenant, request.match_info["list"]), _user(tenant, body["by"]).identity()
    added = [tenant.add_item(target, checked(tenant, target, fields, None), by) for fields in body["items"]]
    return web.json_response({"ids": [item.id for item in added]})


@routes.patch("/_local/lists/{list}/items/{item}")
async def patch_item(request: web.Request) -> web.Response:
    """A person edits an item in the browser: `{"by", "fields"}`."""
    tenant, body = request.app[TENANT], await read_json(request)
    target = _list_named(tenant, request.match_info["list"])
    item = target.items.get(request.match_info["item"])
    if item is None:
        raise not_found("list item")
    item.fields.update(checked(tenant, target, body["fields"], item))
    tenant.touch(item, _user(tenant, body["by"]).identity(), target.id)
    return web.json_response({"eTag": item.etag})


@routes.delete("/_local/lists/{list}/items/{item}")
async def delete_item(request: web.Request) -> web.Response:
    """A person deletes an item in the browser (`by`)."""
    tenant = request.app[TENANT]
    target = _list_named(tenant, request.match_info["list"])
    item = target.items.get(request.match_info["item"])
    if item is None:
        raise not_found("list item")
    item.deleted = True
    tenant.touch(item, _user(tenant, request.query["by"]).identity(), target.id)
    return web.Response(status=204)


@routes.post("/_local/resync")
async def post_resync(request: web.Request) -> web.Response:
    """The next delta of a list or library begins anew, in the form of `kind`; without a list, history is lost."""
    tenant, body = request.app[TENANT], await read_json(request)
    if "list" in body:
        _list_named(tenant, body["list"]).resync = body["kind"]
    else:
        tenant.known_since = tenant.seq + 1
    return web.Response(status=204)


@routes.post("/_local/files/{library}")
async def post_file_act(request: web.Request) -> web.Response:
    """A person renames, moves, opens (`locked`), closes, deletes, checks out (`checked_out`) or labels (`labelled`) a
    file: `{"by", "path", "to"?, …}`; or
    saves `saves` (base64) in it in the moment before the next write arrives.
    """
    tenant, body = request.app[TENANT], await read_json(request)
    drive = _list_named(tenant, request.match_info["library"]).drive
    found = (
        next((i for i in drive.items.values() if drive.path_of(i) == body["path"] and not i.deleted), None)
        if drive
        else None
    )
    if drive is None or found is None:
        raise not_found("file")
    if "to" in body:
        tenant.move_file(drive, found, body["to"], _user(tenant, body["by"]).identity())
    if "saves" in body:
        found.saved_meanwhile = base64.b64decode(body["saves"]), _user(tenant, body["by"]).identity()
        return web.json_response({"id": found.id})
    by = _user(tenant, body["by"]).identity()
    if "checked_out" in body:
        found.checked_out_by = by if body["checked_out"] else None
    if "labelled" in body:
        found.is_labelled = body["labelled"]
        found.content_version += 1
    found.locked, found.deleted = body.get("locked", found.locked), body.get("deleted", found.deleted)
    tenant.touch(found, _user(tenant, body["by"]).identity(), drive.list_id)
    return web.json_response({"id": found.id, "eTag": found.etag})


@routes.post("/_local/permissions")
async def post_permissions(request: web.Request) -> web.Response:
    """What the application is granted: `granted` (permissions, null for all), `site_role`, `mailboxes`,
    `meetings_policy`; what is left out stays. It counts at once, as if every token had ended, unless `tokens_stay`.
    """
    body, tenant = await read_json(request), request.app[TENANT]
    if not body.get("tokens_stay"):
        request.app[TOKENS].clear()
    for name in ("granted", "mailboxes"):
        if name in body:
            setattr(tenant, name, None if body[name] is None else set(body[name]))
    tenant.site_role = body.get("site_role", tenant.site_role)
    tenant.meetings_policy = body.get("meetings_policy", tenant.meetings_policy)
    return web.Response(status=204)


@routes.post("/_local/behaviours")
async def post_behaviours(request: web.Request) -> web.Response:
    """Switch behaviours of `local_tenant.behaviours` on or off by name: `{"no cTag in a drive's delta": false}`."""
    body = await read_json(request)
    if unknown := body.keys() - BEHAVIOURS.keys():
        raise bad_request(f"'{min(unknown)}' is no behaviour. Known are: {', '.join(BEHAVIOURS)}.")
    request.app[TENANT].behaviours.update(body)
    return web.Response(status=204)


@routes.post("/_local/tokens/expire")
async def post_expire(request: web.Request) -> web.Response:
    """Every token given out so far is good no more."""
    request.app[TOKENS].clear()
    return web.Response(status=204)


@routes.post("/_local/faults")
async def post_faults(request: web.Request) -> web.Response:
    """From now on these go wrong: `{"faults": "429=0.1,late=5s"}`; returns what had struck until now."""
    met = dict(request.app[FAULTS].met)
    try:
        fresh = read_faults((await read_json(request))["faults"])
    except FaultsUnreadable as error:
        raise bad_request(str(error)) from error
    request.app[FAULTS].become(fresh)
    return web.json_response(met)


@routes.get("/_local/lists/{list}/items")
async def get_items(request: web.Request) -> web.Response:
    """A list's items, for whoever plays a person who looks at it."""
    target = _list_named(request.app[TENANT], request.match_info["list"])
    return web.json_response([{"id": i.id, "fields": i.fields} for i in target.items.values() if not i.deleted])


@routes.patch("/_local/lists/{list}")
async def patch_list(request: web.Request) -> web.Response:
    """An owner chooses in Advanced settings whether people read their own items alone: `{"reads_own_items"}`."""
    target = _list_named(request.app[TENANT], request.match_info["list"])
    target.reads_own_items = (await read_json(request))["reads_own_items"]
    return web.Response(status=204)


@routes.post("/_local/lists/{list}/columns")
async def post_columns(request: web.Request) -> web.Response:
    """An owner adds a column by hand."""
    target = _list_named(request.app[TENANT], request.match_info["list"])
    return web.json_response(add_column(request.app[TENANT], target, await read_json(request)), status=201)


@routes.patch("/_local/lists/{list}/columns/{column}")
async def patch_column(request: web.Request) -> web.Response:
    """An owner changes a column in List settings, where one line may become several."""
    column = _column_named(_list_named(request.app[TENANT], request.match_info["list"]), request.match_info["column"])
    column.update(await read_json(request))
    return web.json_response(column)


@routes.delete("/_local/lists/{list}/columns/{column}")
async def delete_column(request: web.Request) -> web.Response:
    """An owner deletes a column by hand, with what stood in it."""
    target, name = _list_named(request.app[TENANT], request.match_info["list"]), request.match_info["column"]
    _column_named(target, name)
    del target.columns[name]
    for item in target.items.values():
        item.fields.pop(name, None)
    return web.Response(status=204)


@routes.get("/_local/chats/{user}")
async def get_chat(request: web.Request) -> web.Response:
    """What the bot posted to one person."""
    tenant = request.app[TENANT]
    user = _user(tenant, request.match_info["user"])
    chats = [c for c in tenant.conversations.values() if c.member_id == user.id]
    return web.json_response([_shown(tenant, p) for c in chats for p in c.posts if not p.deleted])


@routes.get("/_local/channels/{team}")
async def get_channel(request: web.Request) -> web.Response:
    """What the bot posted to a team's channels, or to the one of that name (`channel`)."""
    tenant, wanted = request.app[TENANT], request.query.get("channel")
    team = _team(tenant, request.match_info["team"])
    channels = [c for c in team.channels if wanted in (None, c.name)]
    posts = [p for c in channels for p in tenant.conversations[c.id].posts]
    return web.json_response([_shown(tenant, p) for p in posts if not p.deleted])


def _shown(tenant: Tenant, posted: Posted) -> Json:
    return {
        "id": posted.id, "at": posted.at, "updates": posted.updates, "activity": posted.activity,
        "notification": connector.notification(tenant, posted.activity),
    }  # fmt: skip


@routes.post("/_local/click")
async def post_click(request: web.Request) -> web.Response:
    """A person presses a card's button: `{"by", "activity", "verb", "data"}`."""
    tenant, body = request.app[TENANT], await read_json(request)
    posted = next((p for c in tenant.conversations.values() for p in c.posts if p.id == body["activity"]), None)
    if posted is None:
        raise not_found("activity")
    user = _user(tenant, body["by"])
    return web.json_response(
        await connector.click(tenant, request.app[SESSION], posted, user, body["verb"], body.get("data", {}))
    )


@routes.post("/_local/look")
async def post_look(request: web.Request) -> web.Response:
    """A person opens a card (`by`, `activity`): where Teams refreshes it for them, they see what the bot answers."""
    tenant, body = request.app[TENANT], await read_json(request)
    posted = next((p for c in tenant.conversations.values() for p in c.posts if p.id == body["activity"]), None)
    if posted is None:
        raise not_found("activity")
    return web.json_response(await connector.look(tenant, request.app[SESSION], posted, _user(tenant, body["by"])))


@routes.post("/_local/app/{user}")
async def post_app(request: web.Request) -> web.Response:
    """The app is installed for somebody personally: by themselves, or by an administrator's policy."""
    tenant = request.app[TENANT]
    user = _user(tenant, request.match_info["user"])
    return web.json_response({"status": await connector.install_for(tenant, request.app[SESSION], user)})


@routes.post("/_local/edit")
async def post_edit(request: web.Request) -> web.Response:
    """A person edits what they wrote to the bot: `{"by", "text"}`."""
    tenant, body = request.app[TENANT], await read_json(request)
    user = _user(tenant, body["by"])
    return web.json_response(await connector.edit(tenant, request.app[SESSION], user, body["text"]))


@routes.post("/_local/say")
async def post_say(request: web.Request) -> web.Response:
    """A person writes to the bot: `{"by", "text", "channel"?}`."""
    tenant, body = request.app[TENANT], await read_json(request)
    user, channel = _user(tenant, body["by"]), body.get("channel", "")
    return web.json_response(await connector.say(tenant, request.app[SESSION], user, body["text"], channel))


@routes.get("/_local/counts")
async def get_counts(request: web.Request) -> web.Response:
    """How much landed."""
    tenant = request.app[TENANT]
    return web.json_response(
        {
            "mails": sum(not m.is_draft for m in tenant.messages.values()),
            "drafts": sum(m.is_draft for m in tenant.messages.values()),
            "mails_doubled": _mails_doubled(tenant),
            "events": len(tenant.events),
            "files": {
                f"{d.name}/{d.path_of(i)}": len(i.versions)
                for d in tenant.drives.values()
                for i in d.items.values()
                if i.content is not None and not i.deleted
            },
            "posts": sum(not p.deleted for c in tenant.conversations.values() for p in c.posts),
            "exchanges": tenant.exchanges,
        }
    )


@routes.get("/_local/exchanges")
async def get_exchanges(request: web.Request) -> web.Response:
    """How many exchanges there were, kept or not."""
    return web.json_response({"exchanges": request.app[TENANT].exchanges})


@routes.get("/_local/mails")
async def get_mails(request: web.Request) -> web.Response:
    """Every mail that was sent, in order, with its attachments."""
    sent = sorted((m for m in request.app[TENANT].messages.values() if not m.is_draft), key=lambda m: m.sent_at or "")
    return web.json_response([m.body for m in sent])


@routes.get("/_local/events")
async def get_events(request: web.Request) -> web.Response:
    """Every calendar entry that stands, in the order they were made."""
    return web.json_response([e.body for e in request.app[TENANT].events.values() if not e.cancelled])


@routes.get("/_local/har")
async def get_har(request: web.Request) -> web.Response:
    """The recording so far."""
    return web.json_response(har_of(request.app[TENANT]))


@routes.get("/_local/export.zip")
async def get_export(request: web.Request) -> web.Response:
    """What landed, as files: mail, events, libraries, lists, posts."""
    return web.Response(body=export_zip(request.app[TENANT]), content_type="application/zip")


def _mails_doubled(tenant: Tenant) -> int:
    """Sent mails that say the same to the same people with the same extended property as one before."""
    sent = [m.body for m in tenant.messages.values() if not m.is_draft and m.received_at is None]
    keys = [repr((b.get("subject"), b.get("toRecipients"), b.get("singleValueExtendedProperties"))) for b in sent]
    return len(keys) - len(set(keys))


def _user(tenant: Tenant, key: str) -> User:
    user = tenant.user(key)
    if user is None:
        raise not_found(f"user {key}")
    return user


def _list_named(tenant: Tenant, name: str) -> SharePointList:
    for site in tenant.sites.values():
        for found in site.lists.values():
            if found.display_name == name:
                return found
    raise not_found(f"list {name}")


def _column_named(target: SharePointList, name: str) -> Json:
    if name not in target.columns:
        raise not_found(f"column {name}")
    return target.columns[name]
