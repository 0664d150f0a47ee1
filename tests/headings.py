"""Rows of headings as people and programs change them, each column with the question it truly answers.

`python -m tests.headings [ROWS [SEED]]` prints what became of that many.
"""

from __future__ import annotations

import html
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from communities.headings import Questions
from forms_ingest.columns import OWN, load_mapping
from graph_sync.intake import BOOKS

FORMS: Mapping[str, Questions] = {book.form: load_mapping(book.form).questions for book in BOOKS}
"""Every form whose workbook is read."""

SAME_MEANING: Mapping[str, Sequence[str]] = {
    word: others.split(", ")
    for word, _, others in (
        line.strip().partition(": ")
        for line in """
        community: communities, community of schools
        school: setting, schools
        pupils: children, pupil
        number: no., how many, count
        required: needed, wanted
        support: help
        outcomes: results, outcome
        solution: solutions, answer
        expected: hoped-for, anticipated
        contact: contact person
        funding: money
        signature: signed by
        max: maximum, at most
        words: word limit
        names: name
        birth: birthday
        stage: stages
        request: requested
        already: so far
        supported: helped
        trust: academy trust
        focus: interest
        description: summary
        impact: effect
        service: services
        effective: useful
        operations: operational
        structure: structures
        resources: resource
        looked: cared
        """.strip().splitlines()
    )
}
ADDED = ["please", "below", "in full", "for this request", "of your", "the", "here", "current", "(optional)", "details"]
EXTRA = [
    "Which exam board?", "Last modified time", "Language", "Total points", "Any other comments", "Phone number",
    "Number of pupils in the school", "Name of head teacher", "Second school", "Previous support",
    "Number of pupils not on SEN Support", "Total funding received last year (£)", "Name of pupil's parent",
    "Key Stage 2 results", "School postcode", "Date of the meeting", "Email2", "Name2", "Community nurse",
    "Has the solution worked before?", "Outcomes of previous requests", "Contact for the trust", "Support from parents",
    "Total funding request (£000s)", "Total funding request per pupil (£)", "Number of pupils previously looked after",
]  # fmt: skip
"""What else stands in a workbook: no question of ours."""


@dataclass(frozen=True, kw_only=True)
class Mutated:
    """A row of headings, and the field each column truly answers (None: none of ours)."""

    headings: tuple[str, ...]
    truth: tuple[str | None, ...]


def mutated_row(titles: Mapping[str, Sequence[str]], own: Set[str], rng: random.Random) -> Mutated:
    """A form's headings, some or all of them changed, moved, dropped, repeated or with others between.

    The words of those that are Forms' `own` stay: nobody can change them.
    """
    strength = rng.choice((0.0, 0.1, 0.3, 1.0))
    columns = [(_changed(rng.choice(said), rng, strength), field) for field, said in titles.items()]
    wording = rng.choice((0.0, 0.0, 0.05, 0.2, 0.5))
    columns = [(_reworded(h, rng) if f not in own and rng.random() < wording else h, f) for h, f in columns]
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 4))):
        columns.insert(rng.randrange(len(columns) + 1), (_changed(rng.choice(EXTRA), rng, strength), None))
    if rng.random() < 0.2:
        del columns[rng.randrange(len(columns))]
    if rng.random() < 0.2:
        heading, field = rng.choice([c for c in columns if c[1] not in own])
        columns.insert(rng.randrange(len(columns) + 1), (rng.choice((heading, f"{heading}2")), field))
    if rng.random() < 0.3:
        rng.shuffle(columns)
    if rng.random() < 0.2:
        a, b = rng.sample(range(len(columns)), 2)
        columns[a], columns[b] = columns[b], columns[a]
    return Mutated(headings=tuple(h for h, _ in columns), truth=tuple(f for _, f in columns))


def _changed(heading: str, rng: random.Random, strength: float) -> str:
    for change in WRITTEN:
        if rng.random() < strength * 0.4:
            heading = change(heading, rng)
    return heading


def _reworded(heading: str, rng: random.Random) -> str:
    words = heading.split()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(words))
        if len(words) == 1:
            break
        match rng.choice(("same", "same", "drop", "add", "typo", "strange")):
            case "same":
                bare = words[at].casefold().strip("?():,")
                words[at] = rng.choice(SAME_MEANING.get(bare, [words[at]]))
            case "drop":
                del words[at]
            case "add":
                words.insert(at, rng.choice(ADDED))
            case "typo" if len(words[at]) > 3:
                place = rng.randrange(len(words[at]) - 1)
                words[at] = words[at][:place] + words[at][place + 1 :]
            case "strange":
                words[at] = rng.choice(STRANGE)
            case _:
                pass
    return " ".join(words)


STRANGE = ["plan", "school", "support", "funding", "pupils", "name", "number", "community", "outcomes", "total", "date"]
"""Words of other questions among them."""

WRITTEN: Sequence[Callable[[str, random.Random], str]] = (
    lambda h, _: html.escape(h),
    lambda h, _: html.escape(html.escape(h)),
    lambda h, _: h.replace("-", "\u2013").replace(" / ", " \u2013 "),
    lambda h, r: h.replace("-", r.choice("\u2010\u2011\u2012\u2014\u2212")),
    lambda h, _: h.replace("'", "\u2019"),
    lambda h, _: f"\u201c{h}\u201d",
    lambda h, r: r.choice((str.upper, str.lower, str.title, str.swapcase))(h),
    lambda h, r: h.replace(" ", r.choice(("\u00a0", "\u202f", "  ", "\n", "\t", " \u200b"))),
    lambda h, r: r.choice(("{}. {}", "Q{}) {}", "{} - {}", "{}) {}", "({}) {}", "Question {}: {}", "{} {}", "#{} {}",
                           "{}.1 {}", "Q{}. {}", "{}\u2013{}")).format(r.randrange(1, 30), h),
    lambda h, r: h + r.choice((" *", ":", " ", "\u00a0", " :", "?", ".")),
    lambda h, _: f"\ufeff{h}",
    lambda h, r: r.choice(("<b>{}</b>", "<p>{}</p>")).format(h),
)  # fmt: skip


def figures_of(rows: int, seed: int) -> tuple[Counter[str], list[str]]:
    """What became of so many mutated rows, and each column that was read as another question than it answers."""
    rng, figures, wrong = random.Random(seed), Counter[str](), list[str]()
    for _ in range(rows):
        questions = rng.choice(list(FORMS.values()))
        row = mutated_row(questions.titles, OWN, rng)
        found = questions.locate(row.headings)
        if not found.is_settled:
            is_there = all(field in row.truth for field in questions.needed)
            figures["held: not clear" if is_there else "held: a needed question is absent"] += 1
            continue
        figures["by likeness" if found.guesses else "at once"] += 1
        read = [(field, at) for field, columns in found.columns.items() for at in columns]
        wrong += [f"{row.headings[at]!r} ({row.truth[at]}) as {field}" for field, at in read if row.truth[at] != field]
    return figures, wrong


if __name__ == "__main__":
    count, start = (int(x) for x in (*sys.argv[1:], *("2000", "19")[len(sys.argv) - 1 :]))
    became, misread = figures_of(count, start)
    for what, times in sorted(became.items()):
        print(f"{what}: {times:,}")
    print(f"read into a wrong column: {len(misread)}", *misread, sep="\n    ")
