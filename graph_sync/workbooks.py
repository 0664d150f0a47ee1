"""The workbooks Microsoft Forms writes answers to: looked for by name in the site's drives, kept by drive and item.

A drive's delta only says where to look (it leaves out the tag of the content); the workbook itself is asked. Once a day
each is read whatever was said.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import msgspec
from sqlalchemy import delete

from casework import tables
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.each import Pulled, each
from casework.errors import FileTooLarge
from casework.form_headings import to_read_again, was_read_again
from casework.receive import hold_responses
from casework.workbook_trouble import tell_of_lost, tell_of_untold_answers
from communities.intake import Outcome
from forms_ingest.columns import load_mapping
from graph_sync.delta import Changes, Start, pull, save_link, start_of
from graph_sync.graph import Graph
from graph_sync.intake import BOOKS, WORKBOOK, FormBook, book_source
from graph_sync.places import SITE, all_places, drive_key, keep_places
from graph_sync.workbook_copies import Copy, Taken, take_copies
from graph_sync.workbook_places import LISTED, DriveChange, Known, keep_known, known_of
from papers.sheets import WORKBOOK_BYTES

ANYWAY = timedelta(days=1)
"""Each workbook is read at least this often, whatever was said of it."""

SOON = timedelta(hours=1)
"""A choice: what changed since may still be told of; what changed before and was not is a fault."""

SELECT = "id,name,cTag,eTag,file,size,parentReference,lastModifiedDateTime,lastModifiedBy"


class WorkbookItem(msgspec.Struct):
    """What an item of a drive says of itself."""

    id: str
    name: str = ""
    content_tag: str = msgspec.field(default="", name="cTag")
    etag: str = msgspec.field(default="", name="eTag")
    changed_at: datetime | None = msgspec.field(default=None, name="lastModifiedDateTime")
    parent: dict[str, Any] = msgspec.field(default_factory=dict, name="parentReference")

    @property
    def tag(self) -> str:
        """Changes with the content; empty where nothing says so, and nothing missing ever means 'unchanged'."""
        return self.content_tag or self.etag

    def order(self, known: Known) -> tuple[int, float]:
        """Those known by their id first, as they are; the others by when they changed, the newest first."""
        if self.id in known.by_id:
            return list(known.by_id).index(self.id) - len(known.by_id), 0.0
        return 0, -self.changed_at.timestamp() if self.changed_at else 0.0

    @property
    def folder(self) -> str:
        """The folders it lies in, below the library."""
        return unquote(str(self.parent.get("path", "")).partition("root:")[2]).strip("/")


@dataclass(frozen=True, kw_only=True)
class _Left:
    """What the record knows before a pull."""

    site: str | None
    is_listed: bool
    """Every file that was there was seen once, so that what the drives tell is all that is new."""
    communities: Set[str]
    """The drives of the communities' libraries: everybody writes there, so no answers are read from them."""
    books: Mapping[FormBook, Start]
    again: Set[str]
    """Forms somebody said something about: their answers are read again."""


@dataclass(frozen=True, kw_only=True)
class _News:
    """The workbooks of a form, to be read."""

    book: FormBook
    known: Known
    copies: Sequence[Copy]
    tag: str
    is_untold: bool
    """Nothing had said that they changed."""
    unread: Sequence[Exception]
    """Why some could not be read: they are in the next pull."""


async def pull_workbooks(desk: Desk, graph: Graph) -> Counter[Outcome]:
    """What is new in the forms' workbooks, wherever in the site Microsoft Forms put them."""
    left = await desk.run(SYSTEM, _left)
    if left.site is None:
        return Counter()
    listed = graph.url("sites", left.site, "drives", query={"$select": "id,name"})
    names = {d["id"]: d["name"] async for page in graph.pages(listed) for d in page["value"]}
    drives = [drive for drive in names if drive not in left.communities]
    starts = await desk.run(SYSTEM, _starts, drives)
    changes = await each(drives, lambda d: _changes(graph, d, starts[d].link if left.is_listed else None))
    found = await _look(desk, graph, left, names, changes.brought)
    news, now = [one for one in found.brought.values() if one is not None], desk.clock.now()
    is_still = all(c.is_nothing and starts[d].is_fresh(now) for d, c in changes.brought.items())
    taken = Counter[Outcome]()
    if news or left.again or not is_still:
        failed = {b.form for b in found.failed} | {one.book.form for one in news if one.unread}
        links = {} if failed else {d: c.link for d, c in changes.brought.items()}  # what a drive told is told again
        is_listed = not failed and not changes.failed
        taken = await desk.run(SYSTEM, _take, news, links, left.again - failed, is_listed)
    changes.complain()
    found.complain()
    for error in (error for one in news for error in one.unread):
        raise error
    return taken


def _left(work: Work) -> _Left:
    places = all_places(work)
    communities = {places.get(drive_key(c.name), "") for c in directory_of(work).communities}
    books = {book: start_of(work, book_source(book.form)) for book in BOOKS}
    return _Left(
        site=places.get(SITE), is_listed=LISTED in places, communities=communities, books=books,
        again=to_read_again(work, WORKBOOK),
    )  # fmt: skip


