"""Graph: sites, lists, columns, list items and their delta."""

from __future__ import annotations

import re

from aiohttp import web

from local_tenant.faults import FAULTS
from local_tenant.list_values import checked
from local_tenant.odata import (
    RESYNCS,
    TENANT,
    GraphError,
    bad_request,
    base_url,
    check_options,
    collection,
    delta_page,
    not_found,
    parts_of,
    read_json,
)
from local_tenant.state import APPLICATION, ItemVersion, Json, ListItem, SharePointList, Site, Tenant, stable_id

routes = web.RouteTableDef()
NOT_INDEXED = "HonorNonIndexedQueriesWarningMayFailRandomly"
PEOPLE_LIST = "User Information List"
LIST = "/v1.0/sites/{site}/lists/{list}"


def show_site(site: Site, request: web.Request) -> Json:
    """A site as Graph shows one."""
    return {
        "id": site.id,
        "name": site.path.rsplit("/", 1)[-1],
        "displayName": site.name,
        "webUrl": f"{base_url(request)}{site.path}",
    }


def show_list(found: SharePointList, request: web.Request) -> Json:
    """A list as Graph shows one."""
    return {
        "id": found.id,
        "name": found.name,
        "displayName": found.display_name,
        "description": found.description,
        "webUrl": f"{base_url(request)}/_page/lists/{found.id}",
        "list": {"template": found.template, "hidden": False, "contentTypesEnabled": False},
    }


SHAREPOINT_APP = "1073741822"
"""The number of SharePoint's own user for applications in the list of people."""


def show_editor(tenant: Tenant, by: Json) -> Json:
    """Who wrote something, as Graph shows it."""
    if by is APPLICATION and tenant.behaves("application-beside-user"):
        return {**by, "user": {"id": stable_id("sharepoint app"), "displayName": "SharePoint App"}}
    return by


def editor_number(tenant: Tenant, by: Json) -> str:
    """The number of who wrote something in the site's list of people."""
    return tenant.people().get(by.get("user", {}).get("id", ""), SHAREPOINT_APP)


def show_fields(tenant: Tenant, etag: str, item_id: str, fields: Json, by: Json) -> Json:
    """An item's columns as Graph gives them, SharePoint's own among them."""
    return {"@odata.etag": etag, "id": item_id, "EditorLookupId": editor_number(tenant, by), **fields}


def show_item(item: ListItem, request: web.Request, fields: bool) -> Json:
    """A list item, with its fields where they were asked for; a deleted one as delta shows it."""
    tenant = request.app[TENANT]
    if item.deleted:
        return {"id": item.id, "deleted": {"state": "deleted"}}
    shown: Json = {
        "@odata.etag": item.etag,
        "id": item.id,
        "eTag": item.etag,
        "createdDateTime": item.created_at,
        "lastModifiedDateTime": item.modified_at,
        "createdBy": show_editor(tenant, item.created_by),
        "lastModifiedBy": show_editor(tenant, item.modified_by),
        "webUrl": f"{base_url(request)}/_page/items/{item.id}",
    }
    if tenant.behaves("item-names-no-editor"):
        del shown["lastModifiedBy"]
    if fields:
        shown["fields"] = show_fields(tenant, item.etag, item.id, item.fields, item.modified_by)
    return shown


def show_change(item: ListItem, request: web.Request, fields: bool) -> Json:
    """A list item as a delta shows it."""
    shown = show_item(item, request, fields)
    if request.app[TENANT].behaves("list-delta-no-editor"):
        shown.pop("lastModifiedBy", None)
    if request.app[TENANT].behaves("etags-in-two-forms") and not item.deleted:
        shown["eTag"] = shown["@odata.etag"] = f'"{{{item.guid.upper()}}},{item.version}"'
    return shown


def show_version(item: ListItem, version: ItemVersion, request: web.Request, fields: bool) -> Json:
    """A version of a list item (listItemVersion)."""
    tenant = request.app[TENANT]
    shown: Json = {
        "id": f"{version.number}.0",
        "lastModifiedDateTime": version.modified_at,
        "lastModifiedBy": show_editor(tenant, version.modified_by),
        "published": {"level": "published", "versionId": f"{version.number}.0"},
    }
    if tenant.behaves("item-names-no-editor"):
        del shown["lastModifiedBy"]
    if fields:
        shown["fields"] = show_fields(tenant, item.etag, item.id, version.fields, version.modified_by)
    return shown


