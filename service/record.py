"""The record alone: for commands that need no tenant."""

from __future__ import annotations

from casework.database import migrate, one_at_a_time, open_engine
from casework.desk import Clock, Desk, Mailboxes, restored_lately
from casework.engine import Outbox
from casework.sealing import Sealer
from communities.calendars import WEEKDAYS, WorkingDays
from papers.term_dates import load_school_years
from service.clocks import FileClock, RunningClock, SystemClock
from service.pupil_keys import seal_keys
from service.settings import Settings


def open_desk(settings: Settings, clock: Clock | None = None) -> tuple[Desk, Outbox]:
    """The record alone, for commands that need no tenant."""
    url = settings.record_url()
    engine = open_engine(url)
    with one_at_a_time(engine):
        migrate(engine)
        outbox = Outbox(url)
    clock = clock or clock_of(settings)
    with engine.connect() as conn:
        restored_at = restored_lately(conn, clock.now())
    desk = Desk(
        engine=engine,
        clock=clock,
        sealer=Sealer(seal_keys(settings)),
        mailboxes=Mailboxes(desk=settings.mailbox),
        enqueue=outbox.enqueue,
        days=working_days(settings),
        restored_at=restored_at,
        keep_months=settings.keep_months,
    )
    return desk, outbox


def working_days(settings: Settings) -> WorkingDays:
    """How the clocks count, as the county chose."""
    if not settings.skip_school_holidays:
        return WEEKDAYS
    return WorkingDays(school_years=tuple(load_school_years(settings.term_dates).values()))


def clock_of(settings: Settings) -> Clock:
    """The real time, or in local mode what it was told."""
    if settings.local and settings.clock_file:
        return FileClock(settings.clock_file)
    return RunningClock(settings.now) if settings.local and settings.now else SystemClock()
