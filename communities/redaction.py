"""Keeping pupils' names and dates of birth out of texts that others read.

The one function for it is `without_pupils`. It knows who the pupils are, so it is about spelling alone: capitals,
accents, apostrophes, hyphens, line breaks and the ways a date is written make no difference. What looks like a name
that nobody has given is `personal_details`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from communities.common_words import ALSO_NAMES, ORDINARY_WORDS
from communities.personal_details import PLAIN_WORDS
from communities.requests import Pupil

MASK = "[pupil]"
DATE_MASK = "[date of birth]"

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŋ": "n"}
)
"""Letters that Unicode does not take apart into a plain one and its accent."""

_APOSTROPHES = frozenset("'’‘‛ʼʹ`´′ʻ")
_LETTER = r"[^\W\d_]"
_WORD = re.compile(rf"{_LETTER}+(?:'{_LETTER}+)*")
_PART = re.compile(f"{_LETTER}+")
_BETWEEN = r"[\W_]{0,3}"
"""Between the words of a name: a space, a hyphen, a line's end, or nothing, as in the name of a file."""

_MONTHS = ("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
           "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?")  # fmt: skip
_TENTHS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth " \
          "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"  # fmt: skip
_ORDINALS = (*_TENTHS.split(), *(f"twenty{_BETWEEN}{n}" for n in _TENTHS.split()[:9]), "thirtieth",
             f"thirty{_BETWEEN}first")  # fmt: skip
_NUMERIC_DATE = re.compile(
    rf"(?<!\d)(\d{{1,4}})(?:st|nd|rd|th)?[\s./\-–,]{{1,6}}(?:of\s+)?(\d{{1,2}}|{'|'.join(_MONTHS)})"
    r"(?:[\s./\-–,]{1,6}(\d{2,4}))?(?![a-z0-9])"
)
_YEAR_GROUP = re.compile(r"\W*y(?:r|ear)?\d{0,2}\W*", re.IGNORECASE)
"""Written behind a name: `Kalala YR`, `(Y5)`."""


@dataclass(frozen=True, kw_only=True)
class _Folded:
    """A text in plain lower-case letters, and for each of them where it stands in the text."""

    text: str
    begins: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class _Spelling:
    """A name as a whole, or a date: `certain` is what a text holds for certain where it is written so, apostrophes
    aside. Only then the pattern is compiled and looked for.
    """

    certain: tuple[str, ...]
    pattern: str
    mask: str


@dataclass(frozen=True, kw_only=True)
class _Signs:
    """What gives one pupil away: words of the name, its spellings as a whole, the dates."""

    words: frozenset[str]
    with_capital: frozenset[str]
    """Ordinary words as well: they count where they are written with a capital."""
    spellings: tuple[_Spelling, ...]


def without_pupils(
    text: str, pupils: Iterable[Pupil], adults: Iterable[str] = (), of_adults: Collection[str] = ()
) -> str:
    """The text with each pupil's name, each word of it, and their date of birth replaced.

    A word of a name that is an ordinary word as well (`Will`, `Grace`) is replaced where it has a capital; single
    letters and the small words of a name (`van der`) stay. Where a sentence stands in the place of a name
    (`Kit Rowe, who was born in May`), its names are replaced, its other words are not. The whole names of `adults`
    stay, and so does a single word that is one of `of_adults`.
    """
    known = [_signs(pupil.name, pupil.born) for pupil in pupils]
    if not known or not text:
        return text
    folded = _fold(text)
    found = sorted({*_patterns(folded, known), *_words(text, folded, known, _plain_words(of_adults))})
    if not found:
        return text
    spared = list(_spans(folded, adults))
    kept, at = [], 0
    for begins, less_ends, mask in found:
        if any(b <= begins and -less_ends <= e for b, e in spared):
            continue
        if begins >= at:
            kept += [text[at:begins], mask]
        at = max(at, -less_ends)
    return "".join([*kept, text[at:]])


def _plain_words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(w.replace("'", "") for name in names for w in _WORD.findall(_fold(name).text))


