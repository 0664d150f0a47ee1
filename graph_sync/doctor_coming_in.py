"""What `cos doctor` asks about the way in: whether what comes from the tenant can be read, all of it and by name."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from casework.errors import NeedsAttention, TryLater
from graph_sync.doctor import Finding, Kind, Patient
from graph_sync.graph import Graph
from graph_sync.intake import BOOKS
from graph_sync.places import SITE
from graph_sync.workbooks import SELECT, WorkbookItem, item_key, workbook_drive_key

PROVISION = "Run `cos provision` first."
FIRST_THE_PERMISSIONS = "Grant what is missing among the permissions first, then run `cos doctor` again."
WORKBOOKS = "workbooks"


async def examine_way_in(graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """A finding for the workbooks."""
    if SITE not in patient.places:
        yield Finding(about=WORKBOOKS, kind=Kind.UNKNOWN, said="The site is not known yet.", remedy=PROVISION)
        return
    try:
        yield await _workbooks(graph, patient)
    except (NeedsAttention, TryLater) as error:
        yield Finding(about=WORKBOOKS, kind=Kind.UNKNOWN, said=str(error), remedy=FIRST_THE_PERMISSIONS)


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
