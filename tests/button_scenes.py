"""Where every card comes from: the record at a moment of the year, who sits at the keyboard, and what they write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from types import MappingProxyType

from sqlalchemy import update

from bot.answers.smalltalk import EXAMPLES
from bot.cards.decision import SHOW
from bot.cards.team import unlinked_card
from bot.cards.to_decide import LIST
from bot.turns import Card, Kind, Turn
from casework import tables
from casework.booking import Wish, book
from casework.decide import decide
from casework.directory_record import directory_of, object_id_of
from casework.drafts import save_draft
from casework.effects import EffectState
from casework.meeting_record import write_minutes
from casework.minutes_proposals import propose
from casework.moderate import moderate
from casework.reporting import draft_report, report_filed, report_id
from casework.sharing import share
from casework.surgery_record import publish
from casework.team_links import all_teams
from communities.calendars import at_london
from communities.continuum import OTHER
from communities.directory import Directory, Role
from communities.reports import ReportKind
from communities.surgeries import Surgery
from papers.minutes_changes import change_of
from tests.conftest import Bench, World
from tests.test_case_studies import STUDY
from tests.test_clerks_desk import meeting_of
from tests.test_moves import KCC
from tests.test_record import MEETING, approve, arrive, home, set_up

SENTENCES = tuple(sentence for _, sentence in EXAMPLES.values())
"""One for each intent: what the bot's own suggestions write."""

WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        "contact": "Sam Field", "support": "Financial contribution", "solution": "A quiet corner at lunch",
        "attachments": "https://kent.sharepoint.example/sites/abbey/plan.docx", "outcomes": "Calmer afternoons",
        "pupils": "Zebedee Quill 03/04/2015", "sen_support": "1", "ehcp": "0",
        "looked_after": "0", "key_stages": "KS2", "requested_pence": "900", "funding_use": "An assistant for ten weeks",
        "already_supported": "Small groups", "signature": "Sam Field", "reason": "The dates have changed",
        "of.#": "Present", "item.#": "Everybody was welcomed", "matters": "The dashboard", "tick.R-#-#": "true",
        "description": "Pupils found the move hard.", "overview": "Visits in small groups.",
        "impact": "Attendance rose.",
        "worked": "Quick answers", "improve": "More visits", "text": "Can a community carry money over?",
        "note": "A plan for lunch", "comment": "Keep it", "useful": "5", "day": "2027-01-14", "at": "10:00",
        "summary": "Plans for lunch were discussed", "details": "Agreed",
        "what": "Ask the school nurse", "owner": "Jo", "due_on": "2026-12-01",
    }
)  # fmt: skip
"""What is written into an input that is empty, by its name; numbers within a name are `#`."""


ONE_PUPIL = {"sen_support": 1, "ehcp": 0}
"""As many as a response names, so that nothing is to be checked."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The record at a moment, made from that of the scene before it; `cards` gives cards that no sentence brings: what
    the bot posts, and what Teams asks for again by itself.
    """

    name: str
    make: Callable[[World], Awaitable[None]]
    sentences: Mapping[str, Sequence[str]]
    """What each person writes, by role."""
    cards: Callable[[World], Awaitable[Sequence[tuple[str, Card]]]] | None = None
    """Who they are for, and the card."""
    written: Mapping[str, str] = field(default_factory=lambda: WRITTEN)
    may_refuse: bool = False
    """Whether the answers may say what is missing: nothing is written into the cards."""


def mail_of_role(world: World, role: str) -> str:
    """Somebody of the community with that role."""
    directory = county(world)
    here, school = home(directory), directory.schools_of(home(directory))[0].name
    of: dict[str, tuple[Role, str]] = {
        "SENCO": (Role.SENCO, school), "chair": (Role.CHAIR, here), "clerk": (Role.CLERK, here),
        "SEN IA": (Role.SEN_IA, here), "moderator": (Role.MODERATOR, ""), "administrator": (Role.ADMINISTRATOR, ""),
        "neighbour": (Role.SENCO, directory.schools_of(here)[1].name),
    }  # fmt: skip
    if role == "HNFO":
        found = directory.hnfo_for(here)
        assert found is not None
        return str(found.mail)
    return str(directory.people_with(*of[role])[0].mail)


