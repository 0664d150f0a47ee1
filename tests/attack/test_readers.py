"""Who reads what: everything the product says is said to each kind of person, and searched for every marked value.

The table is `casework/reading.py`; what somebody is to a community is said in `marked_world` by hand.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

import pytest
from aiohttp import ClientSession, CookieJar, web

from bot.tab.routes import COOKIE, Tab
from casework.desk import Work
from casework.directory_record import directory_of
from casework.reading import RULES, Reader, Thing, as_table, readers
from communities.directory import Directory
from communities.lifecycle import Move
from tests.attack.doors_asked import (
    NO_NUMBER,
    missing,
    moved,
    pressed_alone,
    said_by_commands,
    said_by_the_extension,
    said_in_chat,
    said_on_cards,
    subjects,
)
from tests.attack.marked_world import KINDS, Marked, Side, mail_of_kind, marked, marks_of, sides_of
from tests.conftest import Bench, begun
from tests.test_conventions import ROOT
from tests.test_tab import Site, key_set, served, sign_in_of

world = begun(marked)

Door = Callable[[Work, str, Mapping[str, Side]], Iterator[tuple[str, str]]]
DOORS: tuple[Door, ...] = (said_in_chat, said_on_cards, said_by_commands, said_by_the_extension)


@pytest.fixture
def database() -> str:
    """Who reads what is the same on either."""
    return "sqlite"


def is_theirs(kind: str, mark: Marked) -> bool:
    """Whether the table lets them read a marked value, by what they are."""
    who = KINDS[kind].readers(mark.side)
    return any(not RULES[thing].who.isdisjoint(who) for thing in mark.things) or kind in mark.people


def is_shown(kind: str, mark: Marked) -> bool:
    """Whether they have to have seen it somewhere."""
    if mark.shown_to is not None:
        return kind in mark.shown_to or (mark.things == (Thing.QUESTIONS,) and is_theirs(kind, mark))
    who = KINDS[kind].readers(mark.side)
    return is_theirs(kind, mark) and (mark.shown is None or not mark.shown.isdisjoint(who))


def test_everything_that_says_something_is_asked() -> None:
    assert missing() == set()


def test_what_somebody_is_to_a_community_follows_from_the_directory(world: Bench, directory: Directory) -> None:
    with world.desk.work() as work:
        known = directory_of(work)
    for kind, who in KINDS.items():
        for side, of in sides_of(directory).items():
            assert readers(known, mail_of_kind(kind), of.name, of.schools[0]) == who.readers(side), (kind, side)


PAGES = ("/tab", "/tab/desk", "/tab/surgeries", "/tab/stuck", "/tab/headings", "/tab/request/{request_id}")
FORMS = ("/tab/surgeries", "/tab/stuck", "/tab/headings")
OPEN = ("/tab/sign-in", "/tab/style.css", "/tab/sign-in.js", "/privacy", "/terms")
"""Addresses that say the same to everybody."""


def test_every_address_of_the_tab_is_asked(world: Bench) -> None:
    app = web.Application()
    Tab(world.desk, sign_in_of(key_set), is_local=False, personas=lambda work: ()).add_to(app)
    routes = {(r.method, r.resource.canonical) for r in app.router.routes() if r.resource}
    asked = {("GET", page) for page in PAGES} | {("POST", form) for form in FORMS}
    assert {r for r in routes if r[0] != "HEAD" and r[1] not in OPEN} == asked


async def on_pages(site: Site, mail: str, sides: Mapping[str, Side]) -> AsyncIterator[tuple[str, str]]:
    """Each page and each form, of either side."""
    for page in PAGES:
        if "{" in page:
            for number in (*(n for side in sides.values() for n in side.requests), NO_NUMBER):
                yield page, (await site.look(page.format(request_id=number), mail))[1]
            continue
        yield page, (await site.look(page, mail))[1]
    for side in sides.values():
        yield f"/tab {side.name}", (await site.look("/tab", mail, community=side.name))[1]
    session = sign_in_of(dict).session_for(mail, site.bench.clock.now())
    for form in FORMS:
        sent = {"key": sign_in_of(dict).form_key(session), "do": "drop", "effect": "none", "question": "outcomes"}
        async with site.session.post(site.url + form, data=sent, cookies={COOKIE: session}) as response:
            yield f"form {form}", await response.text()


ONE_OF_EACH = (
    "senco", "leader", "neighbour", "chair", "clerk", "sen-ia", "nurse", "moderator", "administrator", "other-clerk",
    "gone",
)  # fmt: skip
"""Everything somebody can be to a community, once."""


@pytest.mark.parametrize("kinds", [ONE_OF_EACH, pytest.param(tuple(KINDS), marks=pytest.mark.long)], ids=len)
async def test_each_reads_what_the_table_says_and_nothing_else(
    world: Bench, directory: Directory, kinds: Sequence[str]
) -> None:
    sides = sides_of(directory, all_requests=len(kinds) == len(KINDS))
    with world.desk.work() as work:
        marks = marks_of(work, directory)
    found: dict[str, set[str]] = defaultdict(set)
    leaks = []

    def look(kind: str, place: str, said: str) -> None:
        read = {m.text for m in marks if m.text in said}
        found[kind] |= read
        leaks.extend((kind, place, m.text) for m in marks if m.text in read and not is_theirs(kind, m))

    tab = Tab(world.desk, sign_in_of(key_set), is_local=False, personas=lambda work: ())
    async with served(tab) as url, ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        for kind in kinds:
            async for place, said in on_pages(Site(url, session, world), mail_of_kind(kind), sides_of(directory)):
                look(kind, place, html.unescape(said))
    for kind in kinds:
        for door in DOORS:
            with world.desk.work() as work:
                for place, said in door(work, mail_of_kind(kind), sides):
                    look(kind, place, said)
    assert leaks == []
    assert [(k, m.text) for k in kinds for m in marks if is_shown(k, m) and m.text not in found[k]] == []


def test_where_others_read_along_each_is_told_what_those_may_read_too(world: Bench, directory: Directory) -> None:
    sides = sides_of(directory, all_requests=False)
    with world.desk.work() as work:
        marks = marks_of(work, directory)
    leaks = []
    for kind in ("chair", "administrator", "other-chair"):
        for channel in ("own", "other", ""):
            home = sides[channel].name if channel else ""
            wrong = [m for m in marks if not (is_theirs(kind, m) and read_by_all(channel, m))]
            with world.desk.work() as work:
                mail = mail_of_kind(kind)
                for asked, said in said_in_chat(work, mail, sides, is_personal=False, home=home):
                    leaks += [(kind, channel, asked, m.text) for m in wrong if m.text in said]
    assert leaks == []


def read_by_all(channel: str, mark: Marked) -> bool:
    """Whether everybody in a community's channel may read it: its schools' people, if no more; '' is a group chat."""
    who = {Reader.ELSEWHERE} | ({Reader.OTHER_SCHOOL} if channel and channel == mark.side else set())
    return any(not RULES[thing].who.isdisjoint(who) for thing in mark.things)


def test_a_number_that_is_not_theirs_is_refused_as_one_there_is_not(world: Bench, directory: Directory) -> None:
    other = sides_of(directory)["other"].waiting
    values = subjects(sides_of(directory))
    outsiders = [k for k in KINDS if KINDS[k].readers("other") <= {Reader.ELSEWHERE, Reader.NOBODY}]
    assert len(outsiders) > 8
    for kind in outsiders:
        mail = mail_of_kind(kind)
        with world.desk.work() as work:
            for verb in ("decide", "decide.show", "withdraw", "held"):
                of = {"request_id": other}, {"request_id": NO_NUMBER}
                said = [pressed_alone(work, mail, verb, {**values[f"other {other}"], **v}) for v in of]
                assert said[0].replace(other, NO_NUMBER) == said[1], (kind, verb)
                assert said[1].startswith("NotReadable You can't read"), (kind, verb)
            for move in Move:
                said = [moved(work, number, move, mail) for number in (other, NO_NUMBER)]
                assert said[0].replace(other, NO_NUMBER) == said[1], (kind, move)


def test_privacy_shows_the_table() -> None:
    assert as_table() in (ROOT / "docs" / "privacy.md").read_text("utf-8")
