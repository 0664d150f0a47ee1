"""Who may read what: one table of what there is to read, and of who somebody is to the community or school it is of.

Asked in each view and answer, never where a person comes in. What a person may do is in `permissions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from casework.desk import CONSOLE, SYSTEM, Work
from casework.directory_record import directory_of
from casework.errors import NotReadable
from casework.who import who_is
from communities.directory import LINK_ROLES, SCHOOL_ROLES, Directory, Person, Role


class Reader(StrEnum):
    """What somebody is to a community, a school or a request; a person can be several."""

    SCHOOL = "the school itself"
    OTHER_SCHOOL = "another school of the community"
    CHAIR = "its chair"
    CLERK = "its clerk"
    SEN_IA = "its link SEN IA"
    PRACTITIONER = "another link practitioner"
    COUNTY = "KCC: moderator, administrator, HNFO"
    ADMINISTRATOR = "an administrator"
    WRITER = "whoever wrote or booked it"
    ADVISER = "the adviser of the session"
    PART = "whoever sent it, or decides it for a chair with an interest"
    ELSEWHERE = "anybody else in the directory"
    NOBODY = "somebody signed in who has no role"


COUNTY_ROLES = (Role.MODERATOR, Role.ADMINISTRATOR, Role.HNFO)
"""Every community is theirs to ask about."""


class Thing(StrEnum):
    """What there is to read, as the refusal and the documents call it."""

    MEETINGS = "a community's meetings: days, places, deadlines"
    OFFICERS = "who its chair, its clerk and its HNFO are"
    PEOPLE = "other people's roles and addresses"
    SURGERIES = "surgeries: days, advisers, free slots"
    CASE_STUDIES = "case studies"
    PAGE = "page"
    DECISIONS = "decisions"
    ACTIONS = "actions"
    PAPERS = "agendas and minutes"
    JOIN_LINK = "link to join meetings"
    REGISTER = "register of attendance"
    BALANCE = "balance"
    STATUS = "a request's school, state, meeting and amounts"
    REQUEST = "the whole of a request, with its history"
    FUNDING = "a school's own funding"
    TASKS = "tasks, failed ones too"
    REPORTS = "reports"
    COUNTY_TOTALS = "totals of all communities"
    QUESTIONS = "a question to KCC, until it is answered for all"
    BOOKINGS = "a booking of a surgery, with its note"
    DRAFTS = "a request begun and not sent"
    HEADINGS = "headings of forms that wait for a word"
    STUCK = "all tasks that failed"


_ALL = frozenset(Reader)
_DIRECTORY = _ALL - {Reader.NOBODY}
_COMMUNITY = frozenset(
    {Reader.SCHOOL, Reader.OTHER_SCHOOL, Reader.CHAIR, Reader.CLERK, Reader.SEN_IA, Reader.COUNTY}
)  # fmt: skip
_RUN = frozenset({Reader.CHAIR, Reader.CLERK})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who reads a thing, and what anybody else is told: whom to ask, and not whether there is one."""

    who: frozenset[Reader]
    refused: str = ""
    """With `{of}` for the community or the school."""


def _of_community(thing: Thing) -> Rule:
    return Rule(who=_COMMUNITY, refused=f"Only people of {{of}} can read its {thing}. Ask its clerk.")


RULES: Mapping[Thing, Rule] = MappingProxyType(
    {
        Thing.MEETINGS: Rule(who=_ALL),
        Thing.OFFICERS: Rule(who=_ALL),
        **{
            thing: Rule(who=_DIRECTORY, refused=f"Only people of the directory can read {thing}. Ask your clerk.")
            for thing in (Thing.PEOPLE, Thing.SURGERIES, Thing.CASE_STUDIES)
        },
        **{
            thing: _of_community(thing)
            for thing in (Thing.PAGE, Thing.DECISIONS, Thing.ACTIONS, Thing.PAPERS, Thing.JOIN_LINK, Thing.REGISTER,
                          Thing.BALANCE)
        },
        Thing.STATUS: Rule(who=_COMMUNITY | {Reader.PART}),
        Thing.REQUEST: Rule(who=frozenset({Reader.SCHOOL, *_RUN, Reader.COUNTY, Reader.PART})),
        Thing.FUNDING: Rule(
            who=frozenset({Reader.SCHOOL, *_RUN, Reader.COUNTY}),
            refused="Only {of}, its community's chair and clerk, and KCC can read its funding. Ask the school.",
        ),
        Thing.TASKS: Rule(who=_RUN, refused="Only a community's chair and clerk can read its tasks. Ask your clerk."),
        Thing.REPORTS: Rule(
            who=_RUN, refused="Only a community's chair and clerk can read its reports. Ask its clerk."
        ),
        Thing.COUNTY_TOTALS: Rule(
            who=frozenset({Reader.COUNTY}), refused="Only KCC can read the totals of all communities. Ask your clerk."
        ),
        Thing.QUESTIONS: Rule(who=frozenset({Reader.WRITER, Reader.COUNTY})),
        Thing.BOOKINGS: Rule(who=frozenset({Reader.WRITER, Reader.ADVISER})),
        Thing.DRAFTS: Rule(who=frozenset({Reader.WRITER})),
        Thing.HEADINGS: Rule(
            who=frozenset({Reader.CLERK, Reader.ADMINISTRATOR}),
            refused="Only clerks and administrators can read which headings wait for a word. Ask your clerk.",
        ),
        Thing.STUCK: Rule(
            who=frozenset({Reader.ADMINISTRATOR}),
            refused="Only administrators can read what failed everywhere. Ask an administrator.",
        ),
    }
)  # fmt: skip
"""The only place that says so; docs/decisions/0045 has the reason of `STATUS`, docs/privacy.md shows the table."""


