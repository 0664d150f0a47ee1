"""Two communities whose every field says whose it is, and somebody of each kind who is that and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import insert, update

from casework import tables
from casework.asking_kcc import ask
from casework.booking import Wish, book
from casework.budget_record import import_budget, position
from casework.decide import decide
from casework.desk import Work
from casework.directory_record import import_people
from casework.documents import keep_paper
from casework.drafts import save_draft
from casework.evaluating import evaluate
from casework.meeting_record import add_action, mark_attendance, write_minutes
from casework.moderate import moderate
from casework.reading import Reader, Thing
from casework.reporting import draft_report, report_filed, report_id
from casework.request_moves import pay_request, return_request
from casework.schedule import schedule_meetings
from casework.sharing import share
from casework.surgery_record import publish
from casework.sweep import sweep
from communities.budget import SchoolAllocation
from communities.calendars import at_london
from communities.case_studies import CaseStudy
from communities.continuum import OTHER, Focus
from communities.directory import Directory, Mail, Person, Role
from communities.evaluations import Evaluation
from communities.meetings import Attendee
from communities.meetings import Mark as Came
from communities.money import pounds
from communities.questions import Part
from communities.reports import ReportKind
from communities.surgeries import Surgery
from tests.conftest import Bench
from tests.test_confirming_headings import OTHER as HEADING
from tests.test_confirming_headings import unclear
from tests.test_record import MEETING, NEXT, a_budget, approve, arrive, slot
from tests.test_stuck import make_stuck

YEAR = "2026-27"
RUN = frozenset({Reader.CHAIR, Reader.CLERK})
NONE: frozenset[Reader] = frozenset()
ANYBODY = frozenset({Reader.ELSEWHERE})
KCC = frozenset({Reader.COUNTY, Reader.ELSEWHERE})


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Somebody: a role, on which side it is held, and what that makes of them there, said here by hand."""

    role: Role | None
    reader: Reader | None = None
    side: str = "own"
    school: int | None = None
    county: frozenset[Reader] = NONE

    def readers(self, side: str) -> frozenset[Reader]:
        """What they are to a side; to '' what they are anywhere."""
        if self.role is None:
            return frozenset({Reader.NOBODY})
        own = {self.reader} if self.reader and side in ("", self.side) else set()
        return ANYBODY | self.county | own


KINDS: Mapping[str, Kind] = {
    "senco": Kind(role=Role.SENCO, reader=Reader.SCHOOL, school=0),
    "leader": Kind(role=Role.LEADER, reader=Reader.SCHOOL, school=0),
    "neighbour": Kind(role=Role.SENCO, reader=Reader.OTHER_SCHOOL, school=1),
    "chair": Kind(role=Role.CHAIR, reader=Reader.CHAIR),
    "clerk": Kind(role=Role.CLERK, reader=Reader.CLERK),
    "sen-ia": Kind(role=Role.SEN_IA, reader=Reader.SEN_IA),
    "psychologist": Kind(role=Role.PSYCHOLOGIST, reader=Reader.PRACTITIONER),
    "nurse": Kind(role=Role.HEALTH_NAVIGATOR, reader=Reader.PRACTITIONER, school=0),
    "other-senco": Kind(role=Role.SENCO, reader=Reader.SCHOOL, school=0, side="other"),
    "other-chair": Kind(role=Role.CHAIR, reader=Reader.CHAIR, side="other"),
    "other-clerk": Kind(role=Role.CLERK, reader=Reader.CLERK, side="other"),
    "other-sen-ia": Kind(role=Role.SEN_IA, reader=Reader.SEN_IA, side="other"),
    "moderator": Kind(role=Role.MODERATOR, county=KCC),
    "administrator": Kind(role=Role.ADMINISTRATOR, county=KCC | {Reader.ADMINISTRATOR}),
    "hnfo": Kind(role=Role.HNFO, county=KCC),
    "board": Kind(role=Role.AREA_BOARD),
    "gone": Kind(role=None),
}


