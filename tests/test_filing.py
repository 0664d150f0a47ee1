"""Files, events and mails as Graph keeps them: edited papers, large uploads, the Teams block, limits and batches."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from kiota_abstractions.method import Method

from casework.errors import Conflict, NeedsAttention
from casework.ports import Attachment, EventDraft, MailDraft
from casework.working_list import KEY, LIST
from graph_sync.calendar import OutlookCalendar
from graph_sync.limits import Limits, Resource, resource_of
from graph_sync.lists import SharePointLists
from graph_sync.quick_xor import quick_xor_hash
from local_tenant.state import quick_xor_hash as tenants_own
from tests.conftest import START, World
from tests.patience import PATIENCE_S

DESK = "cos.desk@kent.example"
CLERK = "morgan.vale@kent.example"
LARGE = bytes(range(256)) * 20_000


def event(**changed: Any) -> EventDraft:
    values: dict[str, Any] = {
        "key": "m1", "organiser": DESK, "subject": "ABC", "body_html": "<div>Submissions close on Monday</div>",
        "starts_at": START, "ends_at": START + timedelta(hours=2), "attendees": [CLERK], **changed,
    }  # fmt: skip
    return EventDraft(**values)


async def files(world: World) -> dict[str, int]:
    found: dict[str, int] = (await world.hand.call("GET", "counts"))["files"]
    return found


@pytest.mark.parametrize("content", [b"", b"H", b"x" * 159, b"y" * 160, b"z" * 161, LARGE[:70_001]])
def test_sharepoints_hash_is_the_same_by_two_ways(content: bytes) -> None:
    assert quick_xor_hash(content) == tenants_own(content)


def test_sharepoints_hash_of_one_byte_is_the_known_one() -> None:
    assert quick_xor_hash(b"\x48") == "SAAAAAAAAAAAAAAAAQAAAAAAAAA="


async def test_a_paper_a_person_edited_stays_and_the_new_version_stands_beside_it(world: World) -> None:
    port = world.office.ports.files
    await port.put("ABC", "Minutes/m.docx", b"first")
    ours = await port.put("ABC", "Minutes/m.docx", b"second")
    assert (ours.is_beside, await files(world)) == (False, {"ABC/Minutes/m.docx": 2})
    await world.hand.save_file("ABC", "Minutes/m.docx", b"edited by hand", CLERK)
    for _ in range(2):
        assert (await port.put("ABC", "Minutes/m.docx", b"third")).is_beside
    assert await port.read("ABC", "Minutes/m.docx") == b"edited by hand"
    assert len(await files(world)) == 2


async def test_a_paper_of_ours_that_was_renamed_is_replaced_where_it_is(world: World) -> None:
    port = world.office.ports.files
    await port.put("ABC", "Minutes/m.docx", b"first")
    await world.hand.call("POST", "files/ABC", json={"by": CLERK, "path": "Minutes/m.docx", "to": "Old/n.docx"})
    await port.put("ABC", "Minutes/m.docx", b"second")
    assert await files(world) == {"ABC/Old/n.docx": 2}


async def test_a_file_that_was_there_before_us_is_not_overwritten(world: World) -> None:
    await world.hand.save_file("ABC", "a.docx", b"theirs", CLERK)
    assert (await world.office.ports.files.put("ABC", "a.docx", b"ours")).is_beside
    assert await world.office.ports.files.read("ABC", "a.docx") == b"theirs"


async def test_a_large_file_goes_up_in_one_request(world: World) -> None:
    """An upload session's `If-Match` is refused at times though the tag is right; one PUT takes up to 250 MB."""
    port = world.office.ports.files
    for content in (LARGE, LARGE + b"x"):
        await port.put("ABC", "large.bin", content)
        assert await port.read("ABC", "large.bin") == content
    assert await files(world) == {"ABC/large.bin": 2}
    asked = (await world.hand.call("GET", "har"))["log"]["entries"]
    assert not [e for e in asked if "createUploadSession" in e["request"]["url"]]


