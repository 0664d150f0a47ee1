"""Link practitioners: the school's own before the community's, who stands in, and a change that is announced once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casework.directory_record import directory_of, import_people
from casework.practitioners import concerned, practitioner_letter
from communities.directory import Directory, Mail, Person, Role, practitioner_changes
from communities.services import OFFERS, service_in
from papers.people_workbook import TITLES, read_people
from tests.conftest import Bench, World
from tests.test_chat import asked, senco
from tests.test_imports import book
from tests.test_record import home

COVER = Mail("cover@kent.example")


def adviser(directory: Directory) -> Person:
    return directory.people_with(Role.SEN_IA, home(directory))[0]


def cover_of(person: Person) -> Person:
    return replace(person, name="Cover Smith", mail=COVER, covers=str(person.mail), since=date(2026, 10, 1),
                   until=date(2026, 12, 12))  # fmt: skip


def test_who_stands_in_is_named_in_place_while_they_do(bench: Bench, directory: Directory) -> None:
    away = adviser(directory)
    with bench.desk.work() as work:
        import_people(work, [*directory.people, cover_of(away)])
    said = asked(bench, "who is our link SEN IA", senco(directory)).as_text()
    assert f"Cover Smith, {COVER} (stands in for {away.name}), until 12 December 2026" in said
    bench.at(date(2026, 12, 14))
    assert away.name in asked(bench, "who is our link SEN IA", senco(directory)).as_text()


def test_the_schools_own_practitioner_comes_before_the_communitys(bench: Bench, directory: Directory) -> None:
    school = directory.schools_of(home(directory))[0]
    own = Person(name="Own Adviser", mail=Mail("own@kent.example"), role=Role.SEN_IA, of=str(school.name))
    with bench.desk.work() as work:
        import_people(work, [*directory.people, own])
    assert "Own Adviser" in asked(bench, "who is our link SEN IA", senco(directory)).as_text()
    with bench.desk.work() as work:
        known = directory_of(work)
        told = concerned(known, home(directory), Role.SEN_IA)
    assert senco(directory).casefold() not in told
    assert len(told) == len(known.schools_of(home(directory))) - 1


def test_a_change_is_announced_once_to_the_schools_it_concerns(bench: Bench, directory: Directory) -> None:
    gone = adviser(directory)
    people = [
        replace(p, name="New Person", mail=Mail("new@kent.example")) if p is gone else p for p in directory.people
    ]
    assert bench.effects("mail.practitioner") == [], "the first import tells nobody"
    with bench.desk.work() as work:
        import_people(work, people)
        import_people(work, people)
    assert len(bench.effects("mail.practitioner")) == 1
    (change,) = practitioner_changes(directory, replace(directory, people=tuple(people)))
    assert (change.of, change.before, change.now) == (home(directory), (gone.name,), ("New Person",))
    details = {"of": change.of, "role": change.role.value, "before": list(change.before), "now": list(change.now),
               "on": "2026-10-05"}  # fmt: skip
    told = practitioner_letter(details)
    assert "From Monday 5 October 2026, it is <b>New Person</b>" in told.html


@pytest.mark.one_on_postgresql
@pytest.mark.parametrize("service", list(OFFERS))
def test_the_eight_county_wide_services_say_what_they_offer(bench: Bench, directory: Directory, service: str) -> None:
    name = service.partition("(")[0].partition("/")[0].strip()
    assert service_in(f"who do I contact at the {name}") == service
    said = asked(bench, f"who is the link practitioner for {name}", senco(directory))
    assert said.title == service
    assert "county-wide" in said.as_text()


def test_covers_is_read_from_the_workbook(directory: Directory) -> None:
    rows = [("Jo", "jo@kent.example", "Health Navigator", home(directory), None, None, "sam@kent.example"),
            ("Al", "al@kent.example", "Chair", home(directory), None, None, "sam@kent.example"),
            ("Bo", "bo@kent.example", "Health Navigator", home(directory), None, None, "Sam")]  # fmt: skip
    people, refused = read_people(book(tuple(TITLES.values()), *rows), "people.xlsx", directory)
    assert [p.covers for p in people] == ["sam@kent.example"]
    assert ["only a link practitioner is covered for" in r.reason for r in refused] == [True, False]
    assert "is not a mail address" in refused[1].reason


async def test_the_announcement_is_one_mail_with_hidden_addresses(world: World, directory: Directory) -> None:
    def change(work: Any) -> None:
        known = directory_of(work)
        first = adviser(known)
        import_people(work, [replace(p, name="New Person", mail=Mail("new@kent.example")) if p == first else p
                             for p in known.people])  # fmt: skip

    await world.desk.run("test", change)
    await world.carry_out()
    (mail,) = [m for m in await world.hand.call("GET", "mails") if "changes" in m["subject"]]
    assert [r["emailAddress"]["address"] for r in mail["toRecipients"]] == [world.desk.mailboxes.desk]
    assert mail["bccRecipients"]
