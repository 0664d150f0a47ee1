"""What is stuck is seen: by mail and at the tab, with the reason and the ways out; by administrators alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.tab.routes import COOKIE
from casework import tables
from casework.desk import CONSOLE, Work
from casework.effect_words import WORDS
from casework.effects import HANDLERS
from casework.stuck import drop
from casework.sweep import sweep
from communities.directory import Directory, Role
from tests.conftest import Bench, World
from tests.test_record import chair, home
from tests.test_tab import Site, pages_record, sign_in_of, site

__all__ = ["pages_record", "site"]
LETTER = "mail.letter:R-2027-0001#1"


def make_stuck(work: Work, *effect_ids: str) -> None:
    for effect_id in effect_ids:
        kind, _, subject = effect_id.partition(":")
        work.effect(kind, subject)
        row = tables.effects.c.id == effect_id
        said = "Microsoft Graph answered 404: no such <mailbox>."
        work.conn.execute(update(tables.effects).where(row).values(state="stuck", problem=said))


def administrator(directory: Directory) -> str:
    return directory.people_with(Role.ADMINISTRATOR)[0].mail.casefold()


def test_every_kind_of_effect_has_words() -> None:
    assert {k for k in HANDLERS if not k.startswith("test.")} == set(WORDS)


def test_administrators_are_told_at_once_then_once_an_hour_and_never_twice_of_the_same(bench: Bench) -> None:
    def mails() -> int:
        return len(bench.effects("mail.stuck"))

    with bench.desk.work() as work:
        make_stuck(work, LETTER)
    sweep(bench.desk)
    assert mails() == 1
    with bench.desk.work() as work:
        make_stuck(work, "mail.letter:R-2027-0002#1")
    sweep(bench.desk)
    assert mails() == 1
    bench.clock.set(bench.clock.now() + timedelta(hours=1, minutes=1))
    sweep(bench.desk)
    assert mails() == 2
    bench.clock.set(bench.clock.now() + timedelta(hours=5))
    sweep(bench.desk)
    assert mails() == 2


def test_a_mail_about_what_is_stuck_that_is_stuck_itself_makes_no_other(bench: Bench) -> None:
    with bench.desk.work() as work:
        make_stuck(work, "mail.stuck:1")
    sweep(bench.desk)
    assert bench.effects("mail.stuck") == ["1"]


async def test_the_mail_names_what_why_and_what_to_do(world: World, directory: Directory) -> None:
    await world.desk.run("test", make_stuck, LETTER)
    await world.office.sweep()
    await world.carry_out()
    [mail] = [m for m in await world.hand.call("GET", "mails") if "stuck" in m["subject"]]
    assert mail["toRecipients"][0]["emailAddress"]["address"].casefold() == administrator(directory)
    for said in ("Mail the decision letter", LETTER, "404: no such &lt;mailbox&gt;.", "cos stuck list"):
        assert said in mail["body"]["content"], said


async def test_nothing_is_mailed_where_it_was_mended_meanwhile(world: World) -> None:
    await world.desk.run("test", make_stuck, LETTER)
    await world.office.sweep()
    await world.desk.run("test", drop, LETTER, "It was sent by hand.", CONSOLE)
    await world.carry_out()
    assert [m for m in await world.hand.call("GET", "mails") if "stuck" in m["subject"]] == []


async def press(site: Site, mail: str, *, key: str = "", **form: str) -> tuple[int, str]:
    """Send the page's form; the status and the page."""
    session = sign_in_of(dict).session_for(mail, site.bench.clock.now())
    form["key"] = key or sign_in_of(dict).form_key(session)
    async with site.session.post(f"{site.url}/tab/stuck", data=form, cookies={COOKIE: session}) as response:
        return response.status, await response.text()


def state(bench: Bench) -> str:
    with bench.desk.work() as work:
        return str(work.conn.execute(select(tables.effects.c.state).where(tables.effects.c.id == LETTER)).scalar())


async def test_an_administrator_sees_it_at_the_tab_and_tries_it_again(site: Site, directory: Directory) -> None:
    with site.bench.desk.work() as work:
        make_stuck(work, LETTER)
    status, html, _ = await site.look("/tab/stuck", administrator(directory))
    assert status == 200
    assert "Mail the decision letter" in html
    assert "no such &lt;mailbox&gt;" in html
    status, html = await press(site, administrator(directory), effect=LETTER, do="retry")
    assert (status, "It is begun again." in html, state(site.bench)) == (200, True, "waiting")
    assert site.bench.enqueued[-1] == LETTER


async def test_it_is_dropped_with_a_reason_only(site: Site, directory: Directory) -> None:
    with site.bench.desk.work() as work:
        make_stuck(work, LETTER)
    _, html = await press(site, administrator(directory), effect=LETTER, do="drop", reason=" ")
    assert "Say why it is dropped" in html
    _, html = await press(site, administrator(directory), effect=LETTER, do="drop", reason="Sent by hand.")
    assert (state(site.bench), "Nothing is stuck" in html) == ("dropped", True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_nobody_else_sees_or_presses_anything(site: Site, directory: Directory) -> None:
    with site.bench.desk.work() as work:
        make_stuck(work, LETTER)
    for mail in (chair(directory), directory.people_with(Role.CLERK, home(directory))[0].mail):
        status, html, _ = await site.look("/tab/stuck", mail.casefold())
        assert (status, LETTER in html) == (403, False)
        status, html = await press(site, mail.casefold(), effect=LETTER, do="retry")
        assert (status, LETTER in html) == (403, False)
        _, html, _ = await site.look("/tab", mail.casefold())
        assert "/tab/stuck" not in html
    assert (await press(site, administrator(directory), effect=LETTER, do="retry", key="forged"))[0] == 403
    assert (await press(site, administrator(directory), effect="x" * 300, do="retry"))[1].count(
        "There is no effect"
    ) == 1
    assert state(site.bench) == "stuck"
