"""`cos doctor`: each permission tried, with the remedy of what is missing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
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
    else:
        out.print(summed_up(found), markup=False)
    if any(f.kind.value == "missing" for f in found):
        raise typer.Exit(1)


def summed_up(found: Sequence[Finding]) -> str:
    """How it went, in a sentence: what is missing, what could not be tried and what is granted too widely."""
    count = Counter(f.kind.value for f in found)
    untried = list(dict.fromkeys(f.about for f in found if f.kind.value == "not tried"))
    said = [f"{count['missing']} missing" if count["missing"] else "Nothing is missing"]
    if untried:
        said[0] += "" if count["missing"] else " of what could be tried"
        said.append(f"{len(untried)} could not be tried yet: {', '.join(untried)}")
    if count["too wide"]:
        said.append(f"{count['too wide']} granted more widely than needed")
    return f"{'; '.join(said)}."


class Printed:
    """Findings as lines, in which no sentence stands twice."""

    def __init__(self) -> None:
        self._about: dict[str, str] = {}
        """Sentence to what it was first said about."""

    def lines(self, finding: Finding) -> Iterator[str]:
        """What was found, and what to do about it."""
        yield self._once(finding.said, finding.about)
        if finding.remedy and finding.remedy != finding.said:
            yield self._once(finding.remedy, finding.about)

    def _once(self, sentence: str, about: str) -> str:
        first = self._about.setdefault(sentence, about)
        return sentence if first == about else f"As for '{first}' above."


async def _examined(as_json: bool) -> list[Finding]:
    from rich.console import Console
    from rich.markup import escape

    from service.doctor import findings

    found, printed = [], Printed()
    with Console(stderr=True).status("Asking Microsoft 365 …") as status:
        async for one in findings(status.update):
            found.append(one)
            if not as_json:
                said, *remedies = printed.lines(one)
                out.print(f"{SIGNS[one.kind.value]} [bold]{escape(one.about)}[/]  {escape(said)}")
                for remedy in remedies:
                    out.print(f"    → {remedy}", markup=False)
    return found
