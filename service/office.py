"""The wiring: settings into a desk, its ports and its engine. What `cos serve`, the demo and the tests all use."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.adapter import BotCredentials, TeamsAdapter
from bot.callers import Callers
from bot.channels import TeamsChannels
from bot.keys import Keys
from bot.notebook import Notebook
from bot.router import make_router
from bot.turns import Handler
from casework import (
    asking_kcc,
    attendance,
    calendar_watch,
    cancel,
    circulate,
    clerk_moves,
    decide,
    documents,
    evaluating,
    form_back,
    form_headings,
    forward,
    hidden_items,
    intake_mail,
    letter_to_school,
    mail_limits,
    meeting_chat,
    minutes_mail,
    minutes_paper,
    minutes_proposals,
    moderate,
    new_tenant,
    nudging,
    papers_sent,
    practitioners,
    question_list,
    report_filing,
    schedule,
    surgery_calendar,
    surgery_feedback,
    surgery_list,
    surgery_mail,
    team_links,
    to_decide,
    told,
    undelivered,
    workbook_trouble,
    working_copies,
    working_list,
    year_end,
)
from casework.desk import Clock, Desk
from casework.each import each
from casework.effects import HANDLERS
from casework.engine import EffectEngine, Outbox
from casework.ports import Ports
from casework.refused import Refusals
from casework.sweep import sweep
from communities.intake import Outcome
from forms_ingest.request_for_support import read_response
from graph_sync.attendance import TeamsMeetings
from graph_sync.calendar import OutlookCalendar
from graph_sync.files import SharePointFiles
from graph_sync.graph import Graph
from graph_sync.intake import pull_list
from graph_sync.limits import Limits
from graph_sync.list_edits import pull_edits
from graph_sync.lists import SharePointLists
from graph_sync.mail import OutlookMail
from graph_sync.people import match_people, pull_people
from graph_sync.provision import provision
from graph_sync.sources import EDITED
from graph_sync.undelivered import pull_undelivered
from graph_sync.word_edits import pull_minutes
from graph_sync.workbooks import pull_workbooks
from service.counting import count_answer, count_refusal
from service.credentials import credential_of
from service.key_sets import fetch_keys
from service.presence import Presence, own_name
from service.record import open_desk
from service.settings import Settings

EFFECT_ROOMS = (
    asking_kcc, attendance, calendar_watch, cancel, circulate, clerk_moves, decide, documents, evaluating, form_back,
    form_headings, forward, hidden_items,
    intake_mail, letter_to_school, mail_limits, meeting_chat, minutes_mail, minutes_paper, minutes_proposals,
    moderate, new_tenant, nudging,
    papers_sent, practitioners, question_list, report_filing, schedule, surgery_calendar, surgery_feedback,
    surgery_list, surgery_mail, team_links, to_decide, told, undelivered, workbook_trouble, working_copies,
    working_list, year_end,
)  # fmt: skip
"""Importing these registers their effects."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything wired together."""

    settings: Settings
    desk: Desk
    outbox: Outbox
    graph: Graph
    adapter: TeamsAdapter
    ports: Ports
    notebook: Notebook
    router: Handler
    """The bot's."""
    refusals: Refusals
    presence: Presence
    """Among other workers; on SQLite there are none."""

    def engine(self) -> EffectEngine:
        """The effects' engine, not started yet."""
        return EffectEngine(
            desk=self.desk,
            ports=self.ports,
            database_url=self.settings.record_url(),
            worker=self.presence.name,
            lease=self.presence.lease,
            poll_s=self.settings.queue_poll_s,
        )

    async def pull(self) -> Counter[Outcome]:
        """Everything that changed in the tenant: responses by both ways, edits in the lists."""
        responses = await each((pull_workbooks, pull_list), lambda pull: pull(self.desk, self.graph))
        edits = await each(EDITED.values(), lambda edited: pull_edits(self.desk, self.graph, edited))
        responses.complain()
        edits.complain()
        return sum(responses.brought.values(), Counter())

    async def pull_minutes(self) -> int:
        """Minutes edited in Word; returns how many were read."""
        return await pull_minutes(self.desk, self.graph)

    async def pull_undelivered(self) -> int:
        """Mails that came back; returns how many were news."""
        return await pull_undelivered(self.desk, self.graph)

    async def provision(self, tell: Callable[[int, int], None]) -> list[str]:
        """The site's lists and libraries; a sentence for each thing that was made."""
        said: list[str] = []
        await provision(self.desk, self.graph, self.settings.site, tell, said)
        return said

    async def match_people(self) -> int:
        """Who is who in Entra ID; returns how many were new."""
        return await match_people(self.desk, self.graph)

    async def pull_people(self) -> int:
        """Who joined; returns how many were found in Entra ID."""
        return await pull_people(self.desk, self.graph)

    async def sweep(self) -> int:
        """What has fallen due."""
        return await asyncio.to_thread(sweep, self.desk)

    async def close(self) -> None:
        """Give everything back."""
        await self.notebook.settle()
        await self.graph.close()
        self.outbox.close()
        self.desk.engine.dispose()


def open_office(settings: Settings, clock: Clock | None = None) -> Office:
    """Everything, with real ports."""
    settings.check()
    assert HANDLERS, EFFECT_ROOMS
    desk, outbox = open_desk(settings, clock)
    is_alone = settings.is_one_process
    name = own_name(is_alone)
    limits = Limits(desk=desk, holder=name, units_a_minute=settings.sharepoint_units, is_alone=is_alone)
    graph = Graph(credential_of(settings), settings.graph_url, limits, count_answer)
    credentials = BotCredentials(
        APP_ID=settings.bot_app_id, APP_PASSWORD=settings.bot_app_password, APP_TENANTID=settings.tenant_id
    )
    adapter = TeamsAdapter(credentials, callers_of(settings))
    ports = Ports(
        lists=SharePointLists(desk, graph),
        files=SharePointFiles(desk, graph),
        calendar=OutlookCalendar(desk, graph),
        meetings=TeamsMeetings(graph),
        mail=OutlookMail(desk, graph),
        channels=TeamsChannels(desk, adapter),
    )
    notebook = Notebook(desk)
    return Office(
        settings=settings, desk=desk, outbox=outbox, graph=graph, adapter=adapter, ports=ports, notebook=notebook,
        router=make_router(desk, read_response, notebook),
        refusals=Refusals(desk, count=count_refusal),
        presence=Presence(desk=desk, outbox=outbox, name=name, is_alone=is_alone),
    )  # fmt: skip


def callers_of(settings: Settings) -> Callers | None:
    """Who may speak to the bot; in local mode everybody on this machine."""
    if not settings.bot_app_id:
        return None
    return Callers(
        app_id=settings.bot_app_id, tenant_id=settings.tenant_id, keys=Keys(lambda: fetch_keys(settings.bot_keys_url))
    )


def counted(taken: Iterable[tuple[Outcome, int]]) -> str:
    """`8 accepted, 2 refused`."""
    return ", ".join(f"{n} {outcome.value}" for outcome, n in sorted(taken)) or "nothing new"
