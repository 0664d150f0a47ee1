"""The product, fed what the year holds and asked what people ask. The only file here that imports it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, web
from cryptography.fernet import Fernet
from sqlalchemy import insert, select

from bot.cards.decision import decision_card
from bot.cards.desk import desk_card
from bot.cards.posts import post_card
from bot.chat import Place, cards_of, understand
from bot.keys import Keys
from bot.tab.routes import COOKIE, Tab
from bot.tab.sign_in import SignIn
from casework import tables
from casework.budget_moves import record_correction, record_return, record_transfer
from casework.database import HasToWrite, migrate, open_engine
from casework.decide import decide
from casework.desk import Desk, Mailboxes, Work
from casework.directory_record import directory_of
from casework.effects import EffectState, attempt
from casework.entering import Arrival
from casework.meeting_record import mark_attendance, write_minutes
from casework.moderate import moderate
from casework.ports import DecisionAsk, DeskPost, EventMade, EventSeen, ListItem, Ports, Saved, StoredFile
from casework.receive import discard_held, receive
from casework.request_moves import (
    close_request,
    defer_request,
    let_in_late,
    pay_request,
    reopen_request,
    return_request,
    withdraw_request,
)
from casework.schedule import schedule_meetings
from casework.sealing import Sealer
from casework.sweep import sweep
from communities.decisions import DecidedBy, Decision, Response
from communities.directory import CommunityName, Role
from communities.meetings import Attendee, Mark, MeetingSlot
from forms_ingest.columns import load_mapping
from forms_ingest.request_for_support import FORM, read_response
from forms_ingest.workbook import read_answers
from papers import charts
from papers.directory_workbook import read_directory
from papers.people_workbook import read_people
from papers.term_dates import load_school_years
from service import office  # every handler of an effect is registered by being imported there
from service.clocks import ManualClock
from service.imports import run_import
from service.record import working_days
from service.sample import DIRECTORY, PEOPLE, RESPONSES, sample, sample_budgets, sample_school_funding
from service.settings import Settings
from tests.oracle import days
from tests.oracle.outside import Outside, Sent, card_text, page_text
from tests.oracle.year import REASON, SET_UP, Meeting, Step, Year
from tests.ports import free_port

DESK = "desk@kent.example"
assert office


class StepRefused(Exception):
    """The product does not let somebody do what the year has them do: how things stand differs already."""

    def __init__(self, step: Step, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.step = step


class Driver:
    """One record, from an empty database on. Every call is at the moment `go_to` set."""

    def __init__(self, folder: Path, year: Year) -> None:
        self._year, self._clock = year, ManualClock(SET_UP)
        url = f"sqlite:///{folder / 'oracle.db'}"
        engine = open_engine(url)
        migrate(engine)
        self._desk = Desk(
            engine=engine, clock=self._clock, sealer=Sealer([Fernet.generate_key()]), mailboxes=Mailboxes(desk=DESK),
            enqueue=lambda *_: None, school_years=tuple(load_school_years().values()),
            days=working_days(Settings(local=True)),
        )  # fmt: skip
        self._out = Outside(now=self._clock.now, card_of=_card_text_of)
        self._ports = _ports(self._out)
        self._runner = asyncio.Runner()
        self._answers = {a["id"]: a for _, a in read_answers(sample(RESPONSES), RESPONSES, load_mapping(FORM))}
        self._sign_in = SignIn(app_id="a", tenant_id="t", domain="d", keys=Keys(dict), secret=b"s" * 32)
        self._steps = list(year.steps)
        self._url = ""
        self._set_up()

    # People look.

    def go_to(self, moment: datetime) -> list[Sent]:
        """Live until then; returns what was sent on the way. Raises `StepRefused`."""
        before = len(self._out.sent)
        while self._steps and self._steps[0].at <= moment:
            at = self._steps[0].at
            self._clock.set(at)
            self._settle()
            while self._steps and self._steps[0].at == at:
                self._do(self._steps.pop(0))
            self._settle()
        self._clock.set(moment)
        self._settle()
        return self._out.sent[before:]

    def chat(self, mail: str, sentence: str) -> tuple[str, str]:
        """What the bot answers in somebody's own chat: as text, and what its cards say."""
        try:
            with self._desk.reading(mail) as work:
                return self._said(work, mail, sentence)
        except HasToWrite:
            with self._desk.work(mail) as work:
                return self._said(work, mail, sentence)

    def tab(self, mail: str, path: str, **query: str) -> tuple[int, str]:
        """A page as somebody sees it."""
        return self._runner.run(self._page(mail, path, query))

    def close(self) -> None:
        """Give everything back."""
        self._runner.run(self._site.cleanup())
        self._runner.close()
        self._desk.engine.dispose()

    # The product's insides.

    def _set_up(self) -> None:
        for kind, name in (("directory", DIRECTORY), ("people", PEOPLE)):
            run_import(self._desk, kind, sample(name), name, "the administrator")
        sample_budgets(self._desk, "2026-27", "the administrator")
        sample_school_funding(self._desk, "2026-27", "the administrator")
        with self._desk.work() as work:
            people = {str(p.mail).lower() for p in read_people(sample(PEOPLE), PEOPLE, _directory())[0]}
            work.conn.execute(insert(tables.identities), [{"aad_object_id": m, "mail": m} for m in sorted(people)])
            schedule_meetings(work, [_slot(m) for meetings in self._year.meetings.values() for m in meetings])
        self._site = self._runner.run(self._serve())
        self._settle()

    async def _serve(self) -> web.AppRunner:
        app, port = web.Application(), free_port()
        Tab(self._desk, self._sign_in, is_local=False, personas=lambda work: ()).add_to(app)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self._url = f"http://127.0.0.1:{port}"
        return runner

    async def _page(self, mail: str, path: str, query: dict[str, str]) -> tuple[int, str]:
        cookies = {COOKIE: self._sign_in.session_for(mail.lower(), self._clock.now())}
        async with (
            ClientSession(cookie_jar=CookieJar(unsafe=True)) as session,
            session.get(self._url + path, cookies=cookies, params=query) as response,
        ):
            return response.status, page_text(await response.text())

    def _said(self, work: Work, mail: str, sentence: str) -> tuple[str, str]:
        said = understand(work.acting(mail), sentence, mail, Place(), read_response, None)
        return said.answer.as_text(), "\n".join(card_text(card) for card in cards_of(said, work))

    def _settle(self) -> None:
        """The clocks run out and what was asked for outside is carried out, as a service does all the time."""
        sweep(self._desk)
        self._runner.run(self._carry_out())

    async def _carry_out(self) -> None:
        tried: set[str] = set()
        while waiting := [e for e in await self._desk.run("the oracle", self._waiting) if e not in tried]:
            for effect_id in waiting:
                if await attempt(self._desk, self._ports, effect_id) is not None:
                    tried.add(effect_id)

    def _waiting(self, work: Work) -> list[str]:
        """Lists are not looked at here (`test_demo` does), nor the reports of communities that are not asked about."""
        effects, mine = tables.effects, tuple(f" {c}" for c in self._year.communities)
        rows = work.conn.execute(select(effects).where(effects.c.state == EffectState.WAITING)).all()
        kept = [r for r in rows if not r.kind.startswith("list.")]
        return [r.id for r in kept if r.kind != "report.file" or r.subject.endswith(mine)]

    # People act.

    def _do(self, step: Step) -> None:
        try:
            with self._desk.work() as work:
                getattr(self, f"_{step.what}")(work, *step.values)
        except Exception as error:
            raise StepRefused(step, error) from error

    def _tick(self, work: Work) -> None:
        """After a meeting its clerk takes the register and writes the minutes."""
        meetings, today = tables.meetings, work.today
        for row in work.conn.execute(select(meetings).where(meetings.c.state == "Held")).all():
            known = select(tables.minutes).where(tables.minutes.c.meeting_id == row.id)
            if days.day_of(row.ends_at) == today and work.conn.execute(known).first() is None:
                clerk = self._clerk(work, row.community)
                mark_attendance(work, row.id, [Attendee(of="Chair", person="", mark=Mark.PRESENT)], clerk)
                write_minutes(work, row.id, {1: "Everybody was welcomed."}, [], clerk)

    def _receive(self, work: Work, numbers: list[int]) -> None:
        directory = directory_of(work)
        read = (read_response(self._answers[n], directory, work.now) for n in numbers)
        for _ in receive(work, [Arrival(form=FORM, route="workbook", reading=r) for r in read if r is not None]):
            pass

    def _discard(self, work: Work, request_id: str) -> None:
        discard_held(work, request_id, self._clerk_of(work, request_id))

    def _withdraw(self, work: Work, request_id: str) -> None:
        withdraw_request(work, request_id, REASON, self._row(work, request_id).sender)

    def _send_back(self, work: Work, request_id: str) -> None:
        return_request(work, request_id, REASON, self._clerk_of(work, request_id))

    def _let_in(self, work: Work, request_id: str) -> None:
        let_in_late(work, request_id, REASON, self._chair_of(work, request_id))

    def _defer(self, work: Work, request_id: str) -> None:
        defer_request(work, request_id, REASON, self._chair_of(work, request_id))

    def _reopen(self, work: Work, request_id: str) -> None:
        reopen_request(work, request_id, REASON, self._chair_of(work, request_id))

    def _close(self, work: Work, request_id: str) -> None:
        close_request(work, request_id, self._clerk_of(work, request_id))

    def _decide(self, work: Work, request_id: str, decision: Any, chair: str) -> None:
        agreed = decision.agreed
        made = Decision(
            responses=tuple(Response(r) for r in agreed.responses), details=agreed.details,
            amount_pence=agreed.pence, review_on=decision.review_on, made_by=DecidedBy(decision.made_by),
            conditions=agreed.conditions,
        )  # fmt: skip
        decide(work, request_id, made, chair)

    def _moderate(self, work: Work, request_id: str, pence: int, processed_on: date) -> None:
        moderate(work, request_id, pence, "Morgan Vale", processed_on, self._county(work, Role.MODERATOR))

    def _pay(self, work: Work, request_id: str, pence: int, paid_on: date) -> None:
        pay_request(work, request_id, pence, paid_on, self._county(work, Role.MODERATOR))

    def _give_back(self, work: Work, request_id: str, pence: int) -> None:
        record_return(work, request_id, pence, "It was not used.", self._county(work, Role.MODERATOR))

    def _correct(self, work: Work, community: str, pence: int) -> None:
        record_correction(work, community, pence, "As KCC's books say.", self._county(work, Role.MODERATOR))

    def _transfer(self, work: Work, source: str, target: str, pence: int) -> None:
        by = self._county(work, Role.MODERATOR)
        record_transfer(work, (source, "2026-27"), (target, "2026-27"), pence, "Lent.", by)

    @staticmethod
    def _row(work: Work, request_id: str) -> Any:
        return work.conn.execute(select(tables.requests).where(tables.requests.c.id == request_id)).one()

    @staticmethod
    def _clerk(work: Work, community: str) -> str:
        clerk = directory_of(work).clerk_of(community)
        assert clerk is not None
        return str(clerk.mail)

    def _clerk_of(self, work: Work, request_id: str) -> str:
        return self._clerk(work, self._row(work, request_id).community)

    def _chair_of(self, work: Work, request_id: str) -> str:
        chair = directory_of(work).chair_of(self._row(work, request_id).community)
        assert chair is not None
        return str(chair.mail)

    @staticmethod
    def _county(work: Work, role: Role) -> str:
        return str(directory_of(work).people_with(role)[0].mail)


