"""Who to turn to: link practitioners and the Area HNFO."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.asking import Answer, Answering, Asker, Question, community_of, school_named, school_of
from casework.desk import Work
from casework.directory_record import directory_of
from casework.reading import Thing, check_may_read
from communities.directory import Directory, Person, Role
from communities.services import OFFERS, WHERE, service_in

CHAT = "https://teams.microsoft.com/l/chat/0/0?users="


def practitioners(work: Work, asker: Asker, question: Question) -> Answer:
    """The school's link practitioners, or the one of the role that was named; a community's where one was named; what a
    county-wide service offers.
    """
    if (service := service_in(question.text)) and not question.entities.get("role"):
        said = (OFFERS[service], f"It works county-wide, without a link practitioner. How to reach it: {WHERE}.")
        return Answer(title=service, sentences=said, is_of_now=False)
    if _SERVES.search(question.text):
        return _served(work, asker)
    if (asked := _RUNS.search(question.text)) and not question.entities.get("role"):
        return _who_runs(work, asker, question, Role(asked[1].capitalize()))
    check_may_read(work, Thing.PEOPLE, asker.mail)
    directory = directory_of(work)
    if community := question.entities.get("community"):
        of = str(community)
        found: tuple[Person, ...] = directory.community_practitioners(of)
    else:
        of = school_of(work, asker, question)
        found = directory.practitioners_of(school_named(directory, of))
    role = question.entities.get("role")
    wanted = [p for p in found if role in (None, p.role.value)]
    if not wanted:
        named = role or "link practitioner"
        return Answer(title=f"The directory names no {named} for {of}", sentences=("Your clerk can tell you more.",))
    links = tuple((f"Chat with {p.name}", CHAT + p.mail) for p in wanted[:6])
    return Answer(title=f"For {of}", facts=[(p.role.value, _named(directory, p)) for p in wanted], links=links)


_SERVES = re.compile(
    r"\b(?:communities|community|schools)\b.{0,200}\b(?:do|am) i\b|\bmy (?:communities|schools)\b", re.IGNORECASE
)
"""Whom the asker serves, not who serves them."""
_RUNS = re.compile(r"\b(chair|clerk)\b", re.IGNORECASE)


def _served(work: Work, asker: Asker) -> Answer:
    """What the directory says the asker is, and of whom."""
    held: dict[str, list[str]] = {}
    for person in directory_of(work).roles_of(asker.mail):
        held.setdefault(person.role.value, []).append(person.of or "Kent")
    facts = [(role, ", ".join(of)) for role, of in held.items()]
    return Answer(title="What the directory says you do", facts=facts)


def _who_runs(work: Work, asker: Asker, question: Question, role: Role) -> Answer:
    """The community's chair or clerk."""
    community, directory = community_of(work, asker, question), directory_of(work)
    person = directory.chair_of(community) if role is Role.CHAIR else directory.clerk_of(community)
    name = role.value.lower()
    if person is None:
        said = ("An administrator adds them to the people workbook.",)
        return Answer(title=f"The directory names no {name} for {community}", sentences=said)
    links = ((f"Chat with {person.name}", CHAT + person.mail),)
    facts = ((role.value, _named(directory, person)),)
    return Answer(title=f"The {name} of {community} is {person.name}", facts=facts, links=links)


def _named(directory: Directory, person: Person) -> str:
    said = f"{person.name}, {person.mail}"
    if person.covers:
        covered = next((p.name for p in directory.roles_of(person.covers) if p.role is person.role), person.covers)
        said += f" (stands in for {covered})"
    return f"{said}, until {person.until:%-d %B %Y}" if person.until else said


def hnfo(work: Work, asker: Asker, question: Question) -> Answer:
    """The officer of the community's area, to whom approved forms go."""
    community = community_of(work, asker, question)
    directory = directory_of(work)
    person, known = directory.hnfo_for(community), directory.community(community)
    if person is None or known is None:
        return Answer(title=f"The directory names no HNFO for {community}")
    return Answer(
        title=f"Approved forms of {community} go to {person.name}",
        sentences=("CoS Desk sends them within three working days of the decision.",),
        facts=(("Area", known.community_area.value), ("Mailbox", person.mail)),
    )


ANSWERS: Mapping[str, Answering] = {"link_practitioner": practitioners, "hnfo": hnfo}
