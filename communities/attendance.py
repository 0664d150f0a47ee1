"""Who stands in a meeting's register, by what Teams saw of it. The clerk corrects what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from communities.directory import COMMUNITY_ROLES, SCHOOL_ROLES, Directory, Role
from communities.meetings import Attendee, Mark

REGISTER_ROLES = (*COMMUNITY_ROLES, Role.SEN_IA)
"""Who stands in the register beside the schools, by role."""

LEAST_S = 300
"""A choice: whoever was there for less than five minutes is told to the clerk, not marked present."""


ANYBODYS = ("gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "live.co.uk", "yahoo.co.uk",
            "icloud.com", "btinternet.com")  # fmt: skip
"""Domains of mail for everybody: the same domain says nothing."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Somebody Teams saw in the meeting: every address known of them (none where they joined by name alone)."""

    name: str
    mails: Sequence[str]
    seconds: int


def register_from(
    seen: Sequence[Seen], directory: Directory, community: str
) -> tuple[tuple[Attendee, ...], tuple[Seen, ...]]:
    """A line for each school and role of the community, and those who could not be matched or left at once.

    A school is matched by the mail of its people in the directory, else by a mail domain that is that school's alone.
    Where several came for one school, its SENCO or leader stands for it, then who stayed longest. Nobody came: absent.
    """
    lines = [(role.value, _mails(directory, (role,), community)) for role in REGISTER_ROLES]
    schools = directory.schools_of(community)
    lines += [(school.name, _mails(directory, SCHOOL_ROLES, school.name)) for school in schools]
    domains = _own_domains(directory)
    stayed = sorted((s for s in seen if s.seconds >= LEAST_S), key=lambda s: (-s.seconds, s.name))
    register, matched = [], set[int]()
    for of, mails in lines:
        known = [s for s in stayed if any(m.casefold() in mails for m in s.mails)]
        guests = [s for s in stayed if any(domains.get(_domain(m)) == of for m in s.mails)]
        present = [*known, *(g for g in guests if g not in known)]
        matched |= {id(s) for s in present}
        person = present[0].name if present else ""
        register.append(Attendee(of=of, person=person, mark=Mark.PRESENT if present else Mark.ABSENT))
    return tuple(register), tuple(s for s in seen if id(s) not in matched)


def _mails(directory: Directory, roles: Iterable[Role], of: str) -> set[str]:
    return {p.mail.casefold() for role in roles for p in directory.people_with(role, of)}


def _domain(mail: str) -> str:
    return mail.rpartition("@")[2].casefold()


def _own_domains(directory: Directory) -> dict[str, str]:
    """The school of each mail domain that only one school's people have; a county's or a trust's domain is nobody's.

    Chairs are left out: they write from the school they lead.
    """
    schools: dict[str, set[str]] = {domain: {""} for domain in ANYBODYS}
    for person in directory.people:
        if person.role is Role.CHAIR:
            continue
        schools.setdefault(_domain(person.mail), set()).add(person.of if person.role in SCHOOL_ROLES else "")
    return {domain: next(iter(of)) for domain, of in schools.items() if len(of) == 1 and "" not in of}
