"""Bars for whatever takes over a second, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


def progress() -> Progress:
    """A bar on standard error, so that standard output stays clean."""
    return Progress(
        TextColumn("{task.description:<44}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        console=Console(stderr=True, highlight=False, soft_wrap=True),
    )  # fmt: skip


@contextmanager
def rows_bar(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar fed by (table, rows done, rows in all)."""
    with progress() as bar:
        task = bar.add_task(what, total=None)
        yield lambda table, done, of: bar.update(task, description=f"{what}: {table}", completed=done, total=of)
