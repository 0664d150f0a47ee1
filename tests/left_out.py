"""Says which tests `make test` leaves out on this machine, and why."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from service.playground import ensure_package, ensure_playground

RENDERERS = ("soffice", "pdftoppm")
PLAYGROUND = Path(__file__).parent.parent / ".playground"


def playground_cli() -> Path | None:
    """Microsoft's Agents Playground, installed beside the project on first use; None where that cannot be."""
    return asyncio.run(ensure_playground(PLAYGROUND))


NODE_TOOLS = {
    "atk": ("@microsoft/m365agentstoolkit-cli@1.1.17", "@microsoft/m365agentstoolkit-cli/cli.js"),
    "adaptivecards": ("adaptivecards@3.0.6", "adaptivecards/dist/adaptivecards.min.js"),
    "axe": ("axe-core@4.14.1", "axe-core/axe.min.js"),
}
"""Microsoft's checker of app packages, its renderer of cards, and Deque's checker of accessibility."""


def node_tool(name: str) -> Path | None:
    """A file of one of `NODE_TOOLS`, installed on first use; None where that cannot be."""
    package, entry = NODE_TOOLS[name]
    return asyncio.run(ensure_package(PLAYGROUND.with_name(".node") / name, package, entry))


def reasons() -> list[str]:
    """A sentence for each group of tests that cannot run here."""
    found = []
    if shutil.which("chromium") is None:
        found.append("browser tests: chromium is not installed (Debian: apt-get install chromium)")
    if shutil.which("node") is None:
        found.append("browser tests: Node is not installed")
    elif playground_cli() is None:
        found.append("browser tests: Microsoft's Agents Playground could not be installed with npm")
    elif absent := [name for name in NODE_TOOLS if node_tool(name) is None]:
        found.append(f"checks by {', '.join(absent)}: npm could not install them")
    if missing := [tool for tool in RENDERERS if shutil.which(tool) is None]:
        found.append(
            f"drawing every document: {' and '.join(missing)} not installed "
            "(Debian: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui poppler-utils)"
        )
    return found


if __name__ == "__main__":
    for sentence in [f"Left out: {r}." for r in reasons()] or ["No test is left out."]:
        print(sentence)