def _directory() -> Any:
    return read_directory(sample(DIRECTORY), DIRECTORY)[0]


def _slot(meeting: Meeting) -> MeetingSlot:
    return MeetingSlot(
        community=CommunityName(meeting.community), term=meeting.term, starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
    )  # fmt: skip


def _card_text_of(post: Any) -> str:
    if isinstance(post, DecisionAsk):
        return card_text(decision_card(post))
    if isinstance(post, DeskPost):
        return card_text(desk_card(post.title, post.lines, post.today))
    return card_text(post_card(post))


class _Files:
    def __init__(self, out: Outside) -> None:
        self.read, self._out = out.read, out

    async def put(self, library: str, path: str, content: bytes) -> StoredFile:
        id_, url = await self._out.put(library, path, content)
        return StoredFile(id=id_, web_url=url)

    async def saved(self, library: str, path: str) -> Saved | None:
        content = await self.read(library, path)
        return None if content is None else Saved(tag=hashlib.sha256(content).hexdigest(), by="")

    async def read_before(self, library: str, path: str, _moment: Any) -> bytes | None:
        content: bytes | None = await self.read(library, path)
        return content


class _Calendar:
    def __init__(self) -> None:
        self._drafts: dict[str, Any] = {}

    async def create(self, draft: Any) -> EventMade:
        self._drafts[draft.key] = draft
        return EventMade(id=draft.key, join_url=f"https://teams.example/{abs(hash(draft.key))}")

    async def move(self, event_id: str, draft: Any) -> bool:
        self._drafts[event_id] = draft
        return True

    async def coming(self, *_: Any) -> tuple[()]:
        return ()

    async def read(self, _organiser: str, event_id: str) -> EventSeen:
        draft = self._drafts[event_id]
        return EventSeen(id=event_id, starts_at=draft.starts_at, ends_at=draft.ends_at)

    async def chat_of(self, *_: Any) -> str:
        return ""

    async def cancel(self, organiser: str, event_id: str, comment: str) -> None:
        """Nor here."""

    async def attendance(self, *_: Any) -> tuple[()]:
        return ()


class _Lists:
    async def ensure(self, list_name: str, unique: str, fields: Any) -> ListItem:
        return ListItem(id=str(fields[unique]), etag="1", fields=fields)


def _ports(out: Outside) -> Ports:
    calendar: Any = _Calendar()
    files: Any = _Files(out)
    lists: Any = _Lists()
    mail: Any = out
    channels: Any = out
    return Ports(lists=lists, files=files, calendar=calendar, meetings=calendar, mail=mail, channels=channels)


@contextmanager
def living(folder: Path, year: Year) -> Iterator[Driver]:
    """A driver without pictures: drawing them takes longer than all the rest, and their texts say the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts.vl_convert, "vegalite_to_png", lambda *_, **__: _PNG)
        driver = Driver(folder, year)
        try:
            yield driver
        finally:
            driver.close()


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c4944415408d763f8ffff3f0005fe02fea735818400000000"
    "49454e44ae426082"
)
