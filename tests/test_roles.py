"""Every role at every button: done, or refused with the reason. One record; each press is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from sqlalchemy import Connection, insert

from bot import action_items
from bot.asking import asker_of
from bot.behaviours import VERBS
from bot.cards.to_decide import TICK
from bot.cards.wizard import CLOSE, DISCARD, GO, SEND
from bot.clerks_desk import DOES, OPENS
from bot.minuting import APOLOGIES
from bot.verbs import Press
from casework import tables
from casework.booking import Wish, book
from casework.desk import Work
from casework.directory_record import import_people
from casework.drafts import save_draft
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.reporting import draft_report, report_filed, report_id
from casework.surgery_record import publish
from casework.sweep import sweep
from casework.team_links import TeamState
from communities.calendars import at_london
from communities.continuum import OTHER
from communities.directory import Directory, Person, Role
from communities.reports import ReportKind
from communities.surgeries import Surgery
from forms_ingest.request_for_support import read_response
from local_tenant.card_text import card_as_text
from tests.conftest import Bench, begun
from tests.test_clerks_desk import meeting_of
from tests.test_moves import R1
from tests.test_record import MEETING, arrive, home, set_up
from tests.test_submitting import filled

STRANGER, LEADER = "nobody@elsewhere.example", "head@school.example"
RUNS = {"chair", "clerk"}
OWN = {"SENCO", "leader"}
SEES = {*OWN, *RUNS, "neighbour's SENCO", "SEN IA", "HNFO", "moderator", "administrator"}

MAY: Mapping[str, set[str]] = {
    "decide": RUNS,
    "decide.show": SEES,
    "list.show": SEES,
    "list.approve": RUNS,
    "withdraw": {*OWN, "clerk", "administrator"},
    GO: {*SEES, "other chair", "stranger"},
    CLOSE: {*SEES, "other chair", "stranger"},
    DISCARD: {*SEES, "other chair", "stranger"},
    SEND: {*OWN, "clerk"},
    "register": RUNS,
    "minutes": RUNS,
    "minutes.proposed": RUNS,
    "papers-by-hand": RUNS,
    APOLOGIES: {*OWN, *RUNS},
    **{f"desk {task.name}": RUNS for task in (*DOES, *OPENS)},
    "desk HELD": {"clerk", "administrator"},
    "make an action": RUNS,
    "case.share": OWN,
    "evaluate": OWN,
    "held": {"clerk", "administrator"},
    "report.sign": RUNS,
    "question.ask": {*SEES, "other chair", "stranger"},
    "surgery.book": OWN,
    **{key: {"SENCO"} for key in ("surgery.cancel", "surgery.move", "surgery.feedback")},
    **{key: {*SEES, "other chair", "stranger"} for key in ("surgery.stop-mails", "surgery.resume-mails")},
    **{key: {"SEN IA"} for key in ("surgery.new", "surgery.publish", "surgery.sum-up-form", "surgery.sum-up")},
    "surgery.call-off": {"SEN IA", "administrator"},
    "team.link": {*RUNS, "administrator"},
}
"""Who may press what. A draft is its writer's own; sending it is what is asked of the directory."""

ROLES = sorted({*SEES, "other chair", "stranger"})


def who(role: str, directory: Directory) -> str:
    """Somebody who is that and nothing more."""
    here, away = home(directory), directory.communities[1].name
    school, neighbour = directory.schools_of(here)[0].name, directory.schools_of(here)[1].name
    if role == "leader":
        return LEADER
    of: dict[str, tuple[Role, str]] = {
        "SENCO": (Role.SENCO, school), "neighbour's SENCO": (Role.SENCO, neighbour),
        "chair": (Role.CHAIR, here), "clerk": (Role.CLERK, here), "other chair": (Role.CHAIR, away),
        "SEN IA": (Role.SEN_IA, here), "moderator": (Role.MODERATOR, ""), "administrator": (Role.ADMINISTRATOR, ""),
    }  # fmt: skip
    if role == "stranger":
        return STRANGER
    if role == "HNFO":
        found = directory.hnfo_for(here)
        assert found is not None
        return found.mail
    people = directory.people_with(*of[role])
    assert people, f"the sample names no {role}"
    return people[0].mail