ROLES = ("SENCO", "chair", "clerk", "SEN IA", "moderator", "HNFO", "administrator")


def county(world: World) -> Directory:
    """Its communities, schools and people."""
    with world.desk.work() as work:
        return directory_of(work)


def home_schools(world: World) -> list[str]:
    """The schools of the community, by name."""
    directory = county(world)
    return [str(s.name) for s in directory.schools_of(home(directory))]


def bench_of(world: World) -> Bench:
    """The same record, for the helpers that need no tenant."""
    return Bench(world.desk, world.clock, [])


async def at(world: World, day: date, hour: int = 9) -> None:
    """That moment, with what fell due until then done."""
    await world.set_clock(at_london(day, time(hour)))
    await world.office.sweep()
    await world.carry_out()


async def submissions_open(world: World) -> None:
    """Two days before submissions close: three requests, two more that look as if they were sent twice,
    surgeries with free slots and a full one.
    """
    bench, directory = bench_of(world), county(world)
    set_up(bench, directory)
    for number in (1, 2, 3):
        arrive(bench, id=number, solution="A quiet corner at lunch, request 1", **ONE_PUPIL)
    arrive(bench, id=4, requested_pence=900, solution="A sensory room", outcomes="Fewer exclusions", **ONE_PUPIL)
    school, neighbour = home_schools(world)[:2]
    arrive(bench, id=5, school=neighbour, requested_pence=700, solution="A garden", outcomes="Calm", **ONE_PUPIL)
    adviser = mail_of_role(world, "SEN IA")
    senco, other = mail_of_role(world, "SENCO"), mail_of_role(world, "neighbour")
    with bench.desk.work() as work:
        for day, slots in ((date(2026, 11, 10), 3), (date(2026, 11, 12), 1), (date(2026, 11, 17), 3)):
            publish(work, adviser, Surgery(starts_at=at_london(day, time(14)), slots=slots), adviser)
        for surgery, slot, of, who in (("S-2026-0001", 1, school, senco), ("S-2026-0002", 1, neighbour, other)):
            book(work, Wish(surgery_id=surgery, slot=slot, school=of, theme=OTHER), who)
        share(work, STUDY, school, senco)
    await at(world, date(2026, 10, 20))


async def with_a_draft(world: World) -> None:
    """The SENCO has begun another request."""
    senco, school = mail_of_role(world, "SENCO"), home_schools(world)[0]
    with world.desk.work() as work:
        save_draft(work, senco, {"school": school, "contact": "Sam Field", "solution": "A sensory room"})


async def papers_due(world: World) -> None:
    """Submissions have closed, the agenda is not out."""
    await at(world, date(2026, 10, 23))


async def meeting_held(world: World) -> None:
    """The evening of the meeting: nothing is decided yet, the KiT report is to be signed."""
    bench, directory = bench_of(world), county(world)
    await at(world, date(2026, 10, 29))
    await at(world, MEETING, 18)
    report = report_id(ReportKind.KIT, date(2026, 11, 30), home(directory))
    with bench.desk.work() as work:
        draft_report(work, report)
        report_filed(work, report, "https://kent.sharepoint.example/reports/kit.docx")


async def minutes_changed(world: World) -> None:
    """Somebody else wrote in the minutes in Word."""
    meeting = meeting_of(bench_of(world), county(world))
    clerk, writer = (mail_of_role(world, role) for role in ("clerk", "SENCO"))
    with world.desk.work() as work:
        write_minutes(work, meeting, {1: "Everybody was welcomed."}, ["The hall"], clerk)
        changes = [change_of(f"note:{n}", (), (f"Written by somebody else, {n}.",)) for n in (1, 2)]
        propose(work, meeting, changes, writer, {})


async def afterwards(world: World) -> None:
    """A month later: KCC has processed one request and not the other, a third could not be forwarded, minutes are not
    written.
    """
    bench = bench_of(world)
    chair = mail_of_role(world, "chair")
    with bench.desk.work() as work:
        decide(work, "R-2026-0001", approve(), chair)
        decide(work, "R-2026-0005", approve(700), chair)
    await world.carry_out()
    with bench.desk.work() as work:
        moderate(work, "R-2026-0005", 65_000, "Morgan Vale", MEETING, KCC)
    await world.carry_out()
    with bench.desk.work() as work:
        decide(work, "R-2026-0004", approve(900), chair)
        effects = tables.effects
        stuck = update(effects).where(effects.c.kind == "mail.forward", effects.c.state == EffectState.WAITING)
        work.conn.execute(stuck.values(state=EffectState.STUCK.value))
    await at(world, date(2026, 12, 7))


