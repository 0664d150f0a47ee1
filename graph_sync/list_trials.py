"""Each list tried with an item of ours, added, changed and removed at once: whether it shows what others add, and who
changed what. `cos doctor` asks for it, and the service once a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kiota_abstractions.method import Method
from sqlalchemy import select

from casework import question_list, surgery_list, tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.each import Pulled, each
from casework.hidden_items import tell_of_hidden
from casework.working_list import LIST
from graph_sync.editors import application_of
from graph_sync.graph import Graph
from graph_sync.intake import RESPONSES_LIST
from graph_sync.items_seen import Seen, keep
from graph_sync.list_edits import learn_who_we_are
from graph_sync.places import SITE, all_places, forget_places, keep_places, list_key

PROBE = "CoS Desk doctor: a trial, deleted again"
"""Begins the title of the item that is added to each list."""

TRIED = (LIST, RESPONSES_LIST, surgery_list.LIST, question_list.LIST)
"""The working list first: every item there is ours, so an item of ours teaches us who we are and nothing else."""

LOOKED = "hidden items looked for on"
"""The counter with the day (its ordinal) on which the service last looked."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a list showed."""

    hidden: int
    """Items of others that are not seen."""
    keeps_versions: bool
    names_who_saved: bool


async def try_lists(desk: Desk, graph: Graph, places: Mapping[str, str]) -> Pulled[str, Tried]:
    """Each list that is known; five requests each, and one more for every thousand items of ours before another's."""
    known = [name for name in TRIED if list_key(name) in places]
    return await each(known, partial(_try, desk, graph, places))


async def _try(desk: Desk, graph: Graph, places: Mapping[str, str], name: str) -> Tried:
    list_id = places[list_key(name)]
    url = graph.url("sites", places[SITE], "lists", list_id, "items")
    made, versions = await _item_of_ours(desk, graph, url)
    own, missing = application_of(made.get("createdBy")), 0
    if name != LIST:
        missing = await desk.run(SYSTEM, keep, list_id, await _seen(graph, url, int(made["id"]), own))
    return Tried(
        hidden=missing,
        keeps_versions=len(versions) > 1,
        names_who_saved=all(v.get("lastModifiedBy") or v.get("fields", {}).get("EditorLookupId") for v in versions),
    )


async def _item_of_ours(desk: Desk, graph: Graph, url: str) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
    """An item that we add, change and remove at once, and the versions it had."""
    titles = [f"{PROBE} ({desk.clock.now():%Y-%m-%d %H:%M:%S}{more})" for more in ("", ", changed")]
    made = (await graph.write(Method.POST, url, {"fields": {"Title": titles[0]}})).json()
    try:
        await learn_who_we_are(desk, made.get("createdBy"))
        here = f"{url}/{made['id']}"
        await graph.write(Method.PATCH, f"{here}/fields", {"Title": titles[1]}, is_harmless=True)
        pages = graph.pages(f"{here}/versions?$expand=fields")
        return made, [version async for page in pages for version in page["value"]]
    finally:
        await graph.change(f"{url}/{made['id']}", None)


async def _seen(graph: Graph, url: str, probe: int, own: str) -> Seen:
    """Looked through until an item of somebody else is found."""
    ours: set[int] = set()
    async for page in graph.pages(f"{url}?$select=id,createdBy&$top=999"):
        for item in page["value"]:
            if application_of(item.get("createdBy")) != own:
                return Seen(probe=probe, ours=ours, theirs=int(item["id"]))
            ours.add(int(item["id"]))
    return Seen(probe=probe, ours=ours, theirs=None)


async def pull_hidden(desk: Desk, graph: Graph) -> int:
    """Once a day: administrators are told, once, of a list that hides what others add. Returns how many lists do."""
    if not await desk.look(_is_due):
        return 0
    await desk.run(SYSTEM, _note_look)
    tried = await try_lists(desk, graph, await desk.run(SYSTEM, all_places))
    await desk.run(SYSTEM, _tell, {name: one.hidden for name, one in tried.brought.items()})
    tried.complain()
    return sum(one.hidden > 0 for one in tried.brought.values())


def _is_due(work: Work) -> bool:
    counters = tables.counters
    looked = work.conn.execute(select(counters.c.value).where(counters.c.name == LOOKED)).scalar()
    return looked != work.today.toordinal() and SITE in all_places(work)


def _note_look(work: Work) -> None:
    row = {"name": LOOKED, "value": work.today.toordinal()}
    work.conn.execute(insert_or_replace(work.conn, tables.counters, row, ("name",)))


def _tell(work: Work, hidden: Mapping[str, int]) -> None:
    """Told of on the first day, and remembered until nothing is hidden any more."""
    told = all_places(work)
    for name, missing in hidden.items():
        if not missing:
            forget_places(work, [_told_key(name)])
        elif _told_key(name) not in told:
            keep_places(work, {_told_key(name): work.today.isoformat()})
            tell_of_hidden(work, name, missing)


def _told_key(name: str) -> str:
    return f"hidden:{name}"
