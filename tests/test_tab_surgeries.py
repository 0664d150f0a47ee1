"""The tab's page of surgeries: booked, moved and given back by plain forms, and by nobody else's."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select

from bot.tab.routes import COOKIE
from casework import tables
from casework.booking import open_bookings
from communities.calendars import at_london
from communities.continuum import OTHER
from communities.directory import Directory, Role
from tests.conftest import Bench
from tests.test_record import home
from tests.test_surgeries import AT, published, sencos, states
from tests.test_tab import Site, pages_record, sign_in_of, site

__all__ = ["pages_record", "site"]


@pytest.fixture
def adviser(directory: Directory) -> str:
    return directory.people_with(Role.SEN_IA, home(directory))[0].mail


async def send(site: Site, mail: str, *, key: str | None = None, **form: Any) -> tuple[int, str]:
    """A form sent by that person's browser, and the page it leads to."""
    sign_in = sign_in_of(dict)
    session = sign_in.session_for(mail.casefold(), site.bench.clock.now())
    data = {"key": sign_in.form_key(session) if key is None else key, **form}
    async with site.session.post(f"{site.url}/tab/surgeries", data=data, cookies={COOKIE: session}) as response:
        return response.status, await response.text()


def held(bench: Bench, mail: str) -> list[tuple[str, int | None]]:
    with bench.desk.work() as work:
        return [(b.surgery_id, b.slot) for b in open_bookings(work, mail)]


async def test_a_slot_is_booked_moved_and_given_back(site: Site, directory: Directory, adviser: str) -> None:
    surgery_id, (mail, _) = published(site.bench, adviser), sencos(directory, 1)[0]
    status, html, _ = await site.look("/tab/surgeries", mail.casefold())
    assert status == 200
    assert "Thursday 12 November, 14:00 to 14:40" in html
    assert "(your link adviser)" in html
    status, html = await send(site, mail, do="book", slot=f"{surgery_id}/2", theme=OTHER, note="Lunchtimes are loud")
    assert (status, held(site.bench, mail)) == (200, [(surgery_id, 2)])
    assert "The slot is booked." in html
    assert "Lunchtimes" not in html
    with site.bench.desk.work() as work:
        booking = work.conn.execute(select(tables.bookings.c.id)).scalar_one()
    await send(site, mail, do="move", booking_id=booking, to=f"{surgery_id}/1")
    assert held(site.bench, mail) == [(surgery_id, 1)]
    status, html = await send(site, mail, do="cancel", booking_id=booking)
    assert "The booking is cancelled." in html
    assert held(site.bench, mail) == []


async def test_what_is_refused_is_said_on_the_page_and_what_was_written_stays(
    site: Site, directory: Directory, adviser: str
) -> None:
    surgery_id, (mail, _) = published(site.bench, adviser), sencos(directory, 1)[0]
    status, html = await send(site, mail, do="book", slot=f"{surgery_id}/2", theme=OTHER, note="A boy called Amir <b>")
    assert status == 200
    assert "seems to name a child" in html
    assert "A boy called Amir &lt;b&gt;</textarea>" in html
    assert states(site.bench, surgery_id) == []
    for form in ({"do": "book", "slot": "x"}, {"do": "fly"}, {"do": "cancel", "booking_id": "7"}, {}):
        status, html = await send(site, mail, **form)
        assert (status, 'role="alert"' in html) == (200, True), form


async def test_a_full_session_is_waited_for(site: Site, directory: Directory, adviser: str) -> None:
    surgery_id, people = published(site.bench, adviser, slots=1), sencos(directory, 2)
    await send(site, people[0][0], do="book", slot=f"{surgery_id}/1", theme=OTHER)
    _, html, _ = await site.look("/tab/surgeries", people[1][0].casefold())
    assert "full: wait for a slot" in html
    _, html = await send(site, people[1][0], do="book", slot=f"{surgery_id}/0", theme=OTHER)
    assert "You are on the waiting list." in html


async def test_a_form_another_site_made_the_browser_send_does_nothing(
    site: Site, directory: Directory, adviser: str
) -> None:
    surgery_id, people = published(site.bench, adviser), sencos(directory, 2)
    stolen = sign_in_of(dict).form_key(sign_in_of(dict).session_for(people[1][0], site.bench.clock.now()))
    for key in ("", "x", "ü", stolen):
        status, _ = await send(site, people[0][0], key=key, do="book", slot=f"{surgery_id}/1", theme=OTHER)
        assert status == 403
    status, _ = await send(site, people[0][0], do="book", slot=f"{surgery_id}/1", note="x" * 20_000)
    assert status == 413
    assert states(site.bench, surgery_id) == []


async def test_mails_are_stopped_on_the_page(site: Site, directory: Directory, adviser: str) -> None:
    published(site.bench, adviser, at=at_london(date(2026, 11, 13), time(9, 0)))
    mail = sencos(directory, 1)[0][0]
    _, html = await send(site, mail, do="stop")
    assert "Send me the mails about surgeries again" in html
    _, html = await send(site, mail, do="resume")
    assert "Send me no mails about surgeries" in html
    assert site.bench.clock.now() < AT
