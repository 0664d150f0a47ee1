"""Graph: drives, files by path and id, downloads by redirect, delta."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from local_tenant.graph_lists import list_of, resync_of, site_of
from local_tenant.odata import (
    TENANT,
    GraphError,
    bad_request,
    base_url,
    check_options,
    collection,
    delta_page,
    not_found,
)
from local_tenant.office_files import encrypted, is_allowed_name
from local_tenant.state import APPLICATION, Drive, DriveItem, FileVersion, Json, Tenant

routes = web.RouteTableDef()
QUOTA: Json = {"state": "normal", "total": 27_487_790_694_400, "used": 90_000_000, "remaining": 27_487_700_694_400}
QUOTA_FULL: Json = {**QUOTA, "state": "exceeded", "used": QUOTA["total"], "remaining": 0}
SMALL_UPLOAD = 250 * 1024 * 1024
PATH_CHARACTERS = 400


def show_drive(drive: Drive, request: web.Request) -> Json:
    """A drive as Graph shows one."""
    return {
        "id": drive.id,
        "name": drive.name,
        "driveType": "documentLibrary",
        "webUrl": f"{base_url(request)}/_page/drives/{drive.id}",
        "quota": QUOTA_FULL if request.app[TENANT].behaves("storage-full") else QUOTA,
    }


def show_item(drive: Drive, item: DriveItem, request: web.Request) -> Json:
    """A driveItem; deleted ones as delta shows them."""
    if item.deleted:
        return {"id": item.id, "name": item.name, "deleted": {"state": "deleted"}}
    shown: Json = {
        "id": item.id,
        "name": item.name,
        "eTag": item.etag,
        "lastModifiedDateTime": item.modified_at,
        "lastModifiedBy": item.modified_by,
        "webUrl": f"{base_url(request)}/_page/drives/{drive.id}/{quote(drive.path_of(item))}",
    }
    if item.parent_id is None:
        return {**shown, "root": {}, "folder": {"childCount": 0}}
    folder = drive.path_of(drive.items[item.parent_id])
    path = f"/drives/{drive.id}/root:{f'/{quote(folder)}' if folder else ''}"
    shown["parentReference"] = {"driveId": drive.id, "id": item.parent_id, "path": path}
    if item.content is None:
        return {**shown, "folder": {"childCount": 0}}
    return {
        **shown,
        "cTag": item.ctag,
        "size": len(item.content),
        "createdBy": item.versions[0].modified_by if item.versions else item.modified_by,
        "file": {"mimeType": "application/octet-stream", "hashes": {"quickXorHash": item.quick_xor}},
        "@microsoft.graph.downloadUrl": _download_url(drive, item, request),
    }


def _download_url(drive: Drive, item: DriveItem, request: web.Request) -> str:
    return f"{base_url(request)}/_download/{drive.id}/{item.id}?tempauth=v{item.content_version}"


def drive_of(request: web.Request) -> Drive:
    """The drive in the path."""
    drive = request.app[TENANT].drives.get(request.match_info["drive"])
    if drive is None:
        raise not_found("drive")
    request.app[TENANT].pass_request(drive)
    return drive


def item_at(request: web.Request, drive: Drive) -> DriveItem:
    """The item in the path, by id or by names from the root."""
    if "path" in request.match_info:
        item: DriveItem | None = drive.root
        for name in (p for p in request.match_info["path"].split("/") if p):
            item = drive.child(item.id, name) if item else None
    else:
        item = drive.items.get(request.match_info["item"])
    if item is None or item.deleted:
        raise not_found("file")
    return item


@routes.get("/v1.0/drives/{drive}")
async def get_drive(request: web.Request) -> web.Response:
    """One drive."""
    check_options(request)
    return web.json_response(show_drive(drive_of(request), request))


@routes.get("/v1.0/sites/{site}/drives")
async def get_drives(request: web.Request) -> web.Response:
    """The drives of a site's libraries."""
    check_options(request)
    drives = [x.drive for x in site_of(request).lists.values() if x.drive]
    return collection(request, [show_drive(d, request) for d in drives])


@routes.get("/v1.0/sites/{site}/lists/{list}/drive")
async def get_list_drive(request: web.Request) -> web.Response:
    """A library's drive."""
    drive = list_of(request).drive
    if drive is None:
        raise bad_request("The list is not a document library.")
    return web.json_response(show_drive(drive, request))


@routes.get("/v1.0/drives/{drive}/root/delta")
@routes.get("/v1.0/drives/{drive}/root/delta()")
async def drive_delta(request: web.Request) -> web.Response:
    """What changed in a drive since the token."""
    check_options(request)
    drive = drive_of(request)
    library = request.app[TENANT].find_list(drive.list_id)
    assert library is not None
    since, resync = request.app[TENANT].known_since, resync_of(request, library)
    return delta_page(request, drive.items, lambda i: show_change(drive, i, request), known_since=since, resync=resync)


