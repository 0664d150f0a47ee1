"""What a list's columns take and give back: values checked as SharePoint does, whoever writes them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from local_tenant.odata import GraphError, bad_request
from local_tenant.state import Json, ListItem, SharePointList, Tenant

SITES_CLOCK = ZoneInfo("Europe/London")
SINGLE_LINE, SEVERAL_LINES = 255, 63_999
"""The most a text column takes, counted as UTF-16."""


def _check_fields(tenant: Tenant, target: SharePointList, fields: Json) -> None:
    """Refuse unknown columns and values a column cannot hold, as SharePoint does."""
    for name, value in fields.items():
        if "@" in name:
            continue
        column = target.columns.get(name)
        if column is None and name.endswith("LookupId"):
            column = target.columns.get(name.removesuffix("LookupId"))
            if column and "personOrGroup" in column and (value is None or str(value).isdecimal()):
                continue
            raise bad_request(f"The value of field '{name}' is no lookup id.")
        if column is None:
            raise bad_request(f"Field '{name}' is not recognized.")
        if value is not None and not _fits(tenant, column, value):
            raise bad_request(f"The value of field '{name}' does not fit its column.")


def _stored(tenant: Tenant, column: Json, value: Any) -> Any:
    if not value or not isinstance(value, str):
        return value
    if (column.get("text") or {}).get("textType") == "richText":
        return f'<div class="ExternalClass1">{escape(value)}</div>'
    is_day = (column.get("dateTime") or {}).get("format") == "dateOnly" and _is_moment(value)
    if is_day and tenant.behaves("date-only-is-local-midnight"):
        moment = datetime.fromisoformat(value)
        day = (moment.astimezone(SITES_CLOCK) if moment.tzinfo else moment).date()
        return f"{datetime.combine(day, time(), SITES_CLOCK).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value


def _fits(tenant: Tenant, column: Json, value: object) -> bool:
    if "number" in column or "currency" in column:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if "boolean" in column:
        return isinstance(value, bool)
    if "dateTime" in column:
        return isinstance(value, str) and _is_moment(value)
    if "choice" in column:
        allowed = column["choice"].get("choices", [])
        values = value if isinstance(value, list) else [value]
        return bool(column["choice"].get("allowTextEntry")) or all(v in allowed for v in values)
    is_limited = not (column.get("text") or {}).get("allowMultipleLines") and tenant.behaves("single-line-of-255")
    limit = SINGLE_LINE if is_limited else SEVERAL_LINES
    return isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) <= 2 * limit


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def checked(tenant: Tenant, target: SharePointList, fields: Json, own: ListItem | None) -> Json:
    """The fields as they are kept, or the error SharePoint answers whoever writes them: a flow, a person, us."""
    _check_fields(tenant, target, fields)
    _check_unique(target, fields, own)
    return {name: _stored(tenant, target.columns.get(name, {}), value) for name, value in fields.items()}


def _check_unique(target: SharePointList, fields: Json, own: ListItem | None) -> None:
    """Refuse a second item with the same value in a column that enforces unique values."""
    for name, column in target.columns.items():
        if not column.get("enforceUniqueValues") or fields.get(name) is None:
            continue
        if any(i is not own and not i.deleted and i.fields.get(name) == fields[name] for i in target.items.values()):
            raise GraphError(
                409, "invalidRequest", f"The list item could not be added: '{name}' already has this value."
            )
