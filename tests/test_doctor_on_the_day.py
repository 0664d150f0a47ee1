"""What docs/microsoft-facts.md says that `cos doctor` finds on the day: each fault planted by itself, and none cried.

A line of that page that promises it and has no fault here fails the first test.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pytest

from casework import tables
from casework.working_list import LIST
from communities.directory import Directory
from graph_sync.doctor import Finding, Kind
from graph_sync.doctor_attendance import ABOUT as ATTENDANCE
from graph_sync.intake import RESPONSES_LIST, WORKBOOK_NAME
from graph_sync.permissions import permissions
from local_tenant import graph_lists, state
from local_tenant.state import Tenant
from papers.word import template
from service.sample_tenant import AUTUMN, FLOW, FORMS_LIBRARY, SampleForm
from tests.conftest import START, World
from tests.test_attachments import unheard
from tests.test_attendance import HELD_AT, HOUR, a_meeting, senco
from tests.test_behaviours import PAGE
from tests.test_doctor import examined, granted
from tests.test_items_seen import only_own

FORM = SampleForm(AUTUMN)
CHANGED_BY = "amira.yorke@kent.example"


async def lived_in(world: World, directory: Directory) -> World:
    """A tenant where everything that can be looked at has happened once."""
    meeting = await a_meeting(world, directory)
    people = [{"mail": senco(directory, 0), "seconds": 900}]
    await world.hand.hold_meeting(meeting.event_id, HELD_AT, HELD_AT + HOUR, people)
    await world.hand.save_file(FORMS_LIBRARY, WORKBOOK_NAME, FORM.workbook_with(FORM.due(START)), FLOW)
    await world.hand.add_items(RESPONSES_LIST, FLOW, FORM.items(FORM.due(START.replace(year=2027))[:1]))
    await world.office.match_people()
    await world.office.pull()
    await world.carry_out()
    (item,) = (await world.hand.items(LIST))[:1]
    await world.hand.edit_item(LIST, item["id"], CHANGED_BY, {"School": "Another"})
    return world


Plant = Callable[[World, pytest.MonkeyPatch], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is planted, and what is said of it."""

    plant: Plant
    about: str
    kind: Kind
    said: str
    remedy: str


def behaves(**how: bool) -> Plant:
    async def plant(world: World, _: pytest.MonkeyPatch) -> None:
        await world.hand.call("POST", "behaviours", json={k.replace("_", "-"): v for k, v in how.items()})

    return plant


async def no_workbook(world: World, _: pytest.MonkeyPatch) -> None:
    gone = {"by": FLOW, "path": WORKBOOK_NAME, "deleted": True}
    await world.hand.call("POST", f"files/{FORMS_LIBRARY}", json=gone)


async def nobody_named(_: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_lists, "show_editor", lambda *_: {})
    monkeypatch.setattr(graph_lists, "editor_number", lambda *_: "")


