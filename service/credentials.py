"""How the application signs in to Graph: a managed identity first, a secret where it must be, or the local tenant."""

from __future__ import annotations

import os
import time
from typing import Any
from urllib.parse import urlsplit

import azure.identity
import azure.identity.aio
import structlog
from aiohttp import ClientError, ClientSession
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.credentials_async import AsyncTokenCredential

from casework.errors import NeedsAttention, TryLater
from service.settings import Settings, SettingsIncomplete

FEDERATED_TOKEN = "AZURE_FEDERATED_TOKEN_FILE"
"""Kubernetes sets it for a pod with a workload identity (azure-identity: WorkloadIdentityCredential)."""

IDENTITY_ENDPOINT = "IDENTITY_ENDPOINT"
"""Azure sets it where an App Service, Function or Container App has a managed identity; a machine sets nothing."""

log = structlog.get_logger()


class LocalCredential:
    """A token of the local tenant, which asks no questions. azure-identity refuses plain http, so this is ours."""

    def __init__(self, graph_url: str) -> None:
        parts = urlsplit(graph_url)
        self._url = f"{parts.scheme}://{parts.netloc}/local/oauth2/v2.0/token"
        self._token: AccessToken | None = None

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """A token, kept until a minute before it ends; a fresh one where the tenant challenged the last (`claims`)."""
        if self._token is None or kwargs.get("claims") or self._token.expires_on < time.time() + 60:
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


def credential_kind(settings: Settings) -> str:
    """Which credential is used, the safest of those there are: a managed identity where nothing else is set up."""
    if settings.local:
        return "the local tenant's own token"
    if settings.managed_identity or os.environ.get(IDENTITY_ENDPOINT):
        return "a managed identity"
    if os.environ.get(FEDERATED_TOKEN):
        return "a workload identity"
    if settings.client_certificate:
        return "a certificate"
    return "a secret" if settings.client_secret else "a managed identity"


def credential_of(settings: Settings) -> AsyncTokenCredential:
    """The credential the settings ask for: managed identity, workload identity, certificate, secret, in that order.

    A secret is warned about: it can be copied, and somebody has to renew it.
    """
    if settings.local:
        return LocalCredential(settings.graph_url)
    if credential_kind(settings) == "a secret":
        log.warning("signing in with a secret; a managed identity or a certificate is safer")
    credential: AsyncTokenCredential = _made(settings, azure.identity.aio)
    return credential


def blocking_credential_of(settings: Settings) -> TokenCredential:
    """The same identity in azure-identity's blocking form, for what is asked once at the start."""
    credential: TokenCredential = _made(settings, azure.identity)
    return credential


def _made(settings: Settings, identity: Any) -> Any:
    """From `azure.identity` or `azure.identity.aio`, which name the same. Raises `SettingsIncomplete` for ids that are
    none.
    """
    try:
        return _made_of(settings, identity)
    except ValueError as error:
        raise SettingsIncomplete(f"COS_TENANT_ID and COS_CLIENT_ID cannot be used to sign in: {error}.") from None


def _made_of(settings: Settings, identity: Any) -> Any:
    kind, ids = credential_kind(settings), {"tenant_id": settings.tenant_id, "client_id": settings.client_id}
    if kind == "a workload identity":
        return identity.WorkloadIdentityCredential(**ids)
    if kind == "a certificate":
        password = settings.client_certificate_password or None
        path = str(settings.client_certificate)
        try:
            return identity.CertificateCredential(**ids, certificate_path=path, password=password)
        except (ValueError, OSError) as error:
            raise NeedsAttention(
                f"The certificate {settings.client_certificate} cannot be used: {error}. It is a PEM or PKCS12 file "
                "with its private key; COS_CLIENT_CERTIFICATE_PASSWORD opens it."
            ) from error
    if kind == "a secret":
        return identity.ClientSecretCredential(**ids, client_secret=settings.client_secret)
    return identity.ManagedIdentityCredential(client_id=settings.client_id or None)
