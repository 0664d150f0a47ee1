"""Says which tests `make test` leaves out on this machine, and why."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PLAYGROUND = Path(__file__).parent.parent / ".playground"
PACKAGE = "@microsoft/m365agentsplayground@0.2.28"


def playground_cli() -> Path | None:
    """Microsoft's Agents Playground, installed beside the project on first use; None where that cannot be."""
    cli = PLAYGROUND / "node_modules/@microsoft/m365agentsplayground/cli.js"
    if cli.exists():
        return cli
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    PLAYGROUND.mkdir(exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(PLAYGROUND), PACKAGE]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    return cli if done.returncode == 0 and cli.exists() else None


def reasons() -> list[str]:
    """A sentence for each group of tests that cannot run here."""
    found = []
    if shutil.which("chromium") is None:
        found.append("browser tests: chromium is not installed (Debian: apt-get install chromium)")
    if shutil.which("node") is None:
        found.append("browser tests: Node is not installed")
    elif playground_cli() is None:
        found.append("browser tests: Microsoft's Agents Playground could not be installed with npm")
    return found


if __name__ == "__main__":
    for reason in reasons():
        print(f"Left out: {reason}.")
    if not reasons():
        print("No test is left out.")