def show_change(drive: Drive, item: DriveItem, request: web.Request) -> Json:
    """A driveItem as a delta shows it."""
    left_out = {"cTag", "name"} if item.deleted else {"cTag"}
    if not request.app[TENANT].behaves("drive-delta-no-ctag"):
        left_out = set()
    return {k: v for k, v in show_item(drive, item, request).items() if k not in left_out}


@routes.put("/v1.0/drives/{drive}/root:/{path:.+}:/content")
@routes.put("/v1.0/drives/{drive}/items/{item}/content")
async def put_content(request: web.Request) -> web.Response:
    """Create or replace a small file by path, or replace one by id."""
    drive, path = drive_of(request), request.match_info.get("path", "")
    check_path(request, drive, path)
    content = await request.read()
    if len(content) > SMALL_UPLOAD:
        raise GraphError(413, "requestTooLarge", "Use an upload session.")
    exists = named(drive, path) if path else item_at(request, drive)
    if exists and exists.saved_meanwhile:
        tenant, (saved, by) = request.app[TENANT], exists.saved_meanwhile
        exists.saved_meanwhile = None
        tenant.write_file(drive, drive.path_of(exists), saved, by)
    behavior = request.query.get("@microsoft.graph.conflictBehavior", "replace")
    check_open(request.app[TENANT], exists)
    if exists and exists.is_labelled and request.app[TENANT].behaves("labelled-not-replaced"):
        raise GraphError(403, "accessDenied", "The file is protected by a sensitivity label.")
    if exists and behavior == "fail" and path:
        raise GraphError(409, "nameAlreadyExists", f"'{path}' already exists.")
    if not request.app[TENANT].behaves("put-ignores-if-match"):
        check_match(request, exists)
    where = path or drive.path_of(item_at(request, drive))
    item, is_new = request.app[TENANT].write_file(drive, where, content, APPLICATION)
    return web.json_response(show_item(drive, item, request), status=201 if is_new else 200)


def check_path(request: web.Request, drive: Drive, path: str) -> None:
    """400 where SharePoint does not take a name, or the whole path is too long; 507 where there is no room."""
    tenant = request.app[TENANT]
    if tenant.behaves("storage-full"):
        raise GraphError(507, "quotaLimitReached", "The site has exceeded its maximum file storage limit.")
    if not tenant.behaves("names-refused"):
        return
    for name in path.split("/") if path else ():
        if not is_allowed_name(name):
            raise bad_request(f"The name '{name}' is not allowed.")
    site = next(s for s in tenant.sites.values() if drive.list_id in s.lists)
    if len(f"{site.path}/{drive.name}/{path}".lstrip("/")) > PATH_CHARACTERS:
        raise GraphError(400, "pathIsTooLong", "The specified file or folder name is too long.")


def check_open(tenant: Tenant, item: DriveItem | None) -> None:
    """423 where somebody has the file open or checked out."""
    if item is None:
        return
    is_taken = item.checked_out_by not in (None, APPLICATION)
    if (item.locked and tenant.behaves("locked-while-open")) or is_taken:
        raise GraphError(423, "resourceLocked", "The resource you are attempting to access is locked.")


@routes.post("/v1.0/drives/{drive}/items/{item}/checkin")
async def post_checkin(request: web.Request) -> web.Response:
    """Check a file in: from now on everybody sees it."""
    item = item_at(request, drive_of(request))
    if item.checked_out_by != APPLICATION:
        raise bad_request("The file is not checked out to the caller.")
    item.checked_out_by = None
    return web.Response(status=204)


@routes.delete("/v1.0/drives/{drive}/items/{item}")
async def delete_file(request: web.Request) -> web.Response:
    """Into the recycle bin."""
    drive = drive_of(request)
    item = item_at(request, drive)
    check_open(request.app[TENANT], item)
    item.deleted = True
    request.app[TENANT].touch(item, APPLICATION, drive.list_id)
    return web.Response(status=204)


def check_match(request: web.Request, exists: DriveItem | None) -> None:
    """412 where `If-Match` names another state than the file's, and at times where it names the right one."""
    wanted, tenant = request.headers.get("If-Match"), request.app[TENANT]
    if not wanted:
        return
    tenant.conditional_writes += 1
    at_times = tenant.behaves("if-match-refused-though-right") and tenant.conditional_writes % 2
    if at_times or exists is None or wanted not in (exists.etag, exists.ctag, "*"):
        raise GraphError(412, "resourceModified", "The file has changed since it was read (eTag mismatch).")


