"""The record's database is read-only, full or gone for a while, with real databases and real processes: what answers
says so, and afterwards everything goes on.

How long it is gone can be set (`COS_GONE_S=600` for ten minutes); what matters happens within the first few seconds.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage

import pytest
from sqlalchemy import create_engine, text

from casework.database import RECORD_AWAY
from service.tenant_hand import TenantHand
from tests.machine import PAPERS_DAY, Machine, brought_to_papers_day, check_circulated, county, until
from tests.postgres import Postgres, open_to_it

pytestmark = pytest.mark.process
GONE_S = float(os.environ.get("COS_GONE_S", "8"))
DISK = "240m"
SMALL_DISK = "32m"
LEFT_FREE = 1_000_000
"""Bytes; the write-ahead log of the papers' day takes more, wherever it stands when it begins."""


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own that can be filled up."""
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True)
    if mount.returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_up(folder: Path, leaving: int = 0) -> Path:
    """Take all that is free but these bytes; deleted again it is free again."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while disk_usage(folder).free > leaving and file.write(b"x" * 4096):
                pass
        except OSError:
            pass
    return ballast


def say(server: Postgres, *statements: str) -> None:
    """Run statements as an administrator."""
    admin = create_engine(server.url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("SET default_transaction_read_only = off"))
        for statement in statements:
            connection.execute(text(statement))
    admin.dispose()


async def answers(hand: TenantHand, url: str) -> tuple[int, str]:
    """What is said at an address."""
    async with hand._session.get(url) as response:
        return response.status, await response.text()


async def all_went_out(machine: Machine, hand: TenantHand) -> None:
    """The end is the same as without any outage."""
    await until(machine.all_mailed)
    await asyncio.sleep(1.0)
    check_circulated(await hand.call("GET", "counts"), machine.effects())


@pytest.mark.long
async def test_postgresql_is_read_only_then_full_then_gone_and_every_agenda_goes_out_once(tmp_path: Path) -> None:
    with open_to_it() as folder, small_disk(folder / "disk", DISK) as disk:
        postgres = Postgres(disk / "pg")
        machine = Machine(tmp_path, postgres.url)
        log = tmp_path / "serve.log"
        try:
            async with county(machine) as hand:
                await brought_to_papers_day(machine, hand, ["serve", "--with-worker"])
                machine.start("serve", "--with-worker", now=PAPERS_DAY)
                await until(lambda: machine.mailed() >= 3)
                say(postgres, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
                await until(lambda: "the record is away" in log.read_text())
                before = machine.mailed()
                await asyncio.sleep(3.0)
                assert machine.mailed() <= before + 1
                say(postgres, "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
                await until(lambda: machine.mailed() >= before + 3)
                ballast = fill_up(disk)
                await asyncio.sleep(5.0)
                ballast.unlink()
                postgres.start()
                before = machine.mailed()
                await until(lambda: machine.mailed() >= before + 3)
                postgres.crash()
                assert (await answers(hand, f"{machine.bot_url}/healthz"))[0] == 200
                assert (await answers(hand, f"{machine.bot_url}/readyz"))[0] == 503
                status, said = await answers(hand, f"{machine.bot_url}/tab")
                assert (status, RECORD_AWAY in said) == (503, True)
                await asyncio.sleep(GONE_S)
                postgres.start()
                await until(lambda: machine.mailed() >= before + 4)
                await all_went_out(machine, hand)
                assert (await answers(hand, f"{machine.bot_url}/readyz"))[0] == 200
        finally:
            machine.stop_all()
            postgres.close()


async def test_the_disk_of_a_sqlite_record_is_full_and_every_agenda_goes_out_once(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data", SMALL_DISK) as disk:
        machine = Machine(tmp_path)
        try:
            async with county(machine) as hand:
                await brought_to_papers_day(machine, hand, ["serve"])
                ballast = fill_up(disk, leaving=LEFT_FREE)
                machine.start("serve", now=PAPERS_DAY)
                await until(lambda: "away" in (tmp_path / "serve.log").read_text())
                await asyncio.sleep(GONE_S / 2)
                ballast.unlink()
                await all_went_out(machine, hand)
        finally:
            machine.stop_all()