def _drive_source(drive: str) -> str:
    return f"drive:{drive}"


def _starts(work: Work, drives: Sequence[str]) -> dict[str, Start]:
    return {drive: start_of(work, _drive_source(drive)) for drive in drives}


async def _changes(graph: Graph, drive: str, link: str | None) -> Changes[DriveChange]:
    return await pull(graph, graph.url("drives", drive, "root", "delta"), link, DriveChange)


async def _look(
    desk: Desk, graph: Graph, left: _Left, names: Mapping[str, str], changes: Mapping[str, Changes[DriveChange]]
) -> Pulled[FormBook, _News | None]:
    """The workbooks to read."""

    async def look(book: FormBook) -> _News | None:
        start = left.books[book]
        known, is_again = known_of(book, start.places, changes), book.form in left.again
        is_overdue = start.saved_at is None or desk.clock.now() - start.saved_at >= ANYWAY
        if not known.all or not (known.is_told or is_overdue or is_again):
            return None
        items = await each(known.all, lambda i: _item(graph, known.all[i], i))
        there = {
            i: item for i, item in items.brought.items()
            if item is not None and (i in known.by_id or item.name == book.name)
        }  # fmt: skip
        tag = "" if items.failed else _tag_of(there.values())
        is_same = tag == start.content_tag and tag != ""
        if is_same and not is_overdue and not is_again:
            return None
        ordered = [item.id for item in sorted(there.values(), key=lambda item: item.order(known))]
        copies = await each(ordered, lambda i: _copy(graph, known.all[i], there[i], names))
        unread = [*items.failed.values(), *copies.failed.values()]
        if unread and not copies.brought:
            raise unread[0]
        changed = [item.changed_at for item in there.values() if item.changed_at is not None]
        is_late = is_same or (bool(changed) and desk.clock.now() - max(changed) > SOON)
        return _News(
            book=book, known=known, copies=list(copies.brought.values()), tag="" if copies.failed else tag,
            is_untold=not known.is_told and is_late and not is_again,
            unread=unread,
        )  # fmt: skip

    return await each(left.books, look)


async def _item(graph: Graph, drive: str, item_id: str) -> WorkbookItem | None:
    answer = await graph.get(graph.url("drives", drive, "items", item_id, query={"$select": SELECT}), may_miss=True)
    return None if answer is None else msgspec.json.decode(answer.content, type=WorkbookItem)


async def _copy(graph: Graph, drive: str, item: WorkbookItem, names: Mapping[str, str]) -> Copy:
    content, problem = b"", ""
    try:
        content = await graph.download(graph.url("drives", drive, "items", item.id, "content"), WORKBOOK_BYTES)
    except FileTooLarge as error:
        problem = str(error)
    where = f"'{item.name}' in '{'/'.join(filter(None, (names.get(drive, ''), item.folder)))}'"
    return Copy(
        id=item.id, drive=drive, name=item.name, where=where, tag=item.tag, content=content, problem=problem
    )  # fmt: skip


def _tag_of(items: Collection[WorkbookItem]) -> str:
    """Changes when any of them does, or one comes or goes; empty where one does not say so."""
    tags = sorted(f"{item.id} {item.tag}" if len(items) > 1 else item.tag for item in items if item.tag)
    if len(tags) < len(items):
        return ""
    return tags[0] if len(tags) == 1 else hashlib.sha256("|".join(tags).encode()).hexdigest()


def _take(
    work: Work, news: Sequence[_News], links: Mapping[str, str], again: Set[str], is_listed: bool
) -> Counter[Outcome]:  # fmt: skip
    hold_responses(work)
    for form in again:
        was_read_again(work, form, WORKBOOK)
    for drive, link in links.items():
        save_link(work, _drive_source(drive), link)
    if is_listed:
        keep_places(work, {LISTED: "yes"})
    taken: Counter[Outcome] = Counter()
    for one in news:
        source = book_source(one.book.form)
        save_link(work, source, "", one.tag, has_news=start_of(work, source).content_tag != one.tag)
        brought = take_copies(work, one.book, one.copies) if one.copies else Taken(outcomes=Counter(), leading="")
        if not one.unread:
            _keep(work, one, brought.leading)
        if one.is_untold and brought.outcomes.total():
            tell_of_untold_answers(work, one.copies[0].name, brought.outcomes.total())
        taken += brought.outcomes
    return taken


def _keep(work: Work, one: _News, leading: str) -> None:
    there, main = {copy.id: copy for copy in one.copies}, one.known.main
    drives = {i: copy.drive for i, copy in there.items()}
    if keep_known(work, one.book.form, one.known, drives, leading):
        _watch_anew(work)
    if main is not None and main not in there:
        work.journal("lose a workbook", one.book.form)
        tell_of_lost(work, load_mapping(one.book.form).title, there[leading].where if leading else "", main)


def _watch_anew(work: Work) -> None:
    """The subscription is to the drive the workbook was in before: another is made, and that one runs out."""
    work.conn.execute(delete(tables.subscriptions).where(tables.subscriptions.c.source == WORKBOOK))
