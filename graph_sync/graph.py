"""One way to Graph: Microsoft's SDK for authentication and sending, our own policy for everything that can go wrong.

The SDK's retry handler is left out (it repeats POST by itself), its token goes to the configured host alone,
and every link from an answer is checked before it is followed.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_http.middleware.options import ResponseHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core import GraphClientFactory
from msgraph_core.authentication import AzureIdentityAuthenticationProvider
from msgraph_core.middleware import GraphTelemetryHandler

from casework.errors import Conflict, NeedsAttention, TryLater
from casework.lease import check_lease
from casework.stuck import ROOM
from graph_sync.limits import Limits, resource_of
from graph_sync.patience import Failed, Forbidden, Locked, NotTaken, Unacceptable, patiently
from graph_sync.transport import Transport, body_within

USER_AGENT = "NONISV|CoSDesk|CosDesk/0.1"
"""The form Microsoft asks for; other traffic is throttled first (SharePoint: 'How to avoid getting throttled')."""

LOCKED, TOO_MANY, STORAGE_FULL = 423, 429, 507
BUSY = frozenset({408, 500, 502, 503, 504})
DEFAULT_WAIT_S = 1.0
FULL = (
    "The storage of the SharePoint site is full, so nothing can be filed. Raise the site's storage limit in the "
    "SharePoint admin centre, or delete what is not needed. CoS Desk tries again every morning at seven; `cos stuck "
    "retry --all` tries at once."
)
ANSWER_BYTES = 1_000_000
"""Of an upload's answers, which are short."""
GRAPH_URL = "https://graph.microsoft.com/v1.0"


