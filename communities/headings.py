"""Which column of a table answers which question: headings made comparable, the likely one named, no guess beyond that.

Nothing here knows files, lists or people.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz import fuzz

LIKE = 70.0
"""A choice: from this likeness (0 to 100) on, a heading is taken for a question, unless another is about as near."""

MARGIN = 12.0
"""A choice: so much nearer than any other question a heading must be, and than any other heading."""

SAME_WORD, LETTERS = 80.0, 4
"""A choice: from this likeness on, two words of so many letters or more are one word, misspelt or in the plural."""

LONGEST = 300
"""Characters of a heading that are compared; Microsoft Forms allows no longer question in a workbook's heading."""

SHOWN = 120
"""Characters of a heading that are shown to people."""

NOTHING = re.compile(r"(?!)")

_SMALL_WORDS = """
    a an and any are as at be been by can do does for from has have how i if in is it its me my of on or our please that
    the their they this those to was we were what when where which who will with you your
"""
_ASKING_WORDS = "applicable details expected needed requested required wanted"
_TURNING_WORDS = """
    agreed another applied applying approved awaiting awarded before declined earlier except excluding excl former
    formerly future granted had historic historical last neither never new next no non none nor not old once other past
    pending planned previous previously prior refused rejected second spent then third unless waiting without
"""
_OTHER_PEOPLE = "adults families family parent parents sibling siblings staff teacher teachers"
_UNIT_WORDS = """
    € $ ¥ % cent cents dollar dollars eur euro euros p pence pennies penny percent percentage usd
    k m thousand thousands hundreds million millions
    annual annually average avg daily day days each fortnight fortnightly hour hourly hours mean month monthly months pa
    pcm per pppw proportion pw quarter quarterly ratio session sessions share term terms termly week weekly weeks year
    yearly years
"""
SMALL_WORDS = frozenset(_SMALL_WORDS.split())
ASKING_WORDS = frozenset(_ASKING_WORDS.split())
"""Words that say that something is asked for, and not what."""
UNIT_WORDS = frozenset(_UNIT_WORDS.split())
"""Words of another currency, another size or a rate: the same figure under them is another amount."""
POUND_WORDS = frozenset(("£", "pound", "pounds", "sterling", "gbp", "amount", "sum"))
"""What a heading may add to a question about pounds. Any other word could change the unit, as `(CHF)` does."""
TURNING_WORDS = frozenset(f"{_TURNING_WORDS} {_OTHER_PEOPLE}".split()) | UNIT_WORDS
"""A heading with one of these that the question lacks asks something else, however alike the rest is."""

_SMALL, _ASKING, _STRANGE, _BRACKETED = 0.15, 0.3, 0.5, 0.3
"""What a small word, an asking word, a word of no question, and a word in brackets weigh, where a word of one question
alone weighs 1, and one of two questions a half.
"""

_NUMBERING = re.compile(
    r"^[\s(\[#]*+(?:(?:q|qu|question|part|section|item|no|nr)\b[\s.:]*)?[(\[#]*"
    r"\d{1,2}(?:[./]\d{1,2})*[a-z]?(?:\s*[.):\]\-|/,]+\s*|\s+)(?=\S)"
    r"|^[\s(\[#]*q\d{1,2}[a-z]?[\s.):\]\-|/,]+(?=\S)"
)
_EDITED = re.compile(r"(?<=[^\s\d])\d{1,2}[\s:*]*$")
"""The number that an edited form sets behind a heading that was there before, without a space."""


def plain_title(heading: object) -> str:
    """One line in small letters, as a keyboard writes it: no entities, tags, quotes or invisible signs, one dash."""
    text = str(heading if heading is not None else "")[: LONGEST * 4]
    for _ in range(2):  # an ampersand may have been escaped twice
        text = html.unescape(text)
    text = re.sub("['\"`\u00ab\u00b4\u00bb\u2018-\u201f\u2032\u2033]", "", re.sub(r"</?[a-zA-Z][^<>]*>", " ", text))
    kinds = ((c, unicodedata.category(c)) for c in unicodedata.normalize("NFKC", text))
    text = "".join("-" if kind == "Pd" or c == "\u2212" else c for c, kind in kinds if kind != "Cf")
    return " ".join(text.casefold().split())


