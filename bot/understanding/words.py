"""What somebody typed as the words the matcher knows: lower case, contractions and spelling mended, names replaced.

Pure: no record, no clock. Who and what is named is found by `entities`, which puts the placeholders in.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise

import snowballstemmer
from rapidfuzz import fuzz, process

NEW = "{new}"
"""Stands for a word the matcher has never seen."""

SHORT, ALIKE = 4, 82.0
"""Words shorter than this are taken as written; others as the known word that is this much alike (per cent)."""

_CONTRACTIONS: tuple[tuple[str, str], ...] = (
    (r"\bwhats\b|\bwhat's\b|\bwots\b", "what is"), (r"\bwho's\b|\bwhos\b", "who is"),
    (r"\bwhere's\b|\bwheres\b", "where is"),
    (r"\bwhen's\b|\bwhens\b", "when is"), (r"\bhow's\b|\bhows\b", "how is"), (r"\bthat's\b|\bthats\b", "that is"),
    (r"\bit's\b", "it is"), (r"\bthere's\b|\btheres\b", "there is"), (r"\bi'm\b|\bim\b", "i am"),
    (r"\bi'd\b", "i would"), (r"\bi'll\b", "i will"), (r"\bi've\b|\bive\b", "i have"), (r"\bwe'd\b", "we would"),
    (r"\bwe'll\b", "we will"), (r"\bwe've\b|\bweve\b", "we have"), (r"\bwe're\b", "we are"),
    (r"\byou've\b", "you have"), (r"\bthey're\b", "they are"),
    (r"\bcan't\b|\bcant\b|\bcan not\b", "cannot"), (r"\bwon't\b|\bwont\b", "will not"),
    (r"\b(do|does|did|is|are|was|were|have|has|would|should|could)n'?t\b", r"\1 not"),
    (r"\bpls\b|\bplz\b|\bpls\.|\bplease\b", " "), (r"\bu\b", "you"), (r"\bur\b", "your"), (r"\br\b", "are"),
    (r"\b2\b", "to"),
    (r"\bmtg\b|\bmtng\b", "meeting"), (r"\breq\b|\brfs\b", "request"), (r"\binfo\b", "information"),
    (r"\bsenia\b|\bsen inclusion advisers?\b|\binclusion advis[eo]rs?\b", "sen ia"), (r"\bsalt\b", "{role}"),
    (r"\bdocs?\b", "documents"), (r"\bsign(?:ing)? off\b", "sign-off"), (r"\bwrit(?:e|ten) ups?\b", "write-up"),
    (r"\bto do list\b", "job list"), (r"\basap\b|\btoday please\b", "today"), (r"\bcos\b", "community"),
    (r"\bcommunit(?:y|ies) of schools\b", "community"),
    (r"\bworked out\b", "calculated"), (r"\bdrop[- ]?ins?\b", "surgery"), (r"\bt&?cs?\b", "rules"),
)  # fmt: skip
_SAME: tuple[tuple[str, str], ...] = (
    ("request", "application bid submission"),
    ("money", "cash dosh funding fund finance financial resource"),
    ("thanks", "thank thx ty cheers ta"),
    ("hello", "hi hey hiya morning afternoon"),
    ("great", "brilliant perfect lovely super wonderful fab helpful good ace smashing"),
    ("change", "amend edit alter correct update fix revise adjust modify swap rewrite redo"),
    ("withdraw", "scrap delete pull retract drop remove bin kill void disregard"),
    ("book", "reserve grab"),
    ("slot", "place appointment space session spot"),
    ("approve", "agree agreed approved sign-off accept accepted approval"),
    ("decide", "decided decision"),
    ("outcome", "result"),
    ("mistake", "error typo"),
    ("feedback", "comment evaluation evaluate review rate rating score"),
    ("papers", "paper pack document"),
    ("minutes", "note write-up"),
    ("outstanding", "pending waiting"),
    ("show", "list display see view look"),
    ("send", "email forward pass"),
    ("kcc", "council county"),
    ("apply", "applied"),
    ("overdue", "late"),
    ("came", "turned attendee"),
    ("mailbox", "address"),
    ("contact", "ring phone reach"),
    ("register", "attendance attend"),
    ("apologies", "apology"),
    ("explain", "describe meaning mean"),
    ("spend", "spent spending"),
    ("job", "task to-do todo"),
)  # fmt: skip
"""Words that mean the same here; the matcher counts the first."""
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|sorry|okay|ok|so|right|and|also|well|just|quick question|good morning|morning)\b"
    r"[ ,.!-]*)+(?=\w+ \w)"
)
"""What stands before what somebody wants; alone it is kept."""
_WORD = re.compile(r"\{\w+\}|[a-z0-9£]+(?:-[a-z0-9]+)*")
_KEPT = frozenset({"news", "minutes", "minute", "helpful", "lovely"})
"""Words whose stem means something else."""
_STEMMERS = threading.local()
"""A stemmer keeps the word it works on: each thread has its own."""

_HELPING = (
    "a an the is are was were be been do does did have has had i we it he she they me us them this that these those of "
    "to for in on at by with from as and or if so can could would will should may must not any some all there here up "
    "out about than then too just"
)
HELPING = frozenset(_HELPING.split())
"""Words that say little of what is wanted."""
LITTLE, MUCH = 0.5, 2.0


def words_of(sentence: str, known: Collection[str] = ()) -> list[str]:
    """The words of a sentence; with `known`, a misspelt one becomes the known word it is most like, or `NEW`."""
    text = sentence.casefold().replace("’", "'").replace("`", "'")
    text = _GREETING.sub("", text)
    for written, meant in _CONTRACTIONS:
        text = re.sub(written, meant, text)
    found = [_meant(w) for w in _WORD.findall(text)]
    return [_known(w, known) for w in found] if known else found


@cache
def _same() -> Mapping[str, str]:
    return {_stem(same): _stem(word) for word, others in _SAME for same in others.split()}


def _meant(word: str) -> str:
    stem = _stem(word)
    return _same().get(stem, stem)


@lru_cache(maxsize=10_000)
def _stem(word: str) -> str:
    if word in _KEPT or len(word) < SHORT or word.startswith("{"):
        return word
    if not hasattr(_STEMMERS, "english"):
        _STEMMERS.english = snowballstemmer.stemmer("english")
    return str(_STEMMERS.english.stemWord(word))


def _known(word: str, known: Collection[str]) -> str:
    if word in known or word.startswith("{"):
        return word
    if nearly := _nearly(word, known):
        return nearly
    return NEW


def _nearly(word: str, known: Collection[str]) -> str:
    """The word that was meant by a misspelt one; '' for none."""
    if len(word) < SHORT or any(c.isdigit() for c in word):
        return ""
    alike = [k for k in (*known, *_same()) if abs(len(k) - len(word)) <= 2]
    best = process.extractOne(word, alike, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return _same().get(best[0], str(best[0])) if best else ""


def features(words: Sequence[str]) -> dict[str, float]:
    """What the matcher counts, each with its worth: words, neighbours, and words near each other."""
    bounded = ["^", *words, "$"]
    counted = {word: LITTLE if word in HELPING else MUCH for word in words}
    for a, b in pairwise(bounded):
        counted[f"{a} {b}"] = _worth(a, b)
    for a, b in zip(bounded, bounded[2:], strict=False):
        counted[f"{a} * {b}"] = _worth(a, b)
    return counted


def _worth(first: str, second: str) -> float:
    says_little = all(word in HELPING or word in "^$" for word in (first, second))
    return LITTLE if says_little else 1.0
