"""The demo's year around the meetings: minutes, payments, evaluations, signed reports, the year's end and start."""

from __future__ import annotations

import asyncio
import io
from datetime import date, datetime, timedelta
from importlib.resources import as_file, files
from typing import Any

from docx import Document
from sqlalchemy import select

from casework import tables
from casework.budget_record import position
from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of
from casework.evaluating import evaluate
from casework.improving import report_improvement
from casework.meeting_record import actions_of, add_action, close_action, day_of, minutes_row, write_minutes
from casework.receive import discard_held
from casework.report_filing import path_of
from casework.reporting import missing_signatures, open_reports, report_row, sign_report
from casework.request_moves import pay_request
from casework.schedule import MeetingState
from casework.year_end import agree_balance, close_year
from casework.year_start import open_year, year_before
from communities.calendars import academic_year
from communities.directory import Role
from communities.evaluations import Evaluation
from communities.lifecycle import State
from communities.reports import ReportKind, period_of
from papers.term_dates import load_school_years
from sample_world.texts import pick, texts
from service.demo_patience import through
from service.demo_report import Timeline
from service.demo_sharing import Sharing
from service.demo_texts import action_of, improvements_of, matter_of, notes_of, outcome_of
from service.office import Office
from service.sample import sample_budgets
from service.tenant_hand import TenantHand

WRITTEN_AFTER = 2
"""Working days after a meeting on which its clerk writes the minutes."""

CLERK_SIGNS, CHAIR_SIGNS = 5, 7
"""Working days after a report was drafted."""

LATE_BY = 5
"""Working days: the first community's chair signs its February report late, a breach that stays on the record."""

AGREED_ON, CLOSED_ON, OPENED_ON = date(2027, 7, 26), date(2027, 7, 27), date(2027, 7, 28)


class Year:
    """What clerks, chairs and KCC do over a year, played out."""

    def __init__(self, office: Office, hand: TenantHand, timeline: Timeline) -> None:
        self._office, self._desk, self._hand, self._timeline = office, office.desk, hand, timeline
        self._sharing = Sharing(office.desk, timeline)

    async def afternoon(self, day: date, now: datetime) -> None:
        """What is done at the end of a working day."""
        await self._settle_held(now)
        await self._write_minutes(day, now)
        await self._sign_reports(day, now)
        await self._pay(day, now)
        if day.weekday() == 4:
            await self._edit_minutes(day, now)
        if day == AGREED_ON:
            await self._agree(now)
        elif day == CLOSED_ON:
            await self._close(now)
        elif day == OPENED_ON:
            await self._open(now)

    async def _settle_held(self, now: datetime) -> None:
        for request_id, clerk in await self._desk.run(SYSTEM, _held):
            await self._desk.run(clerk, discard_held, request_id, clerk)
            self._timeline.add(now, f"The clerk saw that {request_id} had been sent twice.")

    async def _write_minutes(self, day: date, now: datetime) -> None:
        wanted = await self._desk.run(SYSTEM, _to_minute, self._desk.days.before(day, WRITTEN_AFTER))
        for meeting, clerk in wanted:
            await self._desk.run(clerk, _minute, meeting, clerk)
        if wanted:
            self._timeline.add(now, f"Minutes written by clerks, filed and mailed: {len(wanted)}.")

    async def _edit_minutes(self, day: date, now: datetime) -> None:
        """On Fridays a clerk mends something in Word."""
        found = await self._desk.run(SYSTEM, _to_edit, day)
        if found is None:
            return
        community, name, clerk = found
        content = await through(lambda: self._office.ports.files.read(community, f"Minutes/{name}"))
        if content is None:
            return
        edited = await asyncio.to_thread(_with_a_line, content)
        await self._hand.save_file(community, f"Minutes/{name}", edited, clerk)
        taken = await through(self._office.pull_minutes)
        self._timeline.add(now, f"The clerk of {community} mended the minutes in Word; {taken} were read back.")

    async def _sign_reports(self, day: date, now: datetime) -> None:
        signed = sent = 0
        for report, mail, waits in await self._desk.run(SYSTEM, _to_sign, day):
            await self._desk.run(mail, sign_report, report, mail)
            signed, sent = signed + 1, sent + (waits == 1)
        for report, mail, waits in await self._desk.run(SYSTEM, _to_sign, self._desk.days.after(day, 1)):
            if waits == 2:
                await self._complete(report, mail)
        if signed:
            self._timeline.add(now, f"Reports signed: {signed}; by both, and sent: {sent}.")
        if sent > 1 and await self._desk.run(SYSTEM, _report_back, day):
            self._timeline.add(now, "KCC reported back what was improved; it stands on the next agendas.")

    async def _complete(self, report: str, clerk: str) -> None:
        """The day before they sign, the clerk writes in Word what the draft leaves to people."""
        community, path = await self._desk.look(_place_of, report)
        content = await through(lambda: self._office.ports.files.read(community, path))
        if content is not None:
            completed = await asyncio.to_thread(_with_themes, content, sum(report.encode()))
            await self._hand.save_file(community, path, completed, clerk)

    async def school_day(self, day: date, now: datetime) -> None:
        """Schools share and ask; a fortnight before a KiT report is drafted some say how effective services are."""
        await self._sharing.school_day(day, now)
        due_on = period_of(ReportKind.KIT, day, self._desk.school_years).due_on
        if day == self._desk.days.before(due_on, 15):
            said = await self._desk.run(SYSTEM, _evaluate, due_on)
            self._timeline.add(now, f"{said} schools evaluated services.")

    async def _pay(self, day: date, now: datetime) -> None:
        paid = await self._desk.run(SYSTEM, _pay_due, day)
        if paid:
            self._timeline.add(now, f"Requests KCC paid with the schools' advance: {paid}.")

    async def _agree(self, now: datetime) -> None:
        agreed = await self._desk.run(SYSTEM, _agree_all, academic_year(now.date()))
        self._timeline.add(now, f"KCC agreed the balances of {agreed} communities.")

    async def _close(self, now: datetime) -> None:
        closed, carried = await self._desk.run(SYSTEM, _close_all, academic_year(now.date()))
        over = f"; carried over: {', '.join(carried)}" if carried else ""
        self._timeline.add(now, f"{closed} communities closed their year{over}.")

    async def _open(self, now: datetime) -> None:
        with as_file(files("sample_world") / "term-dates-2027-28.json") as own:
            year = load_school_years(own)["2027-28"]
        said = await asyncio.to_thread(sample_budgets, self._desk, year.academic_year, "the administrator")
        booked, lacks = await self._desk.run(SYSTEM, _open_next, year)
        self._timeline.add(
            now, f"The year {year.academic_year} was opened: {booked} meetings booked, {said} budgets imported, "
            f"{lacks} communities lack something."
        )  # fmt: skip


