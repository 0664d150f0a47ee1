"""What operations see: a trace from a notification to the last effect, figures by state and age, nothing personal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from casework.measures import measures
from casework.tracing import span, where
from communities.directory import Directory
from graph_sync.intake import RESPONSES_LIST
from graph_sync.subscriptions import keep_subscriptions, known_subscriptions
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from service.telemetry import OwnSpans
from service.web import make_app
from tests.conftest import START, World
from tests.ports import free_port
from tests.test_stuck import LETTER, make_stuck
from tests.test_sync import to_the_meeting

EXPORTER = InMemorySpanExporter()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    """Our spans, kept in memory; the provider is the process's own and is set once."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider()
        provider.add_span_processor(OwnSpans(SimpleSpanProcessor(EXPORTER)))
        trace.set_tracer_provider(provider)
    EXPORTER.clear()
    return EXPORTER


async def test_one_trace_goes_from_the_notification_to_the_last_effect(
    world: World, spans: InMemorySpanExporter
) -> None:
    form = SampleForm(AUTUMN)
    await keep_subscriptions(world.desk, world.office.graph, world.office.settings.public_url, set())
    world.puller.known = await known_subscriptions(world.desk)
    subscription, known = next((i, k) for i, k in world.puller.known.items() if k.source.startswith("responses"))
    await world.hand.add_items(RESPONSES_LIST, FLOW, form.items(form.due(START.replace(year=2027)))[:1])
    spans.clear()
    body = {"value": [{"subscriptionId": subscription, "clientState": known.client_state}]}
    async with ClientSession() as session:
        url = f"{world.office.settings.public_url}/graph/notifications"
        async with session.post(url, json=body) as response:
            assert response.status == 202
    asked_from = world.puller._asked_from[known.source]
    with span("pull", asked_from):
        await world.office.pull()
    await world.carry_out()
    found = spans.get_finished_spans()
    [pulled] = {s.context.trace_id for s in found if s.name == "pull"}
    whole = {s.name for s in found if s.context.trace_id == pulled}
    assert {"notification", "pull", "effect mail.receipt", "effect list.write"} <= whole


async def test_a_span_carries_no_name_mail_or_text(
    world: World, spans: InMemorySpanExporter, directory: Directory
) -> None:
    await to_the_meeting(world)
    said = " ".join(_said(s) for s in spans.get_finished_spans())
    assert "effect " in said
    names = (
        {p.name for p in directory.people} | {p.mail for p in directory.people} | {s.name for s in directory.schools}
    )
    assert [n for n in names if n in said] == []


def _said(span_: ReadableSpan) -> str:
    events = " ".join(str(dict(e.attributes or {})) for e in span_.events)
    return f"{span_.name} {dict(span_.attributes or {})} {events} {span_.status.description or ''}"


def test_an_error_is_told_by_its_kind_alone(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Zebedee"), span("x"):
        raise ValueError("Zebedee Quill")
    [told] = spans.get_finished_spans()
    assert "Zebedee" not in _said(told)
    assert (told.attributes or {})["error.type"] == "ValueError"


def test_spans_of_the_sdks_do_not_leave(spans: InMemorySpanExporter) -> None:
    with trace.get_tracer("kiota").start_as_current_span("GET /users/sam@school.example"):
        assert where()
    assert spans.get_finished_spans() == ()


async def test_the_figures_say_what_is_not_settled_and_how_old_it_is(world: World) -> None:
    await to_the_meeting(world)
    await world.desk.run("test", make_stuck, LETTER)
    await world.desk.run("test", lambda work: work.effect("mail.letter", "R-2026-0001#9"))
    await world.set_clock(world.clock.now() + timedelta(minutes=10))
    read = await world.desk.look(measures)
    assert read.effects["mail.letter", "stuck"] == 1
    assert read.effects["mail.letter", "waiting"] == 1
    assert read.oldest_waiting_s == 600
    assert set(read.clocks) == {"overdue", "today", "soon"}


async def test_the_page_has_the_figures_and_nobodys_name(world: World) -> None:
    await to_the_meeting(world)
    runner = web.AppRunner(make_app(world.office, works=False))
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with ClientSession() as session:
        url = f"http://127.0.0.1:{port}/metrics"
        async with session.get(url) as response:
            text = await response.text()
        for said in ("cos_oldest_waiting_effect_seconds", 'cos_clocks{when="overdue"}', "cos_workers",
                     'cos_graph_answers_total{resource="sharepoint",status="200"}'):  # fmt: skip
            assert said in text, said
        assert "@" not in text
        async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
            assert (response.status, await response.json()) == (200, {"status": "ready"})
    await runner.cleanup()
