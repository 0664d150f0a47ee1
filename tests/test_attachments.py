"""A mail goes out with its papers, whole and once each, however Outlook takes them."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from typing import Any

import pytest

from casework.errors import NeedsAttention, TryLater
from casework.ports import Attachment, MailDraft
from graph_sync.attachments import compare
from graph_sync.graph import Graph
from graph_sync.mail import OutlookMail
from graph_sync.uploads import FRAGMENT
from local_tenant.behaviours import BEHAVIOURS
from tests.conftest import World
from tests.test_lost_answers import Line, as_the_engine_would, line

__all__ = ["line"]
DESK, CLERK = "cos.desk@kent.example", "morgan.vale@kent.example"
SIZES = (0, 700_000, 700_001, 2_097_151, 2_097_152, 3_000_000, 3_000_001, 3_145_611, 3_145_728, 5_000_000)
"""Around each size that Microsoft's page or somebody's measurement names."""


def paper(size: int, name: str = "") -> Attachment:
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    return Attachment(name=name or f"paper {size}.bin", content_type="application/octet-stream", content=content)


def draft(*papers: Attachment) -> MailDraft:
    return MailDraft(key="k", sender=DESK, to=[CLERK], subject="Papers", html="<p>x</p>", attachments=papers)


def arrived(world: World) -> list[dict[str, bytes]]:
    """The papers of every mail that was sent."""
    return [
        {a["name"]: b64decode(a.get("contentBytes", "")) for a in m.body.get("attachments", [])}
        for m in world.tenant.messages.values()
        if not m.is_draft
    ]


@pytest.mark.parametrize("is_as_measured", [False, True], ids=["as the page says", "as others measured"])
@pytest.mark.parametrize("sizes", [*((s,) for s in SIZES), (1_500_000, 1_500_001), SIZES[:6], (*SIZES[6:], 10)])
async def test_papers_of_every_size_arrive_whole(world: World, sizes: tuple[int, ...], is_as_measured: bool) -> None:
    await world.hand.call("POST", "behaviours", json={"attachment-session-from-3-mb": not is_as_measured})
    papers = [paper(s) for s in sizes]
    for _ in range(2):
        await world.office.ports.mail.send(draft(*papers))
    assert arrived(world) == [{p.name: p.content for p in papers}]


@pytest.mark.parametrize("name", [n for n in BEHAVIOURS if "attachment" in n or "mailbox" in n])
async def test_papers_arrive_with_each_behaviour_off(world: World, name: str) -> None:
    await world.hand.call("POST", "behaviours", json={name: False})
    papers = [paper(100), paper(2_900_000), paper(4_000_000)]
    await world.office.ports.mail.send(draft(*papers))
    assert arrived(world) == [{p.name: p.content for p in papers}]


LOST = (
    ("POST", "/attachments"), ("POST", "createUploadSession"), ("PUT", "_upload"), ("GET", "/attachments"),
    ("POST", "/send"),
)  # fmt: skip


@pytest.mark.parametrize("lose", LOST, ids=lambda lost: " ".join(lost))
@pytest.mark.parametrize("has_status", [False, True])
async def test_an_answer_lost_on_the_way_leaves_each_paper_once(
    world: World, line: tuple[Line, Graph], lose: tuple[str, str], has_status: bool
) -> None:
    proxy, graph = line
    await world.hand.call("POST", "behaviours", json={"attachment-session-without-status": not has_status})
    papers = [paper(100), paper(2_900_000), paper(2_900_000, "another.bin"), paper(FRAGMENT * 4)]
    proxy.lose = [lose] * 2
    await as_the_engine_would(lambda: OutlookMail(world.desk, graph).send(draft(*papers)))
    assert proxy.lost == (1 if "/send" in lose else 2)  # a mail that is sent is not sent again
    assert arrived(world) == [{p.name: p.content for p in papers}]
    assert (await world.hand.call("GET", "counts"))["drafts"] == 0


async def unheard(*_: Any) -> None:
    """An upload of which nothing arrives."""
    await asyncio.sleep(0)


async def test_a_mail_whose_papers_are_not_all_there_is_not_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Outlook answered: nothing leaves until its own list of attachments says so."""
    monkeypatch.setattr("graph_sync.attachments.upload", unheard)
    with pytest.raises(TryLater, match=r"'large\.bin'"):
        await world.office.ports.mail.send(draft(paper(10), paper(4_000_000, "large.bin")))
    assert arrived(world) == []
    monkeypatch.undo()
    await world.office.ports.mail.send(draft(paper(10), paper(4_000_000, "large.bin")))
    assert [set(m) for m in arrived(world)] == [{"paper 10.bin", "large.bin"}]


def test_what_is_smaller_than_was_sent_is_wrong_and_what_is_larger_is_whole() -> None:
    wanted = paper(1000)
    there = [{"id": "1", "name": wanted.name, "size": 999}, {"id": "2", "name": "other", "size": 5}]
    assert compare([wanted], there) == ([wanted], ["1", "2"])
    assert compare([wanted, wanted], [{**there[0], "size": 1237}]) == ([wanted], [])


async def test_an_attachment_that_was_cut_short_is_replaced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = paper(4_000_000, "large.bin")
    monkeypatch.setattr("graph_sync.attachments.upload", unheard)
    with pytest.raises(TryLater):
        await world.office.ports.mail.send(draft(paper(10), whole))
    monkeypatch.undo()
    (message,) = world.tenant.messages.values()
    message.body["attachments"].append({"id": "cut", "name": whole.name, "contentBytes": "AAAA"})
    await world.office.ports.mail.send(draft(paper(10), whole))
    assert [m[whole.name] for m in arrived(world)] == [whole.content]
    assert len(message.body["attachments"]) == 2


async def test_a_mail_too_large_for_exchange_is_said_with_its_size(world: World) -> None:
    with pytest.raises(NeedsAttention, match=r"'Papers' has 40.0 MB .* 35 MB"):
        await world.office.ports.mail.send(draft(paper(20_000_000), paper(20_000_000, "b.bin")))
    assert arrived(world) == []
    await world.hand.call("POST", "behaviours", json={"message-of-35-mb": False})
    await world.office.ports.mail.send(draft(paper(20_000_000), paper(20_000_000, "b.bin")))
    assert len(arrived(world)) == 1
