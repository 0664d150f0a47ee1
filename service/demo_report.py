"""What a demo leaves behind: `summary.json`, `timeline.md`, `traffic.har` and the tenant's things as files."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from casework import tables
from casework.clock_record import clocks_of_meeting, clocks_of_reports, clocks_of_request
from casework.desk import SYSTEM, Work
from casework.directory_record import directory_of
from casework.schedule import MeetingState
from casework.status import budgets, refusals, status
from casework.working_list import LIST
from communities.calendars import london
from communities.clocks import Clock, Standing
from communities.lifecycle import DECIDED
from communities.money import pounds
from service.office import Office
from service.tenant_hand import TenantHand


@dataclass
class Timeline:
    """What happened, in plain English."""

    lines: list[tuple[datetime, str]] = field(default_factory=list)

    def add(self, moment: datetime, sentence: str) -> None:
        """One thing that happened."""
        self.lines.append((moment, sentence))

    def as_markdown(self) -> str:
        """Days as headings, times in London."""
        out, day = ["# A school year"], ""
        for moment, sentence in sorted(self.lines, key=lambda x: x[0]):
            local = london(moment)
            if (heading := f"{local:%A %-d %B %Y}") != day:
                out += ["", f"## {heading}", ""]
                day = heading
            out.append(f"- {local:%H:%M} {sentence}")
        return "\n".join(out) + "\n"


async def write_report(
    office: Office, hand: TenantHand, timeline: Timeline, out: Path, *, responses: int, corrected: int, took_s: float
) -> dict[str, Any]:
    """Write everything into `out` (what an earlier run left there goes) and return the summary."""
    counts = await hand.call("GET", "counts")
    items = await hand.items(LIST)
    summary = await office.desk.run(SYSTEM, summary_of, counts, items, responses)
    summary["cards_corrected"] = corrected
    summary["seconds"] = round(took_s, 1)
    har = await hand.call("GET", "har")
    archive = await hand.call("GET", "export.zip")
    await asyncio.to_thread(_write, out, summary, timeline, har, archive)
    return summary


POSTS = ("agenda.post", "card.ask", "post.decision", "post.to-decide")
"""Effects that leave a message of their own."""


LEFT = ("summary.json", "timeline.md", "traffic.har", "tenant")
"""What a run leaves in its folder, and the next one replaces."""


def _write(out: Path, summary: dict[str, Any], timeline: Timeline, har: Any, archive: bytes) -> None:
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "tenant", ignore_errors=True)
    (out / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (out / "timeline.md").write_text(timeline.as_markdown(), "utf-8")
    (out / "traffic.har").write_text(json.dumps(har, ensure_ascii=False), "utf-8")
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        files.extractall(out / "tenant")


def summary_of(work: Work, counts: dict[str, Any], items: list[dict[str, Any]], responses: int) -> dict[str, Any]:
    """The figures of the cycle, record and tenant side by side, and what was lost or doubled."""
    stands = status(work)
    done = Counter(_done_effects(work))
    outcomes = stands["responses"]
    decisions = work.conn.execute(select(func.count()).select_from(tables.decisions)).scalar_one()
    booked = work.conn.execute(
        select(func.count()).select_from(tables.meetings).where(tables.meetings.c.event_id.is_not(None))
    ).scalar_one()
    agendas = [name for name in counts["files"] if "/Agendas/" in name]
    return {
        "received": sum(outcomes.values()),
        "accepted": outcomes.get("accepted", 0),
        "refused": outcomes.get("refused", 0),
        "refusals": refusals(work),
        "duplicates_held": outcomes.get("held", 0),
        "meetings": booked,
        "agendas": len(agendas),
        "minutes": _count(work, tables.minutes),
        "reports_sent": _count(work, tables.reports, tables.reports.c.sent_at.is_not(None)),
        "evaluations": _count(work, tables.evaluations),
        "years_closed": _count(work, tables.year_ends, tables.year_ends.c.closed_at.is_not(None)),
        "clocks": clocks_of_the_year(work),
        "surgeries": work.conn.execute(select(func.count()).select_from(tables.surgeries)).scalar_one(),
        "slots": _slots(work),
        "bookings": work.conn.execute(select(func.count()).select_from(tables.bookings)).scalar_one(),
        "decisions": decisions,
        "moderated": work.conn.execute(select(func.count()).select_from(tables.moderations)).scalar_one(),
        "posts": counts["posts"],
        "mails": counts["mails"],
        "list_writes": done["list.write"],
        "requests": stands["requests"],
        "exchanges": counts["exchanges"],
        "stuck": stands["stuck"],
        "lost": lost(work, counts, responses, done),
        "doubled": doubled(work, counts, items),
        "communities": [_in_pounds(b) for b in budgets(work)],
    }


def _count(work: Work, table: Any, *which: Any) -> int:
    return int(work.conn.execute(select(func.count()).select_from(table).where(*which)).scalar_one())


def clocks_of_the_year(work: Work) -> dict[str, Any]:
    """Every clock that has run out or was met: how many were met, and each that was not, by name."""
    met, breaches = 0, []
    for of, clock in _all_clocks(work):
        standing = clock.standing(work.today)
        met += standing is Standing.MET
        if standing in (Standing.LATE, Standing.MISSED):
            breaches.append(f"{of}, {clock.name}: due {clock.due_on:%-d %B %Y}, {standing}")
    return {"met": met, "breaches": breaches}


def _all_clocks(work: Work) -> Iterator[tuple[str, Clock]]:
    meetings, requests = tables.meetings, tables.requests
    held = select(meetings).where(meetings.c.state == MeetingState.HELD).order_by(meetings.c.id)
    for meeting in work.conn.execute(held).all():
        yield from ((meeting.id, c) for c in clocks_of_meeting(work, meeting))
    decided = select(requests.c.id).where(requests.c.state.in_(DECIDED)).order_by(requests.c.id)
    for request_id in work.conn.execute(decided).scalars().all():
        names = ("forward", "processing", "payment")
        yield from ((request_id, c) for c in clocks_of_request(work, request_id) if c.name in names)
    for community in directory_of(work).communities:
        yield from ((str(community.name), c) for c in clocks_of_reports(work, str(community.name)))


def _done_effects(work: Work) -> list[str]:
    effects = tables.effects
    return list(work.conn.execute(select(effects.c.kind).where(effects.c.state == "done")).scalars())


def lost(work: Work, counts: dict[str, Any], responses: int, done: Counter[str]) -> int:
    """Responses not in the record, and effects that are done but did not land."""
    recorded = work.conn.execute(select(func.count()).select_from(tables.responses)).scalar_one()
    mails = sum(n for kind, n in done.items() if kind.startswith("mail.") or kind == "agenda.mail")
    skipped = _anonymous_receipts(work)
    return sum(
        max(wanted - there, 0)
        for wanted, there in (
            (responses, recorded),
            (mails - skipped, counts["mails"]),
            (max(_posted(work), sum(done[k] for k in POSTS)), counts["posts"]),
            (done["meeting.book"] + done["surgery.book"] + _slots(work), counts["events"]),
        )
    )


def _slots(work: Work) -> int:
    """Bookings that had a slot at any time: each has one calendar entry, cancelled where it was given back."""
    effects = tables.effects
    subjects = work.conn.execute(
        select(effects.c.subject).where(effects.c.kind == "surgery.slot", effects.c.state == "done")
    ).scalars()
    return len({subject.partition("#")[0] for subject in subjects})


def _posted(work: Work) -> int:
    return int(work.conn.execute(select(func.count()).select_from(tables.posts)).scalar_one())


def _anonymous_receipts(work: Work) -> int:
    requests, effects = tables.requests, tables.effects
    return int(
        work.conn.execute(
            select(func.count())
            .select_from(effects)
            .join(requests, effects.c.subject.startswith(requests.c.id + "#"))
            .where(effects.c.kind == "mail.receipt", requests.c.is_verified.is_(False))
        ).scalar_one()
    )


def doubled(work: Work, counts: dict[str, Any], items: list[dict[str, Any]]) -> int:
    """List items of one number, events over meetings, files written twice, mails of one key, posts over effects."""
    numbers = Counter(i["fields"]["Title"] for i in items)
    meetings = work.conn.execute(select(func.count()).select_from(tables.meetings)).scalar_one()
    meetings += work.conn.execute(select(func.count()).select_from(tables.surgeries)).scalar_one() + _slots(work)
    files = sum(int(v) - 1 for name, v in counts["files"].items() if "/Agendas/" in name)
    events, mails = max(int(counts["events"]) - meetings, 0), int(counts["mails_doubled"])
    return sum(n - 1 for n in numbers.values()) + events + files + mails + max(int(counts["posts"]) - _posted(work), 0)


def _in_pounds(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "community": row["community"],
        "academic_year": row["academic_year"],
        "opening": pounds(row["opening_pence"]),
        "committed": pounds(row["committed_pence"]),
        "moderated": pounds(row["moderated_pence"]),
        "balance": pounds(row["balance_pence"]),
    }
