"""The record alone: for commands that need no tenant; and whether one was begun where the settings say."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import structlog
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from casework import tables
from casework.database import NewerRevision, migrate, newest_revision, one_at_a_time, open_engine
from casework.desk import Clock, Desk, Mailboxes, restored_lately
from casework.engine import Outbox
from casework.mask_kept import mask_kept
from casework.sealing import Sealer
from communities.calendars import WEEKDAYS, WorkingDays
from papers.term_dates import load_school_years
from service.clocks import FileClock, RunningClock, SystemClock
from service.pupil_keys import seal_keys
from service.settings import Settings, SettingsIncomplete

log = structlog.get_logger()
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class NoDatabase(SettingsIncomplete):
    """Nothing was begun where the settings say the database is; the sentence says where that is."""


class NewerDatabase(SettingsIncomplete):
    """The database was brought up to date by a newer version; the sentence says where it is."""

    def __init__(self, settings: Settings, revision: str) -> None:
        super().__init__(
            f"The CoS Desk database {_place_of(settings)} is of a newer version (revision {revision}; this version's "
            f"newest is {newest_revision()}). Install that version, or restore a backup made by this one."
        )


def require_database(settings: Settings) -> None:
    """Makes nothing. Raises `NoDatabase` where there is no database of CoS Desk: for every command that begins none."""
    if is_begun(settings):
        return
    named = "Check COS_DATABASE_URL"
    if settings.is_one_process:
        set_by = "COS_DATABASE_URL to its address" if settings.database_url else "COS_DATA_DIR to the folder it is in"
        named = f"Set {set_by}"
    remedy = "or run `cos import directory FILE` to begin one"
    raise NoDatabase(f"There is no CoS Desk database {_place_of(settings)}. {named}, {remedy}.")


def _place_of(settings: Settings) -> str:
    if settings.is_one_process:
        return f"at {_file_of(settings)}"
    url = make_url(settings.record_url())
    return f"in the PostgreSQL database '{url.database or ''}'{f' on {url.host}' if url.host else ''}"


def is_begun(settings: Settings) -> bool:
    """Whether our tables are there. A file is only read: it may be somebody else's."""
    if settings.is_one_process:
        file = _file_of(settings)
        if not file.is_file():
            return False
        address = f"file:{quote(str(file))}?mode=ro"
        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)
    else:
        engine = create_engine(settings.record_url().replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        return inspect(engine).has_table(tables.journal.name)
    finally:
        engine.dispose()


def _file_of(settings: Settings) -> Path:
    return Path(make_url(settings.record_url()).database or "").absolute()


@contextmanager
def or_an_empty_one(settings: Settings) -> Iterator[Settings]:
    """For what is asked before anything begins: these settings, or with an empty database that is gone afterwards."""
    if is_begun(settings):
        yield settings
        return
    with TemporaryDirectory() as folder:
        yield settings.model_copy(update={"data_dir": Path(folder), "database_url": ""})


def make_folder(settings: Settings) -> None:
    """The folder of the SQLite file, unless another database is set; nobody else reads what is in it."""
    if not settings.database_url:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.is_one_process:
        return
    record = _file_of(settings)
    for file in record.parent.glob(f"{record.name}*"):  # with -wal and -shm, which SQLite makes
        if (mode := stat.S_IMODE(file.stat().st_mode)) & FOR_OTHERS:
            file.chmod(mode & ~FOR_OTHERS)
            if structlog.is_configured():  # the service; what a command prints is read by programs
                log.warning("others could read this file; now its own user alone can", file=file.name)


def open_desk(settings: Settings, clock: Clock | None = None) -> tuple[Desk, Outbox]:
    """The record alone, begun where there is none. A command that begins none calls `require_database` before."""
    url = settings.record_url()
    make_folder(settings)
    engine = open_engine(url)
    try:
        with one_at_a_time(engine):
            migrate(engine)
            outbox = Outbox(url)
    except NewerRevision as error:
        engine.dispose()
        raise NewerDatabase(settings, error.revision) from None
    clock = clock or clock_of(settings)
    with engine.connect() as conn:
        restored_at = restored_lately(conn, clock.now())
    desk = Desk(
        engine=engine,
        clock=clock,
        sealer=Sealer(seal_keys(settings)),
        mailboxes=mailboxes_of(settings),
        enqueue=outbox.enqueue,
        days=working_days(settings),
        school_years=tuple(load_school_years(settings.term_dates).values()),
        restored_at=restored_at,
        keep_months=settings.keep_months,
        mail_limits=settings.mail_limits,
    )
    mask_kept(desk)
    return desk, outbox


def mailboxes_of(settings: Settings) -> Mailboxes:
    """The desk's mailbox, and those it sends from beside."""
    others = (m.strip() for m in settings.sending_mailboxes.split(","))
    return Mailboxes(desk=settings.mailbox, others=tuple(m for m in others if m and m != settings.mailbox))


@contextmanager
def opened(settings: Settings) -> Iterator[Desk]:
    """As `open_desk`, for as long as a command takes."""
    desk, outbox = open_desk(settings)
    try:
        yield desk
    finally:
        outbox.close()
        desk.engine.dispose()


def working_days(settings: Settings) -> WorkingDays:
    """How the clocks count, as the county chose."""
    years = tuple(load_school_years(settings.term_dates).values())
    match settings.skip_school_holidays:
        case None:
            return WorkingDays(schools_own=years)
        case True:
            return WorkingDays(school_years=years)
        case _:
            return WEEKDAYS


def clock_of(settings: Settings) -> Clock:
    """The real time, or in local mode what it was told."""
    if settings.local and settings.clock_file:
        return _file_clock(settings.clock_file)
    return RunningClock(settings.now) if settings.local and settings.now else SystemClock()


def _file_clock(file: Path) -> Clock:
    clock = FileClock(file)
    try:
        clock.now()
    except ValueError:
        raise SettingsIncomplete(f"COS_CLOCK_FILE: {file} holds no moment like 2026-11-04T08:10+00:00.") from None
    return clock