def readers(directory: Directory, by: str, community: str | None = None, school: str = "") -> frozenset[Reader]:
    """What the person of that mail is to a community and a school; without either, what they are anywhere.

    A school's community is known without being named.
    """
    if by in (CONSOLE, SYSTEM):
        return frozenset({Reader.COUNTY, Reader.ADMINISTRATOR})
    homes = {str(s.community) for s in directory.schools_named(school)}
    of = None if community is None and not school else homes if community is None else {community}
    held = directory.roles_of(by)
    found = {reader for p in held for reader in _of_role(directory, p, of, school)}
    return frozenset(found | {Reader.ELSEWHERE}) if held else frozenset({Reader.NOBODY})


_OF_COMMUNITY = {Role.CHAIR: Reader.CHAIR, Role.CLERK: Reader.CLERK, Role.SEN_IA: Reader.SEN_IA}


def _of_role(directory: Directory, held: Person, of: set[str] | None, school: str) -> set[Reader]:
    if held.role in COUNTY_ROLES:
        return {Reader.COUNTY, Reader.ADMINISTRATOR} if held.role is Role.ADMINISTRATOR else {Reader.COUNTY}
    if held.role in SCHOOL_ROLES and held.of == school:
        return {Reader.SCHOOL}
    homes = {held.of, *(str(s.community) for s in directory.schools_named(held.of))}
    if of is not None and homes.isdisjoint(of):
        return set()
    if held.role in SCHOOL_ROLES:
        return {Reader.OTHER_SCHOOL}
    if held.role in _OF_COMMUNITY and directory.community(held.of):
        return {_OF_COMMUNITY[held.role]}
    return {Reader.PRACTITIONER} if held.role in LINK_ROLES else set()


def may_read(work: Work, thing: Thing, by: str, community: str | None = None, *, school: str = "") -> bool:
    """Whether the table lets somebody read a thing of a community, of a school, or of the whole county."""
    return not RULES[thing].who.isdisjoint(readers(directory_of(work), by, community, school))


def check_may_read(work: Work, thing: Thing, by: str, community: str | None = None, *, school: str = "") -> None:
    """Raises `NotReadable`, in the same words whether there is something to read or not."""
    if not may_read(work, thing, by, community, school=school):
        raise NotReadable(RULES[thing].refused.format(of=(school or community or "")[:80]))


def may_read_request(work: Work, thing: Thing, row: Any, by: str) -> bool:
    """The same of a request: who has a part in it is known from its row."""
    if may_read(work, thing, by, row.community, school=row.school):
        return True
    return Reader.PART in RULES[thing].who and bool(who_is(work, row, by))


def unreadable(number: str) -> NotReadable:
    """What is said of a number that is not theirs to read, and of one there is not."""
    return NotReadable(
        f"You can't read {number[:40] or 'that'}: it is not one of your school's or community's, or there is none of "
        "that number."
    )


def as_table() -> str:
    """The table as Markdown, for the documents."""
    head = "| what | who reads it |\n| --- | --- |"
    return "\n".join((head, *(f"| {thing} | {_spoken(rule.who)} |" for thing, rule in RULES.items())))


def _spoken(who: frozenset[Reader]) -> str:
    if who == _ALL:
        return "anybody signed in"
    return "everybody in the directory" if who == _DIRECTORY else ", ".join(r for r in Reader if r in who)