async def our_mark_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SharePoint writes other words into a Word file, and says that the system account did."""
    await behaves(office_rewrite_names_system=True)(world, monkeypatch)
    monkeypatch.setattr(state, "rewritten", lambda _: template("papers-pack.docx"))
    world.tenant.office_uploads = 0


async def labelled(_: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Tenant.write_file

    def write(self: Tenant, *args: object) -> object:
        item, is_new = made(self, *args)  # type: ignore[arg-type]
        item.is_labelled = True
        return item, is_new

    monkeypatch.setattr(Tenant, "write_file", write)


async def attachments_lost(_: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph_sync.attachments.upload", unheard)


def without(name: str) -> Plant:
    async def plant(world: World, _: pytest.MonkeyPatch) -> None:
        await granted(world, granted=[p.name for p in permissions() if p.name != name])

    return plant


async def no_policy(world: World, _: pytest.MonkeyPatch) -> None:
    await granted(world, meetings_policy=False)


async def no_report(world: World, _: pytest.MonkeyPatch) -> None:
    for event in world.tenant.events.values():
        event.reports.clear()


async def no_event(world: World, _: pytest.MonkeyPatch) -> None:
    world.tenant.events.clear()


async def no_roster(world: World, _: pytest.MonkeyPatch) -> None:
    for team in world.tenant.teams.values():
        team.has_bot = False


async def nobody_matched(world: World, _: pytest.MonkeyPatch) -> None:
    with world.desk.work() as work:
        work.conn.execute(tables.identities.delete())


async def hidden_items(world: World, _: pytest.MonkeyPatch) -> None:
    await only_own(world, RESPONSES_LIST, is_on=True)


async def columns_of_one_line(world: World, _: pytest.MonkeyPatch) -> None:
    for column in (c for s in world.tenant.sites.values() for x in s.lists.values() for c in x.columns.values()):
        if (column.get("text") or {}).get("allowMultipleLines"):
            column["text"] = {"allowMultipleLines": False}


ONE_LINE = Fault(plant=columns_of_one_line, about="columns of lists", kind=Kind.MISSING, said="255",
                 remedy="List settings")  # fmt: skip
WORKBOOK = Fault(plant=no_workbook, about="workbooks", kind=Kind.MISSING, said="is not there any more",
                 remedy="Open in Excel")  # fmt: skip
EDITORS = Fault(plant=nobody_named, about="edits of lists", kind=Kind.MISSING, said="do not name who saved them",
                remedy="lastModifiedBy")  # fmt: skip
REWRITTEN = Fault(plant=our_mark_lost, about="files as they were sent", kind=Kind.MISSING, said="nobody we know",
                  remedy="whoever maintains CoS Desk")  # fmt: skip
LABELLED = Fault(plant=labelled, about="sensitivity labels", kind=Kind.MISSING, said="cannot be replaced or read",
                 remedy="default label without encryption")  # fmt: skip
NO_VERSIONS = Fault(plant=behaves(library_keeps_versions=False), about="versions of files", kind=Kind.MISSING,
                    said="No versions are kept by", remedy="Create major versions")  # fmt: skip
ATTACHMENTS = Fault(plant=attachments_lost, about="an email with attachments", kind=Kind.UNKNOWN,
                    said="test 5 MB.bin", remedy="Try again")  # fmt: skip
NO_LINK = Fault(plant=behaves(join_link_minutes_later=True), about="a meeting with its link", kind=Kind.UNKNOWN,
                said="has not made the link", remedy="Try again")  # fmt: skip
NOT_GRANTED = Fault(plant=without("Calendars.ReadWrite"), about="Calendars.ReadWrite", kind=Kind.MISSING,
                    said="was refused", remedy="manifests/permissions.md")  # fmt: skip

FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "drive-delta-no-ctag": WORKBOOK,
        "list-delta-no-editor": EDITORS,
        "list-versions-off": Fault(plant=behaves(list_versions_off=True), about="edits of lists", kind=Kind.MISSING,
                                   said="No versions are kept by", remedy="Versioning settings"),
        "item-names-no-editor": EDITORS,
        "forms-in-documents": WORKBOOK,
        "own-items-only": Fault(plant=hidden_items, about="items of lists", kind=Kind.MISSING,
                                said="none of the items that others added", remedy="Read all items"),
        "single-line-of-255": ONE_LINE,
        "single-line-stays": ONE_LINE,
        "single-line-stays-silently": ONE_LINE,
        "office-files-rewritten": REWRITTEN,
        "office-rewrite-names-system": REWRITTEN,
        "check-out-demanded": Fault(plant=behaves(check_out_demanded=True), about="check-out", kind=Kind.MISSING,
                                    said="Check-out is demanded by", remedy="Require documents"),
        "labelled-not-replaced": LABELLED,
        "labelled-read-encrypted": LABELLED,
        "storage-full": Fault(plant=behaves(storage_full=True), about="storage", kind=Kind.MISSING, said="quite full",
                              remedy="storage limit"),
        "library-keeps-versions": NO_VERSIONS,
        "one version of several people": NO_VERSIONS,
        "attachment-session-from-3-mb": ATTACHMENTS,
        "mailbox-request-of-4-mb": ATTACHMENTS,
        "attachment-parts-answered-200": ATTACHMENTS,
        "attachment-size-counts-more": ATTACHMENTS,
        "mailbox-without-teams": Fault(plant=behaves(mailbox_without_teams=True), about="Teams licence",
                                       kind=Kind.MISSING, said="Microsoft Teams Enterprise", remedy="licence"),
        "join-link-after-the-answer": NO_LINK,
        "join-link-minutes-later": NO_LINK,
        "unknown-join-link-404": Fault(plant=no_policy, about="OnlineMeetings.Read.All", kind=Kind.MISSING,
                                       said="No application access policy", remedy="manifests/permissions.md"),
        "attendance-records-paged": Fault(plant=no_policy, about=ATTENDANCE, kind=Kind.MISSING,
                                          said="No application access policy", remedy="New-CsApplicationAccessPolicy"),
        "chat-by-object-id-needs-app": Fault(plant=no_roster, about="teams", kind=Kind.MISSING,
                                             said="does not give the roster", remedy="add it again"),
        "roster-writes-object-id": Fault(plant=nobody_matched, about="teams", kind=Kind.MISSING,
                                         said="is in the directory", remedy="cos provision"),
        "token-keeps-its-permissions": NOT_GRANTED,
        "a managed identity's permissions": NOT_GRANTED,
    }
)  # fmt: skip
"""By the line of the page that promises it."""

BESIDES = MappingProxyType(
    {
        "reports may not be read": Fault(plant=without("OnlineMeetingArtifact.Read.All"), about=ATTENDANCE,
                                         kind=Kind.MISSING, said="refused", remedy="OnlineMeetingArtifact.Read.All"),
        "there is no report": Fault(plant=no_report, about=ATTENDANCE, kind=Kind.UNKNOWN, said="has no report",
                                    remedy="AllowEngagementReport"),
        "the meeting is gone": Fault(plant=no_event, about=ATTENDANCE, kind=Kind.MISSING, said="does not find",
                                     remedy="calendar"),
    }
)  # fmt: skip
"""What the same trials find and no line of the page names."""


def promised() -> list[str]:
    """The lines that say `cos doctor` looks, those that say *the same* as the one before included."""
    found, is_doctors = [], False
    for row in PAGE.read_text("utf-8").splitlines():
        cells = [c.strip() for c in row.split("|")]
        if len(cells) != 7 or cells[1] in ("name", "---"):
            continue
        check = cells[5]
        is_doctors = "cos doctor" in check or (is_doctors and check.startswith("the same"))
        found += [cells[1]] if is_doctors else []
    return found


def test_each_promise_of_the_page_has_its_fault_here() -> None:
    assert set(promised()) == set(FAULTS)


async def test_nothing_is_cried_in_a_tenant_where_all_is_well(world: World, directory: Directory) -> None:
    found = await examined(await lived_in(world, directory))
    assert {about: f.said for about, f in found.items() if f.kind is not Kind.WELL} == {}


DISTINCT = {id(fault): (name, fault) for name, fault in reversed([*FAULTS.items(), *BESIDES.items()])}


@pytest.mark.parametrize("fault", [f for _, f in DISTINCT.values()], ids=[name for name, _ in DISTINCT.values()])
async def test_a_planted_fault_is_named_with_a_remedy_of_one_sentence(
    world: World, directory: Directory, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    await lived_in(world, directory)
    await fault.plant(world, monkeypatch)
    found = await examined(world)
    monkeypatch.undo()
    await granted(world, granted=[p.name for p in permissions()], meetings_policy=True)
    named = found[fault.about]
    assert (named.kind, fault.said in named.said, fault.remedy in named.remedy) == (fault.kind, True, True), named
    assert one_sentence(named), named.remedy


def one_sentence(finding: Finding) -> bool:
    return finding.remedy.endswith(".") and not re.search(r"[.?!] [A-Z]", finding.remedy)


async def test_before_the_first_meeting_no_report_is_tried(world: World) -> None:
    found = (await examined(world))[ATTENDANCE]
    assert (found.kind, "No meeting" in found.said, one_sentence(found)) == (Kind.UNKNOWN, True, True)
