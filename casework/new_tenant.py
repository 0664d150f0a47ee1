"""Places in the tenant that are others than before: a list or library made anew, or a whole new tenant after a restore.

What the record remembered of the old place is forgotten, and what stood there is asked for again: every item, every
paper, every coming calendar entry. Mails are not sent again, and what is past comes into no calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Table, delete, or_, select, update

from casework import tables
from casework.desk import SYSTEM, Desk, Effect, Work
from casework.each import each
from casework.effects import EffectState, effect
from casework.ports import Ports
from casework.question_list import SIDE as QUESTIONS
from casework.schedule import MeetingState
from casework.stuck import begin_again
from casework.surgery_list import SIDE as SURGERIES
from casework.working_list import LIST
from communities.surgeries import BookingState, SurgeryState

SITES_OWN = (tables.identities, tables.conversations, tables.teams, tables.members, tables.posts)
"""What has a meaning within one tenant alone: who is who, where the bot may post, what it posted."""


def forget_site(work: Work) -> None:
    """Another tenant: people are matched anew, and the bot posts where it is added."""
    for table in SITES_OWN:
        work.conn.execute(delete(table))


def forget_links(work: Work) -> None:
    """Everything is enumerated anew; what is on the record already is known by its key."""
    for table in (tables.sync_links, tables.subscriptions):
        work.conn.execute(delete(table))


def write_lists_anew(work: Work, names: Collection[str]) -> int:
    """These lists are others than before: each of their items is written. Returns how many."""
    wanted: list[Effect] = []
    if LIST in names:
        again, listed = work.change("lists made anew"), tables.list_items
        requests = work.conn.execute(select(listed.c.request_id).order_by(listed.c.request_id)).scalars().all()
        work.conn.execute(delete(listed))
        work.conn.execute(delete(tables.side_items).where(tables.side_items.c.list == LIST))
        wanted += [Effect("list.write", f"{request_id}#anew{again}") for request_id in requests]
    items = tables.side_items
    for side in (QUESTIONS, SURGERIES):
        if side.name in names:
            known = select(items.c.subject).where(items.c.list == side.name, items.c.subject.is_not(None))
            subjects = sorted(set(work.conn.execute(known).scalars()))
            work.conn.execute(delete(items).where(items.c.list == side.name))
            wanted += [Effect(side.effect, f"{subject}#{work.change(subject)}") for subject in subjects]
    work.effects_all(wanted)
    return len(wanted)


def fill_lists(work: Work, names: Collection[str]) -> int:
    """These lists got a column: each of their items is written again, and what was stuck for want of it goes on.
    Returns how many are written.
    """
    wanted, effects = [], tables.effects
    if LIST in names:
        listed, again = tables.list_items, work.change("columns added")
        requests = work.conn.execute(select(listed.c.request_id).order_by(listed.c.request_id)).scalars()
        wanted += [Effect("list.write", f"{request_id}#column{again}") for request_id in requests.all()]
    items = tables.side_items
    for side in (QUESTIONS, SURGERIES):
        if side.name in names:
            known = select(items.c.subject).where(items.c.list == side.name, items.c.subject.is_not(None))
            subjects = sorted(set(work.conn.execute(known).scalars()))
            wanted += [Effect(side.effect, f"{subject}#{work.change(subject)}") for subject in subjects]
    stuck = select(effects.c.id).where(
        effects.c.state == EffectState.STUCK, effects.c.kind.in_({w.kind for w in wanted})
    )
    begin_again(work, work.conn.execute(stuck).scalars().all())
    work.effects_all(wanted)
    return len(wanted)


def file_anew(work: Work, communities: Collection[str]) -> int:
    """These communities' libraries are others than before: what was filed there is filed again. Returns how much."""
    files, meetings, reports = tables.graph_files, tables.meetings, tables.reports
    work.conn.execute(delete(files).where(files.c.library.in_(communities)))
    held = select(meetings.c.id).where(meetings.c.community.in_(communities))
    ids = []
    for meeting_id in work.conn.execute(held).scalars():
        ids += _done(work, f"agenda.upload:{meeting_id}", f"pack.upload:{meeting_id}", f"minutes.upload:{meeting_id}#%")
    for report_id in work.conn.execute(select(reports.c.id).where(reports.c.community.in_(communities))).scalars():
        ids += _done(work, f"report.file:{report_id}")
    begin_again(work, ids)
    return len(ids)


def _done(work: Work, *patterns: str) -> list[str]:
    effects = tables.effects
    same = or_(*(effects.c.id.like(p) if p.endswith("%") else effects.c.id == p for p in patterns))
    rows = select(effects.c.id).where(same, effects.c.state == EffectState.DONE)
    return list(work.conn.execute(rows.order_by(effects.c.id)).scalars())


def enter_anew(work: Work) -> None:
    """Ask for what is to come to be put into the calendar again."""
    work.effect("calendar.anew", str(work.change("calendar")))


@effect("calendar.anew")
async def enter_what_is_missing(desk: Desk, ports: Ports, subject: str) -> None:
    """Put what is to come into the calendar again where it is not there any more."""
    ahead = await desk.run(SYSTEM, _ahead)
    events = [event_id for *_, event_id in ahead]
    read = await each(events, lambda event_id: ports.calendar.read(desk.mailboxes.desk, event_id))
    gone = {event_id for event_id, event in read.brought.items() if event is None}
    await desk.run(SYSTEM, _enter, [(table, key, made) for table, key, made, event_id in ahead if event_id in gone])
    read.complain()


def _ahead(work: Work) -> list[tuple[Table, str | int, str, str]]:
    """Each coming meeting, session and booked slot with its event, and the effect that makes it."""
    meetings, surgeries, bookings = tables.meetings, tables.surgeries, tables.bookings
    found: list[tuple[Table, str | int, str, str]] = []
    for table, kind in ((meetings, "meeting.book"), (surgeries, "surgery.book")):
        rows = select(table.c.id, table.c.event_id).where(table.c.ends_at > work.now, table.c.event_id.is_not(None))
        open_ones = rows.where(table.c.state.not_in((MeetingState.CANCELLED, SurgeryState.CANCELLED)))
        found += [(table, r.id, f"{kind}:{r.id}", r.event_id) for r in work.conn.execute(open_ones)]
    slots = (
        select(bookings.c.id, bookings.c.event_id)
        .join(surgeries, surgeries.c.id == bookings.c.surgery_id)
        .where(surgeries.c.ends_at > work.now, bookings.c.state == BookingState.BOOKED)
        .where(bookings.c.event_id.is_not(None))
    )
    for row in work.conn.execute(slots):
        found.append((bookings, row.id, f"surgery.slot:{row.id}#%", row.event_id))
    return found


def _enter(work: Work, missing: Sequence[tuple[Table, str | int, str]]) -> None:
    ids: list[str] = []
    for table, key, effect_id in missing:
        forgotten: dict[str, str | None] = {"event_id": None}
        forgotten |= {"join_url": None} if "join_url" in table.c else {}
        forgotten |= {"chat_id": ""} if "chat_id" in table.c else {}
        work.conn.execute(update(table).where(table.c.id == key).values(forgotten))
        ids += _done(work, effect_id)[-1:]
    begin_again(work, ids)
