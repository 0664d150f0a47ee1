"""What changed is pulled: when Graph says so, once for however many notifications, and now and then in any case."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import structlog

from casework.errors import Conflict, NeedsAttention, TryLater
from casework.presence import Duty
from casework.tracing import span, where
from casework.wanting import Asked, times_wanted
from graph_sync.notifications import Heard, Known
from graph_sync.sources import PULLS, SOURCES
from graph_sync.subscriptions import keep_subscriptions, known_subscriptions
from service.away import tell_failed
from service.office import Office

GAP_S, LONGEST_GAP_S = 1.0, 8.0
"""Between two pulls of one source, whatever is said meanwhile: longer while they bring nothing, as in a flood."""

TEND_S = 600.0
"""Between two looks at the subscriptions; they are renewed days before they end."""

FIRST_S = 0.5
"""At the start the service may not be reached yet when Graph validates its address: again soon, then less often."""

UNKNOWN_S = 5.0
"""Between two looks for subscriptions that are not known here."""

LISTEN_S = 1.0
"""Between two looks for what other processes heard from Graph."""

RENEW = "renew "
"""Before a source's name: its subscription is to be seen to."""

log = structlog.get_logger()


class Puller:
    """One coordinator for all sources: everybody asks it, it pulls once."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.known: Mapping[str, Known] = {}
        self.pulls: dict[str, int] = dict.fromkeys(PULLS, 0)
        """How often each source was pulled."""
        self._wanted = {source: asyncio.Event() for source in PULLS}
        self._asked_from: dict[str, str] = {}
        """Source to the trace of what last asked for it."""
        self._tend = asyncio.Event()
        self._renew: set[str] = set()
        self._looked_at = 0.0
        self._tending = asyncio.Lock()
        """Two at once would each end what the other has just subscribed to."""

    def take(self, heard: Heard) -> None:
        """Note what a delivery said; it is done afterwards, not here."""
        for source in heard.changed | heard.removed:
            self._asked_from[source] = where()
            self._wanted[source].set()
        if heard.to_renew or heard.removed:
            self._renew |= heard.to_renew | heard.removed
            self._tend.set()
        if heard.refused and time.monotonic() - self._looked_at > UNKNOWN_S:
            self._looked_at = time.monotonic()
            self._tend.set()

    async def run(self) -> None:
        """Pull and tend until cancelled, while the sync is this worker's to do."""
        pulls = (self._pull_again_and_again(s) for s in PULLS)
        await asyncio.gather(*pulls, self._tend_again_and_again(), self._listen())

    async def _listen(self) -> None:
        """Hear from the record what web processes heard from Graph; nothing to do where this one hears it itself."""
        heard: dict[str, Asked] | None = None
        while not self.office.presence.is_alone:
            await self.office.presence.turn(Duty.SYNC)
            try:
                now = await self.office.desk.look(times_wanted)
            except Exception as error:
                tell_failed("listening", error)
            else:
                before = heard or {}
                news = {w: a.trace for w, a in now.items() if w not in before or before[w].times < a.times}
                heard = now
                self._ask_for(news)
            await asyncio.sleep(LISTEN_S)

    def _ask_for(self, news: Mapping[str, str]) -> None:
        for what, trace in news.items():
            if what in self._wanted:
                self._asked_from[what] = trace
                self._wanted[what].set()
            elif what.removeprefix(RENEW) in self._wanted:
                self._renew.add(what.removeprefix(RENEW))
                self._tend.set()

    async def _pull_again_and_again(self, source: str) -> None:
        settings, wanted = self.office.settings, self._wanted[source]
        gap = GAP_S
        while True:
            await self.office.presence.turn(Duty.SYNC)
            wanted.clear()
            try:
                with span(f"pull {source}", self._asked_from.pop(source, "")):
                    news = await PULLS[source](self.office.desk, self.office.graph)
                gap = GAP_S if news else min(2 * gap, LONGEST_GAP_S)
                self.pulls[source] += 1
                is_watched = source not in SOURCES or any(k.source == source for k in self.known.values())
                pause = settings.fallback_s if is_watched else settings.poll_s
            except (TryLater, NeedsAttention, Conflict) as error:
                log.warning("left for the next round", what=f"pull {source}", code=error.code)
                pause = min(getattr(error, "retry_after_s", settings.poll_s) + GAP_S, settings.poll_s)
            except Exception as error:
                tell_failed(f"pull {source}", error)
                pause = settings.poll_s
            if not await self._wanted_after(wanted, gap, pause):
                gap = GAP_S

    @staticmethod
    async def _wanted_after(wanted: asyncio.Event, gap: float, pause: float) -> bool:
        """Wait for the gap, then until it is wanted or the pause is over; whether it was wanted within the gap."""
        await asyncio.sleep(min(gap, pause))
        if wanted.is_set():
            return True
        try:
            async with asyncio.timeout(max(pause - gap, 0.0)):
                await wanted.wait()
        except TimeoutError:
            pass
        return False

    async def _tend_again_and_again(self) -> None:
        pause = FIRST_S
        while self.office.settings.public_url:
            await self.office.presence.turn(Duty.SYNC)
            self._tend.clear()
            pause = TEND_S if await self.tend() else min(2 * pause, TEND_S)
            try:
                async with asyncio.timeout(pause):
                    await self._tend.wait()
            except TimeoutError:
                continue

    async def tend(self) -> bool:
        """See to the subscriptions; trouble is logged, and the sources are polled meanwhile. Whether it went well."""
        async with self._tending:
            return await self._tended()

    async def _tended(self) -> bool:
        desk, graph = self.office.desk, self.office.graph
        renew, self._renew = self._renew, set()
        try:
            kept = await keep_subscriptions(desk, graph, self.office.settings.public_url, renew)
            for source in (source for source, was_unwatched in kept.brought.items() if was_unwatched):
                self._wanted[source].set()
            self.known = await known_subscriptions(desk)
            renew &= kept.failed.keys()
            kept.complain()
            return True
        except (TryLater, NeedsAttention, Conflict) as error:
            self._renew |= renew
            log.warning("left for the next round", what="subscriptions", code=error.code, said=str(error))
        except Exception as error:
            self._renew |= renew
            tell_failed("subscriptions", error)
        return False
