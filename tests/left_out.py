"""Says which tests `make test` leaves out on this machine, and why."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from service.node import ensure_packages, find_node
from service.playground import ensure_playground

RENDERERS = ("soffice", "pdftoppm")
PLAYGROUND = Path(__file__).parent.parent / ".playground"


def playground_cli() -> Path | None:
    """Microsoft's Agents Playground, installed beside the project on first use; None where that cannot be."""
    return asyncio.run(ensure_playground(PLAYGROUND))


NODE_TOOLS = {
    "atk": "@microsoft/m365agentstoolkit-cli/cli.js",
    "adaptivecards": "adaptivecards/dist/adaptivecards.min.js",
    "axe": "axe-core/axe.min.js",
}
"""Microsoft's checker of app packages, its renderer of cards, and Deque's checker of accessibility: tests/node."""


def node_tool(name: str) -> Path | None:
    """A file of one of `NODE_TOOLS`, all installed on first use; None where that cannot be."""
    modules = asyncio.run(ensure_packages(PLAYGROUND.with_name(".node"), Path(__file__).parent / "node"))
    return modules and modules / NODE_TOOLS[name]


def reasons() -> list[str]:
    """A sentence for each group of tests that cannot run here."""
    found = []
    if shutil.which("chromium") is None:
        found.append("browser tests: chromium is not installed (Debian: apt-get install chromium)")
    if find_node() is None:
        found.append("browser tests: neither Node with npm nor its wheel (requirements-node.lock) is installed")
    elif playground_cli() is None:
        found.append("browser tests: Microsoft's Agents Playground could not be installed with npm")
    elif node_tool("atk") is None:
        found.append(f"checks by {', '.join(NODE_TOOLS)}: npm could not install them")
    if missing := [tool for tool in RENDERERS if shutil.which(tool) is None]:
        found.append(
            f"drawing every document: {' and '.join(missing)} not installed "
            "(Debian: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui poppler-utils)"
        )
    return found


if __name__ == "__main__":
    for sentence in [f"Left out: {r}." for r in reasons()] or ["No test is left out."]:
        print(sentence)