async def test_a_mail_with_a_large_attachment_is_sent_once(world: World) -> None:
    pack = Attachment(name="pack.docx", content_type="application/octet-stream", content=LARGE)
    note = Attachment(name="note.txt", content_type="text/plain", content=b"small")
    draft = MailDraft(key="k", sender=DESK, to=[CLERK], subject="Papers", html="<p>x</p>", attachments=[note, pack])
    for _ in range(2):
        await world.office.ports.mail.send(draft)
    (mail,) = await world.hand.call("GET", "mails")
    assert [a["name"] for a in mail["attachments"]] == ["note.txt", "pack.docx"]


async def test_a_mailbox_that_does_not_exist_is_named_with_what_to_do(world: World) -> None:
    draft = MailDraft(key="k", sender="nobody@kent.example", to=[CLERK], subject="x", html="<p>x</p>")
    with pytest.raises(NeedsAttention, match=r"nobody@kent.example does not exist .* mend COS_MAILBOX"):
        await world.office.ports.mail.send(draft)


async def test_a_moved_meeting_keeps_its_teams_link_and_says_the_new_dates(world: World) -> None:
    calendar = OutlookCalendar(world.desk, world.office.graph)
    made = await calendar.create(event())
    later = event(starts_at=START + timedelta(days=7), ends_at=START + timedelta(days=7, hours=2),
                  body_html="<div>Submissions close on Friday</div>")  # fmt: skip
    for _ in range(2):
        await calendar.move(made.id, later)
    url = world.office.graph.url("users", DESK, "events", made.id)
    answer = await world.office.graph.get(url)
    assert answer is not None
    shown = answer.json()
    assert shown["onlineMeeting"]["joinUrl"] == made.join_url
    assert "close on Friday" in shown["body"]["content"]
    assert "close on Monday" not in shown["body"]["content"]
    assert shown["body"]["content"].count("me-email-text") == 1


async def test_a_cancelled_event_is_cancelled_once_and_frees_its_people(world: World) -> None:
    calendar = OutlookCalendar(world.desk, world.office.graph)
    made = await calendar.create(event(room="room1@kent.example"))
    week = (START - timedelta(days=1), START + timedelta(days=6))
    busy = await calendar.busy(DESK, [CLERK, "guest@school.example"], *week)
    assert busy == {CLERK: ((START, START + timedelta(hours=2)),)}
    for _ in range(2):
        await calendar.cancel(DESK, made.id, "The chair is ill.")
    assert await calendar.busy(DESK, [CLERK], *week) == {CLERK: ()}


async def test_patches_of_one_moment_travel_in_one_batch_and_each_has_its_answer(world: World) -> None:
    lists = SharePointLists(world.desk, world.office.graph)
    items = [await lists.ensure(LIST, KEY, {KEY: f"R-{n}"}) for n in range(25)]
    await world.hand.edit_item(LIST, items[7].id, CLERK, {"School": "Somebody's"})
    before = (await world.hand.call("GET", "counts"))["exchanges"]
    answers = await asyncio.gather(
        *(lists.patch(LIST, item, {"School": f"School {n}"}) for n, item in enumerate(items)), return_exceptions=True
    )
    exchanges = (await world.hand.call("GET", "counts"))["exchanges"] - before
    assert [n for n, a in enumerate(answers) if isinstance(a, BaseException)] == [7]
    assert isinstance(answers[7], Conflict)
    assert 2 <= exchanges - 25 <= 4  # batches; the tenant records what they hold as well


@pytest.mark.parametrize(
    ("method", "url", "resource"),
    [
        ("GET", "/v1.0/users/Desk@x/messages?$filter=x", Resource("mailbox:desk@x", at_once=4)),
        ("POST", "/v1.0/users/d/events/1/cancel", Resource("mailbox:d", at_once=4)),
        ("GET", "/v1.0/sites/s/lists/l/items/delta?token=abc", Resource("sharepoint", units=1)),
        ("GET", "/v1.0/sites/s/lists/l/items/delta?$expand=fields", Resource("sharepoint", units=2)),
        ("PUT", "/v1.0/drives/d/root:/a:/content", Resource("sharepoint", units=2)),
        ("GET", "/v1.0/users?$top=9", Resource("graph")),
    ],
)
def test_a_request_counts_against_its_own_limit(method: str, url: str, resource: Resource) -> None:
    assert resource_of(method, url) == resource


