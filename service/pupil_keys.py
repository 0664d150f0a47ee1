"""Where the keys for pupils' data come from: the environment, a file, or Azure Key Vault; in local mode one is made."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
from azure.core.exceptions import AzureError
from cryptography.fernet import Fernet

from service.credentials import blocking_credential_of
from service.settings import Settings, SettingsIncomplete

VAULT_SCOPE = "https://vault.azure.net/.default"
API_VERSION = "7.4"
FETCH_S = 10.0


def seal_keys(settings: Settings) -> list[bytes]:
    """The keys, newest first. None outside local mode where none is set: commands that touch no pupil's data work.

    Raises `SettingsIncomplete` for a key that is none, or that cannot be had.
    """
    if settings.pupil_keys:
        return _checked(settings.pupil_keys, "COS_PUPIL_KEYS")
    if settings.pupil_keys_file:
        return _checked(_of_file(settings.pupil_keys_file), f"the file {settings.pupil_keys_file}")
    if settings.pupil_keys_vault:
        return _checked(_of_vault(settings), f"the secret {settings.pupil_keys_vault}")
    return [_own(settings.data_dir)] if settings.local else []


def _checked(written: str, where: str) -> list[bytes]:
    keys = [k.strip().encode() for k in written.replace("\n", ",").split(",") if k.strip()]
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise SettingsIncomplete(
                f"Key {number} of {where} is no Fernet key (44 characters). docs/settings.md says how one is made."
            ) from None
    if not keys:
        raise SettingsIncomplete(f"There is no key in {where}.")
    return keys


def _of_file(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is no text file"
        raise SettingsIncomplete(f"COS_PUPIL_KEYS_FILE: {file} cannot be read ({said}).") from error


def _of_vault(settings: Settings) -> str:
    """The secret's newest version, with the application's own identity (role 'Key Vault Secrets User')."""
    url = settings.pupil_keys_vault
    if not url.startswith("https://") or "/secrets/" not in url:
        raise SettingsIncomplete(
            f"COS_PUPIL_KEYS_VAULT is '{url[:80]}': write https://NAME.vault.azure.net/secrets/NAME."
        )
    try:
        token = blocking_credential_of(settings).get_token(VAULT_SCOPE).token
        answer = httpx.get(
            url, params={"api-version": API_VERSION}, headers={"Authorization": f"Bearer {token}"}, timeout=FETCH_S
        )
        answer.raise_for_status()
        return str(answer.json()["value"])
    except httpx.HTTPStatusError as error:
        raise SettingsIncomplete(
            f"Key Vault answered {error.response.status_code} for {url}: give the application the role 'Key Vault "
            "Secrets User' there, and look whether the secret exists."
        ) from error
    except (httpx.HTTPError, AzureError, KeyError, ValueError) as error:
        raise SettingsIncomplete(f"Key Vault was not reached at {url} ({type(error).__name__}).") from error


def _own(data_dir: Path) -> bytes:
    """Local mode's, made once and kept beside the record."""
    data_dir.mkdir(parents=True, exist_ok=True)
    kept = data_dir / "pupils.key"
    if not kept.exists():
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(Fernet.generate_key())
    return kept.read_bytes()