@routes.get("/v1.0/drives/{drive}/items/{item}/versions")
async def get_versions(request: web.Request) -> web.Response:
    """A file's versions, the newest first; only the one that is there where the library keeps none."""
    check_options(request)
    item = item_at(request, drive_of(request))
    kept = item.versions if request.app[TENANT].behaves("library-keeps-versions") else item.versions[-1:]
    shown = [
        {"id": f"{v.number}.0", "lastModifiedDateTime": v.modified_at, "lastModifiedBy": v.modified_by,
         "size": len(v.content)}
        for v in reversed(kept)
    ]  # fmt: skip
    return collection(request, shown)


def version_at(request: web.Request, item: DriveItem) -> FileVersion:
    """The version in the path."""
    number = request.match_info["version"].partition(".")[0]
    found = next((v for v in item.versions if str(v.number) == number), None)
    if found is None:
        raise not_found("version")
    return found


@routes.get("/v1.0/drives/{drive}/items/{item}/versions/{version}/content")
async def get_version_content(request: web.Request) -> web.Response:
    """A redirect to what an older version says."""
    drive = drive_of(request)
    item = item_at(request, drive)
    version = version_at(request, item)
    if version is item.versions[-1] and request.app[TENANT].behaves("newest-version-by-file-alone"):
        raise GraphError(400, "invalidRequest", "You cannot get the content of the current version.")
    where = f"{base_url(request)}/_download/{drive.id}/{item.id}?version={version.number}&tempauth=v{version.number}"
    return web.Response(status=302, headers={"Location": where})


@routes.post("/v1.0/drives/{drive}/items/{item}/versions/{version}/restoreVersion")
async def post_restore(request: web.Request) -> web.Response:
    """Make an older version the newest: a version more, with what stood in that one."""
    drive = drive_of(request)
    item = item_at(request, drive)
    found = version_at(request, item)
    request.app[TENANT].write_file(drive, drive.path_of(item), found.content, APPLICATION)
    return web.Response(status=204)


def named(drive: Drive, path: str) -> DriveItem | None:
    """The file of that path, or None."""
    item: DriveItem | None = drive.root
    for name in (p for p in path.split("/") if p):
        item = drive.child(item.id, name) if item else None
    return item


@routes.get("/v1.0/drives/{drive}/root:/{path:[^:]+}")
@routes.get("/v1.0/drives/{drive}/items/{item}")
async def get_item(request: web.Request) -> web.Response:
    """A file or folder by path or id."""
    check_options(request)
    drive = drive_of(request)
    item = item_at(request, drive)
    shown = show_item(drive, item, request)
    if "publication" in request.query.get("$select", ""):
        by = item.checked_out_by
        shown["publication"] = {"level": "checkout", "checkedOutBy": by} if by else {"level": "published"}
    return web.json_response(shown)


@routes.get("/v1.0/drives/{drive}/root:/{path:[^:]+}:/content")
@routes.get("/v1.0/drives/{drive}/items/{item}/content")
async def get_content(request: web.Request) -> web.Response:
    """A redirect to a pre-authenticated address; that one takes no token."""
    drive = drive_of(request)
    item = item_at(request, drive)
    if item.content is None:
        raise bad_request("A folder has no content.")
    if item.locked and request.app[TENANT].behaves("locked-while-open"):
        raise GraphError(423, "resourceLocked", "The resource you are attempting to access is locked.")
    if request.headers.get("If-None-Match") in (item.etag, item.ctag):
        return web.Response(status=304)
    return web.Response(status=302, headers={"Location": _download_url(drive, item, request)})


@routes.get("/_page/drives/{drive}/{path:.*}")
async def opened(request: web.Request) -> web.Response:
    """Where a file's `webUrl` leads: the file itself, as there is no Word in the browser here; a folder's, to all."""
    item = item_at(request, drive_of(request))
    if item.content is None:
        raise web.HTTPFound("/_page/libraries")
    name = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(item.name)}"}
    return web.Response(body=item.content or b"", content_type="application/octet-stream", headers=name)


@routes.get("/_download/{drive}/{item}")
async def download(request: web.Request) -> web.Response:
    """The bytes. A token sent here would have leaked: refused, so that the leak is seen."""
    if "Authorization" in request.headers:
        raise GraphError(401, "unauthenticated", "A pre-authenticated address takes no Authorization header.")
    item, tenant = item_at(request, drive_of(request)), request.app[TENANT]
    older = [v.content for v in item.versions if str(v.number) == request.query.get("version")]
    content = older[0] if older else item.content or b""
    if item.is_labelled and tenant.behaves("labelled-read-encrypted"):
        content = encrypted(content, tenant.new_id("key"))
    return web.Response(body=content, content_type="application/octet-stream")
