"""A report is sent only if every signature was given under what is sent, in whatever order people save and sign."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
from docx import Document
from sqlalchemy import select

from casework import tables
from casework.desk import Work
from casework.directory_record import directory_of
from casework.effects import EffectState, attempt
from casework.errors import AlreadyDone
from casework.report_filing import path_of
from casework.reporting import SIGNS, report_id, report_row, sign_report
from communities.directory import Role
from communities.reports import ReportKind
from tests.conftest import World, begins
from tests.test_filed_papers import mails
from tests.test_reports import DUE, drafted
from tests.test_sync import COMMUNITY
from tests.word_check import text_of

FIRST = "What schools ask for"
"""What the draft says where people write."""


@dataclass(kw_only=True)
class Signing:
    """One community's report, with what each signer had before them when they pressed the button."""

    world: World
    community: str
    text: str = FIRST
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def report(self) -> str:
        return report_id(ReportKind.KIT, DUE, self.community)

    def person(self, role: Role) -> str:
        with self.world.desk.work() as work:
            return directory_of(work).people_with(role, self.community)[0].mail

    async def sign(self, role: Role) -> None:
        by = self.person(role)
        with self.world.desk.work() as work, suppress(AlreadyDone):
            sign_report(work, self.report, by)
            self.shown[SIGNS[role]] = self.text

    async def save(self, text: str) -> None:
        with self.world.desk.work() as work:
            path = path_of(report_row(work, self.report))
        lists = (x for s in self.world.tenant.sites.values() for x in s.lists.values())
        drive = next(x.drive for x in lists if x.display_name == self.community)
        content = next(i.content for i in drive.items.values() if drive.path_of(i) == path)
        document = Document(io.BytesIO(content))
        next(p for p in document.paragraphs if self.text in p.text).text = text
        out = io.BytesIO()
        document.save(out)
        await self.world.hand.save_file(self.community, path, out.getvalue(), self.person(Role.CLERK))
        self.text = text

    async def lock(self, *, is_open: bool) -> None:
        with self.world.desk.work() as work:
            path = path_of(report_row(work, self.report))
        said = {"by": self.person(Role.CLERK), "path": path, "locked": is_open}
        await self.world.hand.call("POST", f"files/{self.community}", json=said)

    async def seal(self) -> None:
        """What waits for this report is tried once."""
        for effect in await self.world.desk.run("test", _waiting, self.report):
            await attempt(self.world.desk, self.world.office.ports, effect)

    def sent(self) -> str:
        """What was sent; '' while nothing is."""
        with self.world.desk.work() as work:
            row = report_row(work, self.report)
            return text_of(row.content) if row.sent_at else ""

    async def later(self) -> None:
        await self.world.set_clock(self.world.clock.now() + timedelta(minutes=1))


def _waiting(work: Work, report: str) -> list[str]:
    effects = tables.effects
    asked = select(effects.c.id).where(effects.c.state == EffectState.WAITING, effects.c.subject.startswith(report))
    return list(work.conn.execute(asked.order_by(effects.c.id)).scalars())


@begins(drafted)
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("is_open", [True, False])
async def test_what_the_chair_never_saw_is_not_sent_in_their_name(world: World, is_open: bool) -> None:
    one = Signing(world=world, community=COMMUNITY)
    await one.save("As read by both")
    await one.later()
    await one.sign(Role.CLERK)
    await one.seal()
    if is_open:
        await one.lock(is_open=True)
    await one.sign(Role.CHAIR)
    if is_open:
        await one.seal()
        await one.lock(is_open=False)
    await one.save("Never seen by the chair")
    await one.later()
    await one.seal()
    await world.carry_out()
    again = await mails(world, "Please sign again")
    asked = {r["emailAddress"]["address"] for m in again for r in m["toRecipients"]}  # type: ignore[attr-defined]
    assert asked == {one.person(Role.CLERK), one.person(Role.CHAIR)}
    for mail in again:
        assert "Before: 'As read by both'. Now: 'Never seen by the chair'." in str(mail["body"]).replace("&#x27;", "'")
    await one.sign(Role.CLERK)
    await world.carry_out()
    assert not one.sent()
    await one.sign(Role.CHAIR)
    await world.carry_out()
    assert "Never seen by the chair" in one.sent()


@begins(drafted)
@pytest.mark.usefixtures("impatient")
async def test_every_signature_was_given_under_what_is_sent(world: World) -> None:
    """Any order of signing, saving, opening and sealing, some of it within one second; each community is one order."""
    with world.desk.work() as work:
        names = [str(c.name) for c in directory_of(work).communities]
    chance, asked = Random(20261116), 0
    for name in names[:24]:
        one = Signing(world=world, community=name)
        for number in range(9):
            match chance.choice(["clerk", "chair", "save", "open", "close", "seal", "seal"]):
                case "clerk":
                    await one.sign(Role.CLERK)
                case "chair":
                    await one.sign(Role.CHAIR)
                case "save" if not one.sent():
                    await one.save(f"Version {number} of {name}.")
                case "open" | "close" as done:
                    await one.lock(is_open=done == "open")
                case _:
                    await one.seal()
            if chance.random() < 0.6:
                await one.later()
            assert_as_signed(one)
        await one.lock(is_open=False)
        for role in (None, Role.CLERK, Role.CHAIR, Role.CLERK):
            await one.later()
            if role:
                await one.sign(role)
            await world.carry_out()
            assert_as_signed(one)
        assert one.sent(), name
        asked += len(await mails(world, f"Please sign again: KiT report November 2026 of {name}"))
    assert asked > 12


def assert_as_signed(one: Signing) -> None:
    """Both were shown what was sent."""
    if sent := one.sent():
        assert all(text in sent for text in one.shown.values()), (one.community, one.shown)
