"""The application permissions this program needs, with the calls that need them: `manifests/permissions.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OPEN = ("POST /$batch", "GET /subscriptions", "PATCH /subscriptions/{id}", "DELETE /subscriptions/{id}")
"""Calls that need no permission of their own: a batch's requests need theirs, subscriptions are the application's."""

SHUT = ("GET /sites/root", "GET /users/{mailbox}/mailFolders")
"""What `cos doctor` tries to see that it is refused."""


@dataclass(frozen=True, kw_only=True)
class Permission:
    """An application permission of Microsoft Graph; `id` is its app role, the same in every tenant."""

    name: str
    id: str
    why: str
    narrowed: str
    calls: tuple[str, ...]
    is_of_exchange: bool = False
    """Given in Exchange for the desk's mailbox alone, not in Entra ID for all."""


@cache
def permissions() -> tuple[Permission, ...]:
    """Every permission that is needed, in the order of the manifest."""
    raw = tomllib.loads((files("manifests") / "permissions.toml").read_text("utf-8"))
    return tuple(Permission(**{**p, "calls": tuple(p["calls"])}) for p in raw["permission"])


def is_listed(method: str, path: str) -> str:
    """The listed call this request (its path below the version, unquoted) is one of; '' where there is none."""
    listed = (*OPEN, *SHUT, *(call for p in permissions() for call in p.calls))
    return next((call for call in listed if _form(call).fullmatch(f"{method} {path}")), "")


@cache
def _form(call: str) -> re.Pattern[str]:
    escaped = re.escape(call).replace(r"\{path\}", "[^:]+")
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", escaped))


def as_markdown() -> str:
    """The page an administrator reads."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield "# What CoS Desk may do in Microsoft 365"
    yield ""
    yield "Application permissions of Microsoft Graph: what each is for, how it is narrowed, and every call that"
    yield "needs it. There are no others: tests hold this list against the traffic, and the local tenant refuses the"
    yield "rest. `cos doctor` tries each with the credentials that are set and says what is missing."
    yield ""
    yield "| permission | what for | id |"
    yield "| --- | --- | --- |"
    yield from (f"| `{p.name}` | {p.why} | `{p.id}` |" for p in permissions())
    for p in permissions():
        yield ""
        yield f"## {p.name}"
        yield ""
        yield p.narrowed.strip()
        yield ""
        yield from (f"- `{call}`" for call in p.calls)
    yield ""
    yield "## Without a permission of their own"
    yield ""
    yield from (f"- `{call}`" for call in OPEN)
    yield ""
    yield "## Tried by `cos doctor` to see that it is refused"
    yield ""
    yield from (f"- `{call}`" for call in SHUT)
    yield ""
    yield "The bot needs none: it posts through the Bot Framework, for which it is installed in a team."
