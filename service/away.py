"""What is answered and logged while the record's database is away (gone, full, read-only): 503 and when to come again,
in words where a person reads it. Graph and Teams send again what they were not answered.
"""

from __future__ import annotations

from html import escape

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from casework.database import RECORD_AWAY, is_record_away

RETRY_AFTER_S = 30

log = structlog.get_logger()


def tell_failed(what: str, error: Exception) -> None:
    """Log why a loop's round failed: a record that is away by its name, anything else as the bug it is."""
    if is_record_away(error):
        log.warning("the record is away; tried again in the next round", what=what, error=type(error).__name__)
    else:
        log.error("failed; tried again in the next round", what=what, exc_info=error)


@web.middleware
async def answer_while_away(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let everything through; what failed for want of the record is answered as such."""
    try:
        return await handler(request)
    except Exception as error:
        if not is_record_away(error):
            raise
        log.warning("the record is away; not answered", path=request.path, error=type(error).__name__)
    headers = {"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"}
    if request.path.startswith("/tab"):
        page = f'<!doctype html><html lang="en"><title>CoS Desk</title><p>{escape(RECORD_AWAY)}</p></html>'
        return web.Response(status=503, text=page, content_type="text/html", headers=headers)
    return web.json_response({"error": RECORD_AWAY}, status=503, headers=headers)
