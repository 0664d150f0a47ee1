"""Reports of a community on the record: drafted in time, signed by clerk and chair, done when they are sent.

Making and sending the documents is `report_filing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused
from casework.reading import Thing, check_may_read
from communities.calendars import academic_year, london
from communities.clocks import report_name
from communities.directory import COMMUNITY_ROLES, Role
from communities.reporting_points import month_of
from communities.reports import DRAFT_WORKING_DAYS, ReportKind, period_of, title_of, to_draft

SIGNS: Mapping[Role, str] = {Role.CHAIR: "chair", Role.CLERK: "clerk"}
"""A role's columns."""


def reports_due(work: Work) -> list[str]:
    """The sweep's question: which reports are to be drafted by today and are not."""
    found = []
    for kind, period in to_draft(work.today, work.desk.days, work.desk.school_years):
        reports = tables.reports
        drafted = select(reports.c.community).where(
            reports.c.kind == kind.value, reports.c.due_on.between(*month_of(period.due_on))
        )
        known = set(work.conn.execute(drafted).scalars())
        found += [
            report_id(kind, period.due_on, str(c.name))
            for c in directory_of(work).communities
            if c.name not in known
        ]  # fmt: skip
    return found


def report_id(kind: ReportKind, due_on: date, community: str) -> str:
    """`KiT report 2026-11-30 ABC`."""
    return f"{kind} {due_on.isoformat()} {community}"


def draft_report(work: Work, wanted: str) -> None:
    """Put the report on the record and have it made, filed, and clerk and chair asked to complete it.

    It covers the days since the one before was drafted, so that none is in no report.
    """
    kind = next(k for k in ReportKind if wanted.startswith(f"{k} "))
    on, _, community = wanted.removeprefix(f"{kind} ").partition(" ")
    period = period_of(kind, date.fromisoformat(on), work.desk.school_years)
    before = work.desk.days.before(period.first_day - timedelta(days=1), DRAFT_WORKING_DAYS)
    row = {
        "id": wanted, "kind": kind.value, "community": community, "first_day": before + timedelta(days=1),
        "due_on": period.due_on, "drafted_at": work.now,
    }  # fmt: skip
    work.conn.execute(insert(tables.reports).values(row))
    work.journal("draft report", wanted)
    work.effect("report.file", wanted)


def report_row(work: Work, wanted: str, *, hold: bool = False) -> Row[Any]:
    """The report of that id; `InputRefused` where there is none. `hold` keeps others from it until the command is done
    (on SQLite every command has that already).
    """
    reports = tables.reports
    asked = select(reports).where(reports.c.id == wanted)
    row = work.conn.execute(asked.with_for_update() if hold else asked).one_or_none()
    if row is None:
        raise InputRefused(f"There is no report '{wanted[:80]}'.")
    return row


def report_for(work: Work, wanted: str, by: str, *, hold: bool = False) -> Row[Any]:
    """The report of that id for somebody who wants to read or to sign it. Raises `NotReadable`."""
    asked = select(tables.reports.c.community).where(tables.reports.c.id == wanted)
    check_may_read(work, Thing.REPORTS, by, work.conn.execute(asked).scalar() or "")
    return report_row(work, wanted, hold=hold)


def drafted_on(row: Any) -> date:
    """The last day a report covers: the next one begins on the day after."""
    return london(row.drafted_at).date()


def open_reports(work: Work, communities: Sequence[str]) -> Sequence[Row[Any]]:
    """The reports of these communities that are drafted and not sent, the first due first."""
    reports = tables.reports
    return work.conn.execute(
        select(reports)
        .where(reports.c.community.in_(communities), reports.c.sent_at.is_(None))
        .order_by(reports.c.due_on, reports.c.id)
    ).all()


def drafted_reports(work: Work, communities: Sequence[str], due_days: Sequence[date]) -> set[tuple[str, str]]:
    """Community and clock's name of the reports due in the months of those days that are drafted."""
    reports = tables.reports
    rows = work.conn.execute(
        select(reports.c.community, reports.c.kind, reports.c.due_on).where(
            reports.c.community.in_(communities), or_(*(reports.c.due_on.between(*month_of(day)) for day in due_days))
        )
    )
    return {(r.community, report_name(r.kind, r.due_on)) for r in rows}


def spoken_report(row: Any) -> str:
    """`KiT report November 2026 of ABC`."""
    return f"{title_of(ReportKind(row.kind), row.due_on)} of {row.community}"


def missing_signatures(row: Any) -> list[Role]:
    """Who has not signed, the clerk first."""
    return [role for role in (Role.CLERK, Role.CHAIR) if getattr(row, f"{SIGNS[role]}_at") is None]


