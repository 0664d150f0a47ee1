"""Mails that come back are told to whoever can mend the address, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from casework import tables
from casework.desk import Work
from casework.ports import MailDraft
from communities.directory import Directory, Role
from graph_sync.undelivered import ABOUT, SOURCE, Sent, ids_of, pull_undelivered, read_report
from service.sample_tenant import DESK
from tests.conftest import World


async def told(world: World) -> list[tuple[str, str]]:
    """Recipient and subject of every mail about an address."""
    return [
        (m["toRecipients"][0]["emailAddress"]["address"], m["subject"])
        for m in await world.hand.call("GET", "mails")
        if "does not arrive" in m["subject"]
    ]


async def returned(world: World, address: str, key: str = "k") -> None:
    """A mail to an address nobody has; the report comes back."""
    await pull_undelivered(world.desk, world.office.graph)
    await world.set_clock(world.clock.now() + timedelta(hours=1))
    draft = MailDraft(key=key, sender=DESK, to=[address], subject="Agenda: ABC", html="h")
    await world.office.ports.mail.send(draft)
    for _ in range(2):
        await pull_undelivered(world.desk, world.office.graph)
        await world.carry_out()


def somebody(directory: Directory, role: Role) -> str:
    """A SENCO or clerk of the first community."""
    community = directory.communities[0]
    of = community.name if role is Role.CLERK else directory.schools_of(community.name)[0].name
    return directory.people_with(role, of)[0].mail


async def gone(world: World, mail: str) -> None:
    """The person's account is closed in the tenant."""
    await world.hand.call("DELETE", f"users/{mail}")


async def test_the_clerk_is_told_of_a_senco_whom_mail_does_not_reach_once(world: World, directory: Directory) -> None:
    senco, clerk = somebody(directory, Role.SENCO), somebody(directory, Role.CLERK)
    await gone(world, senco)
    await returned(world, senco)
    assert await told(world) == [(clerk, f"Mail to {senco} does not arrive")]


async def test_of_the_clerks_own_address_the_desk_is_told(world: World, directory: Directory) -> None:
    clerk = somebody(directory, Role.CLERK)
    await gone(world, clerk)
    await returned(world, clerk)
    assert await told(world) == [(DESK, f"Mail to {clerk} does not arrive")]


async def test_of_an_address_that_is_nobodys_nothing_is_told(world: World) -> None:
    await returned(world, "stranger@kent.example")
    assert await told(world) == []


async def test_an_address_is_told_of_once_a_week_and_the_journal_names_it(world: World, directory: Directory) -> None:
    senco = somebody(directory, Role.SENCO)
    await gone(world, senco)
    await returned(world, senco, "first")
    await returned(world, senco, "second")
    assert len(await told(world)) == 1
    await world.set_clock(world.clock.now() + timedelta(days=7))
    await returned(world, senco, "third")
    assert len(await told(world)) == 2

    def entries(work: Work) -> list[Any]:
        journal = tables.journal
        return [r.details for r in work.conn.execute(journal.select().where(journal.c.command == "mail came back"))]

    assert [d["address"] for d in await world.desk.run("test", entries)] == [senco, senco]


OURS = Sent(subject="Agenda: ABC", recipients=frozenset({"sam@school.example", "a@x.example", "o'neil@y.example"}))


@pytest.mark.parametrize(
    ("content", "addresses"),
    [
        ("<p>Your message to <b>Sam@School.example</b> couldn't be delivered</p>", ("sam@school.example",)),
        ("a&#64;x.example a@x.example, o'neil@y.example.", ("a@x.example", "o'neil@y.example")),
        ("'a@x.example' <a@x.example> mailto:a@x.example", ("a@x.example",)),
        ("ba@x.example, a@x.example.org and whoever@else.example", ()),
        ("", ()),
        ("no address @ all", ()),
        (None, ()),
    ],
)
def test_a_report_is_read_for_our_own_recipients_alone(content: str | None, addresses: tuple[str, ...]) -> None:
    report = read_report({"receivedDateTime": "2026-10-05T07:00:00Z", "body": {"content": content}}, OURS)
    assert (report.addresses, report.subject) == (addresses, "Agenda: ABC")


@pytest.mark.parametrize(
    ("properties", "ids"),
    [
        ([], []),
        ([{"id": ABOUT[0], "value": "<a@b.example>"}], ["<a@b.example>"]),
        ([{"id": ABOUT[1], "value": "<r@b.example> <a@b.example>"}, {"id": ABOUT[0], "value": "<a@b.example>"}],
         ["<a@b.example>", "<r@b.example>"]),
        ([{"id": ABOUT[0], "value": "<a' or true@b>"}, {"id": "String 0x0037", "value": "<a@b.example>"}], []),
        ([{"id": ABOUT[1], "value": " ".join(f"<{n}@b.example>" for n in range(99))}],
         [f"<{n}@b.example>" for n in range(99)]),
        ([{"id": ABOUT[2], "value": None}, {}], []),
    ],
)  # fmt: skip
def test_the_message_a_report_is_about_is_named_by_its_headers(properties: list[Any], ids: list[str]) -> None:
    found = ids_of({"singleValueExtendedProperties": properties})
    assert found == ids if len(ids) <= 3 else (len(found) == 3 and set(found) <= set(ids))


async def test_a_clock_that_was_ahead_for_one_look_loses_no_report(world: World, directory: Directory) -> None:
    senco, ahead = somebody(directory, Role.SENCO), world.clock.now() + timedelta(days=1)
    await gone(world, senco)

    def save(work: Work) -> None:
        row = {"source": SOURCE, "link": ahead.isoformat(), "saved_at": ahead}
        work.conn.execute(tables.sync_links.insert().values(row))

    await world.desk.run("test", save)
    await returned(world, senco)
    assert len(await told(world)) == 1
