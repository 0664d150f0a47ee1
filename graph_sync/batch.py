"""`$batch`: writes that come at the same moment travel together, up to 20; each keeps its own answer.

Graph counts every request of a batch by itself, answers 200 for the whole and repeats nothing: each request's status
and its own Retry-After are its caller's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from kiota_abstractions.method import Method

from casework.errors import Conflict, NeedsAttention, TryLater
from graph_sync.graph import Answer, Graph, Resync
from graph_sync.patience import TRIES

MOST = 20
"""Microsoft's limit for a batch."""

GATHER_S = 0.02
"""How long the first waits for company."""


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    request: dict[str, Any]
    answer: asyncio.Future[Answer]


class Batcher:
    """Gathers requests of one Graph; `send` is one of them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._waiting: list[_Waiting] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, method: Method, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """The answer to one request, whatever company it travelled in. Raises what its status stands for."""
        request = {
            "method": method.value,
            "url": url.removeprefix(self._graph.base_url),
            "headers": {**headers, "Content-Type": "application/json"},
            "body": body,
        }
        own = _Waiting(request=request, answer=asyncio.get_running_loop().create_future())
        self._waiting.append(own)
        if len(self._waiting) == 1:
            self._start(GATHER_S)
        elif len(self._waiting) == MOST:
            self._start(0.0)
        answer = await own.answer
        await self._graph.heard(method, url, answer)
        return self._graph.checked(answer)

    def _start(self, wait_s: float) -> None:
        task = asyncio.create_task(self._flush(wait_s))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _flush(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        together, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        if not together:
            return
        try:
            answers = await self._exchange(together)
        except Exception as error:
            for waiting in together:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        for number, waiting in enumerate(together, 1):
            if waiting.answer.done():
                continue
            if (found := answers.get(str(number))) is not None:
                waiting.answer.set_result(found)
            else:
                waiting.answer.set_exception(TryLater("A batch came back without this request's answer.", 1.0))
        if self._waiting:
            self._start(0.0)

    async def _exchange(self, together: list[_Waiting]) -> dict[str, Answer]:
        return await _exchanged(self._graph, [w.request for w in together])


async def get_together(graph: Graph, urls: Sequence[str]) -> list[Answer]:
    """Many GETs, 20 a request; each with the status it got, good or bad (`Graph.checked`), in the order asked for.

    Those Graph was too busy for are asked for again by themselves. Raises `TryLater` where some were never answered.
    """
    found: dict[str, Answer] = {}
    left, wait_s = list(dict.fromkeys(urls)), 0.0
    for _ in range(TRIES):
        await asyncio.sleep(wait_s)
        waits = [await _ask(graph, left[first : first + MOST], found) for first in range(0, len(left), MOST)]
        busy = {url: wait for some in waits for url, wait in some.items()}
        if not busy:
            break
        left, wait_s = list(busy), max(busy.values())
    if any(url not in found for url in urls):
        raise TryLater("Microsoft Graph is too busy for some requests of a batch.", wait_s)
    return [found[url] for url in urls]


async def _ask(graph: Graph, portion: Sequence[str], found: dict[str, Answer]) -> dict[str, float]:
    """Add what was answered to `found`; those to ask for once more, with the seconds to wait before."""
    requests = [{"method": "GET", "url": url.removeprefix(graph.base_url)} for url in portion]
    answers, busy = await _exchanged(graph, requests), dict[str, float]()
    for number, url in enumerate(portion, 1):
        if (answer := answers.get(str(number))) is None:
            busy[url] = 1.0
            continue
        await graph.heard(Method.GET, url, answer)
        found[url] = answer
        try:
            graph.checked(answer)
        except TryLater as error:
            busy[url] = error.retry_after_s
        except (NeedsAttention, Conflict, Resync):
            continue  # whoever asked for it is told
    return busy


async def _exchanged(graph: Graph, together: Sequence[Mapping[str, Any]]) -> dict[str, Answer]:
    requests = [{"id": str(n), **one} for n, one in enumerate(together, 1)]
    url = f"{graph.base_url}/$batch"
    units = sum(1 if one["method"] == "GET" else 2 for one in requests)
    answer = await graph.write(Method.POST, url, {"requests": requests}, weight=units)
    return {str(one["id"]): _answer(one) for one in answer.json()["responses"]}


def _answer(one: dict[str, Any]) -> Answer:
    headers = {str(k).lower(): str(v) for k, v in (one.get("headers") or {}).items()}
    content = msgspec.json.encode(one["body"]) if one.get("body") is not None else b""
    return Answer(status=int(one["status"]), headers=headers, content=content)
