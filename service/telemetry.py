"""Traces to a collector, where one is named in the environment as OpenTelemetry has it (`OTEL_EXPORTER_OTLP_ENDPOINT`).

Only our own spans go there: those of the SDKs carry addresses with people's mails in them.
"""

from __future__ import annotations

import os
from importlib.metadata import version

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from casework.tracing import SCOPE

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class OwnSpans(SpanProcessor):
    """Hands on the spans of this service alone."""

    def __init__(self, to: SpanProcessor) -> None:
        self._to = to

    def on_start(self, span: Span, parent_context: object = None) -> None:
        """Nothing to do before it ends."""

    def on_end(self, span: ReadableSpan) -> None:
        """Ours go on."""
        if span.instrumentation_scope is not None and span.instrumentation_scope.name == SCOPE:
            self._to.on_end(span)

    def shutdown(self) -> None:
        """Send what is left."""
        self._to.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is there."""
        return self._to.force_flush(timeout_millis)


def start_telemetry(worker: str) -> TracerProvider | None:
    """Record traces, where a collector is named; the caller shuts it down."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    about = {"service.name": "cos-desk", "service.version": version("cos-desk"), "service.instance.id": worker}
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(OwnSpans(BatchSpanProcessor(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    return provider