def mail_of_kind(kind: str) -> str:
    """Their address; their id in Entra ID is the same."""
    return f"{kind}@who.example"


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A value of the record, what it belongs to, and who of its readers ever sees it (all, where nothing is said)."""

    text: str
    things: tuple[Thing, ...]
    side: str
    shown: frozenset[Reader] | None = None
    people: tuple[str, ...] = ()
    """Who wrote it or is its adviser."""
    shown_to: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Side:
    """A community and the numbers of what it has."""

    name: str
    schools: tuple[str, ...]
    waiting: str
    paid: str
    returned: str
    held: str
    meeting: str
    coming: str
    report: str
    surgery: str
    requests: tuple[str, ...]
    """Those that are asked about."""


def sides_of(directory: Directory, *, all_requests: bool = True) -> Mapping[str, Side]:
    """The two communities, with the numbers `marked` gives; or with one request that waits and one that is paid."""
    large = [c for c in directory.communities if len(directory.schools_of(c.name)) > 4][:2]
    made = {}
    for n, (side, community) in enumerate(zip(("own", "other"), large, strict=True)):
        name = str(community.name)
        numbers = [f"R-2026-{4 * n + m:04d}" for m in (1, 2, 3, 4)]
        made[side] = Side(
            name=name, schools=tuple(str(s.name) for s in directory.schools_of(name)), waiting=numbers[0],
            paid=numbers[1], returned=numbers[2], held=numbers[3], meeting=f"{name} {YEAR} T2",
            coming=f"{name} {YEAR} T3", report=report_id(ReportKind.KIT, date(2026, 11, 30), name),
            surgery=f"S-2026-{n + 1:04d}", requests=tuple(numbers if all_requests else numbers[:2]),
        )  # fmt: skip
    return made


def marked(bench: Bench, directory: Directory) -> None:
    """The evening of both communities' meetings; every text and every sum is one of `marks_of`."""
    sides = sides_of(directory)
    people = [
        Person(name=kind.title(), mail=Mail(mail_of_kind(kind)), role=k.role, of=_of(k, sides))
        for kind, k in KINDS.items()
        if k.role
    ]
    with bench.desk.work() as work:
        import_people(work, [*directory.people, *people])
        rows = [{"aad_object_id": mail_of_kind(kind), "mail": mail_of_kind(kind)} for kind in KINDS]
        work.conn.execute(insert(tables.identities), rows)
    for n, (side, of) in enumerate(sides.items()):
        _asked(bench, side, of, n)
    bench.at(MEETING, 18)
    sweep(bench.desk)
    with bench.desk.work() as work:
        unclear(work)
        for side, of in sides.items():
            _decided(work, side, of)
            _met(work, side, of)
            _beside(work, side, of)


def _of(kind: Kind, sides: Mapping[str, Side]) -> str:
    if kind.role in (Role.MODERATOR, Role.ADMINISTRATOR):
        return ""
    if kind.role in (Role.HNFO, Role.AREA_BOARD):
        return "West"
    of = sides[kind.side]
    return of.name if kind.school is None else of.schools[kind.school]


def person(side: str, kind: str) -> str:
    """Their address on that side."""
    return mail_of_kind(kind if side == "own" else f"other-{kind}")


def _asked(bench: Bench, side: str, of: Side, n: int) -> None:
    """Meetings, money and four requests, of which one looks as if it were sent twice."""
    line = SchoolAllocation(
        dfe=None, school=of.schools[0], phase="Primary", notional_budget_pence=SUMS[side]["notional"] * 100,
        notional_top_up_pence=0, automatic_payments_pence=0, automatic_payments=0, protected_payments_pence=0,
        protected_payments=0, agreed_payments_pence=0, agreed_pupils=0,
    )  # fmt: skip
    with bench.desk.work() as work:
        schedule_meetings(work, [slot(of.name, MEETING, 2), slot(of.name, NEXT, 3)])
        budget = a_budget(of.name, SUMS[side]["budget"])
        import_budget(work, type(budget)(**{**_values(budget), "schools": (line,)}))
    texts = ("solution", "outcomes", "funding_use", "already_supported", "contact")
    for number, sum_ in enumerate(("waiting", "asked", "returned", "returned"), 1):
        unlike = {f: word(side, f"{f}{min(number, 3)}") for f in texts}
        arrive(bench, id=4 * n + number, community=of.name, school=of.schools[0],
               requested_pence=SUMS[side][sum_], **unlike)  # fmt: skip


