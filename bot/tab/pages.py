"""The pages of the tab and who may open each: a person's navigation shows theirs and no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.asking import Asker, asker_of
from bot.tab.views import communities_of
from casework.desk import Work
from casework.reading import Thing, may_read


@dataclass(frozen=True, kw_only=True)
class Page:
    """One entry of the navigation."""

    name: str
    path: str
    title: str
    is_theirs: Callable[[Work, Asker], bool]


def _reads(thing: Thing) -> Callable[[Work, Asker], bool]:
    return lambda work, asker: may_read(work, thing, asker.mail)


PAGES = (
    Page(name="community", path="/tab", title="My community", is_theirs=lambda w, a: bool(communities_of(w, a))),
    Page(name="surgeries", path="/tab/surgeries", title="Surgeries", is_theirs=_reads(Thing.SURGERIES)),
    Page(name="desk", path="/tab/desk", title="My tasks", is_theirs=_reads(Thing.TASKS)),
    Page(name="headings", path="/tab/headings", title="Form headings", is_theirs=_reads(Thing.HEADINGS)),
    Page(name="stuck", path="/tab/stuck", title="Stuck", is_theirs=_reads(Thing.STUCK)),
)


def pages_of(work: Work, mail: str) -> Sequence[Page]:
    """Those a person may open, in the order of the navigation."""
    asker = asker_of(work, mail)
    return [p for p in PAGES if p.is_theirs(work, asker)]
