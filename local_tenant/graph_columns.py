"""Graph: lists made, and their columns added and changed."""

from __future__ import annotations

import re

from aiohttp import web

from local_tenant.graph_lists import LIST, list_of, show_list, site_of, too_many
from local_tenant.odata import TENANT, GraphError, bad_request, check_options, collection, not_found, read_json
from local_tenant.office_files import is_allowed_name
from local_tenant.state import Json, SharePointList, Tenant

routes = web.RouteTableDef()
KINDS = ("text", "choice", "number", "currency", "dateTime", "boolean", "personOrGroup", "hyperlinkOrPicture")
INDEXABLE = 20_000
"""A list of more items gives no column an index."""


def add_column(tenant: Tenant, target: SharePointList, body: Json) -> Json:
    """Add a column as `columnDefinition` describes it."""
    name = body.get("name")
    kinds = [k for k in KINDS if k in body]
    if not isinstance(name, str) or not re.fullmatch(r"\w{1,32}", name):
        raise bad_request(f"'{name}' is not a name for a column.")
    if len(kinds) != 1:
        raise bad_request(f"The column '{name}' needs exactly one type.")
    if name in target.columns:
        raise GraphError(409, "nameAlreadyExists", f"A column named '{name}' already exists.")
    if "currency" in body and tenant.behaves("currency-column-refused"):
        raise bad_request("Unable to determine type of provided column definition")
    _check_unique_column(tenant, body, {})
    _check_lines(tenant, body)
    column = {"id": tenant.new_id("column"), "displayName": name, **body}
    if (body.get("text") or {}).get("allowMultipleLines") and "textType" not in body["text"]:
        column["text"] = {**body["text"], "textType": "richText" if tenant.behaves("text-is-rich") else "plain"}
    target.columns[name] = column
    return column


@routes.get(LIST + "/columns")
async def get_columns(request: web.Request) -> web.Response:
    """A list's columns."""
    check_options(request)
    return collection(request, list(list_of(request).columns.values()))


@routes.post(LIST + "/columns")
async def post_column(request: web.Request) -> web.Response:
    """Add a column."""
    column = add_column(request.app[TENANT], list_of(request), await read_json(request))
    return web.json_response(column, status=201)


@routes.patch(LIST + "/columns/{column}")
async def patch_column(request: web.Request) -> web.Response:
    """Change a column's definition; its name and type stay."""
    body, columns = await read_json(request), list_of(request).columns
    if {"indexed", "enforceUniqueValues"} & body.keys():
        _check_indexable(request)
    column = next((c for c in columns.values() if request.match_info["column"] in (c["id"], c["name"])), None)
    if column is None:
        raise not_found("column")
    if foreign := [k for k in KINDS if k in body and k not in column]:
        raise bad_request(f"A column cannot become another type ('{foreign[0]}').")
    _check_unique_column(request.app[TENANT], body, column)
    _check_lines(request.app[TENANT], body)
    column.update(_taken(request.app[TENANT], body, column))
    return web.json_response(column)


def _check_indexable(request: web.Request) -> None:
    if len(list_of(request).items) > INDEXABLE and request.app[TENANT].behaves("index-below-20000"):
        raise too_many()


def _check_lines(tenant: Tenant, body: Json) -> None:
    text = body.get("text") or {}
    if (
        text.get("allowMultipleLines")
        and not text.get("linesForEditing")
        and tenant.behaves("several-lines-want-a-number")
    ):
        raise bad_request("The number of lines for editing must be greater than 0.")


def _taken(tenant: Tenant, body: Json, before: Json) -> Json:
    """What of a change is made: whether one line may become several is not known."""
    text = body.get("text") or {}
    if not text.get("allowMultipleLines") or before["text"].get("allowMultipleLines"):
        return body
    if tenant.behaves("single-line-stays"):
        raise bad_request("The type of the column cannot be changed.")
    return {k: v for k, v in body.items() if k != "text" or not tenant.behaves("single-line-stays-silently")}


def _check_unique_column(tenant: Tenant, body: Json, before: Json) -> None:
    """Only an indexed column is unique; whether the same request may make it both is not known."""
    at_once = body.get("indexed") and not tenant.behaves("unique-needs-index-first")
    if body.get("enforceUniqueValues") and not (at_once or before.get("indexed")):
        raise bad_request("A column with unique values is an indexed one.")


@routes.post("/v1.0/sites/{site}/lists")
async def post_list(request: web.Request) -> web.Response:
    """Create a list or a library; a name stands once in a site."""
    site, body = site_of(request), await read_json(request)
    name, template = body.get("displayName"), (body.get("list") or {}).get("template", "genericList")
    if not isinstance(name, str) or not is_allowed_name(name):
        raise bad_request(f"'{name}' is not a name for a list.")
    if any(x.display_name.casefold() == name.casefold() for x in site.lists.values()):
        raise GraphError(409, "nameAlreadyExists", f"A list named '{name}' already exists in this site.")
    made = request.app[TENANT].add_list(site, name, body.get("description", ""), template)
    for column in body.get("columns", []):
        add_column(request.app[TENANT], made, column)
    return web.json_response(show_list(made, request), status=201)
