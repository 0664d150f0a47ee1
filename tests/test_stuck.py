"""What is stuck is seen: by mail and at the tab, with the reason and the ways out; by administrators alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot.tab.routes import COOKIE
from casework import tables
from casework.desk import CONSOLE, Work
from casework.effect_words import WORDS
from casework.effects import DOUBT, HANDLERS, is_overtaken
from casework.errors import InputRefused, NotAllowed
from casework.stuck import drop, retry_all
from casework.stuck_mail import stuck_letter, stuck_lines
from casework.sweep import sweep
from communities.directory import Directory, Role
from graph_sync.graph import FULL
from service import stuck_cli
from tests.conftest import Bench, World
from tests.test_record import chair, home, set_up
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


def stuck_three(bench: Bench, directory: Directory) -> str:
    """An agenda without room, a letter, and a post that may have arrived; the agenda's effect."""
    set_up(bench, directory)
    agenda = f"agenda.upload:{home(directory)} 2026-27 T2"
    with bench.desk.work() as work:
        make_stuck(work, agenda, LETTER, "post.decision:R-2027-0001#1")
        for effect_id, said in ((agenda, FULL), ("post.decision:R-2027-0001#1", f"It broke, and {DOUBT} it arrived.")):
            row = tables.effects.c.id == effect_id
            work.conn.execute(update(tables.effects).where(row).values(problem=said))
    return agenda


@pytest.mark.parametrize(
    ("which", "begun", "in_doubt"),
    [({}, 2, 1), ({"kind": "mail.letter"}, 1, 0), ({"reason": "storage of the sharepoint"}, 1, 0),
     ({"kind": "post.decision"}, 0, 1)],
)  # fmt: skip
def test_everything_or_all_of_a_kind_or_a_reason_is_begun_again_and_no_post_in_doubt(
    bench: Bench, directory: Directory, which: dict[str, str], begun: int, in_doubt: int
) -> None:
    stuck_three(bench, directory)
    with bench.desk.work() as work:
        found = retry_all(work, CONSOLE, **which)
        assert (found.begun, found.in_doubt, len(stuck_lines(work))) == (begun, in_doubt, 3 - begun)


def test_nothing_of_the_sort_and_nobody_else(bench: Bench, directory: Directory) -> None:
    stuck_three(bench, directory)
    with bench.desk.work() as work:
        with pytest.raises(InputRefused, match="Nothing of the sort is stuck"):
            retry_all(work, CONSOLE, kind="mail.told")
        with pytest.raises(NotAllowed):
            retry_all(work, chair(directory))


def test_what_is_stuck_has_words_people_know_and_one_reason_stands_once(bench: Bench, directory: Directory) -> None:
    stuck_three(bench, directory)
    with bench.desk.work() as work:
        make_stuck(work, f"pack.upload:{home(directory)} 2026-27 T2")
        work.conn.execute(update(tables.effects).where(tables.effects.c.kind == "pack.upload").values(problem=FULL))
        lines = stuck_lines(work)
    agenda, pack = f"agenda of 5 November, {home(directory)}", f"papers pack of 5 November, {home(directory)}"
    assert f"File the agenda in the library: {agenda}" in [line.what for line in lines]
    said = stuck_letter(lines).html
    assert said.count("The storage of the SharePoint site is full") == 1
    assert said.index("The storage of") < said.index(agenda) < said.index(pack)
    assert "not sure that a post arrived" in said
    assert "post" not in stuck_letter([x for x in lines if "post" not in x.id]).html


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (("--all",), 0, "2 tasks are begun again. 1 post may have arrived: look in the channel"),
        (("--kind", "mail.letter"), 0, "1 task is begun again."),
        (("--reason", "is full"), 0, "1 task is begun again."),
        ((LETTER, "--all"), 2, "Give one effect, or one of --all, --kind and --reason."),
        ((), 2, "Give one effect, or one of --all, --kind and --reason."),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_console_begins_all_of_them_again(
    bench: Bench, directory: Directory, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], status: int, said: str
) -> None:
    stuck_three(bench, directory)
    monkeypatch.setattr(stuck_cli, "record", bench.desk.work)
    done = CliRunner().invoke(stuck_cli.stuck_app, ["retry", *given], env={"COLUMNS": "200"})
    assert (done.exit_code, said in f"{done.stdout}{done.stderr}") == (status, True), done.output


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


async def test_an_administrator_tries_all_of_them_again(site: Site, directory: Directory) -> None:
    agenda = stuck_three(site.bench, directory)
    status, html = await press(site, administrator(directory), do="retry-all")
    assert (status, "They are begun again" in html, html.count("Drop it</button>")) == (200, True, 1)
    assert {agenda, LETTER} <= set(site.bench.enqueued[-2:])


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


@pytest.mark.parametrize(
    ("first", "second", "is_overtaken_by_it"), [("2", "3", True), ("3", "2", False), ("2", "anew1", False),
                                                ("anew1", "2", False)],
)  # fmt: skip
def test_at_one_moment_only_numbers_have_an_order(
    bench: Bench, first: str, second: str, is_overtaken_by_it: bool
) -> None:
    with bench.desk.work() as work:
        for which in (first, second):
            work.effect("list.write", f"R-2026-0001#{which}")
        assert is_overtaken(work, "list.write", f"R-2026-0001#{first}") == is_overtaken_by_it
