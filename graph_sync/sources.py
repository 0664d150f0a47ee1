"""What is read from the tenant: the form's workbook, the list of responses, the lists people work in, mails that came
back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType

from casework import question_list, side_lists, surgery_list, working_copies, working_list
from casework.desk import Desk
from casework.side_lists import SideList
from communities.intake import Outcome
from forms_ingest.request_for_support import FORM
from graph_sync.graph import Graph
from graph_sync.intake import RESPONSES_LIST, WORKBOOK, pull_list
from graph_sync.list_edits import Copies, EditedList, pull_edits
from graph_sync.list_trials import pull_hidden
from graph_sync.people import pull_people
from graph_sync.places import list_key
from graph_sync.undelivered import pull_undelivered
from graph_sync.word_edits import pull_minutes
from graph_sync.workbook_places import workbook_drive_key
from graph_sync.workbooks import pull_workbooks

RESPONSES, WORKING_LIST, UNDELIVERED = "responses", "working-list", "undelivered"
SURGERIES, QUESTIONS, MINUTES, PEOPLE, HIDDEN = "surgeries", "questions", "minutes", "people", "hidden items"


def _beside(source: str, side: SideList) -> EditedList:
    return EditedList(
        source=source,
        name=side.name,
        known=lambda work: side_lists.known_items(work, side.name),
        take=lambda work, item: side_lists.take_edit(work, side, item),
        put_back=lambda work, deleted: side_lists.put_back_deleted(work, side, deleted),
    )


COPIES = Copies(
    known=working_copies.known_copies, among=working_copies.copied, take=working_copies.take_copy,
    forget=working_copies.forget_copies,
)  # fmt: skip

EDITED: Mapping[str, EditedList] = MappingProxyType(
    {
        WORKING_LIST: EditedList(
            source=WORKING_LIST, name=working_list.LIST, known=working_list.known_items, take=working_list.take_edit,
            put_back=working_list.put_back_deleted, copies=COPIES,
        ),
        SURGERIES: _beside(SURGERIES, surgery_list.SIDE),
        QUESTIONS: _beside(QUESTIONS, question_list.SIDE),
    }
)  # fmt: skip
"""The lists people work in."""

SOURCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        WORKBOOK: (workbook_drive_key(FORM), "/drives/{id}/root"),
        RESPONSES: (list_key(RESPONSES_LIST), "/sites/{site}/lists/{id}"),
        **{source: (list_key(edited.name), "/sites/{site}/lists/{id}") for source, edited in EDITED.items()},
    }
)
"""Each watched source: the place its id is kept at, and the resource a subscription names (a drive's root only).
The workbook's is watched once it was found. Mails that come back, minutes edited in Word, people who join and hidden
items can wait: they are looked for now and then.
"""

PULLS: Mapping[str, Callable[[Desk, Graph], Awaitable[int | Counter[Outcome]]]] = MappingProxyType(
    {
        WORKBOOK: pull_workbooks,
        RESPONSES: pull_list,
        **{source: partial(pull_edits, edited=edited) for source, edited in EDITED.items()},
        UNDELIVERED: pull_undelivered,
        MINUTES: pull_minutes,
        PEOPLE: pull_people,
        HIDDEN: pull_hidden,
    }
)
