"""Upload sessions: a large file or attachment in fragments, taken up where a cut left it, cancelled when given up.

The upload address is pre-authenticated: it gets no token, and is never stored. A drive answers each part but the last
with 202, Outlook with 200: done is what was made (201), or a 200 to the last byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.errors import Conflict, NeedsAttention, TryLater
from graph_sync.graph import Answer, Graph
from graph_sync.patience import patiently

STEP = 320 * 1024
FRAGMENT = 3 * STEP
"""A multiple of 320 KiB (driveitem-createuploadsession), below the 1 MiB from which a body holds up the loop."""

CUTS = 8
"""Cuts survived in one upload; then the session is cancelled and the effect begins anew."""


async def upload(graph: Graph, session: Mapping[str, Any], content: bytes) -> Answer:
    """Send everything; the last answer holds what was made. Raises `TryLater` or `Conflict`; then nothing is left."""
    url = str(session["uploadUrl"])
    try:
        return await _send_all(graph, url, content)
    except (TryLater, Conflict, NeedsAttention):
        await _cancel(graph, url)
        raise


async def _send_all(graph: Graph, url: str, content: bytes) -> Answer:
    first, cuts = 0, 0
    while True:
        last = min(first + FRAGMENT, len(content)) - 1
        headers = {"Content-Range": f"bytes {first}-{last}/{len(content)}", "Content-Type": "application/octet-stream"}
        try:
            answer = await graph.send_plain("PUT", url, headers, content[first : last + 1])
            if answer.status == 416:
                first = await _expected(graph, url)
                continue
            graph.checked(answer)
        except TryLater:
            cuts += 1
            if cuts > CUTS:
                raise
            first = await _expected(graph, url)
            continue
        if answer.status == 201 or (answer.status == 200 and last + 1 == len(content)):
            return answer
        first = _next(answer)


async def _expected(graph: Graph, url: str) -> int:
    """Where the server wants to go on, after a cut."""

    async def once() -> int:
        answer = await graph.send_plain("GET", url)
        if answer.status in (404, 405):  # Outlook's page names no way to ask
            raise Conflict("The upload session is gone, or does not say how far it came: it begins again.")
        return _next(graph.checked(answer))

    return await patiently(once)


def _next(answer: Answer) -> int:
    ranges = answer.json().get("nextExpectedRanges") or []
    if not ranges:
        raise TryLater("The upload session does not say what it expects next.", 1.0)
    return int(str(ranges[0]).partition("-")[0])


async def _cancel(graph: Graph, url: str) -> None:
    try:
        await graph.send_plain("DELETE", url)
    except (TryLater, NeedsAttention):
        return  # it runs out by itself
