"""What `cos doctor` asks about the way in: whether what comes from the tenant can be read, all of it and by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import msgspec

from casework.errors import NeedsAttention, TryLater
from casework.etags import etag_number
from casework.working_list import LIST
from graph_sync.doctor import Finding, Kind, Patient
from graph_sync.graph import Graph
from graph_sync.intake import BOOKS
from graph_sync.places import SITE, list_key
from graph_sync.workbooks import SELECT, WorkbookItem, item_key, workbook_drive_key

PROVISION = "Run `cos provision` first."
FIRST_THE_PERMISSIONS = "Grant what is missing among the permissions first, then run `cos doctor` again."
WORKBOOKS, EDITORS = "workbooks", "edits of lists"
VERSIONS_ON = (
    "An owner of the site opens each list that CoS Desk made, then List settings, Versioning settings, and chooses "
    "'Create a version each time you edit an item': Yes."
)
TAKE_TO_MICROSOFT = "Ask Microsoft's support why `versions` of a list item has no lastModifiedBy in your tenant."


async def examine_way_in(graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """A finding for each thing tried."""
    if SITE not in patient.places:
        yield Finding(about="way in", kind=Kind.UNKNOWN, said="The site is not known yet.", remedy=PROVISION)
        return
    for about, probe in PROBES.items():
        try:
            yield await probe(graph, patient)
        except (NeedsAttention, TryLater) as error:
            yield Finding(about=about, kind=Kind.UNKNOWN, said=str(error), remedy=FIRST_THE_PERMISSIONS)


async def _workbooks(graph: Graph, patient: Patient) -> Finding:
    """Where the forms' workbooks are, and whether each says when its content changed."""
    found = []
    for book in BOOKS:
        drive, item_id = (patient.places.get(key(book.form)) for key in (workbook_drive_key, item_key))
        if drive is None or item_id is None:
            continue
        url = graph.url("drives", drive, "items", item_id, query={"$select": SELECT})
        answer = await graph.get(url, may_miss=True)
        if answer is None:
            said = f"The workbook '{book.name}' is not there any more."
            remedy = "Open the form in Microsoft Forms and choose 'Open in Excel': Forms makes the workbook again."
            return Finding(about=WORKBOOKS, kind=Kind.MISSING, said=said, remedy=remedy)
        item = msgspec.json.decode(answer.content, type=WorkbookItem)
        if not item.tag:
            said = f"The workbook '{item.name}' does not say when it changed, so it is read each time."
            return Finding(about=WORKBOOKS, kind=Kind.UNKNOWN, said=said)
        found.append(item.name)
    if not found:
        names = ", ".join(f"'{book.name}'" for book in BOOKS)
        said = f"No workbook of a form was found in the site yet. They are looked for by name: {names}."
        remedy = "Open each form in Microsoft Forms and choose 'Open in Excel', or use the flow in manifests/flows."
        return Finding(about=WORKBOOKS, kind=Kind.UNKNOWN, said=said, remedy=remedy)
    return Finding(about=WORKBOOKS, kind=Kind.WELL, said=f"Found and readable: {', '.join(found)}.")


async def _editors(graph: Graph, patient: Patient) -> Finding:
    """Whether a list says who changed what: it keeps versions, and each names who saved it."""
    list_id = patient.places.get(list_key(LIST))
    if list_id is None:
        return Finding(about=EDITORS, kind=Kind.UNKNOWN, said=f"The list '{LIST}' is not known yet.", remedy=PROVISION)
    here = ("sites", patient.places[SITE], "lists", list_id, "items")
    answer = await graph.get(graph.url(*here, query={"$top": "1", "$expand": "fields"}))
    found = answer.json()["value"] if answer else []
    if not found:
        said = f"The list '{LIST}' has no item yet. Run `cos doctor` again once a request came in."
        return Finding(about=EDITORS, kind=Kind.UNKNOWN, said=said)
    item = found[0]
    pages = [page async for page in graph.pages(graph.url(*here, item["id"], "versions", query={"$expand": "fields"}))]
    versions = [version for page in pages for version in page["value"]]
    if len(versions) < 2 and (etag_number(item["eTag"]) or 0) > 1:
        said = f"The list '{LIST}' keeps no versions: where two people change an item, nobody can say who changed what."
        return Finding(about=EDITORS, kind=Kind.MISSING, said=said, remedy=VERSIONS_ON)
    if not all(v.get("lastModifiedBy") or v.get("fields", {}).get("EditorLookupId") for v in versions):
        said = f"Versions of items of '{LIST}' do not name who saved them, so no edit there is carried out."
        return Finding(about=EDITORS, kind=Kind.MISSING, said=said, remedy=TAKE_TO_MICROSOFT)
    return Finding(about=EDITORS, kind=Kind.WELL, said="The lists say who changed what.")


PROBES: Mapping[str, Callable[[Graph, Patient], Awaitable[Finding]]] = {WORKBOOKS: _workbooks, EDITORS: _editors}
"""By what each finding is about."""
