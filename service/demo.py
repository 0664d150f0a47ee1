"""`cos demo`: a county's school year in minutes, against the local tenant over real HTTP.

The product runs as it does in life; only the clock is held in the hand, and people's parts are played here.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as wall
from functools import cached_property
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of
from casework.effects import EffectState
from casework.journal import entry_of
from casework.request_record import request_row
from casework.schedule import schedule_meetings
from casework.who import has_interest
from casework.working_list import LIST
from communities.calendars import Term, at_london, is_working_day, london
from communities.decisions import DecidedBy
from communities.directory import Person, Role
from communities.meetings import propose_slots
from graph_sync.intake import RESPONSES_LIST, WORKBOOK_NAME
from papers.term_dates import load_school_years
from service.clocks import ManualClock
from service.demo_moves import make_moves
from service.demo_patience import through
from service.demo_report import Timeline, write_report
from service.demo_surgeries import PUBLISHED_AHEAD, Surgeries
from service.demo_texts import decision_of, review_day
from service.demo_year import Year
from service.imports import run_import
from service.office import Office, counted, open_office
from service.puller import Puller
from service.sample import DIRECTORY, PEOPLE, sample_budgets, sample_school_funding
from service.sample_part import SamplePart
from service.sample_tenant import FLOW, FORMS_LIBRARY, SampleForm, sample_world
from service.settings import Settings
from service.tenant_hand import TenantHand
from service.web import PULLER, make_app


@dataclass(frozen=True)
class Span:
    """The days that are lived through, both included."""

    first: date
    last: date


YEAR = Span(date(2026, 8, 24), date(2027, 7, 30))
"""Set up a week before the school year, so that every meeting of the first term can be booked."""

TERM = Span(date(2026, 9, 21), date(2026, 12, 4))
"""One meeting cycle."""

MORNING, SCHOOL_DAY, EVENING = wall(7, 5), wall(8, 5), wall(18, 0)
SCHOOL_YEAR = "2026-27"
SETTLE_S = 600.0
Tell = Callable[[str, float], None]
"""Called with what is being done and the part done, 0 to 1."""


@dataclass(kw_only=True)
class Demo:
    """One run."""

    office: Office
    clock: ManualClock
    hand: TenantHand
    tell: Tell
    span: Span = YEAR
    timeline: Timeline = field(default_factory=Timeline)
    part: SamplePart = field(default_factory=SamplePart)
    arrived: set[int] = field(default_factory=set)
    """Sheet rows of the responses that have arrived."""
    settle_s: float = SETTLE_S
    """How long effects may take at most."""
    is_set_up: asyncio.Event = field(default_factory=asyncio.Event)
    corrected: int = 0
    """How often a chair was told what does not fit, and mended it."""

    @cached_property
    def form(self) -> SampleForm:
        """What schools fill in."""
        return self.part.form()

    @cached_property
    def surgeries(self) -> Surgeries:
        """What advisers and SENCOs do."""
        return Surgeries(self.office.desk, self.hand, self.timeline)

    @cached_property
    def year(self) -> Year:
        """What clerks, chairs and KCC do beside the meetings."""
        return Year(self.office, self.hand, self.timeline)

    async def run(self, until: datetime) -> None:
        """Set up, then live until the given moment."""
        await self.set_up()
        self.is_set_up.set()
        first, last = self.span.first, london(until).date()
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        for number, day in enumerate(days):
            self.tell(f"{day:%a %-d %b %Y}", 0.25 + 0.75 * number / len(days))
            await self.live_through(day, until)

    async def set_up(self) -> None:
        """Steps 1, 2 and 4: directory, budgets, tenant, lists and libraries, meetings of the year."""
        self.tell("Importing the directory, people and budgets", 0.0)
        desk = self.office.desk
        for kind, name in (("directory", DIRECTORY), ("people", PEOPLE)):
            content = self.part.workbook(name)
            done = await asyncio.to_thread(run_import, desk, kind, content, name, "the administrator")
            self.timeline.add(self.clock.now(), f"Imported the {kind} from {name}: {done.said[0]}.")
            for row in done.refused:
                self.timeline.add(self.clock.now(), f"Refused in {name}: {row}")
        budgets = await asyncio.to_thread(sample_budgets, desk, SCHOOL_YEAR, "the administrator")
        self.timeline.add(self.clock.now(), f"Imported {budgets} communities' budgets of {SCHOOL_YEAR}.")
        funded = await asyncio.to_thread(sample_school_funding, desk, SCHOOL_YEAR, "the administrator")
        self.timeline.add(self.clock.now(), f"Imported {funded} level templates and budget factors of schools.")
        await self.hand.call("POST", "world", json=await sample_world(desk, self.clock.now()))
        known = await through(self.office.match_people)
        self.timeline.add(self.clock.now(), f"Found {known} of the directory's people in Entra ID.")
        await self._provision()
        answer = await self.hand.call("POST", "bot", json={"endpoint": self.endpoint})
        self.timeline.add(self.clock.now(), f"The bot was added to {answer['installed']} teams.")
        self.tell("Booking the year's meetings", 0.15)
        booked = await desk.run("the clerks", _book_year)
        await self.settle()
        self.timeline.add(self.clock.now(), f"Booked {booked} community meetings for the school year, each with Teams.")

    async def _provision(self) -> None:
        def tell(done: int, of: int) -> None:
            self.tell("Making lists and libraries", 0.05 + 0.1 * done / of)

        said = await through(lambda: self.office.provision(tell))
        again = await through(lambda: self.office.provision(lambda *_: None))
        self.timeline.add(
            self.clock.now(),
            f"Provisioned the site: {len(said)} changes (a second run made {len(again)}).",
        )

    @property
    def endpoint(self) -> str:
        """Where the bot listens."""
        return f"http://{self.office.settings.host}:{self.office.settings.port}/api/messages"

    async def live_through(self, day: date, until: datetime) -> None:
        """A working day: clocks run out, people meet, chairs decide, forms arrive, KCC moderates. In the holidays the
        mornings are enough.
        """
        if not is_working_day(day):
            return
        for at in (MORNING, SCHOOL_DAY, EVENING) if self._is_school_day(day) else (MORNING, EVENING):
            moment = at_london(day, at)
            if moment > until:
                break
            self.clock.set(moment)
            await self.hand.set_clock(moment)
            await self._do(at, day, moment)
            await self.office.sweep()
            await self.settle()
        await self._note_the_day(day)

    def _is_school_day(self, day: date) -> bool:
        return any(t.first_day <= day <= t.last_day for t in self._terms)

    @cached_property
    def _terms(self) -> tuple[Term, ...]:
        return load_school_years()[SCHOOL_YEAR].terms

    async def _do(self, at: wall, day: date, moment: datetime) -> None:
        if at is MORNING:
            await through(self.office.pull_undelivered)
            if joined := await through(self.office.pull_people):
                self.timeline.add(moment, f"Found {joined} of the people who joined in Entra ID.")
            await self.surgeries.morning(day, is_term=self._is_school_day(day + PUBLISHED_AHEAD))
        elif at is SCHOOL_DAY:
            await self.surgeries.school_day(day, moment)
            await self.year.school_day(day, moment)
        else:
            await self._people_meet(day)
            for said in await self.office.desk.run(SYSTEM, make_moves, day):
                self.timeline.add(moment, said)
            await self._chairs_decide(day)
            await self.surgeries.afternoon(moment)
            await self.year.afternoon(day, moment)
            await self._forms_arrive()
            if day.weekday() == 4:
                await self._kcc_moderates()
            await through(self.office.pull)

    async def _forms_arrive(self) -> None:
        rows = self.form.due(self.clock.now())
        fresh = [r for r in rows if r not in self.arrived]
        if not fresh:
            return
        content = await asyncio.to_thread(self.form.workbook_with, rows)
        await self.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, content, FLOW)
        taken = await through(self.office.pull)
        await self.hand.add_items(RESPONSES_LIST, FLOW, self.form.items(fresh))
        self.arrived.update(fresh)
        twice = await through(self.office.pull)
        self.timeline.add(
            self.clock.now(),
            f"{len(fresh)} form responses arrived by workbook and by list: {counted(taken.items())}"
            f" (the list brought {sum(twice.values())} more).",
        )

    async def _chairs_decide(self, day: date) -> None:
        for chair, community in await self.office.desk.run(SYSTEM, _chairs_meeting_on, day):
            asked = [
                (action["data"]["request_id"], post, action)
                for post in await self.hand.chat_of(chair)
                for action in _card_of(post).get("actions", [])
                if action.get("verb") == "decide"
            ]
            for _, post, action in sorted(asked, key=lambda a: str(a[0])):
                await self._decide(chair, community, post, action)
        await self.settle()

    async def _people_meet(self, day: date) -> None:
        for meeting, people in await self.office.desk.run(SYSTEM, _meetings_on, day):
            await self.hand.hold_meeting(meeting.event_id, meeting.starts_at, meeting.ends_at, people)

    async def _decide(self, chair: str, community: str, post: dict[str, Any], action: dict[str, Any]) -> None:
        card, request_id = _card_of(post), action["data"]["request_id"]
        answers = await self.office.desk.look(answer_as_chair, card, request_id, chair)
        typed = {**answers, "amount": answers["amount"] * 100} if _slips(request_id) else answers
        answer = await self.hand.click(chair, post["id"], "decide", {**action["data"], **typed})
        if _still_asks(answer):
            self.corrected += 1
            problem = next(b["text"] for b in answer["answer"]["value"]["body"] if b.get("color") == "Attention")
            self.timeline.add(self.clock.now(), f"The chair of {community} was told about {request_id}: {problem}")
            answer = await self.hand.click(chair, post["id"], "decide", {**action["data"], **answers})
        title = answer["answer"]["value"]["body"][0]["text"].replace("\\", "")
        self.timeline.add(self.clock.now(), f"The chair of {community} answered the card. {title}.")

    async def _kcc_moderates(self) -> None:
        moderator = await self.office.desk.run(SYSTEM, _moderator)
        for item in sorted(await self.hand.items(LIST), key=lambda i: str(i["fields"]["Title"])):
            fields = item["fields"]
            if fields.get("Status") != "Forwarded" or fields.get("KccModerated"):
                continue
            approved = fields["AmountApproved"]
            final = round(approved * 0.95, 2) if int(fields["Title"][-4:]) % 4 == 0 else approved
            edit = {
                "FinalAmount": final,
                "KccModerated": True,
                "ModeratedBy": moderator.name,
                "DateProcessed": self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            await self.hand.edit_item(LIST, item["id"], moderator.mail, edit)
            self.timeline.add(self.clock.now(), f"KCC moderated {fields['Title']}: £{final:,.2f} of £{approved:,.2f}.")

    async def settle(self) -> None:
        """Wait until every effect asked for is settled."""
        until = time.monotonic() + self.settle_s
        while await self.office.desk.look(_waiting):
            if time.monotonic() > until:
                raise TimeoutError("Effects did not settle; see `cos status` for what waits.")
            await asyncio.sleep(0.02)

    async def _note_the_day(self, day: date) -> None:
        for moment, said in await self.office.desk.run(SYSTEM, _happened_on, day):
            self.timeline.add(moment, said)


def answer_as_chair(work: Work, card: dict[str, Any], request_id: str, chair: str) -> dict[str, Any]:
    """What the chair fills in of what the community agreed."""
    inputs = {b["id"]: b.get("value") for b in card["body"] if b["type"].startswith("Input.")}
    agreed = decision_of(work, request_id, round(float(inputs["amount"] or 0) * 100))
    is_own = has_interest(work, request_row(work, request_id), chair)
    return {
        "responses": ",".join(agreed.responses),
        "amount": float(agreed.amount),
        "details": agreed.details,
        "conditions": agreed.conditions,
        "review_on": review_day(work.today, agreed.review_weeks).isoformat(),
        "made_by": DecidedBy.CHAIR.value if int(request_id[-4:]) % 7 == 0 and not is_own else DecidedBy.CONSENSUS.value,
    }


def _slips(request_id: str) -> bool:
    """Now and then a chair forgets the point in £2,400.00, and is told."""
    return request_id.endswith("9")


def _still_asks(answer: dict[str, Any]) -> bool:
    value = (answer.get("answer") or {}).get("value") or {}
    return any(a.get("verb") == "decide" for a in value.get("actions", []))


def _card_of(post: dict[str, Any]) -> dict[str, Any]:
    attachments = post["activity"].get("attachments") or [{}]
    card: dict[str, Any] = attachments[0].get("content", {})
    return card


def _book_year(work: Work) -> int:
    year = load_school_years()[SCHOOL_YEAR]
    names = [c.name for c in directory_of(work).communities]
    return schedule_meetings(work, list(propose_slots(names, year)))


def _chairs_meeting_on(work: Work, day: date) -> list[tuple[str, str]]:
    found = []
    for meeting in work.conn.execute(select(tables.meetings)):
        chair = directory_of(work).chair_of(meeting.community)
        if chair and london(meeting.starts_at).date() == day:
            found.append((chair.mail, meeting.community))
    return sorted(found)


def _meetings_on(work: Work, day: date) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The day's meetings with who comes: most schools for the whole time, some not at all, one by telephone."""
    found = []
    for meeting in work.conn.execute(select(tables.meetings).order_by(tables.meetings.c.id)):
        if meeting.event_id and london(meeting.starts_at).date() == day:
            invited = directory_of(work).attendees_of(meeting.community)
            come = [p for n, p in enumerate(invited) if n < 3 or n % 6]
            people: list[dict[str, Any]] = [{"mail": p.mail, "seconds": 7_000 - 60 * n} for n, p in enumerate(come)]
            found.append((meeting, [*people, {"name": "+44 1622 000000", "seconds": 3_600}]))
    return found


