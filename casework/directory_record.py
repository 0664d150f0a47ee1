"""The directory in the record: imported from workbooks, read back as one immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, insert, select

from casework import tables
from casework.desk import Work, insert_once, insert_or_replace
from casework.errors import InputRefused
from communities.directory import (
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
)

COUNTER = "directory"


def directory_of(work: Work) -> Directory:
    """The directory as it stands; read from the tables again only after an import."""
    counter = tables.counters
    version = work.conn.execute(select(counter.c.value).where(counter.c.name == COUNTER)).scalar() or 0
    if work.desk.directory_cache is None or work.desk.directory_cache[0] != version:
        work.desk.directory_cache = (version, _read(work))
    return work.desk.directory_cache[1]


def _read(work: Work) -> Directory:
    communities = tuple(
        Community(
            name=CommunityName(r.name),
            primary_care_network=r.primary_care_network,
            district=r.district,
            geographic_area=Area(r.geographic_area),
            community_area=Area(r.community_area),
        )
        for r in work.conn.execute(select(tables.communities).order_by(tables.communities.c.name))
    )
    schools = tuple(
        School(name=SchoolName(r.name), community=CommunityName(r.community), dfe=r.dfe, type=SchoolType(r.type))
        for r in work.conn.execute(select(tables.schools).order_by(tables.schools.c.position))
    )
    people = tuple(
        Person(name=r.name, mail=Mail(r.mail), role=Role(r.role), of=r.of)
        for r in work.conn.execute(select(tables.people).order_by(tables.people.c.mail))
    )
    return Directory(communities=communities, schools=schools, people=people)


def import_directory(work: Work, directory: Directory) -> str:
    """Replace communities and schools by the workbook's; says in a sentence what changed.

    A community or school with requests in the record is never dropped: `InputRefused` names it.
    """
    before = directory_of(work)
    _refuse_drops(work, directory)
    for community in directory.communities:
        row = {
            "name": community.name,
            "primary_care_network": community.primary_care_network,
            "district": community.district,
            "geographic_area": community.geographic_area.value,
            "community_area": community.community_area.value,
        }
        work.conn.execute(insert_or_replace(work.conn, tables.communities, row, ("name",)))
    work.conn.execute(delete(tables.schools))
    work.conn.execute(
        insert(tables.schools),
        [
            {"name": s.name, "community": s.community, "position": i, "dfe": s.dfe, "type": s.type.value}
            for i, s in enumerate(directory.schools)
        ],
    )
    _forget_communities(work, {c.name for c in directory.communities})
    work.next_number(COUNTER)
    change = compare(before, directory)
    said = f"{len(directory.communities)} communities and {len(directory.schools)} schools; {counted(change)}"
    if not change.is_empty:
        work.journal("import directory", "directory", said=said)
    return said


def preview_directory(work: Work, directory: Directory) -> DirectoryChange:
    """What `import_directory` would change, and whether it would be refused; nothing is written."""
    _refuse_drops(work, directory)
    return compare(directory_of(work), directory)


def counted(change: DirectoryChange) -> str:
    """`3 added, 1 changed, 0 gone`."""
    return f"{len(change.added)} added, {len(change.changed)} changed, {len(change.gone)} gone"


def _forget_communities(work: Work, kept: set[CommunityName]) -> None:
    """Those the workbook has no more, unless meetings, requests or money still name them."""
    communities = tables.communities
    for name in work.conn.execute(select(communities.c.name)).scalars().all():
        named = (t for t in (tables.meetings, tables.requests, tables.budgets, tables.ledger))
        if name not in kept and not any(
            work.conn.execute(select(t.c.community).where(t.c.community == name).limit(1)).first() for t in named
        ):
            work.conn.execute(delete(communities).where(communities.c.name == name))


def _refuse_drops(work: Work, directory: Directory) -> None:
    kept = {(s.name, s.community) for s in directory.schools}
    requests = tables.requests
    pairs = work.conn.execute(
        select(requests.c.school, requests.c.community, func.count()).group_by(requests.c.school, requests.c.community)
    )
    if lost := [f"'{school}' in '{community}'" for school, community, _ in pairs if (school, community) not in kept]:
        raise InputRefused(
            f"The workbook leaves out {', '.join(lost)}, which the record holds requests of. Nothing was changed."
        )


def import_people(work: Work, people: Sequence[Person]) -> str:
    """Replace the people and roles by the workbook's; says what changed."""
    before = set(directory_of(work).people)
    work.conn.execute(delete(tables.people))
    work.conn.execute(
        insert(tables.people), [{"mail": p.mail, "role": p.role.value, "of": p.of, "name": p.name} for p in people]
    )
    work.next_number(COUNTER)
    said = f"{len(people)} roles; {len(set(people) - before)} added, {len(before - set(people))} gone"
    if set(people) != before:
        work.journal("import people", "directory", roles=len(people))
    return said


def remember_identities(work: Work, pairs: Iterable[tuple[str, str]]) -> int:
    """Keep who is who in Entra ID, as (object id, mail). Returns how many are new."""
    rows = [{"aad_object_id": oid, "mail": mail.casefold()} for oid, mail in pairs]
    made = (insert_once(work.conn, tables.identities, row).returning(tables.identities.c.mail) for row in rows)
    return sum(work.conn.execute(statement).first() is not None for statement in made)


def mail_of(work: Work, aad_object_id: str) -> Mail | None:
    """The mail of a person known by their object id."""
    identities = tables.identities
    return work.conn.execute(
        select(identities.c.mail).where(identities.c.aad_object_id == aad_object_id)
    ).scalar_one_or_none()


def object_id_of(work: Work, mail: str) -> str | None:
    """The object id of a person known by mail."""
    identities = tables.identities
    return work.conn.execute(
        select(identities.c.aad_object_id).where(identities.c.mail == mail.casefold())
    ).scalar_one_or_none()
