"""The workbooks Microsoft Forms writes answers to: looked for by name in the site's drives, kept by drive and item.

A drive's delta only says where to look (it leaves out the tag of the content); the workbook itself is asked. Once a day
each is read whatever was said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.each import Pulled, each
from casework.errors import FileTooLarge
from casework.form_headings import to_read_again, was_read_again
from casework.receive import hold_responses
from casework.workbook_trouble import tell_of_untold_answers
from communities.intake import Outcome
from graph_sync.delta import Changes, Item, Start, pull, save_link, start_of
from graph_sync.graph import Graph
from graph_sync.intake import BOOKS, WORKBOOK, FormBook, book_source, take_workbook
from graph_sync.places import SITE, all_places, drive_key, forget_places, keep_places
from papers.sheets import WORKBOOK_BYTES

ANYWAY = timedelta(days=1)
"""Each workbook is read at least this often, whatever was said of it."""

SOON = timedelta(hours=1)
"""A choice: what changed since may still be told of; what changed before and was not is a fault."""

SELECT = "id,name,cTag,eTag,file,size,lastModifiedDateTime,lastModifiedBy"


class DriveChange(Item):
    """What a drive's delta says of an item: enough to know where to look; a folder has no `file`."""

    name: str = ""
    file: Any = None


class WorkbookItem(msgspec.Struct):
    """What an item of a drive says of itself."""

    id: str
    name: str = ""
    content_tag: str = msgspec.field(default="", name="cTag")
    etag: str = msgspec.field(default="", name="eTag")
    changed_at: datetime | None = msgspec.field(default=None, name="lastModifiedDateTime")

    @property
    def tag(self) -> str:
        """Changes with the content; empty where nothing says so, and nothing missing ever means 'unchanged'."""
        return self.content_tag or self.etag


@dataclass(frozen=True, kw_only=True)
class _Left:
    """What the record knows before a pull."""

    site: str | None
    communities: Set[str]
    """The drives of the communities' libraries: everybody writes there, so no answers are read from them."""
    books: Mapping[FormBook, Start]
    again: Set[str]
    """Forms somebody said something about: their answers are read again."""


@dataclass(frozen=True, kw_only=True)
class _News:
    """A workbook to take."""

    book: FormBook
    drive: str
    item: WorkbookItem
    content: bytes
    problem: str
    """Why there is no content."""
    is_untold: bool
    """Nothing had said that it changed."""


async def pull_workbooks(desk: Desk, graph: Graph) -> Counter[Outcome]:
    """What is new in the forms' workbooks, wherever in the site Microsoft Forms put them."""
    left = await desk.run(SYSTEM, _left)
    if left.site is None:
        return Counter()
    listed = graph.url("sites", left.site, "drives", query={"$select": "id,name"})
    drives = [d["id"] async for page in graph.pages(listed) for d in page["value"] if d["id"] not in left.communities]
    starts = await desk.run(SYSTEM, _starts, drives)
    changes = await each(drives, lambda d: _changes(graph, d, starts[d].link))
    found, lost = await _look(desk, graph, left, changes.brought)
    if lost:  # another of that name may have been there long since
        await desk.run(SYSTEM, _forget, lost)
        left, changes = await desk.run(SYSTEM, _left), await each(drives, lambda d: _changes(graph, d, None))
        found, _ = await _look(desk, graph, left, changes.brought)
    news, now = [one for one in found.brought.values() if one is not None], desk.clock.now()
    is_still = all(c.is_nothing and starts[d].is_fresh(now) for d, c in changes.brought.items())
    taken = Counter[Outcome]()
    if news or left.again or not is_still:
        failed = {b.form for b in found.failed}
        links = {} if failed else {d: c.link for d, c in changes.brought.items()}  # what a drive told is told again
        taken = await desk.run(SYSTEM, _take, news, links, left.again - failed)
    changes.complain()
    found.complain()
    return taken


def _left(work: Work) -> _Left:
    places = all_places(work)
    communities = {places.get(drive_key(c.name), "") for c in directory_of(work).communities}
    books = {book: start_of(work, book_source(book.form)) for book in BOOKS}
    return _Left(
        site=places.get(SITE), communities=communities, books=books, again=to_read_again(work, WORKBOOK)
    )  # fmt: skip


