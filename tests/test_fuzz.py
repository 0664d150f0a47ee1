"""Every door with input nobody expects: an answer each time, no crash, no 500, no hang over five seconds, no 400 MB.

A few hundred of each, the same every time; `COS_FUZZ=20000` (`make fuzz`) tries that many, and new ones by `COS_SEED`.
"""

from __future__ import annotations

import json
import os
import random
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, CookieJar, web
from sqlalchemy import select

from bot.behaviours import VERBS
from bot.tab.routes import COOKIE
from bot.turns import TeamEvent
from casework import tables
from casework.directory_record import directory_of
from communities.directory import Directory, Role
from forms_ingest.columns import load_mapping
from forms_ingest.request_for_support import FORM, read_response
from forms_ingest.workbook import gather, open_sheets
from graph_sync.intake import RESPONSES_LIST
from local_tenant.state import SharePointList
from papers.agenda import render_agenda
from papers.minutes_reading import MinutesUnreadable, read_minutes
from papers.sheets import WorkbookUnreadable
from papers.word import TemplateBroken, template
from service.doors import DOORS
from service.sample import RESPONSES, sample
from service.sample_tenant import AUTUMN, FLOW, SampleForm
from service.tab import make_tab
from service.web import make_app
from tests.conftest import START, World, begins, submitted
from tests.nasty import nasty, spoilt, spoilt_bytes, spoilt_zip
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.sample_papers import DOCUMENTS, an_agenda
from tests.test_sync import COMMUNITY, to_the_meeting

TRIES = int(os.environ.get("COS_FUZZ", "0"))
SEED = int(os.environ.get("COS_SEED", "7"))
MOST_ITEMS = 2_000
"""All of them come with one pull, and the tenant and its recording lie in this process's memory as well."""

WITHIN_S = 5.0 if TRIES else PATIENCE_S
"""`make fuzz` has the machine to itself, and is held to five seconds an answer."""

WITHIN_MB = 400
COUNTED: Counter[str] = Counter()
"""How often each door was tried, for `make fuzz`."""


