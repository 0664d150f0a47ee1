"""What is read from the tenant: the form's workbook, the list of responses, the working list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from casework.desk import Desk
from casework.working_list import LIST
from graph_sync.graph import Graph
from graph_sync.intake import RESPONSES_LIST, pull_list, pull_workbook
from graph_sync.list_edits import pull_working_list
from graph_sync.places import FORMS_LIBRARY, drive_key, list_key

WORKBOOK, RESPONSES, WORKING_LIST = "workbook", "responses", "working-list"

SOURCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        WORKBOOK: (drive_key(FORMS_LIBRARY), "/drives/{id}/root"),
        RESPONSES: (list_key(RESPONSES_LIST), "/sites/{site}/lists/{id}"),
        WORKING_LIST: (list_key(LIST), "/sites/{site}/lists/{id}"),
    }
)
"""Each source: the place its id is kept at, and the resource a subscription names (a drive's root only)."""

PULLS: Mapping[str, Callable[[Desk, Graph], Awaitable[object]]] = MappingProxyType(
    {WORKBOOK: pull_workbook, RESPONSES: pull_list, WORKING_LIST: pull_working_list}
)
