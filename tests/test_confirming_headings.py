"""Which heading is which question is confirmed at the tab or the console, by clerks and administrators."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.tab.routes import COOKIE
from casework import tables
from casework.desk import Work
from casework.form_headings import confirmed_headings, note_headings, to_read_again
from communities.directory import Directory
from forms_ingest.columns import load_mapping
from forms_ingest.request_for_support import FORM
from service.record import opened
from service.settings import Settings
from tests.conftest import Bench
from tests.console import cos
from tests.test_chat import senco
from tests.test_moves import clerk
from tests.test_record import chair
from tests.test_stuck import administrator
from tests.test_tab import Site, pages_record, sign_in_of, site

__all__ = ["pages_record", "site"]
MAPPING = load_mapping(FORM)
OUTCOMES = "Expected outcomes (200 words max)"
OTHER = "What you hope for"
LONG = f"{'A question with very many words in it, ' * 4}?"


def unclear(work: Work) -> None:
    """The workbook's heading of the outcomes is nobody's, and two more are not as the form prints them."""
    other = {"outcomes": OTHER, "ehcp": "Pupils with an EHCP"}
    header = [other.get(field, said[0]) for field, said in MAPPING.questions.titles.items()]
    found = MAPPING.questions.locate([*header, LONG])
    note_headings(work, FORM, "workbook", found, title=MAPPING.title, where="R.xlsx", questions=MAPPING.questions)


async def press(site: Site, mail: str, **form: str) -> tuple[int, str]:
    """Send the page's form; the status and the page as people read it."""
    session = sign_in_of(dict).session_for(mail.casefold(), site.bench.clock.now())
    form = {"key": sign_in_of(dict).form_key(session), "form": FORM, **form}
    async with site.session.post(f"{site.url}/tab/headings", data=form, cookies={COOKIE: session}) as response:
        return response.status, html.unescape(await response.text())


def confirmed(bench: Bench) -> dict[str, str]:
    with bench.desk.work() as work:
        return confirmed_headings(work, FORM)


async def test_a_clerk_says_at_the_tab_which_question_a_heading_is(site: Site, directory: Directory) -> None:
    with site.bench.desk.work() as work:
        unclear(work)
    status, page, _ = await site.look("/tab/headings", clerk(directory).casefold())
    page = html.unescape(page)
    assert status == 200
    assert "We cannot read new responses from ‘R.xlsx’ yet." in page
    assert f"There is no column for '{OUTCOMES}'." in page
    assert "We read the heading 'Pupils with an EHCP' as 'Number of pupils with an EHCP'." in page
    _, page = await press(site, clerk(directory), heading=OTHER, question="")
    assert "Choose the question this heading asks" in page
    status, page = await press(site, clerk(directory), heading=OTHER, question="outcomes")
    assert (status, "We will read every response again" in page) == (200, True)
    assert f"‘{OTHER}’ is ‘{OUTCOMES}’" in page
    await press(site, administrator(directory), heading=LONG[:119] + "…", question="none")
    assert sorted(confirmed(site.bench).values()) == ["", "outcomes"]
    with site.bench.desk.work() as work:
        assert to_read_again(work, "workbook") == {FORM}
        assert set(work.conn.execute(select(tables.wanted.c.what)).scalars()) == {"workbook", "responses"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_nobody_else_sees_or_confirms_a_heading(site: Site, directory: Directory) -> None:
    with site.bench.desk.work() as work:
        unclear(work)
    for mail in (chair(directory), senco(directory)):
        status, page, _ = await site.look("/tab/headings", mail.casefold())
        assert (status, OTHER in page) == (403, False)
        assert (await press(site, mail, heading=OTHER, question="outcomes"))[0] == 403
        _, page, _ = await site.look("/tab", mail.casefold())
        assert "/tab/headings" not in page
    _, page, _ = await site.look("/tab", clerk(directory).casefold())
    assert "/tab/headings" in page
    assert confirmed(site.bench) == {}


def test_the_console_lists_and_confirms_headings(tmp_path: Path) -> None:
    with opened(Settings(local=True, data_dir=tmp_path / ".cos", database_url="")) as desk, desk.work("test") as work:
        unclear(work)
    listed = cos("headings", "list", folder=tmp_path)
    assert listed.returncode == 1
    assert "NOT READ until the headings are clear" in listed.stdout
    assert OTHER in listed.stdout
    wrong = cos("headings", "confirm", "Nothing", "--question", OUTCOMES, folder=tmp_path)
    assert (wrong.returncode, "There is no heading 'Nothing' in 'R.xlsx'." in wrong.stderr) == (1, True)
    assert cos("headings", "confirm", OTHER, folder=tmp_path).returncode == 2
    done = cos("headings", "confirm", OTHER.upper(), "--question", "expected outcomes (200 words max)", folder=tmp_path)
    assert (done.returncode, f"The heading '{OTHER}' is '{OUTCOMES}'." in done.stdout) == (0, True), done.stderr
    none = cos("headings", "confirm", "Pupils with an EHCP", "--none", folder=tmp_path)
    assert "is not one of the form's questions" in none.stdout
    assert OTHER in cos("headings", "list", folder=tmp_path).stdout
