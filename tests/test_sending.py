"""Exchange's limits: nothing comes back, newsletters wait, decisions do not, and several mailboxes share."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from casework import tables
from casework.desk import SYSTEM, Mailboxes, Work
from casework.errors import NeedsAttention, TryLater
from casework.mail_limits import limits_near, warn_of_limit
from casework.mail_rate import DAY_MINUTES, LATE_MINUTES, PER_MESSAGE, MailLimits, Taken, first_free, shared
from casework.mail_turns import sent_lately, take_turn, waiting_turns
from casework.ports import MailDraft
from graph_sync.mail import parts_of
from service.clocks import ManualClock
from tests.conftest import START, Bench, World
from tests.test_filing import CLERK, DESK, event

NEWS = "cos.news@kent.example"
MINUTE = timedelta(minutes=1)


def draft(number: int, to: Sequence[str] = (CLERK,), **changed: object) -> MailDraft:
    made = MailDraft(key=f"k{number}", sender=DESK, to=list(to), subject=f"S{number}", html="<p>x</p>")
    return replace(made, **changed)  # type: ignore[arg-type]


def people(count: int) -> list[str]:
    return [f"p{n}@school.example" for n in range(count)]


def returned(world: World) -> int:
    return sum(m.received_at is not None for m in world.tenant.messages.values())


@given(
    st.lists(st.tuples(st.integers(0, 4_000), st.integers(1, 500)), max_size=60),
    st.integers(1, 5), st.integers(500, 2_000),
)  # fmt: skip
@settings(deadline=None)
def test_no_minute_and_no_24_hours_have_more_than_the_limits(
    asked: list[tuple[int, int]], a_minute: int, a_day: int
) -> None:
    limits, taken = MailLimits(a_minute=a_minute, a_day=a_day), dict[int, Taken]()
    for now, recipients in asked:
        minute = first_free(sorted(taken.values(), key=lambda t: t.minute), now, recipients, limits)
        assert minute >= now
        before = taken.get(minute, Taken(minute, 0, 0))
        taken[minute] = Taken(minute, before.messages + 1, before.recipients + recipients)
    assert all(t.messages <= a_minute for t in taken.values())
    for end in taken:
        assert sum(t.recipients for t in taken.values() if end - DAY_MINUTES < t.minute <= end) <= a_day


def take(bench: Bench, key: str, recipients: int = 1, *, can_wait: bool = False) -> datetime:
    with bench.desk.work() as work:
        return take_turn(work, key, [DESK], recipients, can_wait=can_wait).at


def test_newsletters_leave_room_for_decisions_in_the_same_minute(bench: Bench) -> None:
    now = bench.clock.now()
    news = [take(bench, f"n{n}", can_wait=True) for n in range(100)]
    assert news.count(now) == shared(MailLimits(), can_wait=True).a_minute == 21
    assert max(news) == now + 4 * MINUTE
    urgent = [take(bench, f"d{n}") for n in range(10)]
    assert urgent.count(now) == 28 - 21
    assert max(urgent) == now + MINUTE
    assert [take(bench, f"n{n}", can_wait=True) for n in range(100)] == news, "a turn is kept"
    with bench.desk.work() as work:
        assert waiting_turns(work) == 100 - 21 + 3


def test_a_turn_comes_earlier_when_the_clock_was_set_back_and_never_passes_the_limit(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour back, as a machine's clock is corrected: what waits does not wait an hour for it."""
    late = [take(bench, f"d{n}") for n in range(35)]
    assert late[-1] > bench.clock.now()
    now = bench.clock.now() - timedelta(hours=1)
    monkeypatch.setattr(bench.desk, "clock", ManualClock(now))
    assert take(bench, "d34") <= now
    assert [take(bench, f"d{n}") for n in range(35)].count(now.replace(second=0, microsecond=0)) <= 30


def test_what_waited_out_an_outage_is_counted_when_it_goes(bench: Bench) -> None:
    """9,500 recipients had turns when the service went down for 23.5 hours; after the day is over come as many more."""
    begun = bench.clock.now()
    mails = [(f"a{n}", 250) for n in range(38)]
    for key, recipients in mails:
        take(bench, key, recipients)
    bench.clock.set(begun + timedelta(hours=23, minutes=30))
    turns = [take(bench, key, recipients) for key, recipients in mails]
    assert [turns.count(bench.clock.now() + n * MINUTE) for n in range(3)] == [28, 10, 0]
    bench.clock.set(bench.clock.now() + MINUTE)
    assert [take(bench, key, recipients) for key, recipients in mails[28:]] == [bench.clock.now()] * 10
    bench.clock.set(begun + timedelta(hours=24, minutes=10))
    assert take(bench, "b", 1_000) > bench.clock.now() + timedelta(hours=23)


