"""Graph: users."""

from __future__ import annotations

import re

from aiohttp import web

from local_tenant.odata import TENANT, GraphError, check_options, collection, not_found
from local_tenant.state import Json, User

routes = web.RouteTableDef()
IDS = 15
PROPERTIES = ("id", "displayName", "mail", "userPrincipalName", "userType", "otherMails")


def show(user: User, select: str | None) -> Json:
    """A user as Graph shows one, cut to `$select`."""
    whole: Json = {
        "id": user.id,
        "displayName": user.name,
        "mail": user.mail,
        "userPrincipalName": user.upn,
        "userType": "Guest" if user.is_guest else "Member",
        "otherMails": [user.mail] if user.is_guest else [],
    }
    if not select:
        return whole
    wanted = select.split(",")
    if unknown := [w for w in wanted if w not in PROPERTIES]:
        raise GraphError(400, "BadRequest", f"Could not find a property named '{unknown[0]}' on type 'user'.")
    return {k: whole[k] for k in wanted}


@routes.get("/v1.0/users")
async def list_users(request: web.Request) -> web.Response:
    """All users, or those whose ids, mail or UPN `$filter` names."""
    check_options(request)
    tenant = request.app[TENANT]
    users: list[User] = list(tenant.users.values())
    if condition := request.query.get("$filter"):
        if several := re.fullmatch(r"id in \(('[^']+'(?:, ?'[^']+')*)\)", condition):
            ids = re.findall(r"'([^']+)'", several[1])
            if len(ids) > IDS:
                raise GraphError(400, "Request_UnsupportedQuery", f"Too many values: at most {IDS} in one filter.")
            found = [u for i in dict.fromkeys(ids) if (u := tenant.users.get(i))]
            return collection(request, [show(u, request.query.get("$select")) for u in found])
        match = re.fullmatch(r"(mail|userPrincipalName) eq '((?:[^']|'')*)'", condition)
        if not match:
            raise GraphError(400, "Request_UnsupportedQuery", f"The filter '{condition}' is not supported here.")
        wanted = match[2].replace("''", "'").casefold()
        named = tenant.user(wanted)
        users = [named] if named and wanted == (named.mail if match[1] == "mail" else named.upn).casefold() else []
    return collection(request, [show(u, request.query.get("$select")) for u in users])


@routes.get("/v1.0/users/{user}")
async def get_user(request: web.Request) -> web.Response:
    """One user by id or UPN."""
    check_options(request)
    user = request.app[TENANT].user(request.match_info["user"])
    if user is None:
        raise not_found("user")
    return web.json_response(show(user, request.query.get("$select")))
