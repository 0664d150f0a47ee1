"""One mail in the form of a delivery report: once it held the event loop for 22 seconds, again at every start, or made
the desk write to every clerk with a stranger's words in the subject.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from communities.directory import Directory
from graph_sync.undelivered import (
    ABOUT,
    ADDRESSES,
    MESSAGE_CLASS,
    REPORT,
    REPORT_CHARACTERS,
    Sent,
    pull_undelivered,
    read_report,
)
from local_tenant.state import Message
from service.sample_tenant import DESK
from tests.conftest import World
from tests.test_sending import draft
from tests.test_undelivered import told

THEIRS = "URGENT: your account ends, sign in at https://kent-gov.example.evil/login"
AT = "2026-10-05T07:00:00Z"


def forged(world: World, content: str, about: str) -> None:
    """What an outsider's report is in the inbox."""
    tenant, user = world.tenant, world.tenant.user(DESK)
    assert user is not None
    body = {
        "subject": THEIRS, "body": {"contentType": "html", "content": content},
        "singleValueExtendedProperties": [
            {"id": MESSAGE_CLASS, "value": REPORT}, *({"id": name, "value": about} for name in ABOUT),
        ],
    }  # fmt: skip
    report = Message(tenant.new_opaque_id("report"), user.id, body, False, tenant.now())
    report.received_at = tenant.now()
    tenant.messages[report.id] = report


def everybody(directory: Directory) -> list[str]:
    """Every address of the directory."""
    return sorted({p.mail.casefold() for p in directory.people})


async def sent_to(world: World, addresses: list[str]) -> str:
    """A mail of the desk's to them; its internet message id, which every recipient knows."""
    await world.office.ports.mail.send(draft(1, addresses))
    message = next(m for m in world.tenant.messages.values() if m.sent_at and m.received_at is None)
    return f"<{message.id[:40]}@{world.tenant.domain}>"


@pytest.mark.parametrize("about", ["", "<made-up@evil.example>", "<a' or 'a' eq 'a>", "<" * 50_000, "x" * 50_000])
async def test_a_report_about_nothing_we_sent_makes_nobody_write(
    about: str, world: World, directory: Directory
) -> None:
    await pull_undelivered(world.desk, world.office.graph)
    forged(world, " ".join(everybody(directory)), about)
    assert await pull_undelivered(world.desk, world.office.graph) == 0
    await world.carry_out()
    assert await told(world) == []


async def test_a_report_about_a_mail_of_ours_names_its_recipients_alone_and_our_own_subject(
    world: World, directory: Directory
) -> None:
    await pull_undelivered(world.desk, world.office.graph)
    people = everybody(directory)
    about = await sent_to(world, people[:30])
    forged(world, " ".join(people), about)
    assert await pull_undelivered(world.desk, world.office.graph) == ADDRESSES
    await world.carry_out()
    mails = [m for m in await world.hand.call("GET", "mails") if "does not arrive" in m["subject"]]
    assert len(mails) == ADDRESSES
    assert {m["subject"].split()[2] for m in mails} <= set(people[:30])
    assert all("evil" not in str(m) and "What we sent: S1" in m["body"]["content"] for m in mails)


async def test_what_fails_in_a_report_is_not_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await pull_undelivered(world.desk, world.office.graph)
    forged(world, "x", await sent_to(world, ["sam@school.example"]))
    tries = []

    def fails(message: dict[str, Any], sent: Sent) -> None:
        tries.append(sent)
        raise RuntimeError("a report nobody thought of")

    with monkeypatch.context() as patched:
        patched.setattr("graph_sync.undelivered.read_report", fails)
        with pytest.raises(RuntimeError):
            await pull_undelivered(world.desk, world.office.graph)
    await world.set_clock(world.clock.now() + timedelta(minutes=30))
    assert await pull_undelivered(world.desk, world.office.graph) == 0
    assert len(tries) == 1


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "<" * 1_000_000, "a@" * 500_000, "a.a@a." * 160_000, "&#" + "9" * 1_000_000 + ";",
     "&#64;" * 200_000, "'" * 1_000_000, "é" * 1_000_000],
)  # fmt: skip
def test_a_report_of_a_megabyte_is_read_no_further_than_the_first_of_it(text: str) -> None:
    sent = Sent(subject="S", recipients=frozenset({"last@x.example", "first@x.example"}))
    message = {"receivedDateTime": AT, "body": {"content": f"first@x.example {text} last@x.example"}}
    assert read_report(message, sent).addresses == ("first@x.example",)
    assert len(text) > REPORT_CHARACTERS
