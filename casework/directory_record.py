"""The directory in the record: imported from workbooks, read back as one immutable value."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import bindparam, delete, insert, select

from casework import tables
from casework.database import READS
from casework.desk import Work, insert_once, insert_or_replace
from casework.errors import InputRefused
from casework.removals import check_administrators, check_removals, keys_of, named_by_refused, role_key
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
from communities.given_days import too_far_problems
from communities.lifecycle import OPEN
from papers.refusals import RefusedRow

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


def import_directory(
    work: Work,
    directory: Directory,
    effective: date | None = None,
    *,
    refused: Sequence[RefusedRow] = (),
    allow_removal: bool = False,
) -> str:
    """Bring communities and schools up to the workbook's; says in a sentence what changed.

    A membership that is new begins on `effective` (today), one that is gone ended the day before; nothing is
    forgotten. What a refused row names stays as it is. A school with open requests is never dropped or moved, nor
    more than a tenth of all schools at once without `allow_removal`: `InputRefused` names them.
    """
    effective = _effective(work, effective)
    before = whole_directory(work)
    staying = _checked(work, before.on(effective), directory, refused, allow_removal)
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
    merged = merge(before.schools, directory.schools, lambda s: (s.name, s.community), effective, staying)
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
    change = compare(before.on(effective), _with_those(directory, before, staying))
    said = f"{len(directory.communities)} communities and {len(directory.schools)} schools; {counted(change)}"
    said += kept_sentence(len(staying))
    if not change.is_empty:
        work.journal("import directory", "directory", said=said)
    return said


def _not_in_force(people: Sequence[Person], effective: date) -> Iterator[str]:
    """Of a workbook's roles, those that are neither added nor there on the day: they begin later, or have ended."""
    if later := [p.since for p in people if p.since > effective]:
        yield f", {len(later)} begin later (the first on {min(later):%-d %B %Y})"
    if over := sum(p.until is not None and p.until < effective for p in people):
        yield f", {over} ended before {effective:%-d %B %Y}"


def _effective(work: Work, day: date | None) -> date:
    """The day a change counts from: today where none is given. Raises `InputRefused` where it is years ahead."""
    day = day or work.today
    if problems := list(too_far_problems("The import's date", day, work.today)):
        raise InputRefused(*problems)
    return day


def preview_directory(
    work: Work,
    directory: Directory,
    effective: date | None = None,
    *,
    refused: Sequence[RefusedRow] = (),
    allow_removal: bool = False,
) -> DirectoryChange:
    """What `import_directory` would change, and whether it would be refused; nothing is written."""
    current = whole_directory(work).on(_effective(work, effective))
    staying = _checked(work, current, directory, refused, allow_removal)
    return compare(current, _with_those(directory, current, staying))


def _checked(
    work: Work, current: Directory, directory: Directory, refused: Sequence[RefusedRow], allow_removal: bool
) -> tuple[School, ...]:
    """The schools that stay because their row was refused. Raises `InputRefused` where too much would go."""
    staying = named_by_refused(current.schools, directory.schools, [r.about for r in refused])
    _refuse_drops(work, (*directory.schools, *staying))
    named = frozenset(key for s in (*directory.schools, *staying) for key in keys_of(s))
    check_removals(current.schools, [s for s in current.schools if not named & keys_of(s)], allow_removal)
    return staying


def _with_those(directory: Directory, before: Directory, staying: Sequence[School]) -> Directory:
    named = {c.name for c in directory.communities}
    theirs = {s.community for s in staying} - named
    return replace(
        directory,
        communities=(*directory.communities, *(c for c in before.communities if c.name in theirs)),
        schools=(*directory.schools, *staying),
    )


def kept_sentence(count: int) -> str:
    """What is added where entries stay because their rows were refused; nothing for none."""
    return f"; {count} kept as before because we could not accept their rows" if count else ""


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


def _refuse_drops(work: Work, schools: Sequence[School]) -> None:
    kept = {(s.name, s.community) for s in schools}
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


def import_people(
    work: Work,
    people: Sequence[Person],
    effective: date | None = None,
    *,
    refused: Sequence[RefusedRow] = (),
    allow_removal: bool = False,
) -> str:
    """Bring the people and roles up to the workbook's; says what changed.

    A role that is new begins on `effective` (today) unless the workbook says when, one that is gone ended the day
    before: who was chair in autumn is still known in spring. Whom a refused row names keeps every role. Raises
    `InputRefused` where more than a tenth of the roles or every administrator would go without `allow_removal`.
    """
    effective = _effective(work, effective)
    before = whole_directory(work).people
    current = [p for p in before if holds_on(p, effective)]
    staying = named_by_refused(current, people, [r.about for r in refused])
    merged = merge(before, people, role_key, effective, staying)
    named = {role_key(p) for p in (*people, *staying)}
    check_removals(current, [p for p in current if role_key(p) not in named], allow_removal)
    check_administrators(current, (p for p in merged if holds_on(p, effective)), allow_removal)
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
    said = f"{len(people)} roles; {len(now - was)} added, {len(now & was)} as before, {len(was - now)} gone"
    said += "".join(_not_in_force(people, effective))
    if set(before) != set(merged):
        work.journal("import people", "directory", roles=len(people))
    if before:
        _announce(work, before, merged, effective)
    return said + kept_sentence(len(staying))


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
    before: Sequence[Dated],
    wanted: Sequence[Dated],
    key: Callable[[Dated], Hashable],
    effective: date,
    staying: Sequence[Dated] = (),
) -> list[Dated]:
    """What stands after an import: the past kept, what is gone ended, what is new begun on `effective`.

    `staying` are those of `before` that stay as they are though `wanted` does not name them.

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
    kept = [d for d in staying if current.pop(key(d), None)]
    ended: list[Dated] = [replace(d, until=day_before) for d in current.values() if d.since < effective]
    return merged + kept + ended + past + announced


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
