"""What a short sentence means after the one before: 'and for Canterbury S3?', 'the second one', 'yes', 'start over'.

Pure: a memory and a sentence in, what is meant out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.memory import Memory
from bot.understanding.entities import Found

_ORDER = ("first", "second", "third", "fourth", "fifth", "sixth")
_NTH = re.compile(
    r"(?:the |number |no\.? ?|option |#)?(?P<n>first|second|third|fourth|fifth|sixth|last|[1-6]|[1-6](?:st|nd|rd|th))"
    r"(?: one| option)?(?: please| pls)?[.!]?",
    re.IGNORECASE,
)
_YES = re.compile(
    r"(?:yes|yep|yeah|yup|aye|sure|ok|okay|correct|right|go ahead|go on|do it|do that|book it|send it|please do"
    r"|confirm)(?:[ ,]+(?:please|pls|thanks|book it|do it|do that|send it|go ahead|go on|that is right|that's right"
    r"|it is))*[.!]*",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:no|nope|nah|not now|never mind|nevermind|leave it|don'?t|do not|stop|cancel)"
    r"(?:[ ,]+(?:thanks|thank you|ta|leave it|not now|don'?t|do that))*[.!]*",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"(?:please )?(?:start|begin) (?:over|again|afresh|from (?:the )?(?:start|scratch))|forget (?:it|that|all that)"
    r"|reset|clear (?:this|the chat)|scrap that",
    re.IGNORECASE,
)
_LEAD = re.compile(r"\s*(?:and|also|then|what about|how about|ok(?:ay)?,? and|plus)\b", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|that one|this one|that request|this request|that|this)\b", re.IGNORECASE)
_ONE_AFTER = re.compile(
    r"\bafter (?:that|this|it)\b(?! (?:week|term|month|year))(?: one| meeting)?|\bnext but one\b"
    r"|\bthe (?:one|meeting) after(?: next)?(?=[?.! ]*$)|\bthe following (?:one|meeting)\b",
    re.IGNORECASE,
)
"""The meeting after the one that was spoken of, or after the coming one."""
_OF_MEETINGS = frozenset({"next_meeting", "deadline", "papers"})
_FILLER = frozenset(
    {
        "a", "about", "also", "an", "and", "at", "by", "for", "from", "how", "i", "in", "instead", "is", "it", "just",
        "mean", "meant", "my", "no", "not", "now", "of", "ok", "okay", "on", "one", "only", "our", "please", "pls",
        "same", "sorry", "thanks", "the", "then", "to", "too", "us", "what", "with",
    }
)  # fmt: skip
WHOSE = ("community", "school", "request")
_GROUPS = (WHOSE, ("date", "from", "to", "term", "after"), ("role",), ("time",), ("amount_pence",))
"""What takes each other's place: another community leaves the school and the request behind."""

ABOUT = ("community", "school", "date", "from", "to", "term", "after")
"""What the next question is still about when it begins with 'and'."""


@dataclass(frozen=True, kw_only=True)
class Meant:
    """What follows from the sentence before; each part is empty where nothing does."""

    sentence: str = ""
    """What was offered and is now chosen, as if it had been typed."""
    intent: str = ""
    """The same question again, of something else."""
    entities: Mapping[str, Any] = field(default_factory=dict)
    """What it names, with what the sentence before named."""
    is_yes: bool = False
    is_no: bool = False
    is_over: bool = False
    is_bare: bool = False
    """Nothing but names, and no question before them."""


def follow(sentence: str, found: Found, memory: Memory | None) -> Meant:
    """What the sentence means in this conversation; a memory of None is a conversation that begins."""
    said = sentence.strip()
    if _OVER.fullmatch(said.rstrip(".!")):
        return Meant(is_over=True, entities=found.entities)
    is_bare = bool(found.entities) and _is_short(found.text)
    if one_after := _ONE_AFTER.search(said):
        return _after(said.replace(one_after[0], " "), found, memory)
    if memory and (chosen := _chosen(said, memory)):
        return Meant(sentence=chosen)
    if _YES.fullmatch(said):
        return Meant(is_yes=True)
    if _NO.fullmatch(said):
        return Meant(is_no=True)
    if memory is None:
        return Meant(entities=found.entities, is_bare=is_bare)
    if is_bare:
        return Meant(intent=memory.intent, entities=merged(memory.entities, found.entities))
    if _LEAD.match(said):
        before = {k: v for k, v in memory.entities.items() if k in ABOUT}
        return Meant(entities=merged(before, found.entities))
    if "request" in memory.entities and not any(w in found.entities for w in WHOSE) and _IT.search(said):
        return Meant(entities={**found.entities, "request": memory.entities["request"]})
    return Meant(entities=found.entities)


def _after(rest: str, found: Found, memory: Memory | None) -> Meant:
    """The meeting after: of the same question where nothing else is asked."""
    known = memory.entities if memory and memory.intent in _OF_MEETINGS else {}
    before = {k: v for k, v in known.items() if k in ABOUT}
    entities = {**merged(before, found.entities), "after": int(before.get("after", 0)) + 1}
    intent = memory.intent if memory and memory.intent in _OF_MEETINGS else "next_meeting"
    return Meant(intent=intent if _is_short(rest) else "", entities=entities)


def chosen_meant(chosen: Found, memory: Memory | None) -> Meant:
    """What was chosen of what had been offered: a name alone answers the question that was asked back."""
    before = memory.entities if memory else {}
    same = memory.intent if memory and chosen.entities and _is_short(chosen.text) else ""
    return Meant(intent=same, entities=merged(before, chosen.entities))


def merged(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What was named before, but for what is named anew."""
    gone = {name for group in _GROUPS if any(n in now for n in group) for name in group}
    return {**{k: v for k, v in before.items() if k not in gone}, **now}


def _chosen(said: str, memory: Memory) -> str:
    options = memory.options
    match = _NTH.fullmatch(said)
    if match is None:
        return options[0] if len(options) == 1 and _YES.fullmatch(said) and not memory.pending else ""
    word = match["n"].casefold()
    place = len(options) - 1 if word == "last" else _ORDER.index(word) if word in _ORDER else int(word[0]) - 1
    return options[place] if 0 <= place < len(options) else ""


def _is_short(text: str) -> bool:
    """Nothing but names and the words that join them."""
    rest = re.sub(r"\{\w+\}", " ", text.casefold())
    return all(word in _FILLER for word in re.findall(r"[a-z0-9']+", rest))
