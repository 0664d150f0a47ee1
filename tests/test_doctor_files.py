"""`cos doctor` tries a file of its own: each fault planted is named with its remedy, and nothing is left behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kiota_abstractions.method import Method

from casework.errors import Conflict, NeedsAttention
from casework.stuck import ROOM
from graph_sync.doctor import Finding, Kind
from graph_sync.doctor_files import examine_files, remedy_after
from graph_sync.graph import FULL, Answer, Graph
from graph_sync.patience import Forbidden, Locked
from graph_sync.places import all_places
from local_tenant.state import Tenant
from service.doctor import patient_of
from service.doctor_cli import Printed, summed_up
from tests.conftest import World
from tests.test_doctor import examined, granted
from tests.test_filing import files

FINE = {"storage", "sensitivity labels", "files as they were sent", "check-out", "versions of files"}


async def asked(world: World, **behaviours: bool) -> dict[str, Finding]:
    await world.hand.call("POST", "behaviours", json={k.replace("_", "-"): v for k, v in behaviours.items()})
    before = await files(world)
    found = await examined(world)
    assert await files(world) == before, "the trial file was deleted again"
    return found


@pytest.mark.parametrize("when", range(3), ids=["in the upload", "after one request", "after two"])
async def test_with_nothing_wrong_the_files_are_well_however_sharepoint_writes_into_them(
    world: World, when: int
) -> None:
    world.tenant.office_uploads = when
    found = await asked(world)
    assert {about: found[about].kind for about in FINE} == dict.fromkeys(FINE, Kind.WELL)


@pytest.mark.parametrize(
    ("behaviours", "about", "kind", "said", "remedy"),
    [
        ({"storage_full": True}, "storage", Kind.MISSING, "quite full", "Raise the site's storage limit"),
        (
            {"library_keeps_versions": False},
            "versions of files",
            Kind.MISSING,
            "No versions are kept by",
            "Create major",
        ),
        ({"check_out_demanded": True}, "check-out", Kind.MISSING, "Check-out is demanded by", "Require documents"),
    ],
    ids=["no room", "no versions", "check-out"],
)
async def test_what_is_wrong_with_the_libraries_is_named_with_what_to_do(
    world: World, behaviours: dict[str, bool], about: str, kind: Kind, said: str, remedy: str
) -> None:
    found = (await asked(world, **behaviours))[about]
    assert found.kind is kind
    assert said in found.said
    assert remedy in found.remedy


async def test_without_room_the_one_thing_to_do_is_to_make_room(world: World) -> None:
    found = await asked(world, storage_full=True)
    assert found["files"].remedy == "Make room as said above, and run `cos doctor` again."


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NeedsAttention(FULL, ROOM), "Make room"),
        (Forbidden("403"), "give it the role `write`"),
        (Locked("open", 1.0), "Close the file there"),
        (Conflict("changed"), "Close the file there"),
        (NeedsAttention("Something else."), "Do what the reason says"),
    ],
)
def test_what_to_do_follows_from_what_stood_against_it(error: Exception, said: str) -> None:
    assert said in remedy_after(error)


async def test_with_a_role_that_only_reads_the_role_is_named(world: World) -> None:
    await granted(world, site_role="read")
    found = await examined(world)
    assert "give it the role `write`" in found["files"].remedy


@pytest.mark.parametrize("read_encrypted", [True, False])
async def test_a_default_label_that_encrypts_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch, read_encrypted: bool
) -> None:
    made = Tenant.write_file

    def labelled(self: Tenant, *args: object) -> object:
        item, is_new = made(self, *args)  # type: ignore[arg-type]
        item.is_labelled = True
        return item, is_new

    monkeypatch.setattr(Tenant, "write_file", labelled)
    found = (await asked(world, labelled_read_encrypted=read_encrypted))["sensitivity labels"]
    assert found.kind is Kind.MISSING
    assert "default label without encryption" in found.remedy


async def test_every_library_is_tried_and_only_those_with_a_fault_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of fifty-three: the last by name has a label that encrypts, and the one before cannot be written to."""
    with world.desk.work() as work:
        libraries = {k.removeprefix("drive:"): v for k, v in all_places(work).items() if k.startswith("drive:")}
    shut, labelled = sorted(libraries)[-2:]
    made, asked_for, heard = Tenant.write_file, Graph.write, list[str]()

    def label(self: Tenant, drive: object, *args: object) -> object:
        item, is_new = made(self, drive, *args)  # type: ignore[arg-type]
        item.is_labelled = getattr(drive, "id", "") == libraries[labelled]
        return item, is_new

    async def refuse(self: Graph, method: Method, url: str, *args: Any, **more: Any) -> Answer:
        if f"/drives/{libraries[shut]}/" in url:
            raise NeedsAttention("Access is denied.")
        return await asked_for(self, method, url, *args, **more)

    monkeypatch.setattr(Tenant, "write_file", label)
    monkeypatch.setattr(Graph, "write", refuse)
    before = (await world.hand.call("GET", "counts"))["exchanges"]
    with world.desk.work() as work:
        patient = patient_of(work, world.office.settings)
    found = {f.about: f async for f in examine_files(world.office.graph, patient, heard.append)}
    requests = (await world.hand.call("GET", "counts"))["exchanges"] - before
    assert f"A file in '{labelled}' cannot be replaced" in found["sensitivity labels"].said
    assert found["files"].said == f"No file could be tried in '{shut}': Access is denied."
    assert found["files"].remedy == "Do what the reason says, and run `cos doctor` again."
    assert found["check-out"].kind is Kind.WELL
    assert heard[-1].endswith(f"{len(libraries)} of {len(libraries)} …")
    assert requests <= 10 * len(libraries)


def test_no_sentence_is_printed_twice_and_the_sum_names_what_was_not_tried() -> None:
    first = Finding(about="a", kind=Kind.UNKNOWN, said="No.", remedy="Run it.")
    printed = Printed()
    lines = [line for about in "abc" for line in printed.lines(replace(first, about=about))]
    assert lines == ["No.", "Run it.", *["As for 'a' above."] * 4]
    well, wide, missing = (replace(first, about=k.value, kind=k) for k in (Kind.WELL, Kind.WIDE, Kind.MISSING))
    assert summed_up([well]) == "Nothing is missing."
    said = summed_up([well, first, replace(first, about="b"), wide])
    assert said == (
        "Nothing is missing of what could be tried; 2 could not be tried yet: a, b; 1 granted more widely than needed."
    )
    assert summed_up([missing, first]) == "1 missing; 1 could not be tried yet: a."