def _values(budget: object) -> dict[str, object]:
    return {name: getattr(budget, name) for name in budget.__dataclass_fields__}  # type: ignore[attr-defined]  # a dataclass


def _decided(work: Work, side: str, of: Side) -> None:
    """One decided, moderated and paid, one sent back."""
    sums, chair = SUMS[side], person(side, "chair")
    said = {"details": word(side, "details"), "conditions": word(side, "conditions")}
    decide(work, of.paid, approve(sums["approved"], **said), chair)
    moderate(work, of.paid, sums["final"] * 100, "Morgan", MEETING, mail_of_kind("moderator"))
    pay_request(work, of.paid, sums["paid"] * 100, MEETING, mail_of_kind("moderator"))
    return_request(work, of.returned, word(side, "reason"), chair)


def _met(work: Work, side: str, of: Side) -> None:
    """What a meeting leaves: papers, register, minutes with a change that waits, actions, a task that failed."""
    clerk = person(side, "clerk")
    came = [Attendee(of=s, person=word(side, "person"), mark=Came.PRESENT) for s in of.schools[:1]]
    came += [Attendee(of=s, person="", mark=Came.APOLOGIES) for s in of.schools[1 : 2 + SUMS[side]["sorry"]]]
    mark_attendance(work, of.meeting, came, clerk)
    write_minutes(work, of.meeting, {1: word(side, "minutes")}, [word(side, "matter")], clerk)
    for meeting, kind in ((of.coming, "agenda"), (of.meeting, "minutes")):
        keep_paper(work, meeting, kind, f"{kind}.docx", b"x")
        url = {"web_url": f"https://library.example/{word(side, kind)}"}
        papers = tables.papers
        work.conn.execute(
            update(papers).where(papers.c.meeting_id == meeting, papers.c.kind == kind).values(url)
        )  # fmt: skip
    meetings = tables.meetings
    joined = {"join_url": f"https://teams.example/{word(side, 'join')}"}
    work.conn.execute(update(meetings).where(meetings.c.id == of.coming).values(joined))
    change = {"unit": "note:1", "said": [word(side, "proposal")], "authors": ["x@who.example"]}
    row = {"id": f"{of.meeting}#1", "meeting_id": of.meeting, "proposed_at": work.now, **change}
    work.conn.execute(insert(tables.minutes_proposals).values(row))
    add_action(work, of.name, word(side, "action"), word(side, "owner"), date(2027, 1, 5), clerk)
    make_stuck(work, f"mail.chase:{of.paid}#{side}")
    effects = tables.effects
    failed = update(effects).where(effects.c.id == f"mail.chase:{of.paid}#{side}")
    work.conn.execute(failed.values(problem=word(side, "problem")))


def _beside(work: Work, side: str, of: Side) -> None:
    """A report, a surgery with a booking, a question, a case study, an evaluation, a draft."""
    senco, adviser, school = person(side, "senco"), person(side, "sen-ia"), of.schools[0]
    draft_report(work, of.report)
    report_filed(work, of.report, f"https://library.example/{word(side, 'report')}")
    surgery = publish(
        work,
        adviser,
        Surgery(starts_at=at_london(date(2026, 11, 20), time(13 if side == "own" else 15)), slots=3),
        adviser,
    )
    wish = Wish(surgery_id=surgery, slot=1, school=school, theme=OTHER, note=word(side, "note"))
    book(work, wish, senco)
    ask(work, next(iter(Part)), f"Who pays for {word(side, 'question')} {side}", senco)
    study = {part: word(side, part) for part in ("description", "overview", "impact")}
    share(work, CaseStudy(focus=Focus.TRANSITION, **study), school, senco)
    said = Evaluation(
        service="Health Navigator", effective="4", worked=word(side, "worked"), improve=word(side, "improve")
    )
    evaluate(work, said, school, senco)
    save_draft(work, senco, {"school": school, "contact": word(side, "draft")})


