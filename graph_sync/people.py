"""Who is who: the directory's mails matched to Entra ID by `mail`, and by the address in a guest's UPN.

A guest's UPN (`name_school.org#EXT#@tenant`) is no address itself. `otherMails` would need a wider permission and, for
a guest, says the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of, remember_identities
from graph_sync.graph import Graph

SELECT = "id,displayName,mail,userPrincipalName"
"""What User.ReadBasic.All shows."""

_GUEST = re.compile(r"^(.+)_([^_@]+)#EXT#@", re.IGNORECASE)


def addresses_of(user: Mapping[str, Any]) -> tuple[str, ...]:
    """Every address Entra ID shows of somebody."""
    written = (user.get("mail"), user.get("userPrincipalName"))
    return tuple(dict.fromkeys(address_of(w) for w in written if w))


def address_of(written: str) -> str:
    """A guest's own address out of their UPN in this tenant; any other address as it is."""
    guest = _GUEST.match(written)
    return f"{guest[1]}@{guest[2]}" if guest else written


LOOKED = "people looked for on"
"""The counter with the day (its ordinal) on which Entra ID was last asked who is who."""


async def pull_people(desk: Desk, graph: Graph) -> int:
    """Once a day, for whoever has come to the directory since: people begin and leave in the middle of a year."""
    if not await desk.look(_is_somebody_new):
        return 0
    await desk.run(SYSTEM, _note_look)
    return await match_people(desk, graph)


def _is_somebody_new(work: Work) -> bool:
    counters, identities = tables.counters, tables.identities
    looked = work.conn.execute(select(counters.c.value).where(counters.c.name == LOOKED)).scalar()
    if looked == work.today.toordinal():
        return False
    known = set(work.conn.execute(select(identities.c.mail)).scalars())
    return any(p.mail.casefold() not in known for p in directory_of(work).people)


def _note_look(work: Work) -> None:
    row = {"name": LOOKED, "value": work.today.toordinal()}
    work.conn.execute(insert_or_replace(work.conn, tables.counters, row, ("name",)))


async def match_people(desk: Desk, graph: Graph) -> int:
    """Remember the object ids of the directory's people; returns how many were new."""
    url = graph.url("users", query={"$select": SELECT, "$top": "999"})
    pairs = [
        (user["id"], mail) async for page in graph.pages(url) for user in page["value"] for mail in addresses_of(user)
    ]
    return await desk.run(SYSTEM, _match, pairs)


def _match(work: Work, pairs: list[tuple[str, str]]) -> int:
    wanted = {p.mail.casefold() for p in directory_of(work).people}
    return remember_identities(work, [(oid, mail) for oid, mail in pairs if mail.casefold() in wanted])


@dataclass(frozen=True, kw_only=True)
class KnownPeople:
    """How many of the directory's people were found in Entra ID, and the addresses of the others."""

    found: int
    unknown: tuple[str, ...]


def known_people(work: Work) -> KnownPeople:
    """Who of the directory's people is known in Entra ID."""
    known = set(work.conn.execute(select(tables.identities.c.mail)).scalars())
    mails = {p.mail.casefold() for p in directory_of(work).people}
    return KnownPeople(found=len(mails & known), unknown=tuple(sorted(mails - known)))