class Resync(Exception):
    """A delta's token is gone (410): everything is enumerated anew from `start`, then compared.

    `start` is None where Graph names no address that may be followed.
    """

    def __init__(self, code: str, start: str | None) -> None:
        super().__init__(code)
        self.start = start


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What Graph said: status, headers and the bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object."""
        return cast(dict[str, Any], msgspec.json.decode(self.content)) if self.content else {}


@cache
def _certificates() -> ssl.SSLContext:
    """Whom this machine trusts; reading that takes longer than all else at the start, so it is read once."""
    return httpx.create_ssl_context()


class Graph:
    """Sends requests as the application and translates what comes back into casework's errors."""

    def __init__(
        self,
        credential: AsyncTokenCredential,
        base_url: str = GRAPH_URL,
        limits: Limits | None = None,
        count: Callable[[str, int], None] = lambda *_: None,
    ) -> None:
        """`count` is told of every answer: what it counts against, without a mailbox's name, and its status."""
        self.base_url = base_url.rstrip("/")
        self._count = count
        self._limits = limits
        self._credential = credential
        parts = urlsplit(self.base_url)
        self._host = parts.netloc
        scope = f"{parts.scheme}://{parts.hostname}/.default"
        provider = AzureIdentityAuthenticationProvider(credential, scopes=[scope], allowed_hosts=[str(parts.hostname)])
        self._transports = (Transport(verify=_certificates()), Transport(verify=_certificates()))
        client = httpx.AsyncClient(transport=self._transports[0], timeout=60.0)
        self._plain = httpx.AsyncClient(transport=self._transports[1], timeout=60.0)
        self._client = GraphClientFactory.create_with_custom_middleware([GraphTelemetryHandler()], client=client)
        self._adapter = GraphRequestAdapter(provider, client=self._client)
        self._adapter.base_url = self.base_url

    async def close(self) -> None:
        """Give the connections back."""
        for transport in self._transports:  # the SDK's pipeline does not close the one it wraps
            await transport.aclose()
        await self._credential.close()

    def url(self, *segments: str, query: Mapping[str, str] | None = None) -> str:
        """An address below the base, each segment quoted."""
        path = "/".join(quote(s, safe="!,:()@'") for s in segments)
        return f"{self.base_url}/{path}" + (f"?{urlencode(query, quote_via=quote, safe='$,()/')}" if query else "")

    async def get(self, url: str, *, may_miss: bool = False, headers: Mapping[str, str] | None = None) -> Answer | None:
        """GET, tried again while Graph is busy; None for 404 where that is an answer."""

        async def once() -> Answer | None:
            answer = await self.send(Method.GET, url, headers)
            return None if answer.status == 404 and may_miss else self._checked(answer)

        return await patiently(once)

    async def write(
        self,
        method: Method,
        url: str,
        body: Any,
        *,
        etag: str | None = None,
        content_type: str | None = None,
        is_harmless: bool = False,
        weight: int = 1,
    ) -> Answer:
        """POST, PATCH, PUT or DELETE with JSON, or with bytes and their type.

        Tried again where Graph refused before it did anything; where it is unknown what happened (5xx, a cut
        connection) only if `is_harmless`: the same twice is the same as once. `weight` is how many requests it
        counts for.
        """
        headers = {"If-Match": etag} if etag else {}
        content = None if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)

        async def once() -> Answer:
            kind = content_type or "application/json"
            return self._checked(await self.send(method, url, headers, content, kind, weight))

        return await patiently(once, TryLater if is_harmless else NotTaken)

    async def change(self, url: str, body: Any) -> Answer | None:
        """PATCH with a body, DELETE without; None where it is there no more. The same again is harmless."""
        method = Method.DELETE if body is None else Method.PATCH
        content = None if body is None else msgspec.json.encode(body)

        async def once() -> Answer | None:
            answer = await self.send(method, url, {}, content, "application/json")
            return None if answer.status == 404 else self._checked(answer)

        return await patiently(once)

    async def pages(self, url: str) -> AsyncIterator[dict[str, Any]]:
        """The pages of a collection or delta, following next links; the last holds the delta link, if any.

        Raises `Resync` where a delta's token is gone.
        """
        link: str | None = url
        while link:
            answer = await self.get(self.checked_link(link))
            assert answer is not None
            page = answer.json()
            yield page
            link = page.get("@odata.nextLink")

    async def page_bytes(self, url: str) -> bytes:
        """One page as it came, for a typed decoder: a list's delta may hold thousands of items."""
        answer = await self.get(self.checked_link(url))
        assert answer is not None
        return answer.content

    async def download(self, url: str, most_bytes: int) -> bytes:
        """A file's content, tried again while Graph is busy. Raises `FileTooLarge` before more is in memory."""
        return await patiently(lambda: self._download(url, most_bytes))

    async def _download(self, url: str, most_bytes: int) -> bytes:
        """The redirect's address is pre-authenticated and gets no token; it is asked for anew at each try."""
        answer = await self.send(Method.GET, url)
        location = answer.headers.get("location")
        if answer.status not in (301, 302, 307, 308) or not location:
            return self._checked(answer).content
        return self._checked(await self.send_plain("GET", location, most_bytes=most_bytes)).content

    async def send_plain(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        most_bytes: int = ANSWER_BYTES,
    ) -> Answer:
        """A request to a pre-authenticated address Graph gave (download, upload): without a token, over https."""
        if urlsplit(url).scheme != "https" and urlsplit(url).netloc != self._host:
            raise NeedsAttention("Graph gave an address without https; it was not followed.")
        if method != "GET":
            check_lease()
        try:
            async with self._plain.stream(method, url, headers=dict(headers or {}), content=content) as response:
                return _answer(response, await body_within(response, most_bytes))
        except httpx.HTTPError as error:
            raise TryLater(f"The connection was cut ({type(error).__name__}).", DEFAULT_WAIT_S) from error

    def checked(self, answer: Answer) -> Answer:
        """The answer, or the error it stands for; for what came by `send_plain` or in a batch."""
        return self._checked(answer)

    def checked_link(self, link: str) -> str:
        """A next or delta link, if it leads to Graph's own host; the token goes nowhere else."""
        if not self._is_ours(link):
            raise NeedsAttention(f"Graph gave a link to another host ({urlsplit(link).netloc}); it was not followed.")
        return link

    def _is_ours(self, link: str) -> bool:
        return urlsplit(link).netloc == self._host

    async def send(
        self,
        method: Method,
        url: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        content_type: str = "",
        weight: int = 1,
    ) -> Answer:
        """One request through the SDK's adapter; whatever status comes back is returned."""
        info = RequestInformation()
        info.http_method, info.url = method, url
        for name, value in {"Accept": "application/json", "User-Agent": USER_AGENT, **(headers or {})}.items():
            info.headers.try_add(name, value)
        if content is not None:
            info.set_stream_content(content, content_type)
        info.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        if self._limits is None:
            answer = await self._sent(info)
            await self.heard(method, url, answer)
            return answer
        async with self._limits.turn(resource_of(method.value, url, weight)):
            answer = await self._sent(info)
        await self.heard(method, url, answer)
        return answer

    async def heard(self, method: Method, url: str, answer: Answer) -> None:
        """Let the limits learn from an answer, also from one within a batch."""
        resource = resource_of(method.value, url)
        self._count(resource.name.partition(":")[0], answer.status)
        if self._limits is not None:
            await self._limits.heard(resource, answer.status, answer.headers, _asked_wait_s(answer.headers))

    async def _sent(self, info: RequestInformation) -> Answer:
        if info.http_method is not Method.GET:
            check_lease()
        try:
            response: Any = await self._adapter.send_primitive_async(info, "bytes", {})
        except httpx.HTTPError as error:
            raise TryLater(f"Microsoft Graph was not reached ({type(error).__name__}).", DEFAULT_WAIT_S) from error
        except ClientAuthenticationError as error:
            raise NeedsAttention(f"CoS Desk could not sign in to Microsoft 365: {_first_line(error)}") from error
        except AzureError as error:
            raise TryLater(f"The sign-in service was not reached ({type(error).__name__}).", DEFAULT_WAIT_S) from error
        return _answer(cast(httpx.Response, response))

    def _checked(self, answer: Answer) -> Answer:
        if answer.status < 400:
            return answer
        code, message = _graph_error(answer)
        if answer.status == 410:
            location = answer.headers.get("location", "")
            raise Resync(code, location if self._is_ours(location) else None)
        if answer.status == LOCKED:
            raise Locked("Somebody has it open in SharePoint, or has checked it out.", retry_after_s(answer.headers))
        if answer.status == STORAGE_FULL:
            raise NeedsAttention(FULL, ROOM)
        if answer.status == TOO_MANY:
            raise NotTaken(f"Microsoft Graph is busy ({answer.status} {code}).", retry_after_s(answer.headers))
        if answer.status in BUSY:
            raise Failed(f"Microsoft Graph is busy ({answer.status} {code}).", retry_after_s(answer.headers))
        if answer.status in (409, 412):
            raise Conflict("The item was changed or made by somebody else.")
        if answer.status in (401, 403):
            raise Forbidden(f"Microsoft Graph refused the application ({answer.status} {code}): {message}")
        raise Unacceptable(f"Microsoft Graph answered {answer.status} {code}: {message}")


