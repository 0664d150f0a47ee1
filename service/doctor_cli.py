"""`cos doctor`: each permission tried, with the remedy of what is missing."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from service.console import out

if TYPE_CHECKING:
    from graph_sync.doctor import Finding

SIGNS = {"well": "[green]✓[/]", "too wide": "[yellow]![/]", "missing": "[red]✗[/]", "not tried": "–"}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False) -> None:
    """Try every permission with the credentials that are set; say what is missing and how it is granted.

    Exits 1 where something is missing; what is granted too widely is a warning.
    """
    found = asyncio.run(_examined(as_json))
    if as_json:
        json.dump([asdict(f) for f in found], sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    missing = sum(f.kind.value == "missing" for f in found)
    if not as_json:
        wide = sum(f.kind.value == "too wide" for f in found)
        said = f"{missing} missing" if missing else "Nothing is missing"
        out.print(f"{said}; {wide} granted more widely than needed." if wide else f"{said}.", markup=False)
    if missing:
        raise typer.Exit(1)


async def _examined(as_json: bool) -> list[Finding]:
    from rich.console import Console
    from rich.markup import escape

    from service.doctor import findings

    found = []
    with Console(stderr=True).status("Asking Microsoft 365 …"):
        async for one in findings():
            found.append(one)
            if not as_json:
                out.print(f"{SIGNS[one.kind.value]} [bold]{escape(one.about)}[/]  {escape(one.said)}")
                if one.remedy:
                    out.print(f"    → {one.remedy}", markup=False)
    return found
