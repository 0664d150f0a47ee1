"""Every setting of the service, read from the environment (`COS_…`) or a `.env` file. docs/settings.md lists them."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from casework.mail_rate import A_DAY, A_MINUTE, MailLimits

KEYS_URL = "https://login.botframework.com/v1/.well-known/keys"
LOCAL_GRAPH = "http://127.0.0.1:{port}/v1.0"
DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
ENV_FILE = ".env"
NO_LIMIT = 10**9
"""For a sample world that lives weeks in a minute: SharePoint's budget of a minute means nothing there."""


SECONDS: Any = {"gt": 0, "allow_inf_nan": False}


class Settings(BaseSettings):
    """What an operations team can set."""

    model_config = SettingsConfigDict(env_prefix="COS_", env_file=ENV_FILE, extra="ignore")

    data_dir: Path = Field(Path(".cos"), description="Folder of the record and, in local mode, of the key.")
    database_url: str = Field("", repr=False, description="SQLAlchemy URL; empty means SQLite in the data folder.")
    local: bool = Field(False, description="Local mode: the local tenant, no bot credentials, loopback only.")
    graph_url: str = Field("https://graph.microsoft.com/v1.0", description="Where Microsoft Graph is.")
    tenant_id: str = Field("", description="The Microsoft 365 tenant.")
    client_id: str = Field("", description="The application's id; empty for a system-assigned managed identity.")
    managed_identity: bool = Field(False, description="Sign in with the managed identity, whatever else is set.")
    client_certificate: Path | None = Field(None, description="File with the application's certificate and key.")
    client_certificate_password: str = Field("", repr=False, description="What opens that file, where it is locked.")
    client_secret: str = Field(
        "", repr=False, description="The application's secret, where no better credential is to be had."
    )
    bot_app_id: str = Field("", description="The bot's id; needed outside local mode.")
    bot_app_password: str = Field("", repr=False, description="The bot's secret.")
    bot_keys_url: str = Field(KEYS_URL, description="Where Bot Connector publishes its signing keys.")
    site: str = Field("kent.example:/sites/communities", description="The SharePoint site, as HOST:/sites/NAME.")
    mailbox: str = Field("cos.desk@kent.example", description="The desk's mailbox: organises meetings, sends mail.")
    sending_mailboxes: str = Field(
        "", description="More mailboxes to send from, separated by commas; answers go to the desk's."
    )
    mails_a_minute: int = Field(
        A_MINUTE, ge=1, description="Messages a minute that Exchange takes from a mailbox; in local mode any number."
    )
    mail_recipients_a_day: int = Field(
        A_DAY, ge=1, description="Recipients in 24 hours that Exchange takes from a mailbox."
    )
    pupil_keys: str = Field(
        "", repr=False, description="Fernet keys for pupils' data, newest first, separated by commas."
    )
    pupil_keys_file: Path | None = Field(None, description="File with those keys, one a line; instead of the setting.")
    pupil_keys_vault: str = Field(
        "", description="Key Vault's secret with them: https://NAME.vault.azure.net/secrets/NAME."
    )
    host: str = Field("127.0.0.1", description="Address the service listens on; loopback in local mode.")
    port: int = Field(3978, ge=1, le=65535, description="Port the service listens on.")
    public_url: str = Field("", description="Where Graph reaches this service (https); empty polls instead.")
    proxies: int = Field(0, ge=0, description="Proxies of ours before the service; the outermost says who asks.")
    metrics_token: str = Field(
        "", repr=False, description="What `/metrics` asks for, as a bearer token; empty serves it to nobody."
    )
    poll_s: float = Field(
        30.0, **SECONDS, description="Seconds between two sweeps, and two pulls where Graph sends no notices."
    )
    fallback_s: float = Field(
        900.0, **SECONDS, description="Seconds between two pulls where Graph sends notices; they may fail."
    )
    queue_poll_s: float = Field(1.0, **SECONDS, description="Seconds between two looks at the queue of effects.")
    keep_months: int = Field(12, ge=1, le=240, description="Months pupils' data is kept after the academic year.")
    skip_school_holidays: bool | None = Field(
        None, description="Working days leave out school holidays: for no deadline, or for all; not set: for papers."
    )
    term_dates: Path | None = Field(None, description="The county's term dates (JSON), beside those that came with it.")
    sharepoint_units: int = Field(
        1_200, ge=1, description="SharePoint's resource units a minute, by the tenant's licences."
    )
    now: datetime | None = Field(None, description="Local mode only: the moment the clock starts at, ISO 8601.")
    clock_file: Path | None = Field(None, description="Local mode only: a file that says what time it is, ISO 8601.")

    if not TYPE_CHECKING:  # for mypy a setting's type is that of its field

        def __init__(self, **given: Any) -> None:
            """Raises `SettingsIncomplete` with a sentence for each setting that cannot be read."""
            try:
                super().__init__(**given)
            except ValidationError as error:
                raise SettingsIncomplete(" ".join(_unread(type(self), e) for e in error.errors())) from None
            except UnicodeDecodeError:
                raise SettingsIncomplete(
                    f"The file {ENV_FILE} cannot be read: it is not UTF-8 text. Save it as UTF-8."
                ) from None

    @property
    def is_one_process(self) -> bool:
        """Whether one process does everything: the record is a SQLite file."""
        return self.record_url().startswith("sqlite")

    @property
    def record_file(self) -> Path:
        """Where the SQLite file is, or would be, unless another database is set."""
        return (self.data_dir / "record.db").resolve()

    @property
    def mail_limits(self) -> MailLimits:
        """What a mailbox may send; in local mode weeks pass in a minute."""
        return MailLimits(a_minute=NO_LIMIT if self.local else self.mails_a_minute, a_day=self.mail_recipients_a_day)

    def record_url(self) -> str:
        """The database's URL; nothing is made. Raises `SettingsIncomplete` where it is neither."""
        if self.database_url:
            if not self.database_url.startswith(DATABASES):
                raise SettingsIncomplete(
                    "COS_DATABASE_URL is neither of PostgreSQL (postgresql://…) nor a SQLite file (sqlite:////FOLDER/FILE)."
                )
            try:
                make_url(self.database_url)
            except (ArgumentError, ValueError):
                raise SettingsIncomplete(
                    "COS_DATABASE_URL cannot be read. Write postgresql://NAME:…@HOST:PORT/DATABASE, and in the "
                    "password %40 for @, %3A for : and %2F for /."
                ) from None
            return self.database_url
        return f"sqlite:///{self.record_file}"

    def check(self) -> None:
        """Refuse to run half configured, or open to the world without credentials."""
        for name in ("graph_url", "bot_keys_url", "public_url"):
            if (url := getattr(self, name)) and not url.startswith(("https://", "http://")):
                raise SettingsIncomplete(f"COS_{name.upper()} is {url[:80]!r}; expected: an address like https://HOST.")
        if ":/" not in self.site:
            raise SettingsIncomplete(f"COS_SITE is {self.site[:80]!r}; expected: HOST:/sites/NAME.")
        if self.local:
            if self.host not in ("127.0.0.1", "localhost", "::1"):
                raise SettingsIncomplete(f"COS_HOST is '{self.host}': local mode listens on loopback only.")
            return
        if self.now is not None or self.clock_file is not None:
            raise SettingsIncomplete(
                "COS_NOW and COS_CLOCK_FILE are for local mode only: the service lives at the real time."
            )
        missing = [n for n in ("tenant_id", "bot_app_id", "bot_app_password") if not getattr(self, n)]
        if not (self.pupil_keys or self.pupil_keys_file or self.pupil_keys_vault):
            missing.append("pupil_keys")
        if missing:
            names = ", ".join(f"COS_{n.upper()}" for n in missing)
            raise SettingsIncomplete(f"{names} must be set (or COS_LOCAL=1 to try things against the local tenant).")


