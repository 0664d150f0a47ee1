"""Who looks at the tab: Entra ID's token, verified, then a session of our own.

Microsoft, 'Enable SSO for tab app': the token is for this application, of this tenant, signed by Entra ID.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from bot.keys import Keys
from casework.errors import NotAllowed

SESSION_HOURS = 8
"""A choice: a working day; Teams signs in again without asking."""

LEEWAY_S = 60
SCOPE = "access_as_user"
NEEDED = ["exp", "nbf", "iss", "aud", "oid", "tid"]


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Verifies tokens for one application of one tenant, and signs our sessions."""

    app_id: str
    tenant_id: str
    domain: str
    """The public host: the token may be for `api://HOST/APP`."""
    keys: Keys
    secret: bytes = field(repr=False)

    async def object_id(self, token: str, now: datetime) -> str:
        """The person's object id. Raises `NotAllowed` for a token that is not for us, saying no more than that."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self.keys.find(str(header.get("kid", ""))) if header.get("alg") == "RS256" else None
            if key is None:
                raise NotAllowed(REFUSED)
            claims = jwt.decode(
                token, key.key, algorithms=["RS256"], audience=self._audiences(), issuer=self._issuers(),
                options={"require": NEEDED, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise NotAllowed(REFUSED) from error
        if claims["tid"] != self.tenant_id or SCOPE not in str(claims.get("scp", "")).split():
            raise NotAllowed(REFUSED)
        _check_times(claims, now)
        return str(claims["oid"])

    def _audiences(self) -> list[str]:
        return [self.app_id, f"api://{self.domain}/{self.app_id}", f"api://{self.app_id}"]

    def _issuers(self) -> list[str]:
        return [
            f"https://login.microsoftonline.com/{self.tenant_id}/v2.0",
            f"https://sts.windows.net/{self.tenant_id}/",
        ]

    def session_for(self, object_id: str, now: datetime) -> str:
        """A session of our own, signed; it names the person's object id and nothing else."""
        claims = {"sub": object_id, "aud": "tab", "exp": now.replace(tzinfo=UTC) + timedelta(hours=SESSION_HOURS)}
        return jwt.encode(claims, self.secret, algorithm="HS256")

    def form_key(self, session: str) -> str:
        """What stands in the forms of a session's pages: another site that makes a browser send one cannot know it."""
        return hmac.new(self.secret, f"form of {session}".encode(), "sha256").hexdigest()

    def is_form_key(self, session: str, given: str) -> bool:
        """Whether a form is of this session's own pages."""
        return hmac.compare_digest(self.form_key(session).encode(), given.encode())

    def person_of(self, session: str, now: datetime) -> str | None:
        """Whose session it is; None where it is none of ours or over."""
        options = {"require": ["exp", "sub", "aud"], "verify_exp": False}
        try:
            claims = jwt.decode(session, self.secret, algorithms=["HS256"], audience="tab", options=options)  # type: ignore[arg-type]  # PyJWT's own options
        except jwt.PyJWTError:
            return None
        return str(claims["sub"]) if float(claims["exp"]) > now.timestamp() else None


REFUSED = "The sign-in was refused. Close the tab and open it again."


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    at = now.timestamp()
    try:
        if not float(claims["nbf"]) - LEEWAY_S <= at < float(claims["exp"]) + LEEWAY_S:
            raise NotAllowed(REFUSED)
    except (TypeError, ValueError) as error:
        raise NotAllowed(REFUSED) from error
