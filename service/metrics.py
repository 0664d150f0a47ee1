"""`/metrics` in Prometheus' words: counts and ages, no name of anybody or of any school.

manifests/infra/dashboard.json shows them. Served to whoever has `COS_METRICS_TOKEN`, to nobody else.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from casework.desk import Desk
from casework.measures import Measures, measures
from service.counting import GRAPH_ANSWERS, REFUSED
from service.settings import Settings

KEPT_S = 15.0
"""However often somebody asks, the record is asked this often at most."""


class _Desk(Collector):
    """The record's figures, as they were last read."""

    def __init__(self) -> None:
        self.read: Measures | None = None

    def collect(self) -> Iterator[Metric]:
        """Every family; none before the record was read."""
        if self.read is None:
            return
        effects = GaugeMetricFamily("cos_effects", "Effects that are not settled.", labels=("kind", "state"))
        for (kind, state), count in sorted(self.read.effects.items()):
            effects.add_metric((kind, state), count)
        yield effects
        yield GaugeMetricFamily(
            "cos_oldest_waiting_effect_seconds",
            "Age of the oldest effect that waits.",
            value=self.read.oldest_waiting_s,
        )
        clocks = GaugeMetricFamily("cos_clocks", "Deadlines: overdue, today, soon (two days).", labels=("when",))
        for when, count in self.read.clocks.items():
            clocks.add_metric((when,), count)
        yield clocks
        yield GaugeMetricFamily("cos_workers", "Workers that give signs of life.", value=self.read.workers)


class Metrics:
    """One process's page."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self._token, self._is_local = settings.metrics_token, settings.local
        self._desk, self._of_desk, self._read_at = desk, _Desk(), float("-inf")
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (self._of_desk, GRAPH_ANSWERS, REFUSED):
            self._registry.register(collector)

    async def page(self, request: web.Request) -> web.Response:
        """The figures; 404 to whoever has no token, except in local mode, which is for this machine alone."""
        if not self._is_local and not self._has_token(request):
            return web.Response(status=404)
        if time.monotonic() - self._read_at > KEPT_S:
            self._of_desk.read = await self._desk.look(measures)
            self._read_at = time.monotonic()
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _has_token(self, request: web.Request) -> bool:
        given, wanted = request.headers.get("Authorization", ""), f"Bearer {self._token}"
        return bool(self._token) and hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
