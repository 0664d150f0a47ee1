"""One turn of chat against an echo on the same adapter, fifty conversations at once; and what holds the loop.

`python -m benchmarks.turns` prints the ratio of both p99 (aim: at most 1.3) and the longest callback (aim: 20 ms): its
own work (the thread's processor time) and by the wall, where it also waits for a processor that others use. A second
echo runs on the SDK's adapter as it comes, which makes its clients anew at every turn; ours keeps them.
The bot runs in a process of its own; the messages come from here, and its answers are taken here.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, TCPConnector, web
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity

from bot.adapter import BotCredentials, TeamsAdapter
from bot.notebook import Notebook
from bot.router import make_router
from bot.turns import Reply, Turn
from casework import tables
from casework.desk import insert_once
from casework.directory_record import directory_of, import_people
from communities.directory import Role
from forms_ingest.request_for_support import read_response
from service.pauses import shorten_pauses

CONVERSATIONS, TURNS, ROUNDS, WARM = 50, 20, 5, 3
SENTENCES = (
    "when is the next meeting", "whats the deadline", "show my requests", "who is our link SEN IA",
    "what actions are open", "what are the agreed principles", "thanks", "order me a pizza",
    "and for Canterbury S3?", "who do approved forms go to",
)  # fmt: skip
HOST = "127.0.0.1"
KINDS = ("sdk", "echo", "bot")


def fill(folder: Path) -> Any:
    """A desk with the sample county, a year of meetings, and everybody known to Entra ID by their mail."""
    from benchmarks.ingest import desk_in
    from papers.people_workbook import read_people
    from service.sample import PEOPLE, sample

    desk = desk_in(folder)
    with desk.work() as work:
        directory = directory_of(work)
        people, _ = read_people(sample(PEOPLE), PEOPLE, directory)
        import_people(work, people)
        mails = sorted({p.mail.casefold() for p in people})
        work.conn.execute(insert_once(work.conn, tables.identities), [{"aad_object_id": m, "mail": m} for m in mails])
    return desk


async def serve(folder: Path, port: int) -> None:
    """Both bots on one adapter, and a watch on the loop."""
    desk = fill(folder)
    adapter, router = TeamsAdapter(BotCredentials()), make_router(desk, read_response, Notebook(desk))
    as_it_comes = CloudAdapter(ConfigurationBotFrameworkAuthentication(BotCredentials(APP_TYPE="MultiTenant")))
    lags: list[tuple[float, float]] = []

    async def echo(turn: Turn) -> Reply:
        return Reply(text=turn.text)

    async def on_echo(request: web.Request) -> web.Response:
        return await adapter.receive(request, echo)

    async def on_bot(request: web.Request) -> web.Response:
        return await adapter.receive(request, router)

    async def sdk_echo(context: Any) -> None:
        await context.send_activity(context.activity.text)

    async def on_sdk(request: web.Request) -> web.Response:
        activity = Activity().deserialize(await request.json())
        await as_it_comes.process_activity(request.headers.get("Authorization", ""), activity, sdk_echo)
        return web.Response(status=201)

    async def on_lag(_request: web.Request) -> web.Response:
        walls, works = zip(*lags, strict=True) if lags else ((0.0,), (0.0,))
        lags.clear()
        return web.json_response({"held": max(walls), "worked": max(works)})

    async def on_people(_request: web.Request) -> web.Response:
        with desk.work() as work:
            sencos = [p.mail.casefold() for p in directory_of(work).people if p.role is Role.SENCO]
        return web.json_response(sencos[:CONVERSATIONS])

    app = web.Application()
    for path, handler in (("/sdk", on_sdk), ("/echo", on_echo), ("/bot", on_bot)):
        app.router.add_post(path, handler)
    app.router.add_get("/lag", on_lag)
    app.router.add_get("/people", on_people)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    shorten_pauses()
    watch(lags)
    await asyncio.Event().wait()


def watch(seconds: list[tuple[float, float]]) -> None:
    """How long each callback holds the loop, and works; its waiting behind others is not held against it."""
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began, worked = time.perf_counter(), time.thread_time()
        run(handle)
        seconds.append((time.perf_counter() - began, time.thread_time() - worked))

    asyncio.Handle._run = timed  # type: ignore[method-assign]  # the one place all callbacks pass


async def take(_request: web.Request) -> web.Response:
    """Teams' side: every answer of the bot is taken at once."""
    return web.json_response({"id": "1"}, status=201)


