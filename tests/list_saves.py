"""A save of a list's item by somebody, as the sync hands it to casework."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from casework.ports import ListEdit, ListItem


def saved(item: ListItem, by: str, **fields: Any) -> ListItem:
    """The item after somebody saved these columns."""
    edit = ListEdit(by=by, changed=fields, shown={**item.fields, **fields})
    return replace(item, etag=f"{item.etag}+", fields={**item.fields, **fields}, edits=(*item.edits, edit))
