"""The table "Requests" of docs/microsoft-facts.md, and what a recorded exchange is in it: its line, its options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from graph_sync.permissions import is_listed

PAGE = Path(__file__).parent.parent / "docs" / "microsoft-facts.md"
HEADERS = {"if-match": "If-Match", "prefer": "Prefer"}
MICROSOFTS = frozenset({"$skiptoken", "$deltatoken", "token", "continuationToken"})
"""What stands in links that Microsoft gives."""

CONNECTOR = (
    "POST /v3/conversations",
    "POST /v3/conversations/{conversation}/activities",
    "POST /v3/conversations/{conversation}/activities/{activity}",
    "PUT /v3/conversations/{conversation}/activities/{activity}",
    "GET /v3/conversations/{team}/pagedmembers",
)
"""What the Bot Connector is asked."""

OF_A_BATCH = "POST /$batch"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A request of the page: its call, its options, what it is for, its permission, what may surprise."""

    call: str
    options: frozenset[str]
    why: str
    permission: str
    surprise: str


@cache
def lines() -> Mapping[str, Line]:
    """By call."""
    table = PAGE.read_text("utf-8").partition("## Requests")[2].partition("\n## ")[0]
    rows = [[c.strip() for c in row.strip().strip("|").split("|")] for row in table.splitlines() if row.startswith("|")]
    found = {}
    for method, address, options, why, permission, surprise in rows[2:]:
        call = f"{method} {address.strip('`')}"
        names = frozenset(re.findall(r"`([^`]+)`", options))
        found[call] = Line(call=call, options=names, why=why, permission=permission.strip("`"), surprise=surprise)
    return found


def call_of(method: str, path: str) -> str:
    """The line a request is of; '' where there is none."""
    if path.startswith("/v3/"):
        forms = ((c, re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(c))) for c in CONNECTOR)
        return next((call for call, form in forms if re.fullmatch(form, f"{method} {path}")), "")
    return is_listed(method, path.removeprefix("/v1.0"))


def requests_of(har: Mapping[str, Any], *, with_refused: bool = False) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Each request to Graph and the Connector: as it was, the line it is of, and its options."""
    for entry in har["log"]["entries"]:
        request, address = entry["request"], urlsplit(entry["request"]["url"])
        path = unquote(address.path)
        is_refused = entry["response"]["status"] in (400, 404) and not with_refused
        if is_refused or not path.startswith(("/v1.0/", "/v3/")):
            continue
        names = {name for name, _ in parse_qsl(address.query, keep_blank_values=True)} - MICROSOFTS
        names |= {HEADERS[h["name"].lower()] for h in request["headers"] if h["name"].lower() in HEADERS}
        yield f"{request['method']} {path}", call_of(request["method"], path), frozenset(names)


def not_in_the_table(har: Mapping[str, Any]) -> set[str]:
    """Requests without a line, and options their line does not name."""
    wrong = set()
    for asked, call, options in requests_of(har):
        line = lines().get(call)
        if line is None:
            wrong.add(asked)
        elif more := options - line.options:
            wrong.add(f"{call} with {', '.join(sorted(more))}")
    return wrong
