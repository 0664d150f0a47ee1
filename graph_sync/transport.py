"""How requests leave this machine and files come in: aiohttp below httpx, a large body in pieces, up to a limit.

aiohttp warns of a body above 1 MiB given whole: writing it would hold up everything else on the loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
from httpx_aiohttp import AiohttpTransport

from casework.errors import FileTooLarge

PIECE = 256 * 1024
LARGE = 1024 * 1024


class Transport(AiohttpTransport):
    """As its parent, but that a large body is streamed; its length is still told, as Graph wants it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        if len(request.content) > LARGE:
            headers, content = request.headers, request.content
            request = httpx.Request(
                request.method, request.url, headers=headers, stream=_Pieces(content), extensions=request.extensions
            )
        return await super().handle_async_request(request)


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), PIECE):
            yield bytes(self._content[start : start + PIECE])


async def body_within(response: httpx.Response, most_bytes: int) -> bytes:
    """The body; no more of it is read than may be."""
    told = response.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most_bytes:
        raise FileTooLarge(int(told), most_bytes)
    found = bytearray()
    async for piece in response.aiter_bytes():
        found += piece
        if len(found) > most_bytes:
            raise FileTooLarge(len(found), most_bytes)
    return bytes(found)
