"""Word documents: readable by everybody, made from templates a clerk may change, and nothing people typed ever runs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from importlib.resources import files

import pytest
from docx import Document
from openpyxl import load_workbook

from communities.budget import BudgetSummary
from communities.directory import CommunityName
from communities.principles import PRINCIPLES
from papers.agenda import render_agenda
from papers.balance_workbook import LedgerRow, write_balance
from papers.charts import PictureOrWords, counts_chart, spending_chart, whole_ticks
from papers.reports import Drawing, render_report
from papers.word import Picture, TemplateBroken, template
from tests.sample_papers import DAY, DOCUMENTS, TIME, a_report, an_agenda
from tests.word_check import accessibility_problems, text_of

FORMULA = '=HYPERLINK("http://x.example","call me")'
NASTY = "a < b & {{ 7 * 7 }} {% for x in y %} \x0b " + FORMULA


def test_every_template_has_its_document() -> None:
    names = {f.name for f in (files("manifests") / "templates").iterdir()}
    assert {d.partition(" ")[0] for d in DOCUMENTS} == names


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_can_be_read_by_everybody(name: str) -> None:
    assert list(accessibility_problems(DOCUMENTS[name]("A text"))) == []


def test_what_would_keep_somebody_from_reading_is_found() -> None:
    document = Document()
    document.add_heading("Second", 2)
    document.add_table(rows=2, cols=2)
    out = io.BytesIO()
    document.save(out)
    said = "; ".join(accessibility_problems(out.getvalue()))
    for part in ("one of level 1", "table 1 has no header row", "no description", "en-US"):
        assert part in said


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_people_typed_stays_text(name: str) -> None:
    content = DOCUMENTS[name](NASTY)
    text = text_of(content)
    assert "a < b & {{ 7 * 7 }} {% for x in y %}" in text
    assert FORMULA in text
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert "w:fldChar" not in xml
    assert "w:instrText" not in xml


def test_the_agenda_says_its_items_requests_balance_actions_and_what_came_before() -> None:
    text = text_of(DOCUMENTS["agenda.docx"]("Quiet corner"))
    for part in (
        "Communities of Schools Meeting Agenda", "ABC", "Welcome, introductions and register of attendance", "13:30",
        "Finance updates, with review of the balance sheet", "15:15", "R-2026-0001", "Quiet corner", "£2,400",
        "£52,308", "R-2026-0000", "Clerk to forward approved", "Share the sensory audit", "Visit to the library",
    ):  # fmt: skip
        assert part in text


def test_the_agenda_names_the_previous_minutes_in_words_that_lead_there() -> None:
    document = Document(io.BytesIO(DOCUMENTS["agenda.docx"]("Quiet corner")))
    [paragraph] = [p for p in document.paragraphs if p.text.startswith("Minutes of the previous meeting: ")]
    [link] = paragraph.hyperlinks
    assert (link.text, link.address) == (DAY, "https://kent.example/minutes")


def test_the_first_agenda_says_the_principles_and_its_own_items() -> None:
    text = text_of(DOCUMENTS["agenda-first.docx"]("x"))
    assert text.splitlines()[0] == "Communities of Schools Meeting Agenda"
    assert "Terms of reference" in text
    assert all(p in text for p in PRINCIPLES)


def test_an_agenda_without_requests_or_budget_says_so() -> None:
    empty = replace(an_agenda(), requests=(), previous=(), balance=(), minutes=None, matters=(), actions=())
    text = text_of(render_agenda(empty, template("agenda.docx")))
    assert "No requests were submitted" in text
    assert "has not been imported yet" in text
    assert "No decisions are recorded" in text
    assert "No actions are open" in text


def test_the_public_papers_name_no_pupil_and_the_restricted_ones_do() -> None:
    public, restricted = (text_of(DOCUMENTS[n]("x")) for n in ("papers-pack.docx", "papers-pack.docx (restricted)"))
    assert "Zebedee" not in public
    assert "Zebedee Quill, born 03/04/2015" in restricted
    assert "Restricted copy for the chair and the clerk" in restricted


def test_a_chart_says_in_words_what_it_shows() -> None:
    text = text_of(DOCUMENTS["community-report.docx"]("x"))
    assert "Responses: Financial contribution 7, Advice and guidance 3." in text
    assert "ABC: £2,400 approved, £49,908 left" in text


@pytest.mark.parametrize("name", ["agenda.docx", "agenda-first.docx", "minutes.docx", "papers-pack.docx"])
def test_date_and_time_stand_on_lines_of_their_own_where_no_column_breaks_them(name: str) -> None:
    lines = [p.text for p in Document(io.BytesIO(DOCUMENTS[name]("x"))).paragraphs]
    at = lines.index(f"Date: {DAY}")
    assert lines[at + 1] == f"Time: {TIME}"


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (partial(counts_chart, {"Autism": 1}, "slots"), "Slots: Autism 1."),
        (partial(counts_chart, {"Autism": 3}, "slots", on_a_card=True), "Slots: Autism 3."),
        (partial(counts_chart, {"EYFS": 4.5}, "mean of the ratings, 1 to 5", most=5),
         "Mean of the ratings, 1 to 5: EYFS 4.5."),
        (partial(spending_chart, [("ABC", 240_000, 4_990_850)]), "ABC: £2,400 approved, £49,908.50 left."),
    ],
)  # fmt: skip
def test_a_single_bar_is_said_in_words(draw: Callable[[], PictureOrWords], words: str) -> None:
    assert draw() == words
    report = replace(a_report(), charts=(Drawing(title="One thing", draw=draw),))
    for name in ("community-report.docx", "area-overview.docx"):
        document = Document(io.BytesIO(render_report(report, template(name))))
        lines = [p.text for p in document.paragraphs]
        assert lines[lines.index("One thing") + 1] == words
        assert not document.inline_shapes


def test_two_bars_are_drawn() -> None:
    two = counts_chart({"Autism": 1, "Anxiety": 2}, "slots")
    assert isinstance(two, Picture)
    assert two.alt == "Slots: Autism 1, Anxiety 2."
    assert isinstance(spending_chart([("ABC", 1, 2), ("Mid Kent 3", 3, 4)]), Picture)


def test_a_template_that_names_a_picture_that_is_not_there_prints_nothing() -> None:
    report = replace(a_report(), charts=(Drawing(title="One", draw=partial(counts_chart, {"A": 1}, "slots")),))
    own = own_template("{%p for c in charts %}", "{{ c.title }}{{ c.image }}", "{%p endfor %}")
    assert text_of(render_report(report, own)).strip() == "One"


def own_template(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_clerk_may_bring_a_template_of_their_own() -> None:
    text = text_of(render_agenda(an_agenda(), own_template("Agenda of {{ community }}", "{{ requests[0].number }}")))
    assert text.splitlines() == ["Agenda of ABC", "R-2026-0001"]


@pytest.mark.parametrize(
    ("paragraph", "said"),
    [
        ("{{ comunity }}", "The tag 'comunity' is unknown. Did you mean 'community'?"),
        ("{{ weather }}", "The tag 'weather' is unknown. Known tags: community, date,"),
        ("{% for r in requests %}", "A tag in it is written wrongly"),
        ("{{ community", "A tag in it is written wrongly"),
        ("{{ ''.__class__.__mro__ }}", "is not allowed"),
        ("{{ 1 / 0 }}", "cannot be carried out (ZeroDivisionError)"),
    ],
)
def test_a_broken_template_says_which_tag_is_wrong(paragraph: str, said: str) -> None:
    with pytest.raises(TemplateBroken) as error:
        render_agenda(an_agenda(), own_template(paragraph))
    assert said in str(error.value)


@pytest.mark.parametrize("content", [b"no document", b"PK\x03\x04", b"x" * 5_000_001])
def test_what_is_no_template_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(TemplateBroken):
        render_agenda(an_agenda(), content)


def test_the_balance_workbook_has_live_formulas_and_text_stays_text() -> None:
    summary = BudgetSummary(
        community=CommunityName("ABC"), academic_year="2025-26", before_top_slices_pence=33_220_300,
        stls_top_slice_pence=-3_620_300, chair_and_clerking_pence=-476_400, protected_payments_pence=23_892_800,
        agreed_payments_pence=0, schools=(),
    )  # fmt: skip
    row = LedgerRow(
        at=datetime(2026, 11, 5, tzinfo=UTC), kind="Commitment", request="R-2026-0001", school=FORMULA,
        amount_pence=-240_000, counts_on=date(2026, 4, 1),
    )  # fmt: skip
    book = load_workbook(io.BytesIO(write_balance(summary, [row], [])))
    sheet, ledger = book["Balance sheet"], book["Ledger"]
    assert (sheet["B4"].value, sheet["B7"].value, sheet["B17"].value) == (332203, "=SUM(B4:B6)", "=SUM(B10:B16)")
    assert (sheet["C17"].value, sheet["D17"].value) == ("=SUM(C10:C16)", "=B17-C17")
    assert sheet["C10"].value == "=ROUND(B10*7/12,2)"
    assert sheet["C11"].value == '=SUMIFS(Ledger!E:E,Ledger!B:B,"Commitment",Ledger!F:F,"<"&DATE(2026,4,1))'
    assert (ledger["D2"].value, ledger["D2"].data_type) == (FORMULA, "s")
    assert ledger["E2"].value == -2400


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_made_twice_is_the_same_bytes_whatever_the_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = DOCUMENTS[name]("text")
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 2, 3, 4, 5, 6, 0, 34, 0))
    again = DOCUMENTS[name]("text")
    assert first == again
    with zipfile.ZipFile(io.BytesIO(again)) as archive:
        assert archive.testzip() is None
        assert {m.date_time for m in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("most", "ticks"), [(1, [0, 1]), (7, [0, 2, 4, 6]), (12, [0, 5, 10]), (100, [0, 20, 40, 60, 80, 100])]
)
def test_a_chart_counts_in_steps_people_count_in(most: int, ticks: list[int]) -> None:
    assert whole_ticks(most) == ticks
