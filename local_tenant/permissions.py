"""Which application permissions each call needs (any one of them), by Microsoft's permission tables, and the policies
that narrow them: a role in one site, some mailboxes, the meetings of some organisers.

The tenant grants what its world says; without a list everything is granted.
"""

from __future__ import annotations

import re

from aiohttp import web

from local_tenant.odata import TENANT, TOKENS, GraphError, Handler
from local_tenant.state import Tenant

SELECTED = "Sites.Selected"
READ_SITES = (SELECTED, "Sites.Read.All", "Sites.ReadWrite.All")
WRITE_SITES = (SELECTED, "Sites.ReadWrite.All")
MAKE_LISTS = (SELECTED, "Sites.Manage.All", "Sites.FullControl.All")
READ_MAIL = ("Mail.ReadBasic.All", "Mail.Read", "Mail.ReadWrite")
CALENDAR = ("Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite")
USERS = ("User.Read.All", "Directory.Read.All")

NEEDED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("POST", r"/\$batch", ()),
    ("*", r"/subscriptions.*", ()),
    ("GET", r"/(sites|drives)/.*", READ_SITES),
    ("POST", r"/sites/[^/]+/lists(/[^/]+/columns)?", MAKE_LISTS),
    ("PATCH", r"/sites/[^/]+/lists/[^/]+/columns/[^/]+", MAKE_LISTS),
    ("*", r"/(sites|drives)/.*", WRITE_SITES),
    ("POST", r"/users/[^/]+/messages/[^/]+/send", ("Mail.Send",)),
    ("GET", r"/users/[^/]+/(messages|mailFolders).*", READ_MAIL),
    ("*", r"/users/[^/]+/messages.*", ("Mail.ReadWrite",)),
    ("POST", r"/users/[^/]+/calendar/getSchedule", CALENDAR),
    ("GET", r"/users/[^/]+/(events|calendar).*", CALENDAR[1:]),
    ("*", r"/users/[^/]+/events.*", ("Calendars.ReadWrite",)),
    ("GET", r"/users/[^/]+/onlineMeetings/[^/]+/attendanceReports.*", ("OnlineMeetingArtifact.Read.All",)),
    ("GET", r"/users/[^/]+/onlineMeetings.*", ("OnlineMeetings.Read.All", "OnlineMeetings.ReadWrite.All")),
    ("GET", r"/users.*", ("User.ReadBasic.All", *USERS)),
)
ROLES = ("none", "read", "write", "owner")
_OF_MAILBOX = re.compile(r"/users/([^/]+)/(?:messages|mailFolders|events|calendar)")


def needed(method: str, path: str) -> tuple[str, ...]:
    """The permissions of which one is needed; none for what is open to every application."""
    below = path.removeprefix("/v1.0")
    for wanted, form, permissions in NEEDED:
        if wanted in ("*", method) and re.fullmatch(form, below):
            return permissions
    return ()


def role_needed(method: str, permissions: tuple[str, ...]) -> str:
    """The role in the site that `Sites.Selected` needs for such a call."""
    return "read" if method == "GET" else "owner" if permissions == MAKE_LISTS else "write"


@web.middleware
async def require_permission(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Middleware: 403 as Graph says it where the application was granted none of them."""
    tenant = request.app[TENANT]
    if request.path.startswith("/v1.0/"):
        granted = tenant.granted
        if tenant.behaves("token-keeps-its-permissions"):
            sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
            granted = request.app[TOKENS].get(sent, granted)
        if granted is not None:
            _check_granted(tenant, granted, request)
        _check_policies(tenant, request)
    return await handler(request)


def _check_granted(tenant: Tenant, granted: set[str], request: web.Request) -> None:
    wanted = needed(request.method, request.path)
    if not wanted:
        return
    held = granted.intersection(wanted)
    of_site = SELECTED in wanted
    if held == {SELECTED}:
        role = role_needed(request.method, wanted)
        is_ours = not request.path.endswith("/sites/root")
        if not is_ours or ROLES.index(tenant.site_role) < ROLES.index(role):
            held = set()
    if not held:
        raise GraphError(403, "accessDenied" if of_site else "ErrorAccessDenied",
                         "Access is denied. Check credentials and try again.")  # fmt: skip
    if "otherMails" in request.query.get("$select", "") and granted.isdisjoint(USERS):
        raise GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def _check_policies(tenant: Tenant, request: web.Request) -> None:
    match = _OF_MAILBOX.search(request.path)
    if match and tenant.mailboxes is not None:
        user = tenant.user(match[1])
        if user is not None and user.mail not in tenant.mailboxes:
            raise GraphError(403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by tenant "
                             "configured AppOnly AccessPolicy settings.")  # fmt: skip
    if "/onlineMeetings" in request.path and not tenant.meetings_policy:
        raise GraphError(403, "Forbidden", "No application access policy found for this app.")
