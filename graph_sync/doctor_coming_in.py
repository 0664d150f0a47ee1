"""What `cos doctor` asks about the way in: whether what comes from the tenant can be read, all of it and by name."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from casework.each import each
from casework.errors import Conflict, NeedsAttention, TryLater
from casework.workbook_trouble import WHICH_ONE
from graph_sync.doctor import Finding, Kind, Patient
from graph_sync.graph import Graph
from graph_sync.intake import BOOKS, FormBook
from graph_sync.places import SITE
from graph_sync.workbook_places import beside_key, drives_under, item_key, lost_key, workbook_drive_key
from graph_sync.workbooks import SELECT, WorkbookItem

PROVISION = "Run `cos provision` first."
FIRST_THE_PERMISSIONS = "Grant what is missing among the permissions first, then run `cos doctor` again."
WORKBOOKS = "workbooks"


async def examine_way_in(graph: Graph, patient: Patient) -> AsyncIterator[Finding]:
    """A finding for the workbooks."""
    if SITE not in patient.places:
        yield Finding(about=WORKBOOKS, kind=Kind.UNKNOWN, said="The site is not known yet.", remedy=PROVISION)
        return
    looked = await each(BOOKS, lambda book: _workbook(graph, patient, book))
    bugs = [e for e in looked.failed.values() if not isinstance(e, NeedsAttention | TryLater | Conflict)]
    if bugs:
        raise bugs[0]
    failed = [_finding(Kind.UNKNOWN, str(error), FIRST_THE_PERMISSIONS) for error in looked.failed.values()]
    said = [finding for finding in looked.brought.values() if finding is not None]
    odd = [*(f for f in said if f.kind is not Kind.WELL), *failed]
    if odd:
        kind = Kind.MISSING if any(f.kind is Kind.MISSING for f in odd) else Kind.UNKNOWN
        yield _finding(kind, " ".join(f.said for f in odd), " ".join(dict.fromkeys(f.remedy for f in odd if f.remedy)))
    elif said:
        yield _finding(Kind.WELL, f"Found and readable: {', '.join(f.said for f in said)}.")
    else:
        names = ", ".join(f"'{book.name}'" for book in BOOKS)
        none = f"No workbook of a form was found in the site yet. They are looked for by name: {names}."
        remedy = "Open each form in Microsoft Forms and choose 'Open in Excel', or use the flow in manifests/flows."
        yield _finding(Kind.UNKNOWN, none, remedy)


def _finding(kind: Kind, said: str, remedy: str = "") -> Finding:
    return Finding(about=WORKBOOKS, kind=kind, said=said, remedy=remedy)


async def _workbook(graph: Graph, patient: Patient, book: FormBook) -> Finding | None:
    """Whether a form's workbook is there, alone, and says when its content changed; its name where all is well.

    None where none was found yet.
    """
    gone = _finding(
        Kind.MISSING, f"The workbook '{book.name}' is not there any more.",
        "Restore it from the recycle bin of the site, or open the form in Microsoft Forms and choose 'Open in Excel': "
        "Forms makes the workbook again.",
    )  # fmt: skip
    drive, item_id = (patient.places.get(key(book.form)) for key in (workbook_drive_key, item_key))
    if drive is None or item_id is None:
        return gone if drives_under(patient.places, lost_key(book.form)) else None
    answer = await graph.get(graph.url("drives", drive, "items", item_id, query={"$select": SELECT}), may_miss=True)
    if answer is None:
        return gone
    if beside := drives_under(patient.places, beside_key(book.form)):
        said = f"There are {len(beside) + 1} workbooks '{book.name}', and Microsoft Forms writes to one of them only."
        return _finding(Kind.MISSING, said, WHICH_ONE)
    item = msgspec.json.decode(answer.content, type=WorkbookItem)
    if not item.tag:
        said = f"The workbook '{item.name}' does not say when it changed, so it is read each time."
        return _finding(Kind.UNKNOWN, said)
    return _finding(Kind.WELL, item.name)
