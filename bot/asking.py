"""Who asks what: a person with their schools and communities, a sentence understood, an answer in our own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.reading import COUNTY_ROLES, Thing, check_may_read, may_read_request, unreadable
from communities.directory import SCHOOL_ROLES, Directory, Role
from papers.word import Picture

UNKNOWN_PERSON = "You are not known here. Ask your clerk to add your mail address to the directory."

MOST_CHOICES = 6
"""Buttons under a question back; more are named by typing."""


@dataclass(frozen=True, kw_only=True)
class Asker:
    """The person: what they hold, and so whose answers are theirs. Schools' communities count as theirs."""

    mail: str
    schools: tuple[str, ...]
    communities: tuple[str, ...]
    """Their schools' first, then those they chair, clerk or advise."""
    clerked: tuple[str, ...]
    chaired: tuple[str, ...]
    is_county: bool
    """KCC's moderators and administrators: every community is theirs to ask about."""

    @property
    def runs(self) -> tuple[str, ...]:
        """The communities they clerk or chair."""
        return tuple(dict.fromkeys((*self.clerked, *self.chaired)))


def asker_of(work: Work, mail: str) -> Asker:
    """Out of the directory as it stands today."""
    directory = directory_of(work)
    held = directory.roles_of(mail)
    return Asker(
        mail=mail,
        schools=tuple(dict.fromkeys(p.of for p in held if p.role in SCHOOL_ROLES)),
        communities=directory.communities_of(mail),
        clerked=tuple(p.of for p in held if p.role is Role.CLERK),
        chaired=tuple(p.of for p in held if p.role is Role.CHAIR),
        is_county=any(p.role in COUNTY_ROLES for p in held),
    )


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked, as it was understood."""

    text: str
    intent: str
    confidence: float
    entities: Mapping[str, Any]
    is_personal: bool = True
    """In the person's own chat; elsewhere an answer holds nothing personal."""
    home: str = ""
    """The community whose channel or meeting it is."""
    focus: str = ""
    """The community this conversation was about so far."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said: a title, sentences, short facts, links, and what may be asked next."""

    title: str
    sentences: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    links: Sequence[tuple[str, str]] = ()
    """Title and address."""
    choices: Sequence[tuple[str, str]] = ()
    """What a button says, and the sentence it writes for the person."""
    listed: Sequence[str] = ()
    """For 'the second one': the sentence that asks for each line shown; without any, those of `choices`."""
    pending: Mapping[str, Any] = field(default_factory=dict)
    """What a 'yes' would do: a card action's `verb` with its values."""
    picture: Picture | None = None
    """A chart, where a picture says it better; its alternative text says the same."""
    cards: Sequence[dict[str, Any]] = field(default=())
    """Cards that stand for themselves, after the answer."""
    is_card: bool = False
    """The cards say it all; the title is for those who read text."""
    is_of_now: bool = True
    """Out of the record: said with the moment."""

    def as_text(self) -> str:
        """The whole in plain text."""
        facts = (f"{title}: {value}" for title, value in self.facts)
        links = (f"{title}: {url}" for title, url in self.links)
        return "\n".join((self.title, *self.sentences, *facts, *links))


Answering = Callable[[Work, Asker, Question], Answer]


class AskBack(Exception):
    """The sentence leaves open what was meant; the answer asks, with buttons."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.title)
        self.answer = answer


def in_private() -> Answer:
    """Not where others read along."""
    return Answer(
        title="Let us talk in private", sentences=("Write to me in our own chat about that.",), is_of_now=False
    )


def check_told(work: Work, asker: Asker, question: Question, thing: Thing, community: str) -> None:
    """Whether a thing of a community may be told to whoever asks, and here: beside a person's own chat in that
    community's channel and meetings alone. Who reads along elsewhere is not known. Raises `NotReadable` and `AskBack`.
    """
    check_may_read(work, thing, asker.mail, community)
    if not (question.is_personal or community == question.home):
        raise AskBack(in_private())


def request_row_of(work: Work, asker: Asker, request_id: str) -> Any:
    """The request of that number, or None where there is none whose status the person may see."""
    requests = tables.requests
    row = work.conn.execute(select(requests).where(requests.c.id == request_id)).one_or_none()
    return row if row is not None and may_read_request(work, Thing.STATUS, row, asker.mail) else None


def nothing_about(request_id: str) -> Answer:
    """What is said of a request somebody has nothing to do with, and of one there is not."""
    return Answer(title=str(unreadable(request_id)), is_of_now=False)


def named_community(work: Work, asker: Asker, question: Question) -> str:
    """The community a sentence itself names: by its name, by a school of it or by the number of a request; '' for none.

    Raises `AskBack` where the number is of no request of theirs.
    """
    if named := question.entities.get("community"):
        return str(named)
    if school := question.entities.get("school"):
        return str(school_named(directory_of(work), str(school)).community)
    if request_id := question.entities.get("request"):
        row = request_row_of(work, asker, str(request_id))
        if row is None or not (question.is_personal or row.community == question.home):
            raise AskBack(nothing_about(str(request_id)))
        return str(row.community)
    return ""


def community_of(work: Work, asker: Asker, question: Question) -> str:
    """The community meant: the one the sentence names, else the channel's, the asker's only one, or the one the
    conversation is about. What a sentence says itself comes before all that was spoken of.

    Raises `AskBack` where the asker has several, or none and names none.
    """
    if named := named_community(work, asker, question):
        return named
    if question.home:
        return question.home
    if len(asker.communities) == 1:
        return asker.communities[0]
    if question.focus:
        return question.focus
    if not asker.communities:
        raise AskBack(Answer(title="Which community do you mean?", sentences=("Write its name.",), is_of_now=False))
    choices = tuple((name, name) for name in asker.communities[:MOST_CHOICES])
    raise AskBack(Answer(title="Which of your communities?", choices=choices, is_of_now=False))


def school_of(work: Work, asker: Asker, question: Question) -> str:
    """The school meant: the one that was named, or the asker's only one. Raises `AskBack`."""
    if named := question.entities.get("school"):
        return str(named)
    if request_id := question.entities.get("request"):
        row = request_row_of(work, asker, str(request_id))
        if row is None:
            raise AskBack(nothing_about(str(request_id)))
        return str(row.school)
    if len(asker.schools) == 1:
        return asker.schools[0]
    choices = tuple((name, name) for name in asker.schools[:MOST_CHOICES])
    raise AskBack(Answer(title="Which school do you mean?", choices=choices, is_of_now=False,
                         sentences=() if choices else ("Write its name.",)))  # fmt: skip


def school_named(directory: Directory, name: str) -> Any:
    """The school of that name; `InputRefused` where there is none."""
    found = directory.schools_named(name)
    if not found:
        raise InputRefused(f"There is no school '{name[:80]}'.")
    return found[0]


def focus_of(work: Work, mail: str, entities: Mapping[str, Any]) -> str:
    """The community that what was named before is about, the school's or the request's too; '' for none that is."""
    if not entities:
        return ""
    try:
        return named_community(
            work, asker_of(work, mail), Question(text="", intent="", confidence=1, entities=entities)
        )
    except (AskBack, InputRefused):  # a school that closed since, a request that is not theirs
        return ""