def chances(door: str, few: int) -> Iterator[random.Random]:
    """A generator for each try: the same try is the same input."""
    for number in range(TRIES or few):
        COUNTED[door] += 1
        yield random.Random(f"{SEED}/{door}/{number}")


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """No test here lets this process grow by 400 MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < WITHIN_MB


@pytest.fixture(scope="session", autouse=True)
def told() -> Iterator[None]:
    """What was tried, into a file, where one is asked for."""
    yield
    if out := os.environ.get("COS_FUZZ_OUT"):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        Path(out).write_text(json.dumps({"tries": COUNTED, "slowest_s": SLOWEST, "peak_mb": peak}), "utf-8")


SLOWEST: dict[str, float] = {}


class quickly:
    """What happens within takes five seconds at most."""

    def __init__(self, door: str) -> None:
        self._door = door

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        took = time.monotonic() - self._began
        SLOWEST[self._door] = max(SLOWEST.get(self._door, 0.0), round(took, 2))
        assert took < WITHIN_S


@pytest.fixture
async def served(world: World) -> AsyncIterator[tuple[str, World]]:
    """The whole service over HTTP."""
    runner = web.AppRunner(make_app(world.office, works=False))
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}", world
    await runner.cleanup()


def activities(world: World, directory: Directory) -> list[dict[str, Any]]:
    """One of each kind Teams sends, by somebody the directory knows."""
    mail = directory.people_with(Role.CHAIR, COMMUNITY)[0].mail
    chair = next(u for u in world.tenant.users.values() if u.mail == mail)
    base = {
        "id": "1", "channelId": "msteams", "serviceUrl": world.tenant.service_url, "locale": "en-GB",
        "from": {"id": f"29:{chair.id}", "aadObjectId": chair.id, "name": chair.name},
        "recipient": {"id": "28:bot"},
        "conversation": {"id": f"a:{chair.id}", "conversationType": "personal", "tenantId": world.tenant.id},
        "channelData": {"tenant": {"id": world.tenant.id}},
    }  # fmt: skip
    data = {
        "request_id": "R-2026-0001", "meeting_id": "x", "reason": "r", "amount": 100,
        "responses": "Advice",
        "made_by": "Consensus", "review_on": "2027-02-01", "school": "x", "step": 2, "slot": "1",
        "surgery_id": "S-2026-0001", "task": "FORWARD", "subject": "R-2026-0001", "of.0": "Present", "item.1": "x",
        "booking_id": "1",
    }  # fmt: skip
    pressed = [
        {**base, "type": "invoke", "name": "adaptiveCard/action",
         "value": {"action": {"type": "Action.Execute", "verb": verb, "data": data}, "trigger": "manual"}}
        for verb in VERBS
    ]  # fmt: skip
    extension = {
        "composeExtension/query": {"commandId": "findRequest", "parameters": [{"name": "search", "value": "R-2026"}]},
        "composeExtension/fetchTask": {"commandId": "action", "messagePayload": {"body": {"content": "<p>x</p>"}}},
        "composeExtension/submitAction": {"commandId": "action", "data": {"what": "x", "owner": "y"}},
    }  # fmt: skip
    team = {"id": "19:general", "name": COMMUNITY, "aadGroupId": "g"}
    told = {"team": team, "channel": {"id": "19:x", "name": "x"}, "settings": {"selectedChannel": {"id": "19:chosen"}}}
    in_team = {**base, "conversation": {"id": "19:x;messageid=1", "conversationType": "channel"}}
    of_teams = [
        {**in_team, "type": "installationUpdate", "action": "add", "channelData": told},
        {**in_team, "type": "message", "text": "when is the next meeting", "channelData": told},
        *({**in_team, "type": "conversationUpdate", "channelData": {**told, "eventType": event},
           "membersAdded": [{"id": "29:y", "aadObjectId": chair.id}]} for event in TeamEvent),
    ]  # fmt: skip
    return [
        *of_teams,
        {**base, "type": "message", "text": "what is due this week"},
        {**base, "type": "message", "text": "book a surgery", "value": data, "entities": [{"type": "mention"}]},
        {**base, "type": "installationUpdate", "action": "add"},
        {**base, "type": "conversationUpdate", "membersRemoved": [{"id": "x"}], "membersAdded": [{"id": "28:bot"}]},
        {**base, "type": "event", "name": "application/vnd.microsoft.meetingStart", "value": {"MeetingType": "x"}},
        *({**base, "type": "invoke", "name": name, "value": value} for name, value in extension.items()),
        *pressed,
    ]


@begins(to_the_meeting)
async def test_an_activity_of_any_shape_gets_an_answer(served: tuple[str, World], directory: Directory) -> None:
    _, world = served
    goods, statuses = activities(world, directory), Counter[int]()
    async with ClientSession() as session:
        for chance in chances("activities", 400):
            body = spoilt(chance.choice(goods), chance)
            raw = json.dumps(body).encode("utf-8", "replace")
            raw = spoilt_bytes(raw, chance) if chance.random() < 0.2 else raw
            with quickly("activities"):
                headers = {"Content-Type": "application/json", "X-Forwarded-For": str(chance.random())}
                async with session.post(world.bot_url, data=raw, headers=headers) as response:
                    statuses[response.status] += 1
                    assert response.status < 500, raw[:2_000]
    assert statuses[200] + statuses[201] > 0
    assert statuses[400] > 0


@begins(to_the_meeting)
async def test_a_notification_of_any_shape_gets_an_answer_and_pulls_nothing(served: tuple[str, World]) -> None:
    _, world = served
    good = {"value": [{"subscriptionId": "s", "clientState": "c", "lifecycleEvent": None, "resource": "r"}] * 3}
    url = world.bot_url.replace("/api/messages", "/graph/notifications")
    async with ClientSession() as session:
        for chance in chances("notifications", 300):
            raw = json.dumps(spoilt(good, chance)).encode("utf-8", "replace")
            raw = spoilt_bytes(raw, chance) if chance.random() < 0.3 else raw
            query = {"validationToken": str(nasty(chance))} if chance.random() < 0.1 else {}
            with quickly("notifications"):
                async with session.post(url, data=raw, params=query) as response:
                    assert response.status in (200, 202, 400), raw[:2_000]
    assert not any(e.is_set() for e in world.puller._wanted.values())


@begins(to_the_meeting)
async def test_the_tab_answers_whatever_is_asked_or_sent(
    served: tuple[str, World], directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, world = served
    monkeypatch.setattr("service.doors.DOORS", doors_without_rates())
    sign_in = make_tab(world.office)._sign_in
    roles = (Role.CLERK, Role.SENCO, Role.ADMINISTRATOR, Role.SEN_IA)
    mails = [next(p.mail for p in directory.people if p.role is r) for r in roles]
    people = [u.id for u in world.tenant.users.values() if u.mail in mails]
    paths = [
        "/tab",
        "/tab/desk",
        "/tab/surgeries",
        "/tab/stuck",
        "/tab/request/R-2026-0001",
        "/tab/sign-in",
        "/privacy",
    ]
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        for chance in chances("tab", 300):
            cookie = sign_in.session_for(chance.choice(people), world.clock.now())
            key = sign_in.form_key(cookie)
            cookie = cookie if chance.random() < 0.8 else quote(str(nasty(chance)))[:2_000]
            path = (
                chance.choice(paths) if chance.random() < 0.8 else f"/tab/request/{quote(str(nasty(chance)))[:1_000]}"
            )
            good = {"key": key, "do": "book", "slot": "S-2026-0001/1", "school": "x", "theme": "x", "note": "x",
                    "effect": "x", "reason": "x", "token": "x", "persona": "x", "back": "/tab"}  # fmt: skip
            form = {k: str(v)[:1_000] for k, v in _form(spoilt(good, chance)).items()}
            query = {k: str(nasty(chance))[:500] for k in ("community", "theme", "done") if chance.random() < 0.4}
            with quickly("tab"):
                is_form = chance.random() < 0.5
                asked = session.post if is_form else session.get
                more: dict[str, Any] = {"data": form} if is_form else {}
                async with asked(
                    url + path, params=query, cookies={COOKIE: cookie}, allow_redirects=False, **more
                ) as response:
                    assert response.status < 500, (path, query, form)


def _form(bad: Any) -> dict[str, Any]:
    return bad if isinstance(bad, dict) else {"x": bad}


def plain(value: Any) -> Any:
    """As JSON has it: without numbers that are none."""
    return json.loads(json.dumps(value), parse_constant=lambda _: 0)


def doors_without_rates() -> Any:
    """The doors as they are, but for how often they may be knocked at."""
    return tuple(replace(d, a_second=1e9, at_once=10**9) for d in DOORS)


async def test_list_items_of_any_shape_cost_nobody_elses_answers(world: World) -> None:
    form = SampleForm(AUTUMN)
    good_rows = form.items(form.due(START.replace(year=2027)))
    responses_list = list_in(world, RESPONSES_LIST)
    for chance in islice(chances("list items", 60), MOST_ITEMS // 5):
        items = [spoilt(chance.choice(good_rows), chance) for _ in range(5)]
        items = [i if isinstance(i, dict) else {"Title": "x"} for i in items]
        for item in plain(items):  # past SharePoint's own checks: nothing it may give back stops us
            world.tenant.add_item(responses_list, item, {})
    fine = {**good_rows[0], "ResponseId": 987_654}
    await world.hand.add_items(RESPONSES_LIST, FLOW, [fine])
    with quickly("a pull of list items") if not TRIES else nullcontext():
        await world.office.pull()
    assert await world.desk.look(_is_known, "request-for-support/987654")


def list_in(world: World, name: str) -> SharePointList:
    """The tenant's own list of that name."""
    (found,) = [x for s in world.tenant.sites.values() for x in s.lists.values() if x.display_name == name]
    return found


