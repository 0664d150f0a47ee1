"""`cos backup` and `cos restore`: the record as one file, and back."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from service.console import out
from service.settings import Settings

BackupFile = Annotated[Path, typer.Argument(help="The backup (.zip).")]


def backup(file: BackupFile) -> None:
    """Write the record into one file, while the service runs. It holds no key: keep COS_PUPIL_KEYS elsewhere."""
    from casework.backup import write_backup
    from service.progress import rows_bar
    from service.record import open_desk, require_database

    if file.exists():
        raise typer.BadParameter(f"{file} is there already; nothing was overwritten.")
    settings = Settings()
    require_database(settings)
    desk, outbox = open_desk(settings)
    half = file.with_name(file.name + ".part")
    try:
        with (
            rows_bar("Backing up") as tell,
            os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target,
        ):
            contents = write_backup(desk.engine, target, desk.clock.now(), tell)
            target.flush()
            os.fsync(target.fileno())
        half.rename(file)
    finally:
        half.unlink(missing_ok=True)
        outbox.close()
        desk.engine.dispose()
    rows = sum(contents.rows.values())
    out.print(
        f"Wrote {file}: {rows:,} rows, revision {contents.revision}, {file.stat().st_size / 1e6:,.1f} MB.", markup=False
    )


def restore(file: BackupFile) -> None:
    """Put a backup into an empty database, SQLite or PostgreSQL, whichever it came from."""
    from casework.backup import note_restore, read_contents
    from casework.backup import restore as put_back
    from casework.database import open_engine
    from casework.journal import broken_links
    from service.progress import rows_bar
    from service.record import make_folder, open_desk
    from service.record_commands import actor

    settings = Settings()
    contents = read_contents(file)
    make_folder(settings)
    engine = open_engine(settings.record_url())
    with rows_bar("Restoring") as tell:
        looked_for = put_back(engine, file, contents, datetime.now(UTC), tell)
    engine.dispose()
    desk, outbox = open_desk(settings)
    try:
        with desk.work(actor()) as work:
            broken = list(broken_links(work.conn))
            note_restore(work, contents)
    finally:
        outbox.close()
        desk.engine.dispose()
    rows = sum(contents.rows.values())
    out.print(f"Restored {rows:,} rows as of {contents.made_at:%-d %B %Y %H:%M} UTC.", markup=False)
    if looked_for:
        out.print(f"{looked_for:,} effects that waited are looked for before they are done.", markup=False)
    for said in broken:
        out.print(f"The journal: {said}", markup=False)
    out.print(
        "Next: `cos provision`, which finds out whether the tenant is another one, then `cos serve`.", markup=False
    )
    if broken:
        raise typer.Exit(1)
