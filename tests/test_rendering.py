"""Every document drawn by LibreOffice: each opens, each page holds something, formulas come to the ledger's sums.

The pages are left as PNG in `rendered/`, to be looked at.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from communities.budget import TOTAL_FUNDING, BudgetSummary, LedgerLine, LineKind, SchoolLine
from communities.directory import CommunityName
from communities.financial_years import positions_of
from papers.balance_workbook import LedgerRow, write_balance
from tests.left_out import RENDERERS
from tests.sample_papers import DOCUMENTS
from tests.test_budget import allocation

LEFT = Path(__file__).parent.parent / "rendered"
PAID, AFTER = date(2025, 12, 1), date(2026, 4, 1)
MOVEMENTS = (
    (LineKind.COMMITMENT, -240_000, PAID),
    (LineKind.MODERATION, 10_001, PAID),
    (LineKind.SETTLED, 229_999, PAID),
    (LineKind.PAYMENT, -229_950, PAID),
    (LineKind.RETURN, 5_000, AFTER),
    (LineKind.TRANSFER, -100_000, date(2026, 3, 31)),
    (LineKind.CORRECTION, 333, AFTER),
)
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, RENDERERS)), reason="LibreOffice or pdftoppm is not installed"
)


def a_summary() -> BudgetSummary:
    return BudgetSummary(
        community=CommunityName("ABC"), academic_year="2025-26", before_top_slices_pence=33_220_300,
        stls_top_slice_pence=-3_620_300, chair_and_clerking_pence=-476_400, protected_payments_pence=23_892_800,
        agreed_payments_pence=0, schools=(),
    )  # fmt: skip


def a_balance_sheet() -> bytes:
    rows = [
        LedgerRow(at=datetime(2026, 11, 5, tzinfo=UTC), kind=kind, request="R-2026-0001", school="Abbey School, The",
                  amount_pence=pence, counts_on=day)
        for kind, pence, day in MOVEMENTS
    ]  # fmt: skip
    schools = [SchoolLine(allocation=allocation("Abbey School, The", agreed_payments_pence=240_000, agreed_pupils=3))]
    return write_balance(a_summary(), rows, schools)


def convert(folder: Path, kind: str, files: list[Path]) -> None:
    """One run of LibreOffice with a profile of its own, so that nothing of the machine's gets in."""
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder / kind), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Each document's pages as PNG."""
    folder = tmp_path_factory.mktemp("rendered")
    made = {name.replace(" ", "-"): make for name, make in DOCUMENTS.items()}
    files = []
    for name, make in made.items():
        files.append(folder / f"{name.replace('.docx', '')}.docx")
        files[-1].write_bytes(make("A quiet corner at lunch & calmer afternoons"))
    files.append(folder / "balance-sheet.xlsx")
    files[-1].write_bytes(a_balance_sheet())
    convert(folder, "pdf", files)
    shutil.rmtree(LEFT, ignore_errors=True)
    LEFT.mkdir()
    found = {}
    for file in files:
        drawn = ["pdftoppm", "-r", "60", "-png", str(folder / "pdf" / f"{file.stem}.pdf"), str(LEFT / file.stem)]
        subprocess.run(drawn, check=True, capture_output=True, timeout=120)
        found[file.stem] = sorted(LEFT.glob(f"{file.stem}-[0-9]*.png"))
    return found


def test_every_document_is_drawn_and_no_page_is_empty(pages: dict[str, list[Path]]) -> None:
    assert len(pages) == len(DOCUMENTS) + 1
    for name, drawn in pages.items():
        assert 1 <= len(drawn) <= 4, f"{name} has {len(drawn)} pages"
        for page in drawn:
            assert page.stat().st_size > 4_000, f"{page.name} is as good as empty"


def test_the_balance_sheets_formulas_come_to_the_ledgers_balance(tmp_path: Path) -> None:
    written = tmp_path / "balance.xlsx"
    written.write_bytes(a_balance_sheet())
    convert(tmp_path, "ods", [written])
    book = CalamineWorkbook.from_path(tmp_path / "ods" / "balance.ods")
    rows = {str(r[0]): r[1:] for r in book.get_sheet_by_name("Balance sheet").to_python() if r[0]}
    opening = LedgerLine(kind=LineKind.OPENING, amount_pence=a_summary().balance_pence)
    moved = (LedgerLine(kind=k, amount_pence=p, counts_on=day) for k, p, day in MOVEMENTS)
    stands = positions_of([opening, *moved], a_summary().academic_year)
    printed = [round(float(str(cell)) * 100) for cell in rows["Balance"][:3]]
    assert printed == [stands.balance.pence, stands.balance.first_pence, stands.balance.second_pence]
    funding = round(float(str(rows[TOTAL_FUNDING][0])) * 100)
    assert funding == a_summary().total_funding_pence
    total = book.get_sheet_by_name("Schools").to_python()[-1]
    assert (total[1], total[9], total[10]) == ("Total", 2400.0, 3.0)