class SettingsIncomplete(ValueError):
    """The service cannot run as it is configured; the sentence names the setting."""


KINDS = {
    bool: "1 for yes or 0 for no",
    int: "a whole number",
    float: "a number",
    datetime: "a moment like 2026-11-04T08:10+00:00",
}


def _unread(settings: type[Settings], error: Any) -> str:
    """What is wrong with one setting; a secret's value is not said."""
    name = str(error["loc"][0])
    field, variable = settings.model_fields[name], f"COS_{name.upper()}"
    expected = _expected(field)
    if not field.repr:
        return f"{variable} cannot be read; expected: {expected}."
    is_set = any(known.upper() == variable for known in os.environ)
    where = "" if is_set or not Path(ENV_FILE).is_file() else f" (in the file {ENV_FILE})"
    return f"{variable} is {str(error['input'])[:80]!r}{where}; expected: {expected}."


def _expected(field: FieldInfo) -> str:
    """A setting's kind in words, with its bounds and an example."""
    said = next((words for kind, words in KINDS.items() if field.annotation in (kind, kind | None)), "text")
    bounds = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    if "le" in bounds:
        said += f" from {bounds['ge']} to {bounds['le']}"
    elif "ge" in bounds:
        said += f", {bounds['ge']} or more"
    elif "gt" in bounds:
        said += f" above {bounds['gt']}"
    return f"{said}, for example {field.default:g}" if bounds else said
