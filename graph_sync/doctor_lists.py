"""What `cos doctor` asks of the lists: whether their columns take what people write, whether we see every item, and who
changed it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from casework.desk import Desk
from casework.each import Pulled, each
from casework.hidden_items import READ_ALL, hides
from graph_sync.doctor import Finding, Kind, Patient, named
from graph_sync.doctor_coming_in import FIRST_THE_PERMISSIONS, PROVISION
from graph_sync.graph import Graph
from graph_sync.list_columns import TO_SEVERAL_LINES, left_with_one_line, one_line_only, unfit
from graph_sync.list_trials import Tried, try_lists
from graph_sync.places import SITE, list_key
from graph_sync.provision import columns_of, load_lists

COLUMNS, ITEMS, EDITORS = "columns of lists", "items of lists", "edits of lists"
VERSIONS_ON = (
    "An owner of the site opens each of these lists, then List settings, Versioning settings, and chooses 'Create a "
    "version each time you edit an item': Yes."
)
TAKE_TO_MICROSOFT = "Ask Microsoft's support why `versions` of a list item has no lastModifiedBy in your tenant."


async def examine_lists(desk: Desk, graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """A finding for the columns of all lists, one for the items we are shown, one for who changed them."""
    if SITE not in patient.places:
        for about in (COLUMNS, ITEMS, EDITORS):
            yield Finding(about=about, kind=Kind.UNKNOWN, said="The site is not known yet.", remedy=PROVISION)
        return
    yield await _columns(graph, patient)
    tried = await try_lists(desk, graph, patient.places)
    yield _items(tried)
    yield _editors(tried)


async def _columns(graph: Graph, patient: Patient) -> Finding:
    """Which columns are gone, are something else or cannot hold a long answer: a write of ours, or the flow, fails on
    it.
    """
    said, remedies = [], []
    schemas = {schema["displayName"]: schema for schema in load_lists().values()}
    lists = {name: patient.places[list_key(name)] for name in schemas if list_key(name) in patient.places}
    site = patient.places[SITE]
    looked = await each(
        lists, lambda name: columns_of(graph, graph.url("sites", site, "lists", lists[name], "columns"))
    )
    for name, known in looked.brought.items():
        schema = schemas[name]
        if lacks := unfit(known, schema):
            said.append(lacks.said)
            remedies.append(lacks.remedy)
        if left := left_with_one_line(known, schema):
            said.append(one_line_only(name, left))
            remedies.append(TO_SEVERAL_LINES)
    if said:
        remedy = " ".join(dict.fromkeys(remedies))
        return Finding(about=COLUMNS, kind=Kind.MISSING, said=f"{' '.join(said)}{_not_tried(looked)}", remedy=remedy)
    if looked.failed:
        said_of = _not_tried(looked).strip()
        return Finding(about=COLUMNS, kind=Kind.UNKNOWN, said=said_of, remedy=FIRST_THE_PERMISSIONS)
    return Finding(about=COLUMNS, kind=Kind.WELL, said="The lists have every column, for answers of any length.")


def _items(tried: Pulled[str, Tried]) -> Finding:
    """Whether each list shows us what others add."""
    if said := " ".join(hides(name, one.hidden) for name, one in tried.brought.items() if one.hidden):
        return Finding(about=ITEMS, kind=Kind.MISSING, said=f"{said}{_not_tried(tried)}", remedy=READ_ALL)
    return _or_not_tried(tried, ITEMS, "Nothing that others added to the lists is hidden from CoS Desk.")


def _editors(tried: Pulled[str, Tried]) -> Finding:
    """Whether each list says who changed what: it keeps versions, and each names who saved it."""
    if without := [name for name, one in tried.brought.items() if not one.keeps_versions]:
        said = (
            f"No versions are kept by {named(without)}: of two people who change an item, nobody can say who did what."
        )
        return Finding(about=EDITORS, kind=Kind.MISSING, said=f"{said}{_not_tried(tried)}", remedy=VERSIONS_ON)
    if nameless := [name for name, one in tried.brought.items() if not one.names_who_saved]:
        said = f"Versions of items of {named(nameless)} do not name who saved them, so no edit there is carried out."
        return Finding(about=EDITORS, kind=Kind.MISSING, said=f"{said}{_not_tried(tried)}", remedy=TAKE_TO_MICROSOFT)
    said = f"Each of the {len(tried.brought)} lists says who changed what: an item was changed in each."
    return _or_not_tried(tried, EDITORS, said)


def _or_not_tried(tried: Pulled[str, Tried], about: str, said: str) -> Finding:
    """All is well, where every list could be tried."""
    if tried.failed:
        return Finding(about=about, kind=Kind.UNKNOWN, said=_not_tried(tried).strip(), remedy=FIRST_THE_PERMISSIONS)
    if not tried.brought:
        return Finding(about=about, kind=Kind.UNKNOWN, said="The lists are not known yet.", remedy=PROVISION)
    return Finding(about=about, kind=Kind.WELL, said=said)


def _not_tried(tried: Pulled[str, Any]) -> str:
    """Which lists could not be tried, and why."""
    return "".join(f" '{name}' could not be tried: {error}" for name, error in tried.failed.items())
