"""People who begin and leave in the middle of a year: in the directory, and in Entra ID."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from casework.desk import Work
from casework.directory_record import import_people, object_id_of, whole_directory
from communities.directory import ALWAYS, Directory, Mail, Person, Role
from graph_sync.people import pull_people
from service.sample_tenant import sample_world
from tests.conftest import START, Bench, World

TODAY = date(2026, 11, 5)
YESTERDAY = TODAY - timedelta(days=1)


def roles_on(bench: Bench, day: date) -> set[tuple[str, Role, str]]:
    with bench.desk.reading() as work:
        return {(p.mail, p.role, p.of) for p in whole_directory(work).on(day).people}


@pytest.mark.parametrize("day", [date(2026, 10, 5), TODAY, date(2027, 1, 4), date(2027, 2, 22), date(2027, 7, 1)])
def test_the_same_workbook_imported_again_on_a_later_day_changes_nobodys_role(
    bench: Bench, directory: Directory, day: date
) -> None:
    days = [date(2026, 9, 1) + timedelta(weeks=3 * n) for n in range(16)]
    before = [roles_on(bench, d) for d in days]
    bench.at(day)
    with bench.desk.work() as work:
        import_people(work, directory.people)
        import_people(work, directory.people)
    assert [roles_on(bench, d) for d in days] == before


@pytest.mark.parametrize("since", [ALWAYS, date(2026, 9, 1)])
def test_a_role_that_ended_before_it_was_imported_is_past(bench: Bench, directory: Directory, since: date) -> None:
    gone = Person(name="G", mail=Mail("g@x.example"), role=Role.CLERK, of="ABC", since=since, until=YESTERDAY)
    bench.at(TODAY)
    with bench.desk.work() as work:
        import_people(work, [*directory.people, gone])
    named = (gone.mail, gone.role, gone.of)
    assert (named in roles_on(bench, YESTERDAY), named in roles_on(bench, TODAY)) == (True, False)


def test_who_is_known_already_ends_on_the_day_the_workbook_says(bench: Bench, directory: Directory) -> None:
    clerk = next(p for p in directory.people if p.role is Role.CLERK and p.until is None)
    people = [replace(p, until=YESTERDAY) if p == clerk else p for p in directory.people]
    bench.at(TODAY)
    with bench.desk.work() as work:
        import_people(work, people)
    named = (clerk.mail, clerk.role, clerk.of)
    assert (named in roles_on(bench, YESTERDAY), named in roles_on(bench, TODAY)) == (True, False)


async def test_who_joins_is_found_in_entra_id_on_the_day_they_begin(world: World) -> None:
    joiner = "joel.fairbrass@kent.example"
    begins = datetime(2027, 2, 15, 7, tzinfo=UTC)

    def known(work: Work) -> bool:
        return object_id_of(work, joiner) is not None

    assert not await world.desk.look(known)
    assert await pull_people(world.desk, world.office.graph) == 0
    await world.set_clock(begins)
    assert await pull_people(world.desk, world.office.graph) > 0
    assert await world.desk.look(known)
    asked = len(world.tenant.har)
    assert await pull_people(world.desk, world.office.graph) == 0
    assert len(world.tenant.har) == asked, "nobody is new, so Entra ID is not asked again"
    assert (await sample_world(world.desk, START))["users"], "the tenant knows those of the year to come"


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (date(2027, 1, 4), None, ", 28 begin later (the first on 2 November 2026)"),
        (date(2026, 9, 1), date(2026, 9, 30), ", 1 ended before 5 October 2026"),
        (date(2026, 9, 1), None, " gone, 27 begin later"),
    ],
)
def test_an_import_says_what_became_of_every_role(
    bench: Bench, directory: Directory, since: date, until: date | None, said: str
) -> None:
    one = replace(directory.people[0], mail=Mail("new@x.example"), since=since, until=until)
    with bench.desk.work() as work:
        done = import_people(work, [*directory.people, one])
    counts = [int(n) for n in re.findall(r"\d+", done.partition(" gone")[0])]
    assert said in done
    later = sum(p.since > date(2026, 10, 5) for p in (*directory.people, one))
    over = sum(p.until is not None and p.until < date(2026, 10, 5) for p in (*directory.people, one))
    assert counts[0] == counts[1] + counts[2] + later + over
