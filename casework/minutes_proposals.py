"""Changes to the minutes in Word by somebody who may not, or nobody knows who: chair or clerk accept or reject them.

An email names what was changed and by whom, not what was written: that is on the clerk's card.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from sqlalchemy import insert, select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.effects import effect
from casework.errors import AlreadyDone, InputRefused
from casework.intake_mail import clerk_mail, from_desk
from casework.letters import Letter, bullets, letter, spoken_day
from casework.meeting_record import day_of, minutes_row
from casework.minutes_saves import carry_out, record_taken, record_units, says
from casework.ports import MailDraft, Ports
from casework.schedule import check_runs, meeting_row
from communities.meetings import ProposalOutcome
from papers.minutes_changes import Change, Part, change_of


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A change that waits: where it stands, who wrote it, what the record says and what the file says."""

    id: str
    where: str
    authors: str
    now: str
    proposed: str


def propose(work: Work, meeting_id: str, changes: Iterable[Change], by: str, authors: dict[str, list[str]]) -> int:
    """Keep what the record does not say until somebody accepts it; returns how many are new.

    What its own authors took back is proposed no more; nobody else takes a proposal away.
    """
    count, record = 0, record_units(work, meeting_id)
    for change in changes:
        wrote = set(authors.get(change.key, ()))
        if says(record, change, change.after):
            if wrote <= {by}:
                replace_open(work, meeting_id, change.key, by)
            authors.pop(change.key, None)
            continue
        authors[change.key] = sorted({*wrote, by})
        replace_open(work, meeting_id, change.key, by)
        number = work.next_number(f"proposals of {meeting_id}")
        row = {
            "id": f"{meeting_id}#{number}", "meeting_id": meeting_id, "unit": change.key, "said": list(change.after),
            "authors": authors[change.key], "proposed_at": work.now,
        }  # fmt: skip
        work.conn.execute(insert(tables.minutes_proposals).values(row))
        count += 1
    return count


def replace_open(work: Work, meeting_id: str, key: str, by: str) -> None:
    """The file says something else of that unit by now: an older proposal waits no more."""
    proposals = tables.minutes_proposals
    here = (proposals.c.meeting_id == meeting_id, proposals.c.unit == key, proposals.c.outcome == "")
    settled = {"outcome": ProposalOutcome.REPLACED, "settled_by": by}
    work.conn.execute(update(proposals).where(*here).values(settled))


def open_rows(work: Work, meeting_ids: Sequence[str]) -> Sequence[Any]:
    """What waits for chair or clerk, in the order it was written."""
    proposals = tables.minutes_proposals
    here = (proposals.c.meeting_id.in_(meeting_ids), proposals.c.outcome == "")
    return work.conn.execute(select(proposals).where(*here).order_by(proposals.c.proposed_at, proposals.c.id)).all()


def open_proposals(work: Work, meeting_id: str) -> list[Proposal]:
    """Those of a meeting, as a card shows them."""
    rows = open_rows(work, [meeting_id])
    record = record_units(work, meeting_id) if rows else {}
    return [
        Proposal(
            id=row.id, where=_where(row.unit), authors=_names(row.authors), proposed=_text(row.said),
            now=_text(record.get(row.unit, ())),
        )
        for row in rows
    ]  # fmt: skip


def settle_proposal(work: Work, proposal_id: str, is_accepted: bool, by: str) -> None:
    """Take it into the record as the change of whoever accepts it, or leave it; the Word file stays as it is.

    Raises `NotAllowed`, `AlreadyDone`, and `InputRefused` where it cannot be taken as it was written.
    """
    proposals = tables.minutes_proposals
    check_runs(work, meeting_row(work, proposal_id.rpartition("#")[0]).community, by)
    row = work.conn.execute(select(proposals).where(proposals.c.id == proposal_id).with_for_update()).one_or_none()
    if row is None:
        raise InputRefused(f"There is no change '{proposal_id[:60]}' to accept or reject.")
    if row.outcome:
        raise AlreadyDone("That change was settled already, or the file says something else by now.")
    if is_accepted:
        _accept(work, row, by)
    outcome = ProposalOutcome.ACCEPTED if is_accepted else ProposalOutcome.REJECTED
    work.conn.execute(update(proposals).where(proposals.c.id == row.id).values(outcome=outcome, settled_by=by))
    work.acting(by).journal("settle minutes", row.meeting_id, where=_where(row.unit), outcome=outcome.value)


def _accept(work: Work, row: Any, by: str) -> None:
    record = record_units(work, row.meeting_id)
    change = change_of(row.unit, record.get(row.unit, ()), tuple(row.said))
    carried = carry_out(work, row.meeting_id, [change], by)
    if carried.problems:
        raise InputRefused(*carried.problems.values())
    record_taken(work, row.meeting_id, carried, by)
    read = minutes_row(work, row.meeting_id).word_read
    left = {key: wrote for key, wrote in read.get("authors", {}).items() if key != row.unit}
    here = tables.minutes.c.meeting_id == row.meeting_id
    work.conn.execute(update(tables.minutes).where(here).values(word_read={**read, "authors": left}))


def _where(unit: str) -> str:
    change = change_of(unit, (), ())
    return {
        Part.NOTE: f"Note to item {change.of}",
        Part.MATTERS: "Matters arising",
        Part.PERSON: f"Register, who came for {change.of}",
        Part.MARK: f"Register, {change.of}",
        Part.ACTION: "A new action",
    }[change.part]


def _text(said: Sequence[str]) -> str:
    return "; ".join(filter(None, said)) or "nothing"


def _names(authors: Sequence[str]) -> str:
    return " and ".join(name or "somebody we cannot name" for name in authors)


@effect("mail.minutes-proposed")
async def mail_proposed(desk: Desk, ports: Ports, subject: str) -> None:
    """Ask the clerk about what others wrote in the minutes."""
    draft = await desk.run(SYSTEM, _draft, subject)
    if draft is not None:
        await ports.mail.send(draft)


def _draft(work: Work, subject: str) -> MailDraft | None:
    meeting = meeting_row(work, subject.rpartition("#")[0])
    lines = [f"{_where(row.unit)}: written by {_names(row.authors)}" for row in open_rows(work, [meeting.id])]
    if not lines:  # settled meanwhile
        return None
    said = proposed_letter(meeting.community, day_of(meeting), lines)
    return from_desk(work, f"minutes-proposed:{subject}", [clerk_mail(work, meeting.community)], said)


def proposed_letter(community: str, day: date, lines: Sequence[str]) -> Letter:
    """What others wrote in the minutes waits for the clerk."""
    return letter(
        f"Changes to the minutes of {community}, {day:%-d %B %Y}: please accept or reject them",
        f"The minutes of <b>{escape(community)}</b> of {spoken_day(day)} were changed in Word. These changes were not "
        "made by the chair or the clerk alone, so we have not recorded them yet:",
        bullets(lines),
        "Ask CoS Desk for your tasks and choose “Read the changes”. The Word file stays as it is.",
    )
