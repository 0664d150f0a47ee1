"""How the application signs in to Graph: a managed identity first, a secret where it must be, or the local tenant."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession
from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.identity.aio import ClientSecretCredential, ManagedIdentityCredential

from casework.errors import TryLater
from service.settings import Settings


class LocalCredential:
    """A token of the local tenant, which asks no questions. azure-identity refuses plain http, so this is ours."""

    def __init__(self, graph_url: str) -> None:
        parts = urlsplit(graph_url)
        self._url = f"{parts.scheme}://{parts.netloc}/local/oauth2/v2.0/token"
        self._token: AccessToken | None = None

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """A token, kept until a minute before it ends."""
        if self._token is None or self._token.expires_on < time.time() + 60:
            form = {"grant_type": "client_credentials", "client_id": "cos-desk", "scope": " ".join(scopes)}
            try:
                async with ClientSession() as session, session.post(self._url, data=form) as response:
                    body = await response.json()
            except ClientError as error:
                raise TryLater("The local tenant was not reached.", 1.0) from error
            self._token = AccessToken(body["access_token"], int(time.time()) + int(body["expires_in"]))
        return self._token

    async def close(self) -> None:
        """Nothing is held."""

    async def __aenter__(self) -> LocalCredential:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def credential_of(settings: Settings) -> AsyncTokenCredential:
    """The credential the settings ask for."""
    if settings.local:
        return LocalCredential(settings.graph_url)
    if settings.client_secret:
        return ClientSecretCredential(settings.tenant_id, settings.client_id, settings.client_secret)
    return ManagedIdentityCredential(client_id=settings.client_id or None)