def site_of(request: web.Request) -> Site:
    """The site in the path."""
    site = request.app[TENANT].sites.get(request.match_info["site"])
    if site is None:
        raise not_found("site")
    return site


def list_of(request: web.Request) -> SharePointList:
    """The list in the path, by its id; the site's list of people by its name."""
    site, key = site_of(request), request.match_info["list"]
    found = people_of(request.app[TENANT]) if key == PEOPLE_LIST else site.lists.get(key)
    if found is None:
        raise not_found("list")
    return found


def people_of(tenant: Tenant) -> SharePointList:
    """The hidden list of who has been in the site: members of the tenant; a person column holds its item's id."""
    made = SharePointList(id=PEOPLE_LIST, name="users", display_name=PEOPLE_LIST, description="", template="users")
    for user_id, number in tenant.people().items():
        user = tenant.users[user_id]
        fields = {"Title": user.name, "EMail": user.mail}
        made.items[number] = ListItem(number, user.id, fields, "", "", APPLICATION)
    return made


def item_of(request: web.Request) -> ListItem:
    """The item in the path, unless it was deleted."""
    item = items_shown(request).get(request.match_info["item"])
    if item is None or item.deleted:
        raise not_found("list item")
    return item


MANAGES_LISTS = frozenset({"Sites.Manage.All", "Sites.FullControl.All"})


def items_shown(request: web.Request) -> dict[str, ListItem]:
    """The items of the list in the path that the application is shown, in the order they changed in."""
    target, tenant = list_of(request), request.app[TENANT]
    manages = tenant.granted is None or not MANAGES_LISTS.isdisjoint(tenant.granted)
    if not target.reads_own_items or manages or not tenant.behaves("own-items-only"):
        return target.items
    return {key: item for key, item in target.items.items() if item.created_by == APPLICATION}


@routes.get("/v1.0/sites/root")
async def root_site(request: web.Request) -> web.Response:
    """The tenant's root site, which is none of ours."""
    check_options(request)
    return web.json_response({"id": request.app[TENANT].domain, "displayName": "Home"})


@routes.get("/v1.0/sites/{address:[^/:]+:/.+}")
async def site_by_path(request: web.Request) -> web.Response:
    """`/sites/HOST:/sites/NAME`."""
    check_options(request)
    path = request.match_info["address"].split(":", 1)[1].rstrip(":")
    for site in request.app[TENANT].sites.values():
        if site.path.casefold() == path.casefold():
            return web.json_response(show_site(site, request))
    raise not_found("site")


@routes.get("/v1.0/sites/{site}")
async def get_site(request: web.Request) -> web.Response:
    """One site by id."""
    return web.json_response(show_site(site_of(request), request))


@routes.get("/v1.0/sites/{site}/lists")
async def get_lists(request: web.Request) -> web.Response:
    """All lists and libraries of a site."""
    check_options(request)
    return collection(request, [show_list(x, request) for x in site_of(request).lists.values()])


@routes.get(LIST)
async def get_list(request: web.Request) -> web.Response:
    """One list."""
    check_options(request)
    return web.json_response(show_list(list_of(request), request))


@routes.get(LIST + "/items/delta")
@routes.get(LIST + "/items/delta()")
async def items_delta(request: web.Request) -> web.Response:
    """What changed in a list since the token."""
    check_options(request)
    fields = "fields" in request.query.get("$expand", "")
    since, resync = request.app[TENANT].known_since, resync_of(request, list_of(request))
    return delta_page(
        request, items_shown(request), lambda i: show_change(i, request, fields), known_since=since, resync=resync
    )


def resync_of(request: web.Request, target: SharePointList) -> str:
    """Whether a delta with a token is told to begin anew: on demand, or by a fault."""
    wanted, target.resync = target.resync, ""
    token = request.query.get("token", "latest")
    if wanted or token == "latest" or "full" in parts_of(token):
        return wanted
    return RESYNCS[request.app[TENANT].seq % 2] if request.app[FAULTS].strikes("gone") else ""