OFTEN = st.lists(st.tuples(st.integers(0, 3 * DAY_MINUTES), st.integers(1, 40), st.booleans()), min_size=1, max_size=40)
AWAY = st.lists(st.tuples(st.integers(0, 3 * DAY_MINUTES), st.integers(1, 2 * DAY_MINUTES)), max_size=3)


@given(OFTEN, AWAY, st.integers(0, LATE_MINUTES))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_over_outages_no_24_hours_and_no_minute_have_more_than_the_limits(
    bench: Bench, asked: list[tuple[int, int, bool]], away: list[tuple[int, int]], lag: int
) -> None:
    """A service that is down now and then and asks up to some minutes late. Of a minute, only what is `LATE_MINUTES`
    late or less comes beside the limit, which Exchange delays.
    """
    bench.desk.mail_limits = MailLimits(a_minute=3, a_day=100)
    begun = bench.clock.now()
    with bench.desk.work() as work:
        work.conn.execute(delete(tables.mail_turns))
    waiting, sent = [(minute, n) for n, (minute, _, _) in enumerate(asked)], list[tuple[int, int]]()
    heapq.heapify(waiting)
    while waiting:
        minute, number = heapq.heappop(waiting)
        if down := [start + length for start, length in away if start <= minute < start + length]:
            heapq.heappush(waiting, (max(down), number))
            continue
        bench.clock.set(begun + minute * MINUTE)
        _, recipients, can_wait = asked[number]
        at = take(bench, f"k{number}", recipients, can_wait=can_wait)
        if at <= bench.clock.now():
            sent.append((minute, recipients))
        else:
            heapq.heappush(waiting, (int((at - begun) / MINUTE) + lag, number))
    for end, _ in sent:
        assert sum(r for minute, r in sent if end - DAY_MINUTES < minute <= end) <= 95
        assert sum(minute == end for minute, _ in sent) <= 2 * (1 + lag)


def test_a_day_of_newsletters_leaves_room_for_decisions_and_administrators_are_warned_once(bench: Bench) -> None:
    now, day = bench.clock.now(), timedelta(days=1)
    news = [take(bench, f"n{n}", 500, can_wait=True) for n in range(15)]
    assert [at < now + day for at in news] == [True] * 14 + [False]
    assert take(bench, "decision", 500) == now
    with bench.desk.work() as work:
        (subject,) = limits_near(work)
        assert (subject, sent_lately(work)) == (f"{DESK}@{work.today}", {DESK: 7_500})
        warn_of_limit(work, subject)
        assert limits_near(work) == []
    assert bench.effects("mail.limit") == [subject]


async def test_the_warning_says_how_much_and_what_to_do(world: World) -> None:
    def fill(work: Work) -> None:
        for number in range(15):
            take_turn(work, f"n{number}", [DESK], 500, can_wait=False)
        warn_of_limit(work, f"{DESK}@{work.today}")

    await world.desk.run(SYSTEM, fill)
    await world.carry_out()
    (mail,) = await world.hand.call("GET", "mails")
    assert mail["subject"] == f"{DESK} has sent to 7,500 of 10,000 recipients"
    assert "COS_SENDING_MAILBOXES" in mail["body"]["content"]


async def test_ten_thousand_recipients_are_never_passed_and_nothing_comes_back(world: World) -> None:
    """35 newsletters of 499 people each and the desk itself: 17,500 recipients, in three days."""
    waited, sent = [], 0
    for day in range(4):
        for number in range(35):
            try:
                await world.office.ports.mail.send(draft(number, people(499), hide_recipients=True, can_wait=True))
            except TryLater as error:
                waited.append((day, error.retry_after_s))
        counts = await world.hand.call("GET", "counts")
        assert counts["mails"] <= 14 * (day + 1) + day
        sent = counts["mails"]
        await world.office.ports.mail.send(draft(100 + day))
        await world.set_clock(world.clock.now() + timedelta(days=1, minutes=1))
    assert sent == 35 + 3
    assert returned(world) == 0
    assert {day for day, _ in waited} == {0, 1}
    assert max(wait for _, wait in waited) <= 2 * 24 * 3600 + 120


