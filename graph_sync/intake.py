"""Responses in: what a form's workbook or an item of the SharePoint list leads to.

Rows go to forms_ingest and readings to casework; the link is saved in the same transaction. Which workbooks are to be
read is `workbooks`', how they are read together `workbook_copies`'.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import msgspec

from casework.asking_kcc import receive_question
from casework.desk import SYSTEM, Desk, Work
from casework.directory_record import directory_of
from casework.each import Pulled
from casework.edited_responses import says_otherwise, tell_edited
from casework.entering import Arrival
from casework.evaluating import receive_evaluation
from casework.form_headings import BY_LIST, confirmed_headings, forget_headings, note_headings, to_read_again
from casework.receive import receive
from casework.sharing import receive_study
from communities.intake import Outcome
from forms_ingest import questions
from forms_ingest.columns import Answers, load_mapping
from forms_ingest.list_item import (
    COLUMNS,
    ListColumn,
    ListFields,
    OddList,
    answers_of,
    lacks_an_answer,
    odd_list,
)
from forms_ingest.questions import read_questions
from forms_ingest.request_for_support import FORM, read_response
from forms_ingest.small_forms import CASE_STUDY, EVALUATION, read_small_form
from graph_sync.delta import Changes, Start, pull, save_link, start_of
from graph_sync.editors import application_of
from graph_sync.graph import Graph
from graph_sync.items_seen import note_deleted
from graph_sync.places import APPLICATION, SITE, list_key
from graph_sync.response_edits import Said, SavedResponse, read_saved_again

RESPONSES_LIST = "Request for Support responses"
WORKBOOK_NAME = "Request for Support.xlsx"
WORKBOOK = "workbook"
LIST = BY_LIST


def book_source(form: str) -> str:
    """Keeps the tag a form's workbook had when it was read last, and when that was."""
    return f"{WORKBOOK}:{form}"


class ResponseItem(SavedResponse):
    """What is read of the list's item."""

    fields: ListFields | None = None
    created_by: dict[str, Any] | None = msgspec.field(default=None, name="createdBy")


class RawItem(SavedResponse):
    """As `ResponseItem`, of a list whose columns are others."""

    fields: dict[str, Any] | None = None
    created_by: dict[str, Any] | None = msgspec.field(default=None, name="createdBy")


Made = TypeVar("Made", ResponseItem, RawItem)


@dataclass(frozen=True, kw_only=True)
class FormBook:
    """A form's workbook: its name in the library, and what its rows lead to."""

    form: str
    name: str
    take: Callable[[Work, Iterable[Answers]], Counter[Outcome]]


def _left_at(work: Work, source: str) -> tuple[Start, set[str]]:
    """Where the list was left, and the forms whose answers are to be read again."""
    return start_of(work, source), to_read_again(work, LIST)


async def pull_list(desk: Desk, graph: Graph) -> Counter[Outcome]:
    """What is new in the list the flow writes to. While its columns are not clear the link stays: nothing is lost."""
    source = f"{LIST}:{FORM}"
    start, again = await desk.run(SYSTEM, _left_at, source)
    list_id, site = start.places.get(list_key(RESPONSES_LIST)), start.places.get(SITE)
    if list_id is None or site is None:
        return Counter()
    link, here = None if again else start.link, ("sites", site, "lists", list_id)
    items = graph.url(*here, "items", "delta", query={"$expand": "fields"})
    own = start.places.get(APPLICATION, "")
    rows, changes = await read_list(graph, items, link, own)
    if changes.is_nothing and start.is_fresh(desk.clock.now()):
        return Counter()
    url, theirs = graph.url(*here, "items"), [i for i in _of_others(changes, own) if i.fields is not None]
    needed = [f for f in COLUMNS if f in load_mapping(FORM).required]
    if any(lacks_an_answer(answers, needed) for answers in rows):
        columns = [c async for page in graph.pages(graph.url(*here, "columns")) for c in page["value"]]
        confirmed = await desk.run(SYSTEM, confirmed_headings, FORM)
        odd = odd_list(msgspec.convert(columns, list[ListColumn]), load_mapping(FORM).questions, confirmed)
        if odd is not None:
            raw = await pull(graph, items, link, RawItem)
            others = [i for i in _of_others(raw, own) if i.fields is not None]
            said = await read_saved_again(desk, graph, url, others)
            taken = await desk.run(SYSTEM, _take_odd_list, source, odd, raw, others, said)
            said.complain()
            return taken
    said = await read_saved_again(desk, graph, url, theirs)
    taken = await desk.run(SYSTEM, _take_list, source, list_id, theirs, said, changes)
    said.complain()
    return taken


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Answers of a list's items, by whose they are."""

    certain: Sequence[Answers]
    """The form's own."""
    unsure: Sequence[Answers]
    """The form's or somebody else's: nobody can tell."""
    edited: Sequence[tuple[Answers, Answers]]
    """As the form said them, and as the list shows them since somebody else saved the item."""


