"""Which application permissions each call needs (any one of them), by Microsoft's permission tables.

The tenant grants what its world says; without a list everything is granted.
"""

from __future__ import annotations

import re

from aiohttp import web

from local_tenant.odata import TENANT, GraphError, Handler

READ_SITES = ("Sites.Selected", "Sites.Read.All", "Sites.ReadWrite.All")
WRITE_SITES = ("Sites.Selected", "Sites.ReadWrite.All")
READ_MAIL = ("Mail.ReadBasic.All", "Mail.Read", "Mail.ReadWrite")
CALENDAR = ("Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite")

NEEDED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("POST", r"/\$batch", ()),
    ("*", r"/subscriptions.*", ()),
    ("GET", r"/(sites|drives)/.*", READ_SITES),
    ("*", r"/(sites|drives)/.*", WRITE_SITES),
    ("POST", r"/users/[^/]+/messages/[^/]+/send", ("Mail.Send",)),
    ("GET", r"/users/[^/]+/(messages|mailFolders).*", READ_MAIL),
    ("*", r"/users/[^/]+/messages.*", ("Mail.ReadWrite",)),
    ("POST", r"/users/[^/]+/calendar/getSchedule", CALENDAR),
    ("GET", r"/users/[^/]+/(events|calendar).*", CALENDAR[1:]),
    ("*", r"/users/[^/]+/events.*", ("Calendars.ReadWrite",)),
    ("GET", r"/users/[^/]+/onlineMeetings/[^/]+/attendanceReports.*", ("OnlineMeetingArtifact.Read.All",)),
    ("GET", r"/users/[^/]+/onlineMeetings.*", ("OnlineMeetings.Read.All", "OnlineMeetings.ReadWrite.All")),
    ("GET", r"/users.*", ("User.ReadBasic.All", "User.Read.All", "Directory.Read.All")),
)


def needed(method: str, path: str) -> tuple[str, ...]:
    """The permissions of which one is needed; none for what is open to every application."""
    below = path.removeprefix("/v1.0")
    for wanted, form, permissions in NEEDED:
        if wanted in ("*", method) and re.fullmatch(form, below):
            return permissions
    return ()


@web.middleware
async def require_permission(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Middleware: 403 as Graph says it where the application was granted none of them."""
    granted = request.app[TENANT].granted
    if request.path.startswith("/v1.0/") and granted is not None:
        wanted = needed(request.method, request.path)
        if wanted and granted.isdisjoint(wanted):
            raise GraphError(403, "accessDenied" if "sites" in request.path else "ErrorAccessDenied",
                             "Access is denied. Check credentials and try again.")  # fmt: skip
    return await handler(request)
