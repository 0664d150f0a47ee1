"""Every link leads to something the person may open, and which is about what was asked: answers, pages, emails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from sqlalchemy import select, update

from bot.asking import AskBack, Asker, Question, asker_of
from bot.behaviours import ANSWERS
from bot.memory import KEPT
from bot.tab.pages import PAGES, pages_of
from bot.tab.views import community_page
from casework import tables
from casework.documents import keep_paper
from casework.errors import AlreadyDone, InputRefused, NeedsAttention, NotAllowed
from casework.schedule import schedule_meetings
from communities.directory import Directory, Role
from tests.conftest import Bench, World, begun
from tests.test_chat import asked
from tests.test_moves import KCC, R1, clerk
from tests.test_record import MEETING, arrive, home, set_up, slot
from tests.test_sync import moderated
from tests.test_tab import Site, pages_record, site

__all__ = ["pages_record", "site"]
BEFORE = MEETING - timedelta(days=30)


def other(directory: Directory) -> str:
    return str(directory.communities[1].name)


@begun
def filled(bench: Bench, directory: Directory) -> None:
    """Two communities that each met, with minutes, and meet again, with an agenda; one request of the first."""
    set_up(bench, directory)
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(home(directory), BEFORE, 1)])
        schedule_meetings(work, [slot(other(directory), day, term) for term, day in ((1, BEFORE), (2, MEETING))])
    arrive(bench)
    with bench.desk.work() as work:
        for meeting in work.conn.execute(select(tables.meetings)).all():
            at = f"https://join.example/{meeting.community}/{meeting.id}"
            work.conn.execute(
                update(tables.meetings).where(tables.meetings.c.id == meeting.id).values(join_url=at)
            )  # fmt: skip
            for kind in ("agenda", "minutes"):
                keep_paper(work, meeting.id, kind, f"{kind}.docx", b"x")
                at = f"https://library.example/{meeting.community}/{meeting.id}/{kind}.docx"
                same = (tables.papers.c.meeting_id == meeting.id) & (tables.papers.c.kind == kind)
                work.conn.execute(update(tables.papers).where(same).values(web_url=at))
    bench.at(MEETING - timedelta(days=1))


def people(directory: Directory) -> Mapping[str, str]:
    """One of each role, of the first community where the role has one, and a SENCO of the second."""
    found = {}
    for role in Role:
        held = [p for p in directory.people if p.role is role]
        schools = {str(s.name) for s in directory.schools_of(home(directory))}
        near = [p for p in held if p.of == home(directory) or p.of in schools]
        found[role.value] = (near or held)[0].mail
    neighbour = directory.schools_of(other(directory))[0]
    return {**found, "neighbour's SENCO": directory.people_with(Role.SENCO, neighbour.name)[0].mail}


def _is_of(asker: Asker, community: str) -> bool:
    return asker.is_county or community in asker.communities


def is_theirs(link: str, asker: Asker, directory: Directory, about: str) -> bool:
    """Whether the person may open the link, and it is about that community ('' for none that was named)."""
    parts = urlsplit(link)
    if parts.netloc in ("join.example", "library.example"):
        community = unquote(parts.path.split("/")[1])
        return _is_of(asker, community) and about in ("", community)
    if parts.netloc == "teams.microsoft.com" and parts.path.startswith("/l/chat"):
        return bool(directory.roles_of(unquote(parts.query.partition("users=")[2])))
    return link == directory_page(directory, about)


def directory_page(directory: Directory, about: str) -> str:
    known = directory.community(about)
    return known.dashboard if known else ""


def links_of(card: object) -> Iterator[str]:
    """The addresses a card opens, in whatever element."""
    if isinstance(card, dict):
        if card.get("type") == "Action.OpenUrl":
            yield str(card["url"])
        yield from (link for value in card.values() for link in links_of(value))
    if isinstance(card, list):
        yield from (link for value in card for link in links_of(value))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_link_of_every_answer_is_about_what_was_asked_and_theirs_to_open(
    filled: Bench, directory: Directory
) -> None:
    wrong, seen = [], 0
    for who, mail in people(directory).items():
        for intent, about in ((i, c) for i in ANSWERS for c in ("", home(directory), other(directory))):
            with filled.desk.work() as work, work.conn.begin_nested():
                asker = asker_of(work, mail)
                question = Question(
                    text=intent, intent=intent, confidence=1.0, entities={"community": about} if about else {}
                )
                try:
                    answer = ANSWERS[intent](work, asker, question)
                except (AskBack, InputRefused, NotAllowed, AlreadyDone, NeedsAttention):
                    continue
                links = [*(url for _, url in answer.links), *links_of(list(answer.cards))]
            seen += len(links)
            wrong += [f"{who}, {intent} of {about}: {x}" for x in links if not is_theirs(x, asker, directory, about)]
    assert wrong == []
    assert seen > 30, "answers have links"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_every_link_of_every_page_opens_for_who_sees_it(site: Site, directory: Directory) -> None:
    """Each role begins where Teams opens the tab and follows everything, like a browser."""
    wrong = []
    for who, mail in people(directory).items():
        with site.bench.desk.work() as work:
            own = {p.path for p in pages_of(work, mail)}
        todo, done = ["/tab"], set()
        while todo and len(done) < 12:
            path = todo.pop(0)
            done.add(path)
            status, html, response = await site.look(path, mail.casefold())
            path = response.url.path_qs
            if status != 200:
                wrong.append(f"{who}: {path} answered {status}")
            found = [urljoin(path, unescape(x)) for x in re.findall(r'href="([^"#][^"]*)"', html)]
            pages = [x for x in found if x.startswith("/tab") and not x.endswith(".css")]
            todo += [x for x in pages if x not in done and x not in todo]
            nav = set(re.findall(r'href="([^"]+)"', html.partition("<nav")[2].partition("</nav>")[0]))
            assert nav == own, who
        for page in PAGES:
            status, _, _ = await site.look(page.path, mail.casefold())
            assert (status == 200) == (page.path in own or page.path == "/tab"), f"{who}: {page.path}"
    assert wrong == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_page_that_is_not_theirs_has_no_link_to_one_that_is_not(site: Site, directory: Directory) -> None:
    mail = people(directory)[Role.SENCO.value]
    status, html, _ = await site.look("/tab/desk", mail.casefold())
    assert status == 403
    assert 'href="/tab/desk"' not in html
    assert 'href="/tab"' in html


def test_the_tab_opens_on_the_community_spoken_of(filled: Bench, directory: Directory) -> None:
    """Named in a sentence, as a school, or by a request; after half an hour the one that meets next."""
    mail = clerk(directory)
    with filled.desk.work() as work:
        own = asker_of(work, mail).communities
    assert len(own) > 2
    last = own[-1]
    school = str(directory.schools_of(last)[0].name)
    for sentence, expected in (
        (f"when does {last} meet next", last),
        (f"status of {R1}", home(directory)),
        (f"who is the link SEN IA of {school}", last),
    ):
        asked(filled, sentence, mail)
        assert landed(filled, mail) == expected, sentence
    filled.clock.set(filled.clock.now() + KEPT + timedelta(minutes=1))
    with filled.desk.work() as work:
        schedule_meetings(work, [slot(own[1], MEETING + timedelta(days=60), 4)])
    assert landed(filled, mail) == home(directory), "the one that meets next"


def test_a_community_spoken_of_that_is_not_theirs_is_not_opened(filled: Bench, directory: Directory) -> None:
    mail = people(directory)["neighbour's SENCO"]
    asked(filled, f"when does {home(directory)} meet next", mail)
    assert landed(filled, mail) == other(directory)


def landed(bench: Bench, mail: str) -> str:
    with bench.desk.work() as work:
        return community_page(work, mail, "").name


async def test_every_link_of_every_email_is_for_all_who_get_it(world: World) -> None:
    """From the first request to the decision: what an email opens belongs to a community of each of its readers."""
    await moderated(world, KCC)
    with world.desk.work() as work:
        papers, meetings = tables.papers, tables.meetings
        joined = select(papers.c.web_url, meetings.c.community).join(meetings, meetings.c.id == papers.c.meeting_id)
        about = {r.web_url: r.community for r in work.conn.execute(joined)}
        about |= {r.join_url: r.community for r in work.conn.execute(select(meetings.c.join_url, meetings.c.community))}
        seen, wrong = 0, []
        for mail in await world.hand.call("GET", "mails"):
            readers = [
                r["emailAddress"]["address"] for kind in ("toRecipients", "bccRecipients") for r in mail.get(kind, [])
            ]
            for link in re.findall(r'href="([^"]+)"', mail["body"]["content"]):
                seen += 1
                community = about.get(unescape(link), "")
                people_of = [asker_of(work, r) for r in readers if r != world.desk.mailboxes.desk]
                wrong += [f"{mail['subject']}: {link} for {a.mail}" for a in people_of if not _is_of(a, community)]
    assert wrong == []
    assert seen >= 2