def _clean(heading: object) -> str:
    text = " ".join(plain_title(heading).replace("&", " and ").split())
    return re.sub(r"\b(?:no|nr)\.? of\b", "number of", text)[:LONGEST]


@lru_cache(maxsize=4096)
def _unnumbered(heading: str) -> str:
    text = _clean(heading)
    for _ in range(2):  # '4. Part 1: Structure'
        text = _NUMBERING.sub("", text) or text
    return text


def own_key(heading: object) -> str:
    """What is compared of a heading whose number behind it counts: letters, digits and `£`, without a number before."""
    return "".join(_words(_unnumbered(str(heading if heading is not None else ""))))


def heading_key(heading: object) -> str:
    """What is compared of a heading: as `own_key`, without the number an edited form sets behind it."""
    text = _unnumbered(str(heading if heading is not None else ""))
    return "".join(_words(_EDITED.sub("", text) or text))


def shown_heading(heading: object) -> str:
    """A heading as it is named to people: one line, short, without a date that may be a child's."""
    text = " ".join(html.unescape(str(heading if heading is not None else "")).split())
    text = re.sub(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b", "…", text)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


_WORD = r"[^\W_]+|[£€$¥%]"


def _words(text: str) -> list[str]:
    return re.findall(_WORD, text)


def _turns(word: str) -> bool:
    """Whether a heading with this word asks something else than one without it; `000s` are thousands, `2024` is a year
    that may be over.
    """
    return word in TURNING_WORDS or re.fullmatch(r"0{2,6}s?|(?:19|20)\d\d", word) is not None


def question_named(questions: Mapping[str, str], said: str) -> str | None:
    """The field of a question as a person names it, by field or title; None for none. `questions`: field to title."""
    key = own_key(said)
    return next((name for name, title in questions.items() if name == said or own_key(title) == key), None)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A heading that was taken for a question because it is so like it."""

    heading: str
    field: str


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A heading that may answer one of several questions, or that has a rival; `near` begins with the nearest."""

    heading: str
    near: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rival:
    """A heading like a question that has a column of its own: an edited form may have moved the answers there."""

    heading: str
    field: str
    columns: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Headings:
    """What a row of headings was found to be."""

    columns: Mapping[str, tuple[int, ...]]
    """Field to column numbers from 0; an edited form leaves several."""
    keys: Mapping[str, str]
    """Every heading as people are shown it, to its `own_key`."""
    guesses: tuple[Guess, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    """Headings that stop the reading: two questions, or two headings, are equally near."""
    unknown: tuple[str, ...] = ()
    """Headings like no question that is still without a column. They are not read, and stop nothing."""
    absent: tuple[str, ...] = ()
    """Needed fields without a column."""
    rivals: tuple[Rival, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether the table can be read."""
        return not self.absent and not self.doubts


class Questions:
    """The questions of a form or the columns of a table: field to the titles it has had.

    `needed` must be there; `exact` is never taken by likeness nor with a number behind it (what Forms writes itself:
    a question called 'Email' must not overrule who was signed in). What matches `ignored` is nobody's question.
    """

    def __init__(
        self, titles: Mapping[str, Sequence[str]], needed: Sequence[str], *, exact: frozenset[str] = frozenset(),
        ignored: re.Pattern[str] = NOTHING,
    ) -> None:  # fmt: skip
        self.titles, self.needed, self.exact, self._ignored = titles, tuple(needed), exact, ignored
        self._by_key = {
            (own_key if name in exact else heading_key)(title): name for name, said in titles.items() for title in said
        }
        counted = Counter(w for said in titles.values() for w in {w for t in said for w in _words(_unnumbered(t))})
        self._weights = {w: 1 / n for w, n in counted.items()}
        self._phrases = {
            name: [p for title in said for p in _phrases(_unnumbered(title))]
            for name, said in titles.items()
            if name not in exact
        }

    def field_of(self, heading: object) -> str | None:
        """The field whose title this is, written loosely; None for none."""
        name = self._by_key.get(heading_key(heading))
        if name is None or name in self.exact:
            name = self._by_key.get(own_key(heading))
        return name

    def known(self, row: Sequence[object]) -> int:
        """How many cells of a row are headings of these questions: tells a row of headings from a row of answers."""
        return sum(self.field_of(cell) is not None for cell in row if isinstance(cell, str))

    def alike(self, row: Sequence[object]) -> int:
        """As `known`, with headings taken by likeness."""
        cells = [cell for cell in row if isinstance(cell, str) and len(cell) <= LONGEST]
        return sum(self.field_of(c) is not None or any(s >= LIKE for _, s in self.likeness(c)[:1]) for c in cells)

    def likeness(self, heading: object) -> list[tuple[str, float]]:
        """Every field with how like its title the heading is (0 to 100), the likest first."""
        said = _phrases(_EDITED.sub("", _unnumbered(str(heading))))
        scored = (
            (n, max(self._like(h, t) for h in said for t in titles) if _may_ask(said[0], titles) else 0.0)
            for n, titles in self._phrases.items()
        )
        return sorted(scored, key=lambda x: -x[1])

    def locate(self, header: Sequence[object], confirmed: Mapping[str, str] = MappingProxyType({})) -> Headings:
        """Which column holds which field. `confirmed` is what people said: `own_key` to field, '' for none of ours."""
        columns: dict[str, tuple[int, ...]] = {}
        open_at: list[int] = []
        for at, heading in enumerate(header):
            if heading is None or not own_key(heading):
                continue
            name = confirmed.get(own_key(heading))
            if name is None and (name := self.field_of(heading)) is None:
                if not self._ignored.match(own_key(heading)):
                    open_at.append(at)
            elif name in self.titles:
                columns[name] = (*columns.get(name, ()), at)
        doubts = [
            Doubt(heading=shown_heading(header[at[0]]), near=(name,))
            for name, at in columns.items()
            if (name in self.exact and len(at) > 1) or _has_copy([own_key(header[i]) for i in at], confirmed)
        ]
        return self._settle(header, columns, open_at, doubts)

    def _settle(
        self, header: Sequence[object], columns: dict[str, tuple[int, ...]], open_at: list[int], doubts: list[Doubt]
    ) -> Headings:
        """Headings of no exact title: taken where both sides have no other choice."""
        alike: dict[str, list[int]] = {}
        for at in open_at:  # one heading and the same with a number behind it are one question
            alike.setdefault(heading_key(header[at]), []).append(at)
        scores = {key: self.likeness(header[numbers[0]]) for key, numbers in alike.items()}
        guesses: list[Guess] = []
        unknown: list[str] = []
        rivals: list[Rival] = []
        taken: dict[str, tuple[int, ...]] = {}
        for key, numbers in alike.items():
            heading = shown_heading(header[numbers[0]])
            best, others = _nearest(scores[key])
            if best is None:
                unknown.append(heading)
            elif best in columns:
                rivals.append(Rival(heading=heading, field=best, columns=tuple(numbers)))
            elif others or any(_nearly(scores[other], best, scores[key][0][1]) for other in alike if other != key):
                doubts.append(Doubt(heading=heading, near=(best, *others)))
            else:
                taken[best] = tuple(numbers)
                guesses.append(Guess(heading=heading, field=best))
        columns |= taken
        return Headings(
            columns=columns, guesses=tuple(guesses), doubts=tuple(doubts), unknown=tuple(unknown),
            absent=tuple(n for n in self.titles if n in self.needed and n not in columns), rivals=tuple(rivals),
            keys={shown_heading(heading): own_key(heading) for heading in header if own_key(heading)},
        )  # fmt: skip

    def said_of(self, found: Headings) -> tuple[str, ...]:
        """What people are told of a row of headings, a sentence each; nothing where all are as the form prints them."""
        title = {name: f"'{said[0]}'" for name, said in self.titles.items()}
        said = [f"We read the heading '{g.heading}' as {title[g.field]}." for g in found.guesses]
        for doubt in found.doubts:
            meant = " or ".join(title[name] for name in doubt.near)
            said.append(
                f"The heading '{doubt.heading}' could be {meant}."
                if len(doubt.near) > 1
                else f"More than one column could be {meant}. One of them is '{doubt.heading}'."
            )
        if found.absent:
            said.append(f"There is no column for {_listed([title[name] for name in found.absent])}.")
        said += [
            f"The heading '{r.heading}' looks like {title[r.field]}, which has a column already, so we do not read it. "
            f"A response that answers only '{r.heading}' waits until you tell us whether it is the same question."
            for r in found.rivals
        ]
        if found.unknown:
            which = _listed([f"'{heading}'" for heading in found.unknown])
            what = f"heading {which}, so we do not read the answers under it."
            what = what if len(found.unknown) == 1 else f"headings {which}, so we do not read the answers under them."
            said.append(f"We do not know the {what}")
        return tuple(said)

    def _like(self, heading: _Phrase, title: _Phrase) -> float:
        """Twice the weight of the words both have, of the weight of all words of both."""
        left, shared = list(title), 0.0
        for word, in_brackets in heading:
            other = next((o for o in left if _same(word, o[0])), None)
            if other is None:
                if _turns(word) or (word.isdecimal() and not in_brackets):
                    return 0.0
                continue
            left.remove(other)
            shared += self._weight(other) + self._weight((other[0], in_brackets))
        if any(_turns(word) for word, _ in left):
            return 0.0
        whole = sum(map(self._weight, heading)) + sum(map(self._weight, title))
        return 100 * shared / whole if whole else 0.0

    def _weight(self, word: _Word) -> float:
        if word[0] in SMALL_WORDS:
            weight = _SMALL
        else:
            weight = _ASKING if word[0] in ASKING_WORDS else self._weights.get(word[0], _STRANGE)
        return weight * (_BRACKETED if word[1] else 1)


def _has_copy(keys: Sequence[str], confirmed: Mapping[str, str]) -> bool:
    """Whether one heading is there twice and nobody said that both count. An edited form sets a number behind it."""
    return any(count > 1 and key not in confirmed for key, count in Counter(keys).items())


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _nearest(scores: Sequence[tuple[str, float]]) -> tuple[str | None, tuple[str, ...]]:
    """The field a heading is like, and those it is about as like."""
    if not scores or scores[0][1] < LIKE:
        return None, ()
    return scores[0][0], tuple(name for name, score in scores[1:] if score > scores[0][1] - MARGIN)


def _nearly(scores: Sequence[tuple[str, float]], name: str, best: float) -> bool:
    """Whether another heading is about as like the field."""
    return dict(scores)[name] > best - MARGIN


_Word = tuple[str, bool]
"""A word, and whether it stands in brackets."""
_Phrase = tuple[_Word, ...]


def _may_ask(heading: _Phrase, titles: Sequence[_Phrase]) -> bool:
    """Whether no word of a heading, in brackets or not, makes it ask for something else than any of the titles."""
    known = [word for title in titles for word, _ in title]
    added = [word for word, _ in heading if not any(_same(word, other) for other in known)]
    if any(map(_turns, added)):
        return False
    return "£" not in known or not set(added) - POUND_WORDS - SMALL_WORDS - ASKING_WORDS


@lru_cache(maxsize=4096)
def _phrases(text: str) -> tuple[_Phrase, ...]:
    """The words of a text, and where it has brackets also those outside them."""
    whole = tuple(_marked(text))
    outside = tuple(w for w in whole if not w[1])
    return (whole, outside) if outside and outside != whole else (whole,)


def _marked(text: str) -> Iterator[_Word]:
    depth = 0
    for part in re.findall(rf"[()\[\]]|{_WORD}", text):
        if part in "([":
            depth += 1
        elif part in ")]":
            depth = max(depth - 1, 0)
        else:
            yield part, depth > 0


@lru_cache(maxsize=65536)
def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    return min(len(one), len(other)) >= LETTERS and fuzz.ratio(one, other) >= SAME_WORD
