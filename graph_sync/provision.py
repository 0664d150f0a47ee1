"""`cos provision`: the lists, columns and libraries of `manifests/sharepoint`, made where they are missing.

Running it again changes nothing and says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

from kiota_abstractions.method import Method

from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.each import Pulled, each
from casework.errors import Conflict, NeedsAttention, TryLater
from casework.new_tenant import enter_anew, file_anew, fill_lists, forget_links, forget_site, write_lists_anew
from graph_sync.doctor import named
from graph_sync.graph import Graph
from graph_sync.list_columns import (
    TO_SEVERAL_LINES,
    Unfit,
    changes_of,
    is_of_another_type,
    left_with_one_line,
    left_without_index,
    may_be_refused,
    no_index,
    one_line_only,
    shown,
    unfit,
    without_steps,
)
from graph_sync.names import library_name
from graph_sync.patience import Forbidden, Unacceptable, patiently
from graph_sync.places import SITE, all_places, drive_key, keep_places, list_key

Json = dict[str, Any]
TITLE = "Title"
"""Every list has this column from the start; it is changed, never added."""


OWNER = (
    "Making and changing lists, columns and libraries takes the role `owner` in the site. Give it to the application "
    "for that hour, as manifests/permissions.md shows under 'Sites.Selected', and run `cos provision` again."
)


class NotAllMade(NeedsAttention):
    """Some columns, lists or libraries could not be made; `made` says in sentences what was."""

    code = "not-all-made"

    def __init__(self, wrong: Sequence[str], made: Sequence[str]) -> None:
        super().__init__(" ".join(wrong))
        self.made = made


async def provision(desk: Desk, graph: Graph, site: str, tell: Callable[[int, int], None], said: list[str]) -> None:
    """As `_provision`; where the application may not make something, the role that takes is named."""
    try:
        await _provision(desk, graph, site, tell, said)
    except Forbidden as error:
        raise Forbidden(f"{error} {OWNER}") from error


async def _provision(desk: Desk, graph: Graph, site: str, tell: Callable[[int, int], None], said: list[str]) -> None:
    """Make what is missing in the site (`HOST:/sites/NAME`); `said` gets a sentence for each thing made.

    `tell(done, of)` is called as it goes. It looks before it makes, so it may be run again at any point. Where a list
    or library is another than before, what stood there is asked for again, and so is every item of a list that got a
    column. What cannot be made stops nothing else: raises `NotAllMade` at the end.
    """
    site_id = await _site_id(graph, site)
    lists = {x["displayName"]: x async for page in graph.pages(graph.url("sites", site_id, "lists"))
             for x in page["value"]}  # fmt: skip
    communities = _libraries_of(await desk.run(SYSTEM, _community_names))
    wanted = load_lists()
    found, filled, wrong = {SITE: site_id}, set[str](), list[str]()
    schemas = {schema["displayName"]: schema for schema in wanted.values()}
    steps = len(schemas) + len(communities)

    async def see_to_list(name: str) -> None:
        schema = schemas[name]
        made = lists.get(name) or await _make_list(graph, site_id, schema, said)
        found[list_key(name)] = made["id"]
        seen = await _see_to_columns(graph, site_id, made["id"], schema)
        said.extend(seen.said)
        wrong.extend(seen.wrong)
        if seen.is_added and name in lists:
            filled.add(name)
        tell(list(schemas).index(name) + 1, steps)

    async def see_to_library(community: str) -> None:
        library = communities[community]
        made = lists.get(library) or await _make_library(graph, site_id, library, said)
        found[f"library:{community}"] = made["id"]
        tell(len(schemas) + list(communities).index(community) + 1, steps)

    wrong += _not_made(await each(schemas, see_to_list))
    wrong += _not_made(await each(communities, see_to_library))
    drives = {d["name"]: d["id"] async for page in graph.pages(graph.url("sites", site_id, "drives"))
              for d in page["value"]}  # fmt: skip
    found |= {drive_key(name): drives[library] for name, library in communities.items() if library in drives}
    await desk.run(SYSTEM, _settle_in, found, said)
    if items := await desk.run(SYSTEM, fill_lists, filled):
        said.append(f"{items:,} items are written again, so that the new columns are filled in.")
    if wrong:
        raise NotAllMade(wrong, said)


def _not_made(seen: Pulled[str, None]) -> list[str]:
    """Which lists or libraries could not be made or changed, in a sentence for each reason."""
    for error in seen.failed.values():
        if not isinstance(error, NeedsAttention | TryLater | Conflict):
            raise error
    alike: dict[str, list[str]] = {}
    for name, error in seen.failed.items():
        why = f"{error} {OWNER}" if isinstance(error, Forbidden) else str(error)
        alike.setdefault(why, []).append(name)
    return [f"What {named(names)} needs could not be made or changed. {why}" for why, names in alike.items()]


def _settle_in(work: Work, found: dict[str, str], said: list[str]) -> None:
    known = all_places(work)
    moved = {key for key, value in found.items() if known.get(key, value) != value}
    keep_places(work, found)
    if not moved:
        return
    if SITE in moved:
        forget_site(work)
        enter_anew(work)
        said.append(
            "This is another tenant than before: people are matched anew, what is to come is put into the calendar "
            "again, and the bot has to be added again."
        )
    forget_links(work)
    communities = {c.name for c in directory_of(work).communities}
    items = write_lists_anew(work, {name for name in load_lists_named() if list_key(name) in moved})
    papers = file_anew(work, {name for name in communities if drive_key(name) in moved})
    work.journal("settle in another place", "the tenant", places=len(moved), items=items, papers=papers)
    said.append(
        f"{len(moved)} places are others than before: {items:,} items and {papers:,} papers are put there again."
    )


def load_lists_named() -> list[str]:
    """The names of the lists as people see them."""
    return [schema["displayName"] for schema in load_lists().values()]


def load_lists() -> dict[str, Json]:
    """The lists of `manifests/sharepoint/lists.json`."""
    raw: dict[str, Json] = json.loads((files("manifests") / "sharepoint" / "lists.json").read_text("utf-8"))
    return raw


def _community_names(work: Work) -> list[str]:
    return [c.name for c in directory_of(work).communities]


def _libraries_of(communities: Sequence[str]) -> dict[str, str]:
    """Each community's library, named as SharePoint takes it."""
    named: dict[str, str] = {}
    for community in communities:
        library = library_name(community)
        if other := next((c for c, known in named.items() if known.casefold() == library.casefold()), None):
            raise NeedsAttention(
                f"The communities '{other}' and '{community}' would have one library, '{library}', as SharePoint does "
                "not take every character in a name. Rename one of them in the directory, then run `cos provision`."
            )
        named[community] = library
    return named


