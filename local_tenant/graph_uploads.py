"""Graph: upload sessions, for files and for attachments over 3 MB: fragments in order, multiples of 320 KiB."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field

from aiohttp import web

from local_tenant.graph_drives import check_match, check_path, drive_of, item_at, named, show_item
from local_tenant.graph_mail import add_attachment, check_message_size, draft_of
from local_tenant.odata import TENANT, GraphError, bad_request, base_url, read_json
from local_tenant.state import APPLICATION, Drive, Json, Message

routes = web.RouteTableDef()
STEP = 320 * 1024
FRAGMENT = 60 * 1024 * 1024
PAGES_LEAST = 3 * 1024 * 1024
"""From here on the page says that an attachment takes a session."""
MEASURED_LEAST = 2_097_152
"""The least that others measured."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass
class Upload:
    """A session: where it goes, and what has arrived."""

    drive: Drive | None
    message: Message | None
    name: str
    behavior: str
    content: bytearray = field(default_factory=bytearray)
    cut_after: int = 0
    """The connection is cut once after so many bytes (on demand)."""


UPLOADS: web.AppKey[dict[str, Upload]] = web.AppKey("uploads", dict)


@routes.post("/v1.0/drives/{drive}/root:/{path:.+}:/createUploadSession")
@routes.post("/v1.0/drives/{drive}/items/{item}/createUploadSession")
async def post_file_session(request: web.Request) -> web.Response:
    """Begin to upload a file; `conflictBehavior` stands in `item` and is `fail` unless it says otherwise."""
    drive, body = drive_of(request), await read_json(request)
    path = request.match_info.get("path") or drive.path_of(item_at(request, drive))
    check_path(request, drive, path)
    item = body.get("item") or {}
    if unknown := [
        k for k in item if k not in ("@microsoft.graph.conflictBehavior", "name", "description", "fileSize")
    ]:
        raise bad_request(f"The property '{unknown[0]}' does not exist on type 'driveItemUploadableProperties'.")
    behavior, exists = item.get("@microsoft.graph.conflictBehavior", "fail"), named(drive, path)
    check_match(request, exists)
    return _begin(request, Upload(drive=drive, message=None, name=path, behavior=behavior))


@routes.post("/v1.0/users/{user}/messages/{message}/attachments/createUploadSession")
async def post_attachment_session(request: web.Request) -> web.Response:
    """Begin to upload an attachment of a draft."""
    item = (await read_json(request)).get("AttachmentItem") or {}
    if item.get("attachmentType") != "file" or not item.get("name") or not isinstance(item.get("size"), int):
        raise bad_request("AttachmentItem needs attachmentType, name and size.")
    tenant, message = request.app[TENANT], draft_of(request)
    if item["size"] < (PAGES_LEAST if tenant.behaves("attachment-session-from-3-mb") else MEASURED_LEAST):
        raise GraphError(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
                         "Attachment size should not be less than the minimum size.")  # fmt: skip
    check_message_size(tenant, message, item["size"])
    return _begin(request, Upload(drive=None, message=message, name=item["name"], behavior="rename"))


def _begin(request: web.Request, upload: Upload) -> web.Response:
    key = request.app[TENANT].new_id("upload")
    request.app[UPLOADS][key] = upload
    made = {"uploadUrl": f"{base_url(request)}/_upload/{key}", "expirationDateTime": "2030-01-01T00:00:00Z",
            "nextExpectedRanges": ["0-"]}  # fmt: skip
    return web.json_response(made)


def _upload(request: web.Request) -> Upload:
    if "Authorization" in request.headers:
        raise GraphError(401, "unauthenticated", "An upload address takes no Authorization header.")
    found = request.app[UPLOADS].get(request.match_info["key"])
    if found is None:
        raise GraphError(404, "itemNotFound", "The upload session was not found.")
    return found


@routes.get("/_upload/{key}")
async def get_upload(request: web.Request) -> web.Response:
    """What is expected next."""
    if _upload(request).message is not None and request.app[TENANT].behaves("attachment-session-without-status"):
        raise GraphError(405, "ErrorInvalidRequest", "GET is not allowed here.")
    return web.json_response({"nextExpectedRanges": [f"{len(_upload(request).content)}-"]})


@routes.delete("/_upload/{key}")
async def delete_upload(request: web.Request) -> web.Response:
    """Abandon it."""
    _upload(request)
    del request.app[UPLOADS][request.match_info["key"]]
    return web.Response(status=204)


@routes.put("/_upload/{key}")
async def put_fragment(request: web.Request) -> web.Response:
    """The next fragment; the last makes the file."""
    upload, sent = _upload(request), await request.read()
    written = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if not written:
        raise bad_request("Content-Range is missing or malformed.")
    first, last, total = map(int, written.groups())
    if last - first + 1 != len(sent) or len(sent) > FRAGMENT:
        raise bad_request("Content-Range does not fit the fragment.")
    if last + 1 < total and len(sent) % STEP:
        raise bad_request("A fragment's size must be a multiple of 320 KiB.")
    if first != len(upload.content):
        raise GraphError(416, "invalidRange", f"Expected bytes from {len(upload.content)} on.")
    upload.content += sent
    if upload.cut_after and len(upload.content) >= upload.cut_after and request.transport:
        upload.cut_after = 0
        request.transport.abort()
    if len(upload.content) < total:
        if upload.message is not None and request.app[TENANT].behaves("attachment-parts-answered-200"):
            return web.json_response({"nextExpectedRanges": [str(len(upload.content))]})
        return web.json_response({"nextExpectedRanges": [f"{len(upload.content)}-"]}, status=202)
    return _finish(request, upload)


def _finish(request: web.Request, upload: Upload) -> web.Response:
    content, tenant = bytes(upload.content), request.app[TENANT]
    if upload.message is not None:
        made: Json = {"name": upload.name, "contentBytes": b64encode(content).decode()}
        added = add_attachment(tenant, upload.message, made)
        del request.app[UPLOADS][request.match_info["key"]]
        return web.Response(status=201, headers={"Location": f"{base_url(request)}/attachments('{added['id']}')"})
    assert upload.drive is not None
    if upload.behavior == "fail" and named(upload.drive, upload.name):
        raise GraphError(409, "nameAlreadyExists", f"'{upload.name}' already exists.")
    item, is_new = tenant.write_file(upload.drive, upload.name, content, APPLICATION)
    del request.app[UPLOADS][request.match_info["key"]]
    return web.json_response(show_item(upload.drive, item, request), status=201 if is_new else 200)


@routes.get("/_local/uploads")
async def get_uploads(request: web.Request) -> web.Response:
    """How many upload sessions are open."""
    return web.json_response({"open": len(request.app[UPLOADS])})


@routes.post("/_local/uploads/cut")
async def post_cut(request: web.Request) -> web.Response:
    """Cut the connection of every open session once, after `after` bytes (on demand)."""
    after = int((await read_json(request))["after"])
    for upload in request.app[UPLOADS].values():
        upload.cut_after = after
    return web.json_response({"open": len(request.app[UPLOADS])})
