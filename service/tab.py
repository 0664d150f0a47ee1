"""The tab, wired: Entra ID's keys over HTTP, sessions signed with a key of their own, personas in local mode."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.keys import Keys
from bot.tab.routes import LocalPersona, Tab
from bot.tab.sign_in import SignIn
from casework.desk import Work
from service.key_sets import fetch_keys
from service.local_cast import cast_of
from service.office import Office
from service.pupil_keys import seal_keys

AUTHORITY = "https://login.microsoftonline.com"


def make_tab(office: Office) -> Tab:
    """The tab of this office."""
    settings = office.settings
    sign_in = SignIn(
        app_id=settings.bot_app_id,
        tenant_id=settings.tenant_id,
        domain=urlsplit(settings.public_url).netloc,
        keys=Keys(lambda: fetch_keys(f"{AUTHORITY}/{settings.tenant_id}/discovery/v2.0/keys")),
        secret=hmac.digest(seal_keys(settings)[0], b"sessions of the tab", "sha256"),
    )
    return Tab(office.desk, sign_in, is_local=settings.local, personas=personas)


def personas(work: Work) -> Sequence[LocalPersona]:
    """The sample world's cast, those first who have something to do."""
    return [LocalPersona(name=p.name, object_id=p.object_id, what=p.what) for p in cast_of(work) if p.object_id]