@routes.get(LIST + "/items")
async def get_items(request: web.Request) -> web.Response:
    """Items, or those where one field equals a text."""
    check_options(request)
    items = [i for i in items_shown(request).values() if not i.deleted]
    if condition := request.query.get("$filter"):
        match = re.fullmatch(r"fields/(\w+) eq '((?:[^']|'')*)'", condition)
        if not match:
            raise bad_request(f"The filter '{condition}' is not supported here.")
        _check_index(request, match[1])
        items = [i for i in items if str(i.fields.get(match[1], "")) == match[2].replace("''", "'")]
        if len(items) > THRESHOLD and request.app[TENANT].behaves("list-view-threshold"):
            raise too_many()
    if order := re.match(r"fields/(\w+)", request.query.get("$orderby", "")):
        _check_index(request, order[1])
        items.sort(key=lambda i: str(i.fields.get(order[1], "")))
    fields = "fields" in request.query.get("$expand", "")
    return collection(request, items, lambda i: show_item(i, request, fields))


THRESHOLD = 5_000
"""More items are not looked through for a column without an index."""


def too_many() -> GraphError:
    """What Graph answers where SharePoint would have to look at more items than it does."""
    return GraphError(422, "notSupported", "The request is unprocessable because it uses too many resources")


def _check_index(request: web.Request, name: str) -> None:
    """Refuse to look for, or sort by, a column without an index: at once, or with `Prefer` in a long list."""
    target = list_of(request)
    if target.columns.get(name, {}).get("indexed"):
        return
    if NOT_INDEXED not in request.headers.get("Prefer", ""):
        raise bad_request(f"Field '{name}' cannot be referenced in filter or orderby as it is not indexed.")
    if len(target.items) > THRESHOLD and request.app[TENANT].behaves("list-view-threshold"):
        raise too_many()


@routes.post(LIST + "/items")
async def post_item(request: web.Request) -> web.Response:
    """Create an item."""
    target, body = list_of(request), await read_json(request)
    fields = checked(request.app[TENANT], target, body.get("fields", {}), None)
    item = request.app[TENANT].add_item(target, fields, APPLICATION)
    return web.json_response(show_item(item, request, True), status=201)


@routes.get(LIST + "/items/{item}")
async def get_item(request: web.Request) -> web.Response:
    """One item."""
    check_options(request)
    return web.json_response(show_item(item_of(request), request, "fields" in request.query.get("$expand", "")))


@routes.get(LIST + "/items/{item}/versions")
async def get_versions(request: web.Request) -> web.Response:
    """An item's versions, the newest first."""
    check_options(request)
    item, fields = item_of(request), "fields" in request.query.get("$expand", "")
    kept = item.versions[-1:] if request.app[TENANT].behaves("list-versions-off") else item.versions
    return collection(request, [show_version(item, v, request, fields) for v in reversed(kept)])


@routes.patch(LIST + "/items/{item}/fields")
async def patch_fields(request: web.Request) -> web.Response:
    """Change fields; with `If-Match` only if nobody changed the item since."""
    target, item = list_of(request), item_of(request)
    wanted = request.headers.get("If-Match")
    if wanted not in (None, "*", item.etag):
        raise GraphError(412, "resourceModified", "The resource has changed since it was read (eTag mismatch).")
    item.fields.update(checked(request.app[TENANT], target, await read_json(request), item))
    request.app[TENANT].touch(item, APPLICATION, target.id)
    etag = {} if request.app[TENANT].behaves("patch-names-no-etag") else {"@odata.etag": item.etag}
    return web.json_response({**etag, "id": item.id, **item.fields})


@routes.delete(LIST + "/items/{item}")
async def delete_item(request: web.Request) -> web.Response:
    """Delete an item; delta shows it as deleted."""
    item = item_of(request)
    item.deleted = True
    request.app[TENANT].touch(item, APPLICATION, list_of(request).id)
    return web.Response(status=204)