def _drive_source(drive: str) -> str:
    return f"drive:{drive}"


def item_key(form: str) -> str:
    """The key of the id of a form's workbook."""
    return f"workbook:{form}"


def workbook_drive_key(form: str) -> str:
    """The key of the drive a form's workbook lies in."""
    return f"workbook-drive:{form}"


def _starts(work: Work, drives: Sequence[str]) -> dict[str, Start]:
    return {drive: start_of(work, _drive_source(drive)) for drive in drives}


async def _changes(graph: Graph, drive: str, link: str | None) -> Changes[DriveChange]:
    return await pull(graph, graph.url("drives", drive, "root", "delta"), link, DriveChange)


async def _look(
    desk: Desk, graph: Graph, left: _Left, changes: Mapping[str, Changes[DriveChange]]
) -> tuple[Pulled[FormBook, _News | None], set[str]]:
    """The workbooks to take, and the forms whose workbook is not there any more."""
    lost: set[str] = set()

    async def look(book: FormBook) -> _News | None:
        start = left.books[book]
        kept, is_told = _where(book, start.places, changes)
        is_overdue = start.saved_at is None or desk.clock.now() - start.saved_at >= ANYWAY
        if kept is None or not (is_told or is_overdue or book.form in left.again):
            return None
        drive, item_id = kept
        answer = await graph.get(graph.url("drives", drive, "items", item_id, query={"$select": SELECT}), may_miss=True)
        if answer is None:
            lost.add(book.form)
            return None
        item = msgspec.json.decode(answer.content, type=WorkbookItem)
        is_same = item.tag == start.content_tag and item.tag != ""
        if is_same and not is_overdue and book.form not in left.again:
            return None
        content, problem = b"", ""
        try:
            url = graph.url("drives", drive, "items", item_id, "content")
            content = await graph.download(url, WORKBOOK_BYTES)
        except FileTooLarge as error:
            problem = str(error)
        is_late = is_same or (item.changed_at is not None and desk.clock.now() - item.changed_at > SOON)
        is_untold = not is_told and is_late and book.form not in left.again
        return _News(book=book, drive=drive, item=item, content=content, problem=problem, is_untold=is_untold)

    return await each(left.books, look), lost


def _where(
    book: FormBook, places: Mapping[str, str], changes: Mapping[str, Changes[DriveChange]]
) -> tuple[tuple[str, str] | None, bool]:
    """The drive and item of a form's workbook, and whether its drive told of it just now.

    By the id it had, whatever it is called now and wherever it lies; the first time by name.
    """
    known, drive = places.get(item_key(book.form)), places.get(workbook_drive_key(book.form))
    told = [(d, i) for d, c in changes.items() for i in c.items.values()]
    if known is not None:
        found = next((d for d, i in told if i.id == known), drive)
        return None if found is None else (found, known), any(i.id == known for _, i in told)
    named = [(d, i.id) for d, i in told if i.file is not None and i.deleted is None and i.name == book.name]
    return (named[0] if named else None), bool(named)


def _forget(work: Work, forms: Iterable[str]) -> None:
    """A workbook that was deleted: Microsoft Forms makes another, with another id."""
    for form in sorted(forms):
        forget_places(work, (item_key(form), workbook_drive_key(form)))
        work.journal("lose a workbook", form)


def _take(work: Work, news: Sequence[_News], links: Mapping[str, str], again: Set[str]) -> Counter[Outcome]:
    hold_responses(work)
    for form in again:
        was_read_again(work, form, WORKBOOK)
    for drive, link in links.items():
        save_link(work, _drive_source(drive), link)
    taken: Counter[Outcome] = Counter()
    for one in news:
        here = {item_key(one.book.form): one.item.id, workbook_drive_key(one.book.form): one.drive}
        if keep_places(work, here):
            _watch_anew(work)
        brought = take_workbook(work, one.book, one.item.name, one.item.tag, one.content, one.problem)
        if one.is_untold and brought.total():
            tell_of_untold_answers(work, one.item.name, brought.total())
        taken += brought
    return taken


def _watch_anew(work: Work) -> None:
    """The subscription is to the drive the workbook was in before: another is made, and that one runs out."""
    work.conn.execute(delete(tables.subscriptions).where(tables.subscriptions.c.source == WORKBOOK))
