"""What is read from the tenant: the form's workbook, the list of responses, the working list, mails that came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from casework.desk import Desk
from casework.working_list import LIST
from communities.intake import Outcome
from graph_sync.graph import Graph
from graph_sync.intake import RESPONSES_LIST, pull_list, pull_workbook
from graph_sync.list_edits import pull_working_list
from graph_sync.places import FORMS_LIBRARY, drive_key, list_key
from graph_sync.undelivered import pull_undelivered

WORKBOOK, RESPONSES, WORKING_LIST, UNDELIVERED = "workbook", "responses", "working-list", "undelivered"

SOURCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        WORKBOOK: (drive_key(FORMS_LIBRARY), "/drives/{id}/root"),
        RESPONSES: (list_key(RESPONSES_LIST), "/sites/{site}/lists/{id}"),
        WORKING_LIST: (list_key(LIST), "/sites/{site}/lists/{id}"),
    }
)
"""Each watched source: the place its id is kept at, and the resource a subscription names (a drive's root only).
Mails that come back are rare and can wait: they are looked for now and then.
"""

PULLS: Mapping[str, Callable[[Desk, Graph], Awaitable[int | Counter[Outcome]]]] = MappingProxyType(
    {
        WORKBOOK: pull_workbook,
        RESPONSES: pull_list,
        WORKING_LIST: pull_working_list,
        UNDELIVERED: pull_undelivered,
    }
)
