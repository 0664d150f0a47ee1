"""One of each document, as full as they come: for the tests that read them and those that look at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from communities.meetings import Template, agenda_items
from papers.agenda import (
    ActionLine,
    AgendaPaper,
    AgendaRequest,
    BalanceLine,
    PreviousDecision,
    render_agenda,
)
from papers.charts import counts_chart, spending_chart
from papers.decision_letter import DecisionLetter, render_letter
from papers.minutes import MinutedDecision, MinutedItem, MinutesPaper, RegisterLine, render_minutes
from papers.pack import PapersPack, render_pack
from papers.reports import CommunityLine, Drawing, Report, render_report
from papers.request_form import FormSection, RequestForm, render_request_form
from papers.word import Link, template

DAY, TIME = "Thursday 5 November 2026", "13:30 to 15:30"
START = datetime(2026, 11, 5, 13, 30, tzinfo=UTC)
ACTION = ActionLine(
    number="A-2026-0001",
    what="Share the sensory audit",
    owner="Abbey School, The",
    due="4 December 2026",
    stands="Open",
)
DECISION = MinutedDecision(
    number="R-2026-0001", school="Abbey School, The", decision="Financial contribution: £2,000", made_by="Consensus",
    conditions="Report in March. Review: 1 February 2027.",
)  # fmt: skip


def a_request(text: str = "Quiet corner", names: str = "") -> AgendaRequest:
    return AgendaRequest(
        number="R-2026-0001", school="Abbey School, The", support="Financial contribution", requested="£2,400",
        pupils="2 on SEN Support, 1 with an EHCP, 0 looked after", key_stages="KS2", solution=text,
        outcomes="Calm", funding_use="An assistant", already_supported="Groups", names=names,
    )  # fmt: skip


def an_agenda(text: str = "Quiet corner", template: Template = Template.STANDARD) -> AgendaPaper:
    return AgendaPaper(
        community="ABC", date=DAY, time=TIME, venue="Microsoft Teams", items=agenda_items(START, template),
        requests=(a_request(text),),
        previous=(
            PreviousDecision(number="R-2026-0000", school="B", decision="Advice", since="Forwarded", review="–"),
        ),
        academic_year="2025-26", financial_years=("2025-26", "2026-27"),
        balance=(BalanceLine(label="Balance", year="£52,308", first="£30,513", second="£21,795"),),
        minutes_url="https://kent.example/minutes", minutes=Link(url="https://kent.example/minutes", words=DAY),
        matters=(f"Visit to the library: {text}",), actions=(ACTION,),
    )  # fmt: skip


def a_pack(text: str = "Quiet corner", *, is_restricted: bool) -> PapersPack:
    names = "Zebedee Quill, born 03/04/2015" if is_restricted else ""
    return PapersPack(
        community="ABC", date=DAY, time=TIME, is_restricted=is_restricted,
        requests=(a_request(text, names), a_request(text, names)),
    )  # fmt: skip


def minutes(text: str = "Welcomed everybody") -> MinutesPaper:
    items = tuple(MinutedItem(number=i.number, title=i.title, note=text) for i in agenda_items(START))
    return MinutesPaper(
        community="ABC", date=DAY, time=TIME, venue="Microsoft Teams",
        register=(RegisterLine(of="Chair", person="Isla York", mark="Present"),
                  RegisterLine(of="Abbey School, The", person="Sam Field", mark="Apologies")),
        items=items, decisions=(DECISION,), actions=(ACTION,), matters=("Visit to the library",),
    )  # fmt: skip


def a_letter(text: str = "Agreed") -> DecisionLetter:
    return DecisionLetter(
        number="R-2026-0001", school="Abbey School, The", community="ABC", chair="Isla York",
        submitted="Monday 5 October 2026", decided=DAY, made_by="by consensus",
        opening="The community has considered your request at its meeting and decided by consensus.",
        rows=(("Request response", "Financial contribution"), ("Support agreed", text)),
        next_steps=("Your form goes to the Area High Needs Funding Officer.", "KCC processes it within 30 days."),
    )  # fmt: skip


def a_form(text: str = "x") -> RequestForm:
    rows = (("Request ID", "R-2026-0001"), ("Solution required", text))
    return RequestForm(number="R-2026-0001", school="Abbey", sections=(FormSection(title="School section", rows=rows),))


def a_report(text: str = "ABC") -> Report:
    kinds = {"Financial contribution": 7, "Advice and guidance": 3}
    money = [("ABC", 240_000, 4_990_800), ("Mid Kent 3", 900_000, 1_000_000)]
    return Report(
        heading="Report to the Keeping in Touch (KiT) meeting", community=text,
        period="1 September to 30 November 2026", prepared_by="Ben Ward, clerk",
        figures=(("Requests decided", "10"), ("Approved", "£11,400")),
        charts=(
            Drawing(title="What was decided", draw=partial(counts_chart, kinds, "responses")),
            Drawing(title="Spending", draw=partial(spending_chart, money)),
        ),
        decisions=(DECISION,),
        communities=(CommunityLine(name="ABC", requests="4", decided="3", approved="£2,400", balance="£49,908"),),
        suggestions=("Health Navigator: more visits",), footer="Communities of Schools, ABC.",
    )  # fmt: skip


DOCUMENTS: Mapping[str, Callable[[str], bytes]] = {
    "agenda.docx": lambda text: render_agenda(an_agenda(text), template("agenda.docx")),
    "agenda-first.docx": lambda text: render_agenda(an_agenda(text, Template.FIRST), template("agenda-first.docx")),
    "papers-pack.docx": lambda text: render_pack(a_pack(text, is_restricted=False), template("papers-pack.docx")),
    "papers-pack.docx (restricted)": lambda text: render_pack(
        a_pack(text, is_restricted=True), template("papers-pack.docx")
    ),
    "minutes.docx": lambda text: render_minutes(minutes(text), template("minutes.docx")),
    "decision-letter.docx": lambda text: render_letter(a_letter(text), template("decision-letter.docx")),
    "request-form.docx": lambda text: render_request_form(a_form(text), template("request-form.docx")),
    "community-report.docx": lambda text: render_report(a_report(text), template("community-report.docx")),
    "area-overview.docx": lambda text: render_report(a_report(text), template("area-overview.docx")),
}
"""Each document of the product, with a text of somebody's in it."""
