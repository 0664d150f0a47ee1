"""England, invented: councils with communities, schools, people, budgets and a year's Requests for Support.

Every figure is a part of the whole of it, so that a few councils are a small England. What belongs here is data; living
through it is `england`'s.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from typing import Any

from communities.budget import BudgetSummary, SchoolAllocation
from communities.calendars import at_london, is_working_day, london
from communities.clocks import submissions_close_on
from communities.directory import (
    Area,
    Community,
    CommunityName,
    Directory,
    Mail,
    Person,
    Role,
    School,
    SchoolName,
    SchoolType,
)
from communities.meetings import MeetingSlot
from service.sample import EXPECTED, sample
from service.sample_tenant import AUTUMN, SampleForm

COUNCILS, COMMUNITIES, SCHOOLS, REQUESTS = 150, 8_000, 24_000, 200_000
"""All of England, and a year of it."""

MEETINGS_A_YEAR = 6
COMMUNITIES_A_CLERK, COMMUNITIES_AN_ADVISER = 6, 5
ASKED_WITHIN = timedelta(days=28)
"""A meeting's requests are sent in the four weeks before its submissions close."""


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """So many councils' part of England."""

    councils: int

    @property
    def communities(self) -> int:
        """Of all councils together."""
        return COMMUNITIES * self.councils // COUNCILS

    @property
    def schools(self) -> int:
        """Three a community."""
        return self.communities * SCHOOLS // COMMUNITIES

    @property
    def requests(self) -> int:
        """A year."""
        return REQUESTS * self.councils // COUNCILS


def invent_directory(volumes: Volumes) -> Directory:
    """Communities, schools and people; every name once."""
    names = [
        CommunityName(f"Council {n * volumes.councils // volumes.communities + 1} Community {n + 1}")
        for n in range(volumes.communities)
    ]
    areas = list(Area)
    communities = tuple(
        Community(
            name=name, primary_care_network=f"PCN {n + 1}", district=f"District {n // 10 + 1}",
            geographic_area=areas[n % len(areas)], community_area=areas[n % len(areas)],
        )
        for n, name in enumerate(names)
    )  # fmt: skip
    schools = tuple(
        School(
            name=SchoolName(f"School {n + 1} Primary" if n % 4 else f"School {n + 1} Academy"),
            community=names[n * len(names) // volumes.schools],
            dfe=1_000_000 + n,
            type=SchoolType.PRIMARY if n % 4 else SchoolType.SECONDARY,
        )
        for n in range(volumes.schools)
    )
    return Directory(communities=communities, schools=schools, people=tuple(_people(names, schools)))


def _people(names: Sequence[CommunityName], schools: Sequence[School]) -> Iterator[Person]:
    for area in Area:
        yield Person(name=f"HNFO {area}", mail=Mail(f"hnfo.{area.lower()}@kent.example"), role=Role.HNFO, of=area.value)
    yield Person(name="Morgan Vale", mail=Mail("morgan.vale@kent.example"), role=Role.MODERATOR)
    yield Person(name="Robin Adeyemi", mail=Mail("robin.adeyemi@kent.example"), role=Role.ADMINISTRATOR)
    for n, name in enumerate(names):
        clerk, adviser = n // COMMUNITIES_A_CLERK + 1, n // COMMUNITIES_AN_ADVISER + 1
        yield Person(name=f"Clerk {clerk}", mail=Mail(f"clerk{clerk}@kent.example"), role=Role.CLERK, of=name)
        yield Person(name=f"Adviser {adviser}", mail=Mail(f"sen.ia{adviser}@kent.example"), role=Role.SEN_IA, of=name)
        yield Person(name=f"Chair {n + 1}", mail=Mail(f"chair{n + 1}@schools.example"), role=Role.CHAIR, of=name)
    for n, school in enumerate(schools):
        yield Person(name=f"Senco {n + 1}", mail=Mail(senco_of(n)), role=Role.SENCO, of=school.name)


def senco_of(school: int) -> str:
    """The mail of a school's SENCO, by the school's place in the directory."""
    return f"senco{school + 1}@schools.example"


def invent_budgets(directory: Directory, year: str) -> Iterator[BudgetSummary]:
    """A budget for each community that pays for a year of its requests."""
    for community in directory.communities:
        schools = tuple(
            SchoolAllocation(
                dfe=s.dfe, school=s.name, phase=s.type.value, notional_budget_pence=41_000_000,
                notional_top_up_pence=330_000, automatic_payments_pence=3_500_000, automatic_payments=4,
                protected_payments_pence=2_900_000, protected_payments=5, agreed_payments_pence=0, agreed_pupils=0,
            )
            for s in directory.schools_of(community.name)
        )  # fmt: skip
        yield BudgetSummary(
            community=community.name, academic_year=year, before_top_slices_pence=33_220_300,
            stls_top_slice_pence=-3_620_300, chair_and_clerking_pence=-476_400,
            protected_payments_pence=sum(s.protected_payments_pence for s in schools), agreed_payments_pence=0,
            schools=schools,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A response: its number, the school's place in the directory, and when it is sent."""

    number: int
    school: int
    at: datetime


def invent_requests(
    volumes: Volumes, directory: Directory, slots: Sequence[MeetingSlot], begins: date
) -> Mapping[date, list[Asked]]:
    """The year's responses by the working day they are sent on.

    Each meeting has its part, sent at some minute of the four weeks before its submissions close.
    """
    chance = random.Random(150)
    place = {s.name: n for n, s in enumerate(directory.schools)}
    sent: dict[date, list[Asked]] = {}
    for number in range(1, volumes.requests + 1):
        slot = slots[number % len(slots)]
        day = submissions_close_on(london(slot.starts_at).date()) - timedelta(days=chance.randrange(ASKED_WITHIN.days))
        while not is_working_day(day):
            day -= timedelta(days=1)
        day = max(day, begins)
        school = chance.choice(directory.schools_of(slot.community))
        at = at_london(day, wall(9 + chance.randrange(7), chance.randrange(60)))
        sent.setdefault(day, []).append(Asked(number, place[school.name], at))
    return sent


Item = dict[str, Any]


class Flow:
    """Makes list items of responses, as the flow of the form does: the sample's texts, each a little different."""

    def __init__(self, directory: Directory) -> None:
        form = SampleForm(AUTUMN)
        items = form.items(form.due(datetime(2027, 12, 1, tzinfo=UTC)))
        taken = {e["id"] for e in json.loads(sample(EXPECTED)) if e["kind"] == "ok"}
        self._patterns = [i for i in items if i["ResponseId"] in taken]
        self._schools = directory.schools

    def item(self, asked: Asked) -> Item:
        """The fields of one."""
        pattern, school = self._patterns[asked.number % len(self._patterns)], self._schools[asked.school]
        sender = senco_of(asked.school)
        return {
            **pattern,
            "ResponseId": asked.number, "Title": f"Response {asked.number}", "Community": school.community,
            "School": school.name, "SenderMail": sender, "SenderName": sender.partition("@")[0].capitalize(),
            "SolutionRequired": f"{asked.number}: {pattern['SolutionRequired']}",
            "CompletionTime": asked.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }  # fmt: skip