SUMS: Mapping[str, Mapping[str, int]] = {
    "own": {"waiting": 1_313, "asked": 3_131, "approved": 2_131, "final": 2_121, "paid": 2_111, "returned": 4_141,
            "budget": 51_511, "notional": 71_711, "sorry": 1},
    "other": {"waiting": 1_323, "asked": 3_232, "approved": 2_232, "final": 2_222, "paid": 2_202, "returned": 4_242,
              "budget": 62_622, "notional": 82_822, "sorry": 2},
}  # fmt: skip
"""In pounds; no sum is another's."""


def word(side: str, name: str) -> str:
    """A word that stands nowhere else."""
    return f"zq{side}{name}zq"


def marks_of(work: Work, directory: Directory) -> list[Marked]:
    """Every marked value, with what it is of. Sums are as people read them."""
    found = [Marked(text=HEADING, things=(Thing.HEADINGS,), side="")]
    left = 0
    for side, of in sides_of(directory).items():
        found += _words_of(side)
        stands = position(work, of.name, YEAR)
        assert stands is not None
        left += stands.balance_pence
        found.append(Marked(text=pounds(stands.balance_pence), things=(Thing.BALANCE,), side=side))
        found += [
            Marked(text=f"£{SUMS[side][name]:,}", things=(Thing.STATUS,), side=side)
            for name in ("waiting", "asked", "approved", "final", "paid", "returned")
        ]
        came = f"{Came.APOLOGIES} ({SUMS[side]['sorry'] + 1})"
        found.append(Marked(text=came, things=(Thing.REGISTER,), side=side, shown=_ASK_WHO_CAME))
        found.append(Marked(text=f"£{SUMS[side]['notional']:,}", things=(Thing.FUNDING,), side=side))
    return [*found, Marked(text=pounds(left), things=(Thing.COUNTY_TOTALS,), side="")]


_ASK_WHO_CAME = frozenset({Reader.SCHOOL, Reader.OTHER_SCHOOL, Reader.SEN_IA, Reader.COUNTY})
"""Chair and clerk get the register itself."""


def _words_of(side: str) -> list[Marked]:
    senco, adviser = ("senco", "sen-ia") if side == "own" else ("other-senco", "other-sen-ia")
    plain: dict[str, tuple[Thing, ...]] = {
        "details": (Thing.DECISIONS,), "conditions": (Thing.DECISIONS,), "reason": (Thing.REQUEST,),
        "action": (Thing.ACTIONS,), "owner": (Thing.ACTIONS,), "agenda": (Thing.PAPERS,), "join": (Thing.JOIN_LINK,),
        "problem": (Thing.TASKS, Thing.STUCK), "report": (Thing.REPORTS,), "description": (Thing.CASE_STUDIES,),
        "overview": (Thing.CASE_STUDIES,), "impact": (Thing.CASE_STUDIES,), "minutes": (Thing.PAPERS,),
    }  # fmt: skip
    texts = [f"{name}{n}" for n in (1, 2, 3)
             for name in ("solution", "outcomes", "funding_use", "already_supported", "contact")]  # fmt: skip
    leader = ("leader",) * (side == "own")
    shown = (*leader, senco.replace("senco", "chair"), senco.replace("senco", "clerk"))
    own: dict[str, tuple[Thing, tuple[str, ...], tuple[str, ...]]] = {
        "note": (Thing.BOOKINGS, (senco, adviser), (adviser,)), "question": (Thing.QUESTIONS, (senco,), (senco,)),
        "draft": (Thing.DRAFTS, (senco,), (senco,)), "worked": (Thing.DRAFTS, (), ()),
        "improve": (Thing.DRAFTS, (), ()),
    }  # fmt: skip
    run = {"matter": Thing.PAPERS, "person": Thing.REGISTER, "proposal": Thing.TASKS}
    return [
        *(Marked(text=word(side, name), things=things, side=side) for name, things in plain.items()),
        *(Marked(text=word(side, name), things=(Thing.REQUEST,), side=side,
                 shown_to=shown if name in ("solution1", "outcomes1") else ()) for name in texts),
        *(Marked(text=word(side, name), things=(thing,), side=side, shown=RUN) for name, thing in run.items()),
        *(Marked(text=word(side, name), things=(thing,), side=side, people=people, shown_to=seen)
          for name, (thing, people, seen) in own.items()),
    ]  # fmt: skip
