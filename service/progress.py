"""A bar for what goes through the record's rows, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def rows_bar(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar fed by (table, rows done, rows in all)."""
    columns = (
        TextColumn("{task.description:<36}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda table, done, of: bar.update(task, description=f"{what}: {table}", completed=done, total=of)