def _sorted_rows(
    items: Iterable[Made], said: Pulled[str, Said | None], read: Callable[[Any], Answers | None]
) -> _Rows:  # fmt: skip
    """Without those that could not be read: they are in the next pull."""
    certain, unsure, edited = [], [], []
    for item in items:
        if item.id in said.failed:
            continue
        known = said.brought.get(item.id)
        shown = read(known.shown if known else item.fields)
        form = shown if known is None else read(known.form) if known.form is not None else None
        if form is not None:
            certain.append(form)
        elif shown is not None:
            unsure.append(shown)
        if form is not None and shown is not None and form != shown:
            edited.append((form, shown))
    return _Rows(certain=certain, unsure=unsure, edited=edited)


def _answers_of(fields: Any) -> Answers:
    return answers_of(fields if isinstance(fields, ListFields) else msgspec.convert(fields, ListFields))


async def read_list(
    graph: Graph, start: str, link: str | None, own: str
) -> tuple[list[Answers], Changes[ResponseItem]]:
    """The answers of every item that changed, and the changes they come from. What this application made there (`own`)
    is no response.
    """
    changes = await pull(graph, start, link, ResponseItem)
    return [answers_of(i.fields) for i in _of_others(changes, own) if i.fields is not None], changes


def _of_others(changes: Changes[Made], own: str) -> Iterator[Made]:
    return (i for i in changes.present if not own or application_of(i.created_by) != own)


def _take_list(
    work: Work, source: str, list_id: str, items: Sequence[ResponseItem], said: Pulled[str, Said | None],
    changes: Changes[ResponseItem],
) -> Counter[Outcome]:  # fmt: skip
    forget_headings(work, FORM, LIST)
    note_deleted(work, list_id, changes.deleted)
    if not said.failed:
        save_link(work, source, changes.link, has_news=bool(changes.present))
    return _take_rows(work, _sorted_rows(items, said, _answers_of))


def _take_odd_list(
    work: Work,
    source: str,
    odd: OddList,
    changes: Changes[RawItem],
    items: Sequence[RawItem],
    said: Pulled[str, Said | None],
) -> Counter[Outcome]:
    mapping = load_mapping(FORM)
    note_headings(
        work, FORM, LIST, odd.headings, title=mapping.title, where=RESPONSES_LIST, questions=mapping.questions
    )
    if not odd.headings.is_settled:
        return Counter()
    rows = _sorted_rows(items, said, lambda fields: odd.answers_of(fields, mapping))
    if not said.failed:
        save_link(work, source, changes.link, has_news=bool(items))
    return _take_rows(work, rows)


def _take_rows(work: Work, rows: _Rows) -> Counter[Outcome]:
    """The form's answers count. What somebody else made of them is told to the clerk, and so is a change of which
    nobody can say whose it is.
    """
    unsure = list(_arrivals(work, LIST, rows.unsure))
    odd = [a for a in unsure if says_otherwise(work, a)]
    first = [a for a in unsure if a not in odd]
    outcomes = receive(work, chain(_arrivals(work, LIST, rows.certain), first))
    taken = Counter(outcome for outcome in outcomes if outcome is not None)
    for arrival in odd:
        tell_edited(work, arrival.source_key, arrival.reading.content_hash[:12])
    for form, shown in rows.edited:
        mark = hashlib.sha256(repr(sorted(shown.items())).encode()).hexdigest()[:12]
        for arrival in _arrivals(work, LIST, [form]):
            tell_edited(work, arrival.source_key, mark)
    return taken


def _take(work: Work, route: str, rows: Iterable[Answers]) -> Counter[Outcome]:
    return Counter(outcome for outcome in receive(work, _arrivals(work, route, rows)) if outcome is not None)


def _arrivals(work: Work, route: str, rows: Iterable[Answers]) -> Iterator[Arrival]:
    directory = directory_of(work)
    readings = (read_response(answers, directory, arrived_at=work.now) for answers in rows)
    return (Arrival(form=FORM, route=route, reading=r) for r in readings if r is not None)


def _take_requests(work: Work, rows: Iterable[Answers]) -> Counter[Outcome]:
    return _take(work, WORKBOOK, rows)


def _take_questions(work: Work, rows: Iterable[Answers]) -> Counter[Outcome]:
    asked = (q for answers in rows for q in read_questions(answers))
    outcomes = (receive_question(work, q.part, q.text, q.sender, q.key) for q in asked)
    return Counter(outcome for outcome in outcomes if outcome is not None)


def _take_small_form(
    form: str, receive_one: Callable[[Work, Mapping[str, str], str], Outcome | None]
) -> Callable[[Work, Iterable[Answers]], Counter[Outcome]]:
    def take(work: Work, rows: Iterable[Answers]) -> Counter[Outcome]:
        read = (found for answers in rows if (found := read_small_form(form, answers)) is not None)
        outcomes = (receive_one(work, said, key) for key, said in read)
        return Counter(outcome for outcome in outcomes if outcome is not None)

    return take


BOOKS = (
    FormBook(form=FORM, name=WORKBOOK_NAME, take=_take_requests),
    FormBook(form=questions.FORM, name="Questions and Answers.xlsx", take=_take_questions),
    FormBook(form=CASE_STUDY, name="Case Studies.xlsx", take=_take_small_form(CASE_STUDY, receive_study)),
    FormBook(
        form=EVALUATION, name="Evaluation of Services.xlsx", take=_take_small_form(EVALUATION, receive_evaluation)
    ),
)
"""Every form whose workbook is read."""
