"""The tab, wired: Entra ID's keys over HTTP, sessions signed with a key of their own, personas in local mode."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.tab.routes import LocalPersona, Tab
from bot.tab.sign_in import Keys, SignIn
from casework.desk import Work
from service.local_cast import cast_of
from service.office import Office

AUTHORITY = "https://login.microsoftonline.com"
FETCH_S = 5.0


def make_tab(office: Office) -> Tab:
    """The tab of this office."""
    settings = office.settings
    sign_in = SignIn(
        app_id=settings.bot_app_id,
        tenant_id=settings.tenant_id,
        domain=urlsplit(settings.public_url).netloc,
        keys=Keys(lambda: fetch_keys(f"{AUTHORITY}/{settings.tenant_id}/discovery/v2.0/keys")),
        secret=hmac.digest(settings.seal_keys()[0], b"sessions of the tab", "sha256"),
    )
    return Tab(office.desk, sign_in, is_local=settings.local, personas=personas)


def fetch_keys(url: str) -> Mapping[str, Any]:
    """A key set; blocking. Raises `OSError` for whatever goes wrong on the way."""
    try:
        answer = httpx.get(url, timeout=FETCH_S).raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise OSError(f"{url}: {error}") from error
    return found


def personas(work: Work) -> Sequence[LocalPersona]:
    """The sample world's cast, those first who have something to do."""
    return [LocalPersona(name=p.name, object_id=p.object_id, what=p.what) for p in cast_of(work) if p.object_id]