def _moderator(work: Work) -> Person:
    return directory_of(work).people_with(Role.MODERATOR)[0]


def _waiting(work: Work) -> int:
    effects = tables.effects
    open_states = (EffectState.WAITING, EffectState.BEGUN)
    return len(work.conn.execute(select(effects.c.id).where(effects.c.state.in_(open_states)).limit(1)).all())


TOLD = (
    "mail came back",
    "close submissions",
    "file agenda",
    "forward to HNFO",
    "too late for the earlier meeting",
    "hold request",
)
"""The journal's entries that stand in the timeline."""


def _happened_on(work: Work, day: date) -> list[tuple[datetime, str]]:
    journal = tables.journal
    start, end = at_london(day, wall(0)), at_london(day + timedelta(days=1), wall(0))
    rows = work.conn.execute(
        select(journal)
        .where(journal.c.at >= start, journal.c.at < end, journal.c.command.in_(TOLD))
        .order_by(journal.c.number)
    )
    return [(r.at, _spoken(f"{r.subject}: {entry_of(r).sentence}")) for r in rows]


def _spoken(said: str) -> str:
    """Meetings by term: `ABC 2026-27 T2` as `ABC (term 2)`; a subject that is no name is left out."""
    said = re.sub(r"^[0-9a-f]{16}: ", "", said)
    return re.sub(r" \d{4}-\d\d T(\d)", r" (term \1)", said)


@asynccontextmanager
async def serving(office: Office) -> AsyncIterator[Puller]:
    """The product's own web application on its port, without the loops: whoever calls drives those."""
    app = make_app(office, loops=False)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, office.settings.host, office.settings.port).start()
        yield app[PULLER]
    finally:
        await runner.cleanup()


async def run_demo(
    settings: Settings, tenant_url: str, out: Path, tell: Tell, span: Span = YEAR, part: SamplePart | None = None
) -> dict[str, Any]:  # fmt: skip
    """Live through these days in the county, or in a part of it, against a running tenant; report and summary."""
    clock = ManualClock(at_london(span.first, wall(7, 0)))
    office = open_office(settings, clock)
    began = time.monotonic()
    try:
        async with ClientSession() as session, serving(office):
            hand = TenantHand(session, tenant_url)
            demo = Demo(office=office, clock=clock, hand=hand, tell=tell, span=span, part=part or SamplePart())
            await demo.run(at_london(span.last, wall(23, 0)))
            tell("Writing the report", 1.0)
            return await write_report(
                office, demo.hand, demo.timeline, out, responses=len(demo.arrived), corrected=demo.corrected,
                took_s=time.monotonic() - began,
            )  # fmt: skip
    finally:
        await office.close()
