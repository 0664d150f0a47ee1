"""`make pythons`: the quick tests (tests/quick.txt) on every further Python this machine has, each with the same lock.

One line a version: what it is, what came of it, how long it took. A version that is not there is left out with a word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
TELL = "import ensurepip, platform, sqlite3, ssl; print(platform.python_version(), sqlite3.sqlite_version)"
LIMIT_S = 600


def places(version: str) -> list[str]:
    """Where a Python of this version may be: on the path, or kept by pyenv."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(f"python{version}")
    return [*filter(None, [on_path]), *(str(p / "bin" / "python") for p in sorted(kept.glob(f"{version}.*")))]


def found(version: str) -> tuple[str, str] | None:
    """The first of them that starts and is whole, and what it says it is."""
    for python in places(version):
        try:
            said = subprocess.run([python, "-c", TELL], capture_output=True, text=True, check=False, timeout=60)
        except OSError:
            continue
        if said.returncode == 0:
            exact, sqlite = said.stdout.split()
            return python, f"Python {exact}, SQLite {sqlite}"
    return None


def tried(version: str, python: str) -> tuple[bool, str]:
    """Whether the quick tests pass, and their last line; all of it where they do not."""
    uv, folder = Path(sys.executable).with_name("uv"), ROOT / ".venvs" / version
    own = folder / "bin" / "python"
    lock = ROOT / "requirements-dev.lock"
    # the tests start many processes, and nothing of this environment is compiled yet
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", python, folder],
        [uv, "pip", "install", "--quiet", "--python", own, "--require-hashes", "-r", lock],
        [uv, "pip", "install", "--quiet", "--python", own, "--no-deps", "--no-build-isolation", "--editable", ROOT],
        [own, "-m", "pytest", "-n", "2", "--dist", "worksteal", "-p", "no:cacheprovider", "@tests/quick.txt"],
    ):
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=LIMIT_S)
        if done.returncode:
            return False, f"{done.stdout}{done.stderr}"
    return True, done.stdout.strip().splitlines()[-1].strip("= ")


def main() -> int:
    """Try them all but the one this runs on; the exit status says whether all passed."""
    own, failed = f"{sys.version_info.major}.{sys.version_info.minor}", 0
    for version in VERSIONS:
        if version == own:
            continue
        if (here := found(version)) is None:
            print(f"Python {version} is not on this machine.")
            continue
        since = time.monotonic()
        passed, said = tried(version, here[0])
        failed += not passed
        print(f"{here[1]}: {said} ({time.monotonic() - since:.0f} s with the install)", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
