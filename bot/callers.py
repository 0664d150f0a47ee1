"""Who calls `/api/messages`: Bot Connector's token, verified before a byte of what it posts is read.

Microsoft, 'Authentication with the Bot Connector API': issued by Bot Framework, for this bot, in time, signed with
RS256 by a key that is endorsed for the channel, for the address the answer goes to. Beyond that only Teams and only our
own tenant is let in. The SDK's own check fetches keys on the event loop without a time limit, and is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from bot.keys import Keys
from casework.errors import NotAllowed

ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
LEEWAY_S = 300
"""Microsoft's: five minutes."""

NEEDED = ["exp", "iss", "aud"]
TOKEN_CHARACTERS = 8_000


class CallerRefused(NotAllowed):
    """Not let in; `reason` is for the journal and the log, never for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__("The token was refused.")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Callers:
    """Verifies callers for one bot of one tenant."""

    app_id: str
    tenant_id: str
    keys: Keys

    async def verify(self, header: str, now: float) -> dict[str, Any]:
        """The claims of whoever calls, by the token alone. `now` is Unix time. Raises `CallerRefused`, or `TryLater`
        where the keys cannot be had.
        """
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer" or not token or len(token) > TOKEN_CHARACTERS:
            raise CallerRefused("no token")
        return await self._claims(token, now)

    def hold(self, claims: Mapping[str, Any], activity: Mapping[str, Any]) -> None:
        """Hold what was posted against the token it came with. Raises `CallerRefused`."""
        said, where = str(claims.get("serviceurl") or ""), str(activity.get("serviceUrl") or "")
        if not said or said.rstrip("/") != where.rstrip("/") or not where.startswith("https://"):
            raise CallerRefused("for another service")
        if activity.get("channelId") != CHANNEL:
            raise CallerRefused("of another channel")
        if any(t != self.tenant_id for t in tenants_of(activity)):
            raise CallerRefused("of another tenant")

    async def _claims(self, token: str, now: float) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256":
                raise CallerRefused("signed in another way")
            key = await self.keys.find(str(header.get("kid") or ""))
            if key is None or CHANNEL not in key.endorsements:
                raise CallerRefused("signed with an unknown key")
            claims: dict[str, Any] = jwt.decode(
                token, key.key, algorithms=["RS256"], audience=self.app_id, issuer=ISSUER,
                options={"require": NEEDED, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )  # fmt: skip
            begins, ends = float(claims.get("nbf", 0)), float(claims["exp"])
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise CallerRefused(_REASONS.get(type(error), "not a token of Bot Framework")) from error
        if not begins - LEEWAY_S <= now < ends + LEEWAY_S:
            raise CallerRefused("over, or not yet")
        return claims


_REASONS: Mapping[type[Exception], str] = {
    jwt.InvalidSignatureError: "signed by another",
    jwt.InvalidAudienceError: "for another bot",
    jwt.InvalidIssuerError: "of another issuer",
}


def tenants_of(activity: Mapping[str, Any]) -> list[str]:
    """The tenants an activity names; one '' where it names none."""
    conversation, data = activity.get("conversation"), activity.get("channelData")
    tenant = data.get("tenant") if isinstance(data, dict) else None
    named = [
        conversation.get("tenantId") if isinstance(conversation, dict) else None,
        tenant.get("id") if isinstance(tenant, dict) else None,
    ]
    return [str(t) for t in named if t] or [""]
