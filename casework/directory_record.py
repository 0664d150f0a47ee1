"""The directory in the record: imported from workbooks, read back as one immutable value."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import bindparam, delete, insert, select

from casework import tables
from casework.database import READS
from casework.desk import Work, insert_once, insert_or_replace
from casework.errors import InputRefused
from communities.directory import (
    ALWAYS,
    Area,
    Community,
    CommunityName,
    Directory,
    DirectoryChange,
    Mail,
    Person,
    Role,
    School,
    SchoolName,
    SchoolType,
    compare,
    holds_on,
    practitioner_changes,
)
from communities.lifecycle import OPEN

COUNTER = "directory"


_VERSION = select(tables.counters.c.value).where(tables.counters.c.name == COUNTER)


def directory_of(work: Work) -> Directory:
    """The directory as it stands today; read from the tables again only after an import or at midnight."""
    if work.directory is not None:
        return work.directory
    key = (work.conn.execute(_VERSION).scalar() or 0, work.today)
    with work.desk.reading_directory:  # who comes meanwhile waits for it instead of reading it as well
        if work.desk.directory_cache is None or work.desk.directory_cache[0] != key:
            work.desk.directory_cache = (key, whole_directory(work).on(work.today))
        found = work.desk.directory_cache[1]
    if work.conn.get_execution_options().get(READS):
        work.directory = found
    return found


def whole_directory(work: Work) -> Directory:
    """The directory with its past and its future."""
    communities = tuple(
        Community(
            name=CommunityName(r.name),
            primary_care_network=r.primary_care_network,
            district=r.district,
            geographic_area=Area(r.geographic_area),
            community_area=Area(r.community_area),
            dashboard=r.dashboard,
        )
        for r in work.conn.execute(select(tables.communities).order_by(tables.communities.c.name))
    )
    schools = tuple(
        School(
            name=SchoolName(r.name), community=CommunityName(r.community), dfe=r.dfe, type=SchoolType(r.type),
            since=r.since, until=r.until,
        )
        for r in work.conn.execute(select(tables.schools).order_by(tables.schools.c.position))
    )  # fmt: skip
    people = tuple(
        Person(
            name=r.name, mail=Mail(r.mail), role=Role(r.role), of=r.of, since=r.since, until=r.until, covers=r.covers
        )
        for r in work.conn.execute(select(tables.people).order_by(tables.people.c.mail, tables.people.c.since))
    )
    return Directory(communities=communities, schools=schools, people=people)


def import_directory(work: Work, directory: Directory, effective: date | None = None) -> str:
    """Bring communities and schools up to the workbook's; says in a sentence what changed.

    A membership that is new begins on `effective` (today), one that is gone ended the day before; nothing is
    forgotten. A school with open requests is never dropped or moved: `InputRefused` names it.
    """
    effective = effective or work.today
    before = whole_directory(work)
    _refuse_drops(work, directory)
    for community in directory.communities:
        row = {
            "name": community.name,
            "primary_care_network": community.primary_care_network,
            "district": community.district,
            "geographic_area": community.geographic_area.value,
            "community_area": community.community_area.value,
            "dashboard": community.dashboard,
        }
        work.conn.execute(insert_or_replace(work.conn, tables.communities, row, ("name",)))
    merged = merge(before.schools, directory.schools, lambda s: (s.name, s.community), effective)
    work.conn.execute(delete(tables.schools))
    if merged:
        work.conn.execute(
            insert(tables.schools),
            [
                {"name": s.name, "community": s.community, "position": i, "dfe": s.dfe, "type": s.type.value,
                 "since": s.since, "until": s.until}
                for i, s in enumerate(merged)
            ],
        )  # fmt: skip
    _forget_communities(work, {c.name for c in directory.communities} | {s.community for s in merged})
    work.next_number(COUNTER)
    change = compare(before.on(effective), directory)
    said = f"{len(directory.communities)} communities and {len(directory.schools)} schools; {counted(change)}"
    if not change.is_empty:
        work.journal("import directory", "directory", said=said)
    return said


def preview_directory(work: Work, directory: Directory, effective: date | None = None) -> DirectoryChange:
    """What `import_directory` would change, and whether it would be refused; nothing is written."""
    _refuse_drops(work, directory)
    return compare(whole_directory(work).on(effective or work.today), directory)


def counted(change: DirectoryChange) -> str:
    """`3 added, 1 changed, 0 gone`."""
    return f"{len(change.added)} added, {len(change.changed)} changed, {len(change.gone)} gone"


def _forget_communities(work: Work, kept: set[CommunityName]) -> None:
    """Those the workbook has no more, unless schools, meetings, requests or money still name them."""
    communities = tables.communities
    for name in work.conn.execute(select(communities.c.name)).scalars().all():
        named = (t for t in (tables.meetings, tables.requests, tables.budgets, tables.ledger, tables.actions))
        if name not in kept and not any(
            work.conn.execute(select(t.c.community).where(t.c.community == name).limit(1)).first() for t in named
        ):
            work.conn.execute(delete(communities).where(communities.c.name == name))


def _refuse_drops(work: Work, directory: Directory) -> None:
    kept = {(s.name, s.community) for s in directory.schools}
    requests = tables.requests
    rows = work.conn.execute(
        select(requests.c.school, requests.c.community, requests.c.id)
        .where(requests.c.state.in_(OPEN))
        .order_by(requests.c.id)
    )
    lost: dict[str, list[str]] = {}
    for school, community, number in rows:
        if (school, community) not in kept:
            lost.setdefault(f"'{school}' in '{community}'", []).append(number)
    if lost:
        said = "; ".join(f"{school} ({', '.join(numbers)})" for school, numbers in lost.items())
        raise InputRefused(
            f"The workbook leaves out {said}, which the record holds open requests of. "
            "Close or withdraw them first. Nothing was changed."
        )


def import_people(work: Work, people: Sequence[Person], effective: date | None = None) -> str:
    """Bring the people and roles up to the workbook's; says what changed.

    A role that is new begins on `effective` (today) unless the workbook says when, one that is gone ended the day
    before: who was chair in autumn is still known in spring.
    """
    effective = effective or work.today
    before = whole_directory(work).people
    merged = merge(before, people, lambda p: (p.mail.casefold(), p.role, p.of), effective)
    work.conn.execute(delete(tables.people))
    if merged:
        work.conn.execute(
            insert(tables.people),
            [
                {
                    "mail": p.mail,
                    "role": p.role.value,
                    "of": p.of,
                    "name": p.name,
                    "since": p.since,
                    "until": p.until,
                    "covers": p.covers,
                }
                for p in merged
            ],
        )
    work.next_number(COUNTER)
    was, now = ({p for p in held if holds_on(p, effective)} for held in (before, merged))
    said = f"{len(people)} roles; {len(now - was)} added, {len(was - now)} gone"
    if set(before) != set(merged):
        work.journal("import people", "directory", roles=len(people))
    if before:
        _announce(work, before, merged, effective)
    return said


def _announce(work: Work, before: Sequence[Person], merged: Sequence[Person], effective: date) -> None:
    """Have the schools told whose link practitioners change; the first import of all tells nobody."""
    whole = whole_directory(work)
    was, now = (replace(whole, people=tuple(p)).on(effective) for p in (before, merged))
    for change in practitioner_changes(was, now):
        details = {"of": change.of, "role": change.role.value, "before": list(change.before), "now": list(change.now)}
        entry = work.journal("change practitioner", change.of, **details, on=effective.isoformat())
        work.effect("mail.practitioner", str(entry))


Dated = TypeVar("Dated", School, Person)


def merge(
    before: Sequence[Dated], wanted: Sequence[Dated], key: Callable[[Dated], Hashable], effective: date
) -> list[Dated]:
    """What stands after an import: the past kept, what is gone ended, what is new begun on `effective`.

    What was announced for later stays announced: beginnings and ends after `effective`. The very first import begins
    everything long ago. Dates in `wanted` itself win; what ended there before `effective` is past.
    """
    first_ever = not before
    past: list[Dated] = [d for d in before if d.until is not None and d.until < effective]
    current = {key(d): d for d in before if holds_on(d, effective)}
    named = {key(d) for d in wanted}
    announced: list[Dated] = [d for d in before if d.since > effective and key(d) not in named]
    merged: list[Dated] = []
    for new in wanted:
        old = current.pop(key(new), None)
        if new.until is not None and new.until < effective:
            over = replace(new, since=old.since) if old and new.since == ALWAYS else new
            past = [d for d in past if key(d) != key(new) or d.until != new.until]
            past.append(over)
            continue
        since = new.since if new.since != ALWAYS or first_ever else old.since if old else effective
        merged.append(replace(new, since=since, until=new.until or (old.until if old else None)))
    day_before = effective - timedelta(days=1)
    ended: list[Dated] = [replace(d, until=day_before) for d in current.values() if d.since < effective]
    return merged + ended + past + announced


def remember_identities(work: Work, pairs: Iterable[tuple[str, str]]) -> int:
    """Keep who is who in Entra ID, as (object id, mail). Returns how many are new."""
    rows = [{"aad_object_id": oid, "mail": mail.casefold()} for oid, mail in pairs]
    made = (insert_once(work.conn, tables.identities).values(row).returning(tables.identities.c.mail) for row in rows)
    return sum(work.conn.execute(statement).first() is not None for statement in made)


_MAIL_OF = select(tables.identities.c.mail).where(tables.identities.c.aad_object_id == bindparam("object_id"))


def mail_of(work: Work, aad_object_id: str) -> Mail | None:
    """The mail of a person known by their object id."""
    return work.conn.execute(_MAIL_OF, {"object_id": aad_object_id}).scalar_one_or_none()


def object_id_of(work: Work, mail: str) -> str | None:
    """The object id of a person known by mail."""
    identities = tables.identities
    return work.conn.execute(
        select(identities.c.aad_object_id).where(identities.c.mail == mail.casefold())
    ).scalar_one_or_none()