async def test_two_workers_together_send_a_mailbox_four_requests_at_once(world: World) -> None:
    workers = [Limits(desk=world.desk, holder=f"w{n}") for n in range(2)]
    resource, now, most = Resource("mailbox:x", at_once=4), 0, 0

    async def one(limits: Limits) -> None:
        nonlocal now, most
        async with limits.turn(resource):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1

    await asyncio.gather(*(one(workers[n % 2]) for n in range(24)))
    assert 1 < most <= 4


async def test_two_workers_share_one_minutes_budget(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph_sync.limits.CHUNK", 4)
    workers = [Limits(desk=world.desk, holder=f"w{n}", units_a_minute=20) for n in range(2)]
    resource, sent = Resource("sharepoint-test", units=2), 0

    async def spend(limits: Limits) -> None:
        nonlocal sent
        while True:
            async with limits.turn(resource):
                sent += 1

    running = [asyncio.create_task(spend(w)) for w in workers]
    async with asyncio.timeout(PATIENCE_S):
        while sent < 10:  # noqa: ASYNC110  a number of this test's own
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert sent in (10, 20)  # twice as many where a minute began meanwhile


async def test_a_mailbox_takes_no_more_than_four_at_once_and_nothing_is_lost(world: World) -> None:
    await world.hand.call("POST", "faults", json={"faults": "slow=0.05s"})
    drafts = [MailDraft(key=f"k{n}", sender=DESK, to=[CLERK], subject=f"{n}", html="<p>x</p>") for n in range(12)]
    await asyncio.gather(*(world.office.ports.mail.send(d) for d in drafts))
    met = await world.hand.call("POST", "faults", json={"faults": ""})
    assert met.get("mailbox", 0) == 0
    assert len(await world.hand.call("GET", "mails")) == 12


async def test_a_clock_set_back_an_hour_keeps_no_turn_taken_and_no_pause_going(world: World) -> None:
    """The worker that held all four turns died; the pause and the budget are of the clock as it was."""
    later, now = 1_800_003_600.0, 1_800_000_000.0
    mailbox, sharepoint = Resource("mailbox:y", at_once=4), Resource("sharepoint-y", units=2)
    dead = Limits(desk=world.desk, holder="dead", clock=lambda: later, units_a_minute=60)
    for _ in range(4):
        await dead.turn(mailbox).__aenter__()
    async with dead.turn(sharepoint):
        await dead.heard(sharepoint, 429, {}, 600.0)
        await dead.heard(mailbox, 429, {}, 600.0)
    async with asyncio.timeout(PATIENCE_S):
        limits = Limits(desk=world.desk, holder="w", clock=lambda: now, units_a_minute=60)
        async with limits.turn(mailbox), limits.turn(sharepoint):
            pass


async def test_a_clock_a_few_seconds_behind_respects_the_turns_of_others(world: World) -> None:
    ahead = Limits(desk=world.desk, holder="ahead", clock=lambda: 1_800_000_005.0)
    behind = Limits(desk=world.desk, holder="behind", clock=lambda: 1_800_000_000.0)
    mailbox = Resource("mailbox:z", at_once=1)
    async with ahead.turn(mailbox):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3), behind.turn(mailbox):
                pass


async def test_a_low_rest_slows_the_client_before_it_is_told_to_stop(world: World) -> None:
    limits = Limits(desk=world.desk, holder="w")
    headers = {"ratelimit-limit": "100", "ratelimit-remaining": "9", "ratelimit-reset": "2"}
    await limits.heard(Resource("graph"), 200, headers, 0.0)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with limits.turn(Resource("graph")):
        assert 0.15 <= loop.time() - began < 1.0


async def test_what_the_application_was_not_granted_is_refused_in_words(world: World) -> None:
    await world.hand.call("POST", "permissions", json={"granted": ["Mail.Send"]})
    with pytest.raises(NeedsAttention, match="refused the application"):
        await world.office.pull()
    await world.hand.call("POST", "permissions", json={"granted": None})
    await world.office.graph.write(Method.POST, world.office.graph.url("users", DESK, "messages"), {"subject": "x"})
