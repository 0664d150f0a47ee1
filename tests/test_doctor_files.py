"""`cos doctor` tries a file of its own: each fault planted is named with its remedy, and nothing is left behind."""

from __future__ import annotations

import pytest

from casework.errors import Conflict, NeedsAttention
from casework.stuck import ROOM
from graph_sync.doctor import Finding, Kind
from graph_sync.doctor_files import remedy_after
from graph_sync.graph import FULL
from graph_sync.patience import Forbidden, Locked
from local_tenant.state import Tenant
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
        ({"library_keeps_versions": False}, "versions of files", Kind.MISSING, "keeps no versions", "Create major"),
        ({"check_out_demanded": True}, "check-out", Kind.WIDE, "demands check-out", "Require documents"),
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
        (Forbidden("403"), "the role `write` on the site"),
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
    assert "the role `write` on the site" in found["files"].remedy


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