async def agenda_given_up(world: World) -> None:
    """The agenda of the meeting was never sent, and an administrator gave it up."""
    meeting = meeting_of(bench_of(world), county(world))
    with world.desk.work() as work:
        meetings, effects = tables.meetings, tables.effects
        work.conn.execute(update(meetings).where(meetings.c.id == meeting).values(circulated_at=None))
        agenda = update(effects).where(effects.c.id == f"agenda.mail:{meeting}")
        work.conn.execute(agenda.values(state=EffectState.DROPPED.value))


async def posts(world: World) -> Sequence[tuple[str, Card]]:
    """What stands in the community's channel, and the list as the chair sees it once Teams has asked again."""
    channel = await world.hand.call("GET", f"channels/{home(county(world))}")
    found = [("clerk", p["activity"]["attachments"][0]["content"]) for p in channel]
    meeting = meeting_of(bench_of(world), county(world))
    for who, verb, values in (
        ("chair", LIST, {"meeting_id": meeting}), ("SENCO", LIST, {"meeting_id": meeting}),
        ("SENCO", SHOW, {"request_id": "R-2026-0001"}),
    ):  # fmt: skip
        reply = await world.office.router(
            Turn(kind=Kind.CARD_ACTION, object_id=account(world, mail_of_role(world, who)), verb=verb, values=values)
        )
        found.append((who, reply.cards[0]))
    return found


def account(world: World, mail: str) -> str:
    """Somebody's object id."""
    with world.desk.work() as work:
        return object_id_of(work, mail) or ""


async def a_term(world: World) -> None:
    """From the beginning to the evening of the meeting."""
    for make in (submissions_open, papers_due, meeting_held):
        await make(world)


SAMPLE = Scene(
    name="the meeting was held", make=a_term,
    sentences={
        "SENCO": ("help", "when are the next SEN IA surgeries", "cancel my surgery slot", "when is the next meeting"),
        "clerk": ("what is due",),
        "chair": ("what is waiting for my decision",),
    },
)  # fmt: skip
"""One of each kind of action, in a minute."""


async def team_not_linked(world: World) -> None:
    """Somebody who may not say whose it is added the bot to a team of the community's name."""
    here = home(county(world))
    with world.desk.work() as work:
        work.conn.execute(update(tables.teams).where(tables.teams.c.community == here).values(community=None))


async def asked_in_the_team(world: World) -> Sequence[tuple[str, Card]]:
    """Whose team it is."""
    here = home(county(world))
    with world.desk.work() as work:
        row = next(r for r in all_teams(work) if r.name == here)
    return [(who, unlinked_card(here, row.id)) for who in ("chair", "clerk")]


SCENES = (
    Scene(name="submissions are open", make=submissions_open, sentences=dict.fromkeys(ROLES, SENTENCES)),
    Scene(name="a request is begun", make=with_a_draft, sentences={"SENCO": ("I want to submit a request",)}),
    Scene(name="a request is sent with gaps", make=with_a_draft, sentences={"SENCO": ("I want to submit a request",)},
          written={}, may_refuse=True),
    Scene(name="papers are due", make=papers_due, sentences={"clerk": ("what is due",), "chair": ("what is due",)}),
    Scene(name="the meeting was held", make=meeting_held, cards=posts,
          sentences={**dict.fromkeys(("SENCO", "chair", "clerk", "SEN IA"), SENTENCES)}),
    Scene(name="the minutes were changed", make=minutes_changed, sentences={"clerk": ("what is due",)}),
    Scene(name="a month later", make=afterwards, cards=posts,
          sentences={"SENCO": SENTENCES, "chair": SENTENCES, "clerk": SENTENCES, "SEN IA": ("my surgeries",)}),
    Scene(name="the agenda was given up", make=agenda_given_up, sentences={"clerk": ("what is due",)}),
    Scene(name="a team is not linked", make=team_not_linked, sentences={}, cards=asked_in_the_team),
)  # fmt: skip