def _held(work: Work) -> list[tuple[str, str]]:
    requests, directory = tables.requests, directory_of(work)
    rows = select(requests.c.id, requests.c.community).where(requests.c.state == State.SUBMITTED)
    clerks = [(r.id, directory.clerk_of(r.community)) for r in work.conn.execute(rows.order_by(requests.c.id))]
    return [(request_id, str(clerk.mail)) for request_id, clerk in clerks if clerk]


def _to_minute(work: Work, day: date) -> list[tuple[str, str]]:
    """The meetings held on or before that day without minutes, with their clerk."""
    meetings, minutes = tables.meetings, tables.minutes
    rows = work.conn.execute(
        select(meetings)
        .outerjoin(minutes, minutes.c.meeting_id == meetings.c.id)
        .where(meetings.c.state == MeetingState.HELD, minutes.c.meeting_id.is_(None))
        .order_by(meetings.c.id)
    )
    found = []
    for row in rows.all():
        clerk = directory_of(work).clerk_of(row.community)
        if clerk and day_of(row) <= day:
            found.append((row.id, str(clerk.mail)))
    return found


def _minute(work: Work, meeting_id: str, clerk: str) -> None:
    """Notes, a matter, and of every third community an action that is closed at the next meeting."""
    community = meeting_id.rpartition(" ")[0].rpartition(" ")[0]
    number = [str(c.name) for c in directory_of(work).communities].index(community)
    for action in actions_of(work, community):
        close_action(work, action.id, outcome_of(action.what), clerk)
    write_minutes(work, meeting_id, notes_of(work, meeting_id, number), [matter_of(meeting_id, number)], clerk)
    if number % 3 == 0:
        agreed, due_on = action_of(meeting_id, number // 3), work.today + timedelta(days=40)
        add_action(work, community, agreed.text, agreed.about["owner"], due_on, clerk, meeting_id)


AS_WRITTEN = 1
"""The version of minutes that nobody mended since they were written."""


def _to_edit(work: Work, day: date) -> tuple[str, str, str] | None:
    """One of the week's minutes that are filed: community, file, clerk."""
    meetings, papers = tables.meetings, tables.papers
    rows = work.conn.execute(
        select(meetings, papers.c.name)
        .join(papers, (papers.c.meeting_id == meetings.c.id) & (papers.c.kind == "minutes"))
        .where(papers.c.web_url.is_not(None))
        .order_by(meetings.c.starts_at.desc(), meetings.c.id)
        .limit(1)
    ).all()
    for row in rows:
        clerk, known = directory_of(work).clerk_of(row.community), minutes_row(work, row.id)
        if clerk and known.version == AS_WRITTEN and day_of(row) > day - timedelta(days=14):
            return row.community, row.name, str(clerk.mail)
    return None


DASHBOARD = 3
"""The item on outcomes data."""


def _with_a_line(content: bytes) -> bytes:
    document = Document(io.BytesIO(content))
    said = {text.text for text in texts("minutes", "note") if text.about["item"] == DASHBOARD}
    note = next(p for p in document.paragraphs if p.text in said)
    note.text = f"{note.text} Attendance rose in most schools."
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _to_sign(work: Work, day: date) -> list[tuple[str, str, int]]:
    """Reports somebody signs today: (report, mail, signatures that are missing)."""
    directory, found = directory_of(work), []
    names = [str(c.name) for c in directory.communities]
    for row in open_reports(work, names):
        if row.web_url is None:
            continue
        missing = missing_signatures(row)
        is_late = row.community == names[0] and row.due_on.month == 2 and row.kind == ReportKind.KIT
        for role, after in ((Role.CLERK, CLERK_SIGNS), (Role.CHAIR, CHAIR_SIGNS + (LATE_BY if is_late else 0))):
            person = next(iter(directory.people_with(role, row.community)), None)
            when = work.desk.days.after(row.drafted_at.date(), after)
            if role in missing and person and when <= day:
                found.append((row.id, str(person.mail), len(missing)))
                break
    return found


def _place_of(work: Work, report: str) -> tuple[str, str]:
    row = report_row(work, report)
    return row.community, path_of(row)


LEFT_TO_PEOPLE = "o be completed by clerk and chair"
"""What the draft says where it waits for their words."""


def _with_themes(content: bytes, number: int) -> bytes:
    document, themes = Document(io.BytesIO(content)), texts("reports", "theme")
    waiting = [p for p in document.paragraphs if LEFT_TO_PEOPLE in p.text]
    for further, paragraph in enumerate(waiting):
        paragraph.text = pick(themes, number + 5 * further).text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _report_back(work: Work, day: date) -> bool:
    """Once a reporting point KCC says what came of the evaluations."""
    due_on = period_of(ReportKind.KIT, day, work.desk.school_years).due_on
    said, improvements = improvements_of(due_on), tables.improvements
    if work.conn.execute(select(improvements.c.id).where(improvements.c.text == said[0])).first():
        return False
    for text in said:
        report_improvement(work, text, _of_county(work, Role.MODERATOR))
    return True


def _of_county(work: Work, role: Role) -> str:
    return str(directory_of(work).people_with(role)[0].mail)


def _evaluate(work: Work, due_on: date) -> int:
    directory, said = directory_of(work), texts("evaluations", "evaluation")
    schools = directory.schools[due_on.month :: 24]
    for number, school in enumerate(schools):
        person = next(iter(directory.people_with(Role.SENCO, str(school.name))), None)
        if person:
            about = pick(said, number + due_on.month * 7).about
            evaluate(work, Evaluation(**about), str(school.name), str(person.mail))
    return len(schools)


def _pay_due(work: Work, day: date) -> int:
    requests, moderations = tables.requests, tables.moderations
    rows = work.conn.execute(
        select(requests.c.id, moderations.c.final_pence)
        .join(moderations, (moderations.c.request_id == requests.c.id) & (moderations.c.round == requests.c.round))
        .where(requests.c.state == State.MODERATED, moderations.c.pays_on <= day)
        .order_by(requests.c.id)
    ).all()
    by = _of_county(work, Role.MODERATOR)
    for row in rows:
        pay_request(work, row.id, row.final_pence, day, by)
    return len(rows)


def _agree_all(work: Work, year: str) -> int:
    by, agreed = _of_county(work, Role.MODERATOR), 0
    for community in directory_of(work).communities:
        stands = position(work, str(community.name), year)
        if stands is not None:
            agree_balance(work, str(community.name), year, stands.balance_pence, by)
            agreed += 1
    return agreed


def _close_all(work: Work, year: str) -> tuple[int, list[str]]:
    carried: list[str] = []
    closed, directory = 0, directory_of(work)
    for community in directory.communities:
        clerk = directory.clerk_of(str(community.name))
        if clerk and position(work, str(community.name), year) is not None:
            over = close_year(work, str(community.name), year, str(clerk.mail), carry=True)
            closed, carried = closed + 1, [*carried, *over]
    return closed, carried


def _open_next(work: Work, year: Any) -> tuple[int, int]:
    names = [c.name for c in directory_of(work).communities]
    booked, openings = open_year(work, year, names)
    return booked, sum(bool(o.lacks(year_before(year.academic_year))) for o in openings)