def _spans(folded: _Folded, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    for name in names:
        plain = _fold(name).text.strip()
        if " " in plain and plain in folded.text:
            for match in re.finditer(rf"(?<!{_LETTER}){re.escape(plain)}(?!{_LETTER})", folded.text):
                yield folded.begins[match.start()], folded.ends[match.end() - 1]


_Found = tuple[int, int, str]
"""Where it begins, less where it ends (so that of two the longer sorts first), what stands there instead."""


def _patterns(folded: _Folded, known: Iterable[_Signs]) -> Iterator[_Found]:
    bare = folded.text.replace("'", "")
    for signs in known:
        for spelling in signs.spellings:
            if all(certain in bare for certain in spelling.certain):
                for match in re.finditer(spelling.pattern, folded.text):
                    yield folded.begins[match.start()], -folded.ends[match.end() - 1], spelling.mask


def _words(text: str, folded: _Folded, known: Iterable[_Signs], stay: frozenset[str]) -> Iterator[_Found]:
    words = frozenset[str]().union(*(s.words for s in known)) - stay
    with_capital = frozenset[str]().union(*(s.with_capital for s in known)) - stay
    with_capital |= words
    bare = folded.text.replace("'", "")
    if not any(word in bare for word in with_capital):
        return
    for begins, ends in (span for match in _WORD.finditer(folded.text) for span in _spans_of(match)):
        plain = folded.text[begins:ends].replace("'", "")
        of = with_capital if text[folded.begins[begins]].isupper() else words
        if plain in of:
            yield folded.begins[begins], -folded.ends[ends - 1], MASK
        elif plain.endswith("s") and plain[:-1] in of:
            less = 2 if folded.text[ends - 2] == "'" else 1
            yield folded.begins[begins], -folded.ends[ends - 1 - less], MASK


def _spans_of(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Of a word, and of its parts where an apostrophe stands in it."""
    yield match.span()
    if "'" in match[0]:
        yield from (part.span() for part in _PART.finditer(match.string, *match.span()))


class _Plain(dict[int, str]):
    """What one letter is in plain lower case, found once; MANY where it is not one."""

    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code))
        self[code] = plain if len(plain) == 1 else MANY
        return self[code]


MANY = "\0"
_PLAIN = _Plain()


def _plain(letter: str) -> str:
    """'é' is 'e', 'ß' is 'ss', an accent that stands by itself nothing."""
    if unicodedata.category(letter) == "Cf":
        return ""
    if letter in _APOSTROPHES:
        return "'"
    folded = unicodedata.normalize("NFKD", letter).casefold().translate(_LETTERS)
    return "".join(part for part in folded if not unicodedata.combining(part))


def _fold(text: str) -> _Folded:
    plain = text.translate(_PLAIN)
    if MANY not in plain:
        return _Folded(text=plain, begins=range(len(text)), ends=range(1, len(text) + 1))
    letters: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    for at, letter in enumerate(text):
        parts = _plain(letter)
        if not parts and ends:
            ends[-1] = at + 1
        letters += parts
        begins += [at] * len(parts)
        ends += [at + 1] * len(parts)
    return _Folded(text="".join(letters), begins=begins, ends=ends)


@lru_cache(maxsize=2_048)
def _signs(name: str, born: str | None) -> _Signs:
    words = [w for w in name.split() if re.search(_LETTER, w) and not _YEAR_GROUP.fullmatch(w)]
    plain = [_fold(w).text for w in words]
    small = [p for w in words if w.islower() for p in _parts(_fold(w).text)]
    is_sentence = any(p in _TELLING for w in plain for p in _parts(w)) or not _NO_NAMES.isdisjoint(small)
    if is_sentence:
        capitals = [p for w, p in zip(words, plain, strict=True) if w.lstrip("(\"'“‘")[:1].isupper()]
        plain = [p for p in capitals if not ORDINARY_WORDS.issuperset(_parts(p))] or plain
    several: list[list[str]] = [[w] for w in plain if len(_parts(w)) > 1]
    names = several if is_sentence or len(plain) < 2 else [plain, *several]
    names = [n for n in names if any(len(p) > 1 for w in n for p in _parts(w))]  # 'H.A' is not in 'has'
    parts = {p for w in plain for p in (*_parts(w), *_parts(w.replace("'", ""))) if len(p) > 1} - _PARTICLES
    ordinary = parts & ORDINARY_WORDS
    return _Signs(
        words=frozenset(parts - ordinary - ALSO_NAMES),
        with_capital=frozenset((parts if not is_sentence else parts - ordinary) & (ORDINARY_WORDS | ALSO_NAMES)),
        spellings=(*map(_as_words, names), *_of_dates(name, born)),
    )


_SMALL = """
    af al av bin bint da dal das de del della den der di do dos du el ibn la las le les los ni san st te ten ter the und
    van vom von zu
"""
_PARTICLES = frozenset(_SMALL.split())
"""Small words of surnames; alone they name nobody."""

_TELLING = PLAIN_WORDS - _PARTICLES - ALSO_NAMES
"""Words that make a sentence of what should be a name: `who`, `class`, `with`, `born`."""

_NO_NAMES = ORDINARY_WORDS - _PARTICLES - ALSO_NAMES
"""Where one of these stands in small letters, it is a sentence too: `2 more, forms not signed yet`."""


def _parts(folded: str) -> list[str]:
    return _PART.findall(folded)


def _as_words(name: Iterable[str]) -> _Spelling:
    """The words of a name, with an apostrophe or none wherever one may stand; a hyphen may be a space or nothing. An s
    of possession may stand behind it.
    """
    parts = [part for word in name for part in _parts(word)]
    loose = _BETWEEN.join("'?".join(part) for part in parts)
    pattern = rf"(?<!{_LETTER}){loose}(?=(?:'?s)?(?!{_LETTER}))"
    return _Spelling(certain=(max(parts, key=len),), pattern=pattern, mask=MASK)


def _of_dates(name: str, born: str | None) -> Iterator[_Spelling]:
    if born is not None:
        yield from _of_date(date.fromisoformat(born))
    for match in _NUMERIC_DATE.finditer(_fold(name).text):
        parts = (re.escape(p) for p in match.groups() if p)
        pattern = rf"(?<!\d){r'(?:st|nd|rd|th)?[^a-z0-9]{1,3}(?:of )?'.join(parts)}(?![0-9])"
        yield _Spelling(certain=(match[1],), pattern=pattern, mask=DATE_MASK)


_APART = r"[\s./\\,\-–—_·|]{1,3}"
_AND = r"[\s./\\,\-–—_·|']{0,3}(?:(?:of|the)[\s-]{1,3})?"


def _of_date(day: date) -> Iterator[_Spelling]:
    """Every spelling of it: `03/04/2015`, `3.4.15`, `2015-04-03`, `03042015`, `3rd of April 2015`."""
    number, word = rf"0?{day.day}(?:[\s]?(?:st|nd|rd|th))?", _ORDINALS[day.day - 1]
    named, month, years = _MONTHS[day.month - 1], rf"0?{day.month}", f"{day.year % 100:02d}"
    year = rf"(?:{day.year // 100}|')?{years}"
    in_figures = (
        rf"0?{day.day}{_APART}{month}{_APART}{year}",
        rf"{month}{_APART}0?{day.day}{_APART}{year}",
        rf"{day.year}{_APART}{month}{_APART}0?{day.day}",
        rf"{day:%d%m%Y}|{day:%Y%m%d}|{day:%d%m%y}",
    )
    yield _date((years, str(day.day)), "|".join((*in_figures, *_with_month(number, named, year, day.year))))
    yield _date((years, word[:4], named[:3]), "|".join(_with_month(word, named, year, day.year)))
    birthday = rf"(?:{number}|{word}){_AND}{named}|{named}{_AND}(?:{number}|{word})|0?{day.day}{_APART}{month}"
    yield _date(("born ",), birthday, behind="born ")
    yield _date(("born on ",), birthday, behind="born on ")
    yield _date(("birthday is ",), birthday, behind="birthday is ")


def _with_month(number: str, named: str, year: str, whole_year: int) -> tuple[str, ...]:
    return (
        rf"{number}{_AND}{named}{_AND}{year}",
        rf"{named}{_AND}{number}{_AND}{year}",
        rf"{whole_year}{_AND}{named}{_AND}{number}",
    )


def _date(certain: tuple[str, ...], pattern: str, behind: str = "") -> _Spelling:
    return _Spelling(certain=certain, pattern=rf"(?<={behind})(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", mask=DATE_MASK)