def sign_report(work: Work, wanted: str, by: str) -> list[Role]:
    """Sign it as the community's chair or clerk; with both signatures it is sent. Returns who is still to sign.

    What is signed is what the Word file says at this moment: changed afterwards, it is signed again (`report_filing`).
    """
    row, directory = report_for(work, wanted, by, hold=True), directory_of(work)
    held = [r for r in COMMUNITY_ROLES if directory.holds(by, r, row.community)]
    if row.sent_at is not None:
        raise AlreadyDone(f"The {spoken_report(row)} was sent on {london(row.sent_at):%-d %B %Y}.")
    if row.web_url is None:
        raise InputRefused(f"The {spoken_report(row)} is being made. Sign it once it lies in the library.")
    own = by.casefold()
    if own in (row.clerk_by, row.chair_by):
        raise AlreadyDone(f"You have signed the {spoken_report(row)}. Nothing was changed.")
    role = next((r for r in held if r in missing_signatures(row)), None)
    if role is None:
        raise AlreadyDone(f"The {spoken_report(row)} is signed by the {held[0].lower()} already.")
    name = SIGNS[role]
    _set(work, wanted, {f"{name}_by": own, f"{name}_at": work.now, f"{name}_seal": None})
    work.acting(by).journal("sign report", wanted, role=role.value)
    work.effect("report.seal", f"{wanted}#{name}#{work.change(wanted)}")
    return missing_signatures(report_row(work, wanted))


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One press of the button: whose column, when, and what the file said then; '' where nobody knows."""

    name: str
    at: datetime
    seal: str


def keep_seal(work: Work, wanted: str, signature: Signature, now: str, content: bytes) -> bool:
    """Note what was signed, where the file says that `now`; returns whether both signed it, so that it is sent.

    A signature under anything else is void, the other's too: whoever gave it is asked again. Two noted at once see
    each other in turn.
    """
    row = report_row(work, wanted, hold=True)
    if row.sent_at is not None or getattr(row, f"{signature.name}_at") != signature.at:
        return False
    _set(work, wanted, {f"{signature.name}_seal": signature.seal})
    row = report_row(work, wanted)
    others = [name for name in SIGNS.values() if getattr(row, f"{name}_seal") not in (None, now)]
    for name in others:
        _void(work, row, name)
    if others or not is_signed_by_both(row):
        return False
    _set(work, wanted, {"content": content})
    return True


def is_signed_by_both(row: Any) -> bool:
    """Whether clerk and chair signed the same, which is kept to be sent."""
    return row.clerk_seal is not None and row.clerk_seal == row.chair_seal


def _void(work: Work, row: Any, name: str) -> None:
    signed_at = getattr(row, f"{name}_at")
    _set(work, row.id, {f"{name}_by": None, f"{name}_at": None, f"{name}_seal": None})
    work.journal("void signature", row.id, role=name)
    work.effect("mail.sign-again", f"{row.id}#{name}#{signed_at.isoformat()}")


def report_sent(work: Work, wanted: str) -> None:
    """It is out."""
    if report_row(work, wanted).sent_at is None:
        _set(work, wanted, {"sent_at": work.now})
        work.journal("send report", wanted)


def report_filed(work: Work, wanted: str, web_url: str) -> None:
    """The draft lies in the library: clerk and chair are asked to complete and sign it."""
    if report_row(work, wanted).web_url is None:
        _set(work, wanted, {"web_url": web_url})
        work.journal("file report", wanted)
    work.effect("mail.report", wanted)


def keep_draft(work: Work, wanted: str, content: bytes) -> bytes:
    """Keep the draft as it was made, unless another worker was faster; returns the one that counts."""
    known: bytes | None = report_row(work, wanted, hold=True).content
    if known is None:
        _set(work, wanted, {"content": content})
    return known or content


def sent_reports(work: Work, community: str, year: str) -> dict[str, date]:
    """When each report of an academic year was sent, by its clock's name."""
    reports = tables.reports
    rows = work.conn.execute(
        select(reports.c.kind, reports.c.due_on, reports.c.sent_at).where(
            reports.c.community == community, reports.c.sent_at.is_not(None)
        )
    )
    return {
        report_name(r.kind, r.due_on): london(r.sent_at).date() for r in rows if academic_year(r.due_on) == year
    }  # fmt: skip


def _set(work: Work, wanted: str, values: dict[str, Any]) -> None:
    work.conn.execute(update(tables.reports).where(tables.reports.c.id == wanted).values(values))
