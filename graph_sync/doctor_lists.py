"""What `cos doctor` asks of the lists: whether their columns take what people write, and whether we see every item."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from kiota_abstractions.method import Method

from casework import question_list, surgery_list
from casework.desk import SYSTEM, Desk
from casework.errors import Conflict, NeedsAttention, TryLater
from casework.working_list import LIST
from graph_sync.doctor import Finding, Kind, Patient
from graph_sync.doctor_coming_in import FIRST_THE_PERMISSIONS, PROVISION
from graph_sync.editors import application_of
from graph_sync.graph import Graph
from graph_sync.intake import RESPONSES_LIST
from graph_sync.items_seen import Seen, keep
from graph_sync.list_columns import TO_SEVERAL_LINES, left_with_one_line, one_line_only, unfit
from graph_sync.list_edits import learn_who_we_are
from graph_sync.places import SITE, list_key
from graph_sync.provision import columns_of, load_lists

COLUMNS, ITEMS = "columns of lists", "items of lists"
PROBE = "CoS Desk doctor: a trial, deleted again"
"""Begins the title of the item that is added to each list and removed at once."""

TRIED = (LIST, RESPONSES_LIST, surgery_list.LIST, question_list.LIST)
"""The working list first: every item there is ours, so an item of ours teaches us who we are and nothing else."""

READ_ALL = (
    "An owner of the site opens that list, List settings, Advanced settings, Item-level permissions, and chooses Read "
    "access: Read all items; where that is chosen already, the items were deleted, and the next one somebody adds ends "
    "this finding."
)


async def examine_lists(desk: Desk, graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """A finding for the columns of all lists, and one for the items we are shown."""
    for about, probe in PROBES.items():
        if SITE not in patient.places:
            yield Finding(about=about, kind=Kind.UNKNOWN, said="The site is not known yet.", remedy=PROVISION)
            continue
        try:
            yield await probe(desk, graph, patient)
        except (NeedsAttention, TryLater, Conflict) as error:
            yield Finding(about=about, kind=Kind.UNKNOWN, said=str(error), remedy=FIRST_THE_PERMISSIONS)


async def _columns(_: Desk, graph: Graph, patient: Patient) -> Finding:
    """Which columns are gone, are something else or cannot hold a long answer: a write of ours, or the flow, fails on
    it.
    """
    said, remedies = [], []
    for schema in load_lists().values():
        name = schema["displayName"]
        if (list_id := patient.places.get(list_key(name))) is None:
            continue
        known = await columns_of(graph, graph.url("sites", patient.places[SITE], "lists", list_id, "columns"))
        if lacks := unfit(known, schema):
            said.append(lacks.said)
            remedies.append(lacks.remedy)
        if left := left_with_one_line(known, schema):
            said.append(one_line_only(name, left))
            remedies.append(TO_SEVERAL_LINES)
    if said:
        remedy = " ".join(dict.fromkeys(remedies))
        return Finding(about=COLUMNS, kind=Kind.MISSING, said=" ".join(said), remedy=remedy)
    return Finding(about=COLUMNS, kind=Kind.WELL, said="The lists have every column, for answers of any length.")


async def _items(desk: Desk, graph: Graph, patient: Patient) -> Finding:
    """Whether each list shows us what others add."""
    hiding = []
    for name in TRIED:
        if (list_id := patient.places.get(list_key(name))) is None:
            continue
        url = graph.url("sites", patient.places[SITE], "lists", list_id, "items")
        number, own = await _tried(desk, graph, url)
        if name == LIST:
            continue
        seen = await _seen(graph, url, number, own)
        if missing := await desk.run(SYSTEM, keep, list_id, seen):
            hiding.append(f"'{name}' shows CoS Desk none of the items that others added; {missing} are not seen.")
    if hiding:
        return Finding(about=ITEMS, kind=Kind.MISSING, said=" ".join(hiding), remedy=READ_ALL)
    return Finding(about=ITEMS, kind=Kind.WELL, said="Nothing that others added to the lists is hidden from CoS Desk.")


async def _tried(desk: Desk, graph: Graph, url: str) -> tuple[int, str]:
    """The number of an item that we add and remove at once, and the id it names us by."""
    body = {"fields": {"Title": f"{PROBE} ({desk.clock.now():%Y-%m-%d %H:%M:%S})"}}
    made = (await graph.write(Method.POST, url, body)).json()
    try:
        await learn_who_we_are(desk, made.get("createdBy"))
        return int(made["id"]), application_of(made.get("createdBy"))
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


PROBES: Mapping[str, Callable[[Desk, Graph, Patient], Awaitable[Finding]]] = {COLUMNS: _columns, ITEMS: _items}
"""By what each finding is about."""