def _is_known(work: Any, key: str) -> bool:
    responses = tables.responses
    return work.conn.execute(select(responses.c.outcome).where(responses.c.source_key == key)).first() is not None


@begins(to_the_meeting)
async def test_edits_of_the_lists_of_any_shape_are_taken_or_put_back(served: tuple[str, World]) -> None:
    _, world = served
    world.office.graph._limits.units_a_minute = 10**9  # type: ignore[union-attr]  # a minute's budget is soon spent here
    moderator = await world.desk.look(lambda work: directory_of(work).people_with(Role.MODERATOR)[0].mail)
    by = next(u for u in world.tenant.users.values() if u.mail == moderator).identity()
    edited = list_in(world, "Requests for Support")
    [item] = edited.items.values()
    for chance in chances("list edits", 40):
        good = {"FinalAmount": 10.0, "KccModerated": True, "DateProcessed": "2026-11-05T00:00:00Z", "AmountPaid": 1,
                "ModeratedBy": "x", "DatePaid": "2026-11-05T00:00:00Z", "Status": "Paid", "Clerk": 3}  # fmt: skip
        fields = spoilt(good, chance)
        if isinstance(fields, dict):
            item.fields.update(plain(fields))  # past SharePoint's own checks
            world.tenant.touch(item, by, edited.id)
        with quickly("list edits"):
            await world.office.pull()
    await world.carry_out()


def test_answers_of_any_shape_are_read_or_refused_in_words(directory: Directory) -> None:
    outcomes = Counter[str]()
    for chance in chances("answers", 2_000):
        answers = spoilt(submitted(directory), chance)
        if isinstance(answers, dict):
            with quickly("answers"):
                reading = read_response(answers, directory, arrived_at=START)
            outcomes["read" if reading is not None and not reading.problems else "refused"] += 1
    assert outcomes["refused"] > outcomes["read"] / 50


def test_workbooks_with_broken_bytes_are_read_or_refused_in_words(directory: Directory) -> None:
    good, mapping = sample(RESPONSES), load_mapping(FORM)
    for chance in chances("workbooks", 150):
        with quickly("workbooks"):
            try:
                rows = list(gather(open_sheets(spoilt_zip(good, chance), "form.xlsx", mapping)).rows)
            except WorkbookUnreadable as error:
                assert str(error).startswith("form.xlsx")
            else:
                for _, answers in rows[:20]:
                    read_response(answers, directory, arrived_at=START)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_word_files_with_broken_bytes_are_read_or_refused_in_words() -> None:
    minutes, titles, own = DOCUMENTS["minutes.docx"]("text"), ["Welcome", "Requests"], template("agenda.docx")
    for chance in chances("word files", 80):
        with quickly("word files"):
            try:
                read_minutes(spoilt_zip(minutes, chance), titles)
            except MinutesUnreadable as error:
                assert len(str(error)) > 20
            try:
                render_agenda(an_agenda("x"), spoilt_zip(own, chance))
            except TemplateBroken as error:
                assert len(str(error)) > 20
