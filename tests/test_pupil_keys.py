"""The keys for pupils' data: from the environment, a file or Key Vault; what is none is refused in words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import respx
from cryptography.fernet import Fernet

import service.pupil_keys as pupil_keys
from service.credentials import blocking_credential_of
from service.pupil_keys import seal_keys
from service.settings import Settings, SettingsIncomplete

ONE, TWO = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECRET = "https://desk.vault.azure.net/secrets/pupils"


def settings(**more: Any) -> Settings:
    return Settings(_env_file=None, **{"tenant_id": "t", "client_id": "c", **more})


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application's identity; Entra ID is not asked."""
    credential = SimpleNamespace(get_token=lambda *_: SimpleNamespace(token="abc"))
    monkeypatch.setattr(pupil_keys, "blocking_credential_of", lambda _: credential)


def test_the_newest_comes_first_from_wherever_they_are(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{ONE}\n{TWO}\n")
    assert seal_keys(settings(pupil_keys=f"{ONE}, {TWO}")) == [ONE.encode(), TWO.encode()]
    assert seal_keys(settings(pupil_keys_file=tmp_path / "keys")) == [ONE.encode(), TWO.encode()]


@respx.mock
def test_key_vault_is_asked_with_the_applications_own_identity(signed_in: None) -> None:
    asked = respx.get(SECRET).mock(return_value=httpx.Response(200, json={"value": f"{ONE},{TWO}", "id": SECRET}))
    assert seal_keys(settings(pupil_keys_vault=SECRET)) == [ONE.encode(), TWO.encode()]
    assert asked.calls.last.request.headers["Authorization"] == "Bearer abc"
    assert asked.calls.last.request.url.params["api-version"] == "7.4"


def test_the_identity_is_the_one_graph_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDENTITY_ENDPOINT", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert type(blocking_credential_of(settings(client_secret="s"))).__name__ == "ClientSecretCredential"
    assert type(blocking_credential_of(settings())).__name__ == "ManagedIdentityCredential"
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", "/var/run/token")
    assert type(blocking_credential_of(settings())).__name__ == "WorkloadIdentityCredential"


@respx.mock
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(403, json={}), "role 'Key Vault Secrets User'"), (httpx.Response(404, json={}), "answered 404"),
        (httpx.Response(200, json={}), "was not reached"), (httpx.Response(200, text="x"), "was not reached"),
        (httpx.ConnectError("away"), "was not reached"),
        (httpx.Response(200, json={"value": "short"}), "is no Fernet key"),
    ],
)  # fmt: skip
def test_what_key_vault_says_instead_is_said_in_words(signed_in: None, answer: Any, said: str) -> None:
    respx.get(SECRET).mock(side_effect=[answer])
    with pytest.raises(SettingsIncomplete, match=said):
        seal_keys(settings(pupil_keys_vault=SECRET))


def test_what_is_no_key_or_no_place_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    for more, said in (
        ({"pupil_keys": "x"}, "Key 1 of COS_PUPIL_KEYS is no Fernet key"),
        ({"pupil_keys_file": tmp_path / "none"}, "cannot be read"),
        ({"pupil_keys_file": tmp_path / "empty"}, "There is no key in"),
        ({"pupil_keys_vault": "http://desk/secrets/x"}, "write https://NAME"),
    ):
        with pytest.raises(SettingsIncomplete, match=said):
            seal_keys(settings(**more))


def test_without_any_key_the_service_does_not_start_but_other_commands_do() -> None:
    assert seal_keys(settings()) == []
    with pytest.raises(SettingsIncomplete, match="COS_PUPIL_KEYS"):
        settings(bot_app_id="b", bot_app_password="p").check()
    settings(bot_app_id="b", bot_app_password="p", pupil_keys_vault=SECRET).check()


def test_local_mode_makes_one_and_keeps_it_to_itself(tmp_path: Path) -> None:
    local = settings(local=True, data_dir=tmp_path / "data", pupil_keys="")
    assert seal_keys(local) == seal_keys(local)
    assert (tmp_path / "data" / "pupils.key").stat().st_mode & 0o777 == 0o600