def _first_line(error: Exception) -> str:
    """What an error says, without the trace ids and advice that follow."""
    return str(error).strip().splitlines()[0][:300]


def _answer(response: httpx.Response, content: bytes | None = None) -> Answer:
    return Answer(
        status=response.status_code,
        headers={k.lower(): v for k, v in response.headers.items()},
        content=response.content if content is None else content,
    )


def _graph_error(answer: Answer) -> tuple[str, str]:
    try:
        error = answer.json()["error"]
        return str(error["code"]), str(error["message"])[:300]
    except (msgspec.DecodeError, KeyError, TypeError):
        return "", ""


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds to wait: `Retry-After` as whole or fractional seconds or as a date, or `RateLimit-Reset`; the greater."""
    waits = [DEFAULT_WAIT_S] if "retry-after" not in headers and "ratelimit-reset" not in headers else [0.0]
    for name in ("retry-after", "ratelimit-reset"):
        if written := headers.get(name):
            try:
                waits.append(float(written))
            except ValueError:
                waits.append(_seconds_until(written))
    return max(waits)


def _asked_wait_s(headers: Mapping[str, str]) -> float:
    """The pause an answer asks for; 0 where it asks for none."""
    return retry_after_s(headers) if "retry-after" in headers else 0.0


def _seconds_until(written: str) -> float:
    try:
        return max((parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return DEFAULT_WAIT_S
