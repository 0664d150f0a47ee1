"""Word documents: headings, header rows, language, and nothing of what people typed ever runs."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
from docx import Document
from openpyxl import load_workbook

from communities.budget import BudgetSummary
from communities.directory import CommunityName
from communities.meetings import agenda_items
from papers.agenda import AgendaPaper, AgendaRequest, BalanceLine, PreviousDecision, render_agenda
from papers.balance_workbook import LedgerRow, write_balance
from papers.request_form import FormSection, RequestForm, render_request_form

FORMULA = '=HYPERLINK("http://x.example","call me")'
NASTY = "a < b & {{ 7 * 7 }} {% for x in y %} \x0b " + FORMULA


def an_agenda(solution: str = "Quiet corner") -> AgendaPaper:
    request = AgendaRequest(
        number="R-2026-0001", school="Abbey School, The", support="Financial contribution", requested="£2,400",
        pupils="2 on SEN Support, 1 with an EHCP, 0 looked after", key_stages="KS2", solution=solution,
        outcomes="Calm", funding_use="An assistant", already_supported="Groups",
    )  # fmt: skip
    return AgendaPaper(
        community="ABC", date="Thursday 5 November 2026", time="13:30 to 15:30", venue="Microsoft Teams",
        items=agenda_items(datetime(2026, 11, 5, 13, 30, tzinfo=UTC)), requests=(request,),
        previous=(
            PreviousDecision(number="R-2026-0000", school="B", decision="Advice", since="Forwarded", review="–"),
        ),
        academic_year="2025-26", financial_years=("2025-26", "2026-27"),
        balance=(BalanceLine(label="Balance", year="£52,308", first="£30,513", second="£21,795"),),
    )  # fmt: skip


def a_form(answer: str = "x") -> RequestForm:
    rows = (("Request ID", "R-2026-0001"), ("Solution required", answer))
    return RequestForm(number="R-2026-0001", school="Abbey", sections=(FormSection(title="School section", rows=rows),))


def text_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_the_agenda_says_its_six_items_requests_balance_and_previous_decisions() -> None:
    text = text_of(render_agenda(an_agenda()))
    for part in (
        "Communities of Schools Meeting Agenda", "ABC", "Welcome, introductions and register of attendance", "13:30",
        "Finance updates, with review of the balance sheet", "15:15", "R-2026-0001", "Quiet corner", "£2,400",
        "£52,308", "R-2026-0000", "Clerk to forward approved",
    ):  # fmt: skip
        assert part in text


def test_an_agenda_without_requests_or_budget_says_so() -> None:
    paper = an_agenda()
    empty = AgendaPaper(
        community=paper.community, date=paper.date, time=paper.time, venue=paper.venue, items=paper.items, requests=(),
        previous=(), academic_year=paper.academic_year, financial_years=paper.financial_years, balance=(),
    )  # fmt: skip
    text = text_of(render_agenda(empty))
    assert "No requests were submitted" in text
    assert "has not been imported yet" in text
    assert "No decisions or actions are recorded" in text


@pytest.mark.parametrize(
    "render", [lambda: render_agenda(an_agenda(NASTY)), lambda: render_request_form(a_form(NASTY))]
)
def test_what_people_typed_stays_text(render: object) -> None:
    assert callable(render)
    content = render()
    text = text_of(content)
    assert "a < b & {{ 7 * 7 }} {% for x in y %}" in text
    assert FORMULA in text
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert "w:fldChar" not in xml
    assert "w:instrText" not in xml


@pytest.mark.parametrize("content", [render_agenda(an_agenda()), render_request_form(a_form())], ids=["agenda", "form"])
def test_documents_can_be_read_by_everybody(content: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(content))
    xml, styles = archive.read("word/document.xml").decode(), archive.read("word/styles.xml").decode()
    tables = re.findall(r"<w:tbl>.*?</w:tbl>", xml, re.DOTALL)
    described = [t for t in tables if "w:tblDescription" in t]
    assert described
    assert all("w:tblHeader" in t for t in described)
    assert 'w:pStyle w:val="Heading1"' in xml
    assert 'w:pStyle w:val="Heading2"' in xml
    assert set(re.findall(r'<w:lang w:val="([^"]+)"', styles)) <= {"en-GB"}
    assert "<dc:title>" in archive.read("docProps/core.xml").decode()


def test_the_balance_workbook_has_live_formulas_and_text_stays_text() -> None:
    summary = BudgetSummary(
        community=CommunityName("ABC"), academic_year="2025-26", before_top_slices_pence=33_220_300,
        stls_top_slice_pence=-3_620_300, chair_and_clerking_pence=-476_400, protected_payments_pence=23_892_800,
        agreed_payments_pence=0, schools=(),
    )  # fmt: skip
    row = LedgerRow(
        at=datetime(2026, 11, 5, tzinfo=UTC), kind="Commitment", request="R-2026-0001", school=FORMULA,
        amount_pence=-240_000,
    )  # fmt: skip
    book = load_workbook(io.BytesIO(write_balance(summary, [row])))
    sheet, ledger = book["Balance sheet"], book["Ledger"]
    assert (sheet["B4"].value, sheet["B7"].value, sheet["B13"].value) == (332203, "=SUM(B4:B6)", "=SUM(B10:B12)")
    assert (sheet["C13"].value, sheet["D13"].value) == ("=ROUND(B13*7/12,2)", "=B13-C13")
    assert (ledger["D2"].value, ledger["D2"].data_type) == (FORMULA, "s")
    assert ledger["E2"].value == -2400