async def _site_id(graph: Graph, site: str) -> str:
    host, _, path = site.partition(":")
    answer = await graph.get(graph.url("sites", f"{host}:{path}").replace("%2F", "/"), may_miss=True)
    if answer is None:
        raise NeedsAttention(f"The site '{site}' does not exist. Make it in SharePoint or mend COS_SITE.")
    return str(answer.json()["id"])


async def _make_list(graph: Graph, site_id: str, schema: Json, said: list[str]) -> Json:
    body = {
        "displayName": schema["displayName"],
        "description": schema["description"],
        "columns": [without_steps(c) for c in schema["columns"] if c["name"] != TITLE],
        "list": {"template": "genericList"},
    }
    said.append(f"Made the list '{schema['displayName']}' with {len(schema['columns'])} columns.")
    return await patiently(lambda: _ensure(graph, site_id, body))


async def _ensure(graph: Graph, site_id: str, body: Json) -> Json:
    """Make a list; where the answer is lost or there is one already, look for it."""
    url = graph.url("sites", site_id, "lists")
    try:
        return (await graph.write(Method.POST, url, body)).json()
    except (TryLater, Conflict):
        async for page in graph.pages(url):
            for found in page["value"]:
                if found["displayName"] == body["displayName"]:
                    return dict(found)
        raise


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What became of a list's columns, in sentences."""

    said: Sequence[str]
    wrong: Sequence[str]
    is_added: bool


async def _see_to_columns(graph: Graph, site_id: str, list_id: str, schema: Json) -> _Seen:
    """Add what is missing; change what a column that is there lacks. Nothing is taken away."""
    url = graph.url("sites", site_id, "lists", list_id, "columns")
    known, name, said, refused = await columns_of(graph, url), schema["displayName"], [], []
    wanted = [c for c in schema["columns"] if not is_of_another_type(known.get(c["name"], {}), c)]
    added = [c for c in wanted if c["name"] not in known]
    changed = [c for c in wanted if c["name"] in known and changes_of(known[c["name"]], c)]
    for column in (*added, *changed):
        try:
            await _see_to_column(graph, url, known.get(column["name"]), column)
        except Unacceptable as error:
            refused.append(f"The column '{shown(column)}' of '{name}' could not be made or changed. {error}")
            continue
        if column in added:
            said.append(f"Added the column '{shown(column)}' to '{name}'.")
    if changed:
        known = await columns_of(graph, url)  # what Graph made of it: it may leave one as it was without an error
        said += [
            f"Changed the column '{shown(c)}' of '{name}'." for c in changed if not changes_of(known[c["name"]], c)
        ]
        if left := left_with_one_line(known, schema):
            said.append(f"{one_line_only(name, left)} {TO_SEVERAL_LINES}")
        if left := left_without_index(known, schema):
            said.append(no_index(name, left))
    retyped = Unfit(list_name=name, retyped=unfit(known, schema).retyped)
    wrong = [f"{retyped.said} {retyped.remedy}"] if retyped else []
    return _Seen(said=said, wrong=(*wrong, *refused), is_added=bool(added))


async def _see_to_column(graph: Graph, url: str, there: Json | None, column: Json) -> None:
    if there is None:
        make = partial(graph.write, Method.POST, url, without_steps(column))
        there = (await patiently(make)).json()
    for change in changes_of(there, column):
        await _change(graph, f"{url}/{there['id']}", there, change)


async def columns_of(graph: Graph, url: str) -> dict[str, Json]:
    """A list's columns by their names."""
    return {c["name"]: c async for page in graph.pages(url) for c in page["value"]}


async def _change(graph: Graph, url: str, there: Json, change: Json) -> None:
    try:
        await graph.change(url, change)
    except Unacceptable:
        if not may_be_refused(there, change):
            raise


async def _make_library(graph: Graph, site_id: str, name: str, said: list[str]) -> Json:
    body = {"displayName": name, "list": {"template": "documentLibrary"}}
    said.append(f"Made the library '{name}'.")
    return await patiently(lambda: _ensure(graph, site_id, body))