@pytest.mark.parametrize("is_refused", [False, True])
async def test_where_others_used_the_mailbox_up_an_email_waits_or_is_told_of(world: World, is_refused: bool) -> None:
    await world.hand.call("POST", "behaviours", json={"over-quota-refused-at-once": is_refused})
    user = world.tenant.user(DESK)
    assert user is not None
    world.tenant.sent_from[user.id] = [(world.clock.now(), 10_000)]
    if is_refused:
        with pytest.raises(TryLater):
            await world.office.ports.mail.send(draft(1))
        await world.set_clock(world.clock.now() + timedelta(days=1, minutes=1))
        await world.office.ports.mail.send(draft(1))
        assert ((await world.hand.call("GET", "counts"))["mails"], returned(world)) == (1, 0)
    else:
        await world.office.pull_undelivered()
        await world.office.ports.mail.send(draft(1))
        assert await world.office.pull_undelivered() == 1


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1_234])
@pytest.mark.parametrize("hides", [False, True])
async def test_an_email_to_any_number_reaches_each_once(world: World, count: int, hides: bool) -> None:
    for _ in range(2):
        await world.office.ports.mail.send(draft(1, people(count), hide_recipients=hides))
    mails = await world.hand.call("GET", "mails")
    kinds = ("toRecipients", "bccRecipients")
    reached = [[r["emailAddress"]["address"] for kind in kinds for r in m.get(kind, [])] for m in mails]
    assert all(len(r) <= PER_MESSAGE for r in reached)
    assert sorted(p for r in reached for p in r if p != DESK) == sorted(people(count))
    assert len({part.key for part in parts_of(draft(1, people(count), hide_recipients=hides))}) == len(mails)


async def test_newsletters_go_from_the_other_mailbox_and_answers_come_to_the_desk(world: World) -> None:
    await world.hand.call("POST", "world", json=WITH_NEWS)
    world.desk.mailboxes = Mailboxes(desk=DESK, others=(NEWS,))
    await world.office.ports.mail.send(draft(1, can_wait=True))
    await world.office.ports.mail.send(draft(2))
    for _ in range(2):  # found again in whichever it is
        await world.office.ports.mail.send(draft(1, can_wait=True))
    sent = [(world.tenant.users[m.mailbox].mail, m.body) for m in world.tenant.messages.values() if not m.is_draft]
    assert [(mailbox, body["subject"]) for mailbox, body in sent] == [(NEWS, "S1"), (DESK, "S2")]
    assert sent[0][1]["replyTo"] == [{"emailAddress": {"address": DESK}}]
    assert "replyTo" not in sent[1][1]


WITH_NEWS = {
    "now": START.isoformat(),
    "site": "/sites/communities",
    "users": [{"name": n, "mail": m} for n, m in (("Desk", DESK), ("News", NEWS), ("Clerk", CLERK))],
}


async def test_a_full_mailbox_lends_its_decisions_to_the_other(world: World) -> None:
    await world.hand.call("POST", "world", json=WITH_NEWS)
    world.desk.mailboxes = Mailboxes(desk=DESK, others=(NEWS,))

    def fill(work: Work) -> None:
        for number in range(19):
            take_turn(work, f"n{number}", [DESK], 500, can_wait=False)

    await world.desk.run(SYSTEM, fill)
    await world.office.ports.mail.send(draft(1))
    (message,) = world.tenant.messages.values()
    assert world.tenant.users[message.mailbox].mail == NEWS


async def test_what_came_back_to_another_mailbox_is_told_too(world: World) -> None:
    await world.hand.call("POST", "world", json=WITH_NEWS)
    world.desk.mailboxes = Mailboxes(desk=DESK, others=(NEWS,))
    await world.office.pull_undelivered()
    await world.hand.call("DELETE", f"users/{CLERK}")
    await world.office.ports.mail.send(draft(1, can_wait=True))
    assert await world.office.pull_undelivered() == 1


async def test_more_people_than_outlook_invites_are_said(world: World) -> None:
    with pytest.raises(NeedsAttention, match="for 501 people; Outlook invites at most 500"):
        await world.office.ports.calendar.create(event(attendees=people(501)))
    await world.office.ports.calendar.create(event(attendees=people(500), key="m2"))


async def test_a_years_invitations_are_spread_and_a_cancellation_is_not(world: World) -> None:
    made = await world.office.ports.calendar.create(event(attendees=people(400), can_wait=True))
    waits = 0
    for number in range(20):
        try:
            await world.office.ports.calendar.create(event(key=f"y{number}", attendees=people(400), can_wait=True))
        except TryLater:
            waits += 1
    assert waits == 21 - 17
    await world.office.ports.calendar.cancel(DESK, made.id, "off")
