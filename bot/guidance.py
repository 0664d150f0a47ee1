"""Questions about how things are done: the passage of the guidance pages that answers, with its source."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from bot.asking import Answer, Answering, Asker, Question
from bot.guidance_facts import FACTS
from casework.asking_kcc import published
from casework.desk import Work
from communities.calendars import london

PAGES = "guidance"
ALSO, SOURCE = "Also asked as:", "Source:"
BEST = "SELECT title, text, also, source FROM passages WHERE passages MATCH ? ORDER BY bm25(passages, 6, 1, 4) LIMIT ?"
"""A word counts most in a passage's title, then in its other names, then in its text."""

MOST_ASIDE = 2
COMMON = frozenset(
    """
    a an and any are as at be by can could did do does for from get gets give had has have help how i if in is it its
    know like make many may me mean means meant much must my need no not of on one or our out please shall should so
    some tell that the their them then there these they this to up us use used want was we were what whats when where
    which who whom whose why will with work works would you your explain guidance about actually
    """.split()  # noqa: SIM905 (a list of a hundred strings is not read by anybody)
)
"""Words that say nothing about what is asked."""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A section of a page."""

    title: str
    text: str
    also: str
    source: str


def passages() -> Iterator[Passage]:
    """Every section of every page in `manifests/guidance/`."""
    folder = files("manifests") / PAGES
    for page in sorted(folder.iterdir(), key=lambda f: f.name):
        if page.name.endswith(".md") and page.name != "README.md":
            yield from read_passages(page.read_text("utf-8"))


def read_passages(page: str) -> Iterator[Passage]:
    """The `##` sections of one page."""
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        title, *lines = section.strip().splitlines()
        shown = [x for x in lines if not x.startswith((ALSO, SOURCE))]
        yield Passage(
            title=title.strip(),
            text=" ".join(" ".join(shown).split()),
            also=_after(lines, ALSO),
            source=_after(lines, SOURCE),
        )


def _after(lines: Sequence[str], mark: str) -> str:
    return " ".join(x.removeprefix(mark).strip() for x in lines if x.startswith(mark))


def published_passages(work: Work) -> tuple[Passage, ...]:
    """KCC's answers that were published: guidance like the pages."""
    return tuple(
        Passage(
            title=row.text, text=" ".join(row.answer.split()), also="",
            source=f"KCC's answer to {row.id}, {london(row.published_at):%-d %B %Y}",
        )
        for row in published(work)
    )  # fmt: skip


@lru_cache(maxsize=2)
def _index(answers: tuple[Passage, ...]) -> bytes:
    """The pages and KCC's answers in SQLite's own full-text index, as the bytes of a database: each question opens its
    own copy.
    """
    known = sqlite3.connect(":memory:")
    known.execute("CREATE VIRTUAL TABLE passages USING fts5(title, text, also, source UNINDEXED, tokenize='porter')")
    rows = [(p.title, p.text, p.also, p.source) for p in (*passages(), *answers)]
    known.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", rows)
    known.commit()
    kept = known.serialize()
    known.close()
    return kept


def search(sentence: str, answers: tuple[Passage, ...] = (), most: int = 1 + MOST_ASIDE) -> list[Passage]:
    """The passages that answer best, best first; none where no word of the sentence stands in any.

    `answers` are KCC's, beside the pages.
    """
    said = re.findall(r"[a-z0-9]+", sentence.casefold().replace("'", ""))
    words = [w for w in said if w not in COMMON]
    if not words:
        return []
    pairs = [f"{a} {b}" for a, b in pairwise(said) if not {a, b} <= COMMON]
    known = sqlite3.connect(":memory:")
    known.deserialize(_index(answers))
    asked = " OR ".join(f'"{w}"' for w in dict.fromkeys((*words, *pairs)))
    rows = known.execute(BEST, (asked, most)).fetchall()
    known.close()
    return [Passage(title=t, text=x, also=a, source=s) for t, x, a, s in rows]


def guidance(work: Work, asker: Asker, question: Question) -> Answer:
    """The passage and its source, with what the record adds to it; the next likeliest as buttons."""
    found = search(question.text, published_passages(work))
    if not found:
        return Answer(
            title="The guidance says nothing about that",
            sentences=("Put it to KCC: the answer comes to you, and becomes guidance.",),
            choices=(("Ask KCC", "I have a question for KCC"),),
            is_of_now=False,
        )
    best, *aside = found
    choices = tuple((p.title, f"explain {p.title}") for p in aside)
    sentences = (best.text, f"Source: {best.source}.")
    facts = FACTS[best.title](work, asker, question) if best.title in FACTS else ()
    return Answer(title=best.title, sentences=sentences, facts=facts, choices=choices, is_of_now=bool(facts))


ANSWERS: Mapping[str, Answering] = {"guidance": guidance}
