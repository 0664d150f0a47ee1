"""Traces across processes: what asks for something writes down where it was asked, what does it goes on from there.

OpenTelemetry's API alone; without the SDK (`service/telemetry`) nothing is recorded and hardly anything spent. A span
carries kinds and ids, never what people wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_W3C = TraceContextTextMapPropagator()
HEADER, SCOPE = "traceparent", "cos-desk"


def where() -> str:
    """The present span as W3C writes it; '' where none is recorded."""
    if not trace.get_current_span().get_span_context().is_valid:
        return ""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get(HEADER, "")


@contextmanager
def span(
    name: str, going_on_from: str = "", *, kind: SpanKind = SpanKind.INTERNAL, **said: str | int
) -> Iterator[Span]:
    """A span of that name, going on from where it was asked for."""
    context = _W3C.extract({HEADER: going_on_from}) if going_on_from else None
    tracer = trace.get_tracer(SCOPE)
    with tracer.start_as_current_span(
        name, context=context, kind=kind, attributes=said, record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield opened
        except Exception as error:
            opened.set_attribute("error.type", type(error).__name__)  # its text may name people
            raise
