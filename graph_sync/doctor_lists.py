"""What `cos doctor` asks of the lists: whether their columns take what people write, and whether we see every item."""

from __future__ import annotations

from collections.abc import AsyncIterator

from casework.errors import NeedsAttention, TryLater
from graph_sync.doctor import Finding, Kind, Patient
from graph_sync.doctor_coming_in import FIRST_THE_PERMISSIONS, PROVISION
from graph_sync.graph import Graph
from graph_sync.list_columns import TO_SEVERAL_LINES, left_with_one_line, one_line_only
from graph_sync.places import SITE, list_key
from graph_sync.provision import load_lists

COLUMNS = "columns of lists"


async def examine_lists(graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """A finding for the columns of all lists."""
    if SITE not in patient.places:
        yield Finding(about=COLUMNS, kind=Kind.UNKNOWN, said="The site is not known yet.", remedy=PROVISION)
        return
    try:
        yield await _columns(graph, patient)
    except (NeedsAttention, TryLater) as error:
        yield Finding(about=COLUMNS, kind=Kind.UNKNOWN, said=str(error), remedy=FIRST_THE_PERMISSIONS)


async def _columns(graph: Graph, patient: Patient) -> Finding:
    """Which columns cannot hold a long answer: a flow fails on it, and the response is lost until somebody looks."""
    narrow = []
    for schema in load_lists().values():
        name = schema["displayName"]
        if (list_id := patient.places.get(list_key(name))) is None:
            continue
        url = graph.url("sites", patient.places[SITE], "lists", list_id, "columns")
        known = {c["name"]: c async for page in graph.pages(url) for c in page["value"]}
        if left := left_with_one_line(known, schema):
            narrow.append(one_line_only(name, left))
    if narrow:
        return Finding(about=COLUMNS, kind=Kind.MISSING, said=" ".join(narrow), remedy=TO_SEVERAL_LINES)
    return Finding(about=COLUMNS, kind=Kind.WELL, said="The lists' columns take answers of any length.")