@begun
def desk(bench: Bench, directory: Directory) -> None:
    """The morning of a meeting with one small request."""
    set_up(bench, directory)
    school = directory.schools_of(home(directory))[0].name
    leader = Person(name="Lee Head", mail=LEADER, role=Role.LEADER, of=school)
    with bench.desk.work() as work:
        import_people(work, [*directory.people, leader])
    arrive(bench, requested_pence=900)
    adviser = directory.people_with(Role.SEN_IA, home(directory))[0].mail
    surgery = Surgery(starts_at=at_london(date(2026, 11, 20), time(14, 0)), slots=3)
    with bench.desk.work() as work:
        surgery_id = publish(work, adviser, surgery, adviser)
        book(work, Wish(surgery_id=surgery_id, slot=1, school=school, theme=OTHER), who("SENCO", directory))
        team = {"id": "19:team", "name": "Heads", "community": None, "state": TeamState.OPEN, "reference": {}}
        work.conn.execute(insert(tables.teams).values(**team))
    bench.at(MEETING)
    sweep(bench.desk)
    with bench.desk.work() as work:
        meeting = f"{home(directory)} 2026-27 T2"
        said = {"notes": {}, "matters": [], "written_by": adviser, "version": 1}
        work.conn.execute(insert(tables.minutes).values(meeting_id=meeting, **said))
        change = {"unit": "note:1", "said": ["A"], "authors": [STRANGER], "proposed_at": work.now}
        work.conn.execute(insert(tables.minutes_proposals).values(id=f"{meeting}#1", meeting_id=meeting, **change))
        draft_report(work, report_of(directory))
        report_filed(work, report_of(directory), "https://x.example/report")


def report_of(directory: Directory) -> str:
    return report_id(ReportKind.KIT, date(2026, 11, 30), home(directory))


def values_of(verb: str, meeting: str, directory: Directory) -> dict[str, Any]:
    if verb.startswith("desk "):
        task = verb.removeprefix("desk ")
        subjects = {"FORWARD": R1, "CHASE": R1, "HELD": R1, "SIGN": report_of(directory)}
        return {"task": task, "subject": subjects.get(task, meeting)}
    school = str(directory.schools_of(home(directory))[0].name)
    return {
        "request_id": R1, "meeting_id": meeting, "school": school, "reason": "Because", f"{TICK}{R1}": "true",
        "responses": "Financial contribution", "amount": 900, "made_by": "Consensus", "review_on": "2027-02-01",
        "of.0": "Present", "item.1": "Welcomed", "signature": "S", "step": 4,
        "to": "S-2026-0001/2" if verb == "surgery.move" else 1, "surgery_id": "S-2026-0001", "slot": "3",
        "focus": "Pastoral", "description": "A", "overview": "B", "impact": "C",
        "is": "reject" if verb == "minutes.proposed" else "own", "proposal_id": f"{meeting}#1",
        "report_id": report_of(directory), "service": "Health Navigator", "effective": "4",
        "booking_id": "1", "useful": "5", "day": "2026-11-19", "at": "10:00", "slots": "3", "minutes": "20",
        "team": "19:team", "sent_on": "2026-10-29",
    }  # fmt: skip


def outcome(work: Work, verb: str, mail: str, values: Mapping[str, Any]) -> str:
    """'' where it was done or only its state stood against it; else the reason it was refused."""
    if verb == "make an action":
        return refusal(
            lambda: action_items.keep(
                work,
                mail,
                {"what": "x", "owner": "y", "due_on": date(2027, 1, 1).isoformat(), "community": values["community"]},
            )
        )
    press = Press(work=work.acting(mail), mail=mail, values=values, read_answers=read_response)

    def doing() -> str:
        said = VERBS[verb.partition(" ")[0]](press)
        return said.as_text() + "".join(card_as_text(c) for c in said.cards)

    return refusal(doing)


def refusal(doing: Any) -> str:
    try:
        said = doing()
    except NotAllowed as error:
        return str(error)
    except (InputRefused, AlreadyDone):
        return ""
    return str(said) if "can be decided by" in str(said) else ""


def test_every_role_at_every_button(desk: Bench, directory: Directory) -> None:
    meeting, found, refused = meeting_of(desk, directory), {}, {}
    draft = {k: v for card in filled(directory, requested_pence="900") for k, v in card.items()}
    for role in ROLES:
        mail = who(role, directory)
        for verb in MAY:
            values = {**values_of(verb, meeting, directory), "community": home(directory)}
            with desk.desk.engine.connect() as conn:
                work = work_of(desk, conn)
                save_draft(work, mail, {k: str(v).replace(",", ";").removesuffix(".0") for k, v in draft.items()})
                said = outcome(work, verb, mail, values)
                conn.rollback()
            found[role, verb] = not said
            refused[role, verb] = said
    wanted = {(role, verb): role in MAY[verb] for role in ROLES for verb in MAY}
    assert {k: refused[k] or "done" for k in wanted if found[k] != wanted[k]} == {}
    assert all(len(s) > 20 for k, s in refused.items() if not wanted[k]), "each refusal says why"


def work_of(bench: Bench, conn: Connection) -> Work:
    return Work(conn=conn, now=bench.desk.clock.now(), actor="test", desk=bench.desk)


def test_the_table_names_every_verb_and_every_role() -> None:
    assert {v.partition(" ")[0] for v in MAY} == {*VERBS, "make"}
    assert len(ROLES) == 11


def test_what_a_person_may_follows_from_the_directory_alone(desk: Bench) -> None:
    with desk.desk.work() as work:
        asker = asker_of(work, STRANGER)
    assert (asker.communities, asker.clerked, asker.chaired, asker.is_county) == ((), (), (), False)