async def talk(session: ClientSession, url: str, mail: str, teams: str, turns: int) -> list[float]:
    """One conversation, one message after the other; seconds each."""
    found = []
    for number in range(turns):
        activity = {
            "type": "message", "id": f"{number}", "text": SENTENCES[number % len(SENTENCES)], "channelId": "msteams",
            "serviceUrl": teams, "from": {"id": f"29:{mail}", "aadObjectId": mail}, "recipient": {"id": "28:cos-desk"},
            "conversation": {"id": f"chat-{mail}", "conversationType": "personal"},
        }  # fmt: skip
        began = time.perf_counter()
        async with session.post(url, json=activity) as response:
            await response.read()
            assert response.status < 300, await response.text()
        found.append(time.perf_counter() - began)
    return found


def p99(seconds: list[float]) -> float:
    """The hundredth of them that is slowest begins here."""
    return statistics.quantiles(seconds, n=100)[98]


async def measure(folder: Path, port: int, teams_port: int) -> None:
    """In turns, so that a noisy machine hits both; the median of the rounds' ratios counts."""
    taking = web.Application()
    taking.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(taking)
    await runner.setup()
    await web.TCPSite(runner, HOST, teams_port).start()
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "benchmarks.turns", "serve", str(folder), str(port)
    )
    base, teams = f"http://{HOST}:{port}", f"http://{HOST}:{teams_port}/"
    try:
        async with ClientSession(connector=TCPConnector(limit=0)) as session:
            people = await known_people(session, base)
            rounds: list[dict[str, Any]] = []
            for number in range(ROUNDS + 1):
                row: dict[str, Any] = {}
                for kind in KINDS:
                    turns = TURNS if number else WARM
                    await (await session.get(f"{base}/lag")).read()
                    spent = await asyncio.gather(*(talk(session, f"{base}/{kind}", m, teams, turns) for m in people))
                    row[kind] = [s for one in spent for s in one]
                    row[f"{kind} lag"] = await (await session.get(f"{base}/lag")).json()
                if number:
                    rounds.append(row)
    finally:
        bot.terminate()
        await bot.wait()
        await runner.cleanup()
    report(rounds)


async def known_people(session: ClientSession, base: str) -> list[str]:
    """Fifty SENCOs, once the bot listens."""
    for _ in range(300):
        try:
            async with session.get(f"{base}/people") as response:
                return list(await response.json())
        except ClientConnectionError:
            await asyncio.sleep(0.2)
    raise SystemExit("The bot never listened.")


def spoken(seconds: list[float], lag: dict[str, float]) -> str:
    """`p50 360 ms, p99 600 ms, loop held 12 ms, of it at work 9 ms`."""
    p50, held, worked = statistics.median(seconds), lag["held"], lag["worked"]
    return (
        f"p50 {p50 * 1e3:.0f} ms, p99 {p99(seconds) * 1e3:.0f} ms, "
        f"loop held {held * 1e3:.0f} ms, of it at work {worked * 1e3:.0f} ms"
    )


def report(rounds: list[dict[str, Any]]) -> None:
    """One line a round and one for all."""
    for row in rounds:
        print("  ".join(f"{kind}: {spoken(row[kind], row[f'{kind} lag'])}" for kind in KINDS))
    ratio, sdk_ratio = (statistics.median(p99(r["bot"]) / p99(r[kind]) for r in rounds) for kind in ("echo", "sdk"))
    longest = {
        (bot, what): statistics.median(r[f"{bot} lag"][what] for r in rounds) * 1e3
        for bot in KINDS
        for what in ("worked", "held")
    }
    print(
        f"p99 of a turn over p99 of an echo, {CONVERSATIONS} conversations at once: median ratio {ratio:.2f} "
        f"(aim: at most 1.3), over one on the SDK's adapter as it comes {sdk_ratio:.2f}; longest callback on the loop: "
        f"at work {longest['bot', 'worked']:.0f} ms (aim: 20), by the wall {longest['bot', 'held']:.0f} ms; "
        f"of the echo's {longest['echo', 'worked']:.0f} and {longest['echo', 'held']:.0f} ms"
    )


def main() -> None:
    """The measurement, or with `serve FOLDER PORT` the bot it measures."""
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(Path(sys.argv[2]), int(sys.argv[3])))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), 38_411, 38_412))


if __name__ == "__main__":
    main()
