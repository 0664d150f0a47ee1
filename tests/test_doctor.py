"""Permissions: those listed are those used, each is tried by `cos doctor`, and each way to sign in is found."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from azure.identity.aio import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from kiota_abstractions.method import Method

from casework.desk import Work
from casework.effects import IS_FIRST_TRY
from casework.errors import NeedsAttention
from casework.ports import Attachment, EventDraft, MailDraft
from casework.working_list import LIST
from communities.directory import Directory, Role
from graph_sync.doctor import ROLE_WRITE, TRIALS, Finding, Kind
from graph_sync.doctor_attendance import ABOUT as ATTENDANCE
from graph_sync.doctor_outlook import PROBES
from graph_sync.mail import message_body
from graph_sync.permissions import OPEN, SHUT, as_markdown, is_listed, permissions
from graph_sync.places import all_places, drive_key
from service.credentials import FEDERATED_TOKEN, IDENTITY_ENDPOINT, credential_kind, credential_of
from service.doctor import examine_office
from service.sample_tenant import AUTUMN, DESK, SampleForm
from service.settings import Settings
from tests.conftest import START, World, Worlds, calls_of
from tests.requests_listed import lines, requests_of
from tests.test_attachments import unheard
from tests.test_attendance import HELD_AT, HOUR, a_meeting, senco, swept
from tests.test_bot import person
from tests.test_conventions import ROOT
from tests.test_sync import deliver


def few_places(work: Work) -> dict[str, str]:
    """Two libraries of the county's fifty: each costs eight requests."""
    places = all_places(work)
    libraries = sorted(key for key in places if key.startswith(drive_key("")))
    return {key: place for key, place in places.items() if key not in libraries[2:]}


async def examined(world: World) -> dict[str, Finding]:
    """What the doctor finds, by what it is about."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.doctor.all_places", few_places)
        return {f.about: f async for f in examine_office(world.office)}


async def granted(world: World, **changed: Any) -> None:
    await world.hand.call("POST", "permissions", json=changed)


async def test_with_what_the_manifest_lists_the_doctor_finds_nothing_missing_or_too_wide(world: World) -> None:
    form = SampleForm(AUTUMN)
    await deliver(world, form.due(START.replace(year=2027))[:1], form)
    await world.office.pull()
    await world.carry_out()
    found = await examined(world)
    assert {about for about, f in found.items() if f.kind is not Kind.WELL} == {ATTENDANCE}, "no meeting was held yet"
    assert {p.name for p in permissions()} <= set(found)
    assert await world.hand.call("GET", "uploads") == {"open": 0}, "the upload session was closed again"


@pytest.mark.parametrize("name", [p.name for p in permissions()])
async def test_each_permission_that_is_missing_is_named_with_its_remedy(world: World, name: str) -> None:
    await granted(world, granted=[p.name for p in permissions() if p.name != name])
    found = await examined(world)
    missing = {about for about, f in found.items() if f.kind is Kind.MISSING}
    wide = {"OnlineMeetings.Read.All"} if name == "User.ReadBasic.All" else set()
    assert name in missing
    assert missing - {name} <= wide, "without users, the organiser's id is not known"
    assert name in found[name].remedy
    assert "manifests/permissions.md" in found[name].remedy
    await granted(world, granted=[p.name for p in permissions()])


async def test_a_site_that_is_only_read_is_said_to_lack_its_role(world: World) -> None:
    await granted(world, site_role="read")
    found = await examined(world)
    assert found["Sites.Selected"].kind is Kind.MISSING
    assert "createUploadSession" in found["Sites.Selected"].said
    assert found["Sites.Selected"].remedy == ROLE_WRITE


async def test_what_is_open_and_should_be_shut_is_said(world: World) -> None:
    await granted(world, mailboxes=None, granted=[*(p.name for p in permissions()), "Sites.ReadWrite.All"])
    found = await examined(world)
    assert {about for about, f in found.items() if f.kind is Kind.WIDE} == {"other mailboxes", "other sites"}


async def test_a_mailbox_that_is_not_there_and_a_policy_that_is_missing_are_said(world: World) -> None:
    world.office.settings.mailbox = "nobody@kent.example"
    await granted(world, meetings_policy=False)
    found = await examined(world)
    assert "nobody@kent.example" in found["mailbox"].said
    assert found["OnlineMeetings.Read.All"].kind is Kind.MISSING
    assert "No application access policy" in found["OnlineMeetings.Read.All"].said


async def test_a_way_in_that_leads_nowhere_is_said(world: World) -> None:
    world.office.settings.public_url = "http://127.0.0.1:9"
    assert (await examined(world))["notifications"].kind is Kind.MISSING


async def test_a_community_without_a_team_and_a_team_without_a_roster_are_said(world: World) -> None:
    clerk = await person(world, Role.CLERK, "ABC")
    found = (await examined(world))["teams"]
    assert "Every community has its team; " in found.said
    assert "; 0 of" not in found.said
    await world.hand.call("POST", "teams/ABC/archive", json={"by": clerk})
    found = (await examined(world))["teams"]
    assert (found.kind, found.said) == (Kind.MISSING, "One community has no team to post in: 'ABC'.")
    assert "cos teams list" in found.remedy
    for team in world.tenant.teams.values():
        team.has_bot = False
    assert "Teams does not give the roster" in (await examined(world))["teams"].said


async def test_an_expired_token_is_asked_for_anew_and_nothing_is_lost(world: World) -> None:
    await world.office.match_people()
    await world.hand.call("POST", "tokens/expire")
    assert await world.office.match_people() == 0
    refused = [e for e in (await world.hand.call("GET", "har"))["log"]["entries"] if e["response"]["status"] == 401]
    assert len(refused) == 1


async def test_every_call_that_is_listed_is_made(world: World, directory: Directory, worlds: Worlds) -> None:
    ports, library = world.office.ports, directory.communities[0].name
    meeting, person = await a_meeting(world, directory), senco(directory, 0)
    await world.hand.hold_meeting(
        meeting.event_id, HELD_AT, HELD_AT + HOUR, [{"mail": senco(directory, 0), "seconds": 900}] * 60
    )
    await swept(world, HELD_AT + 2.5 * HOUR)
    form = SampleForm(AUTUMN)
    await deliver(world, form.due(START.replace(year=2027))[:3], form)
    await world.office.pull()
    await world.carry_out()
    with world.desk.work() as work:
        work.effect("list.write", "R-2026-0001#again")
    await world.hand.edit_item(LIST, "1", person, {"School": "Another"})
    await world.carry_out()
    await world.hand.call("DELETE", f"lists/{quote(LIST)}/columns/DeskNote")
    await world.office.provision(lambda *_: None)
    for content in (b"a", b"b" * 2):
        await ports.files.put(library, "small.txt", content)
        await ports.files.put(library, "large.bin", content + bytes(5_000_000))
    await ports.files.read(library, "small.txt")
    await world.hand.call("POST", f"files/{library}", json={"by": DESK, "path": "small.txt", "to": "other.txt"})
    await ports.files.put(library, "small.txt", b"c" * 3)
    await ports.files.put(library, "small.txt", b"c" * 3)
    await world.hand.call("POST", "behaviours", json={"put-ignores-if-match": True, "check-out-demanded": True})
    await ports.files.put(library, "checked-in.txt", b"c")
    saved = {"by": DESK, "path": "other.txt", "saves": base64.b64encode(b"theirs").decode()}
    await world.hand.call("POST", f"files/{library}", json=saved)
    await ports.files.put(library, "small.txt", b"d" * 4)
    large = Attachment(name="a.bin", content_type="application/octet-stream", content=b"x" * 4_000_000)
    mail = MailDraft(key="k", sender=DESK, to=[DESK], subject="s", html="h", attachments=[large])
    await ports.mail.send(mail)
    papers = [replace(large, name=f"{n}.bin", content=b"x" * 2_000_000) for n in range(3)]
    begun, wanted = (replace(mail, key="k2", attachments=some) for some in (papers[:1], papers[1:]))
    await world.office.graph.write(Method.POST, world.office.graph.url("users", DESK, "messages"), message_body(begun))
    IS_FIRST_TRY.set(False)  # as at the second, with what the first one left
    await ports.mail.send(wanted)
    draft = EventDraft(
        key="e", organiser=DESK, subject="s", body_html="b", starts_at=START, ends_at=START + timedelta(hours=1),
        attendees=[DESK],
    )  # fmt: skip
    made = await ports.calendar.create(draft)
    await ports.calendar.move(made.id, draft)
    await ports.calendar.coming(DESK, START, START + timedelta(days=1))
    await ports.calendar.read(DESK, made.id)
    await ports.calendar.cancel(DESK, made.id, "off")
    await ports.calendar.busy(DESK, [DESK], START, START + timedelta(hours=1))
    await world.office.pull_undelivered()
    await ports.mail.send(replace(mail, key="k3", to=[f"nobody@{DESK.partition('@')[2]}"], attachments=()))
    await world.office.pull_undelivered()
    await world.puller.tend()
    await examined(world)
    made_once = {"log": {"entries": worlds.templates[None].traffic}}
    calls = calls_of(await world.hand.call("GET", "har"), with_refused=True) | calls_of(made_once)
    seen = {is_listed(method, path) for method, path in calls}
    used: dict[str, set[str]] = {}
    for har in (await world.hand.call("GET", "har"), made_once):
        for _, call, options in requests_of(har, with_refused=True):
            used.setdefault(call, set()).update(options)
    stale = {call: sorted(line.options - used[call]) for call, line in lines().items() if call in used}
    assert {call: names for call, names in stale.items() if names} == {}, "an option of the page nobody uses"
    listed = {call for p in permissions() for call in p.calls} | set(SHUT)
    assert listed - seen == set()
    assert {"POST /$batch"} <= seen
    assert set(OPEN) - seen <= {"PATCH /subscriptions/{id}", "DELETE /subscriptions/{id}", "GET /subscriptions"}


def test_the_page_of_permissions_is_the_manifest_in_words() -> None:
    assert (ROOT / "manifests" / "permissions.md").read_text("utf-8") == as_markdown()
    assert set(TRIALS) == {p.name for p in permissions()}


def certificate(folder: Path) -> Path:
    """A certificate with its key, as an administrator makes one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CoS Desk")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1)).sign(
        key, hashes.SHA256()
    )
    path = folder / "desk.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def test_the_safest_credential_there_is_signs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (FEDERATED_TOKEN, IDENTITY_ENDPOINT):
        monkeypatch.delenv(name, raising=False)
    ids = {"tenant_id": "11111111-1111-1111-1111-111111111111", "client_id": "22222222-2222-2222-2222-222222222222"}
    secret = Settings(**ids, client_secret="s")  # type: ignore[arg-type]
    with_certificate = secret.model_copy(update={"client_certificate": certificate(tmp_path)})
    for settings, kind in (
        (Settings(), ManagedIdentityCredential), (secret, ClientSecretCredential),
        (with_certificate, CertificateCredential),
    ):  # fmt: skip
        async with credential_of(settings) as credential:
            assert isinstance(credential, kind)
    (tmp_path / "token").write_text("t")
    monkeypatch.setenv(FEDERATED_TOKEN, str(tmp_path / "token"))
    async with credential_of(with_certificate) as credential:
        assert isinstance(credential, WorkloadIdentityCredential)
    monkeypatch.setenv(IDENTITY_ENDPOINT, "http://127.0.0.1/msi")
    monkeypatch.setenv("IDENTITY_HEADER", "h")
    async with credential_of(with_certificate) as credential:
        assert isinstance(credential, ManagedIdentityCredential)
    monkeypatch.delenv(IDENTITY_ENDPOINT)
    assert credential_kind(secret.model_copy(update={"managed_identity": True})) == "a managed identity"


def test_a_certificate_that_cannot_be_used_is_said_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FEDERATED_TOKEN, raising=False)
    (tmp_path / "c.pem").write_text("nothing")
    settings = Settings(tenant_id="t" * 36, client_id="c", client_certificate=tmp_path / "c.pem")
    with pytest.raises(NeedsAttention, match=r"c\.pem cannot be used"):
        credential_of(settings)


def not_well(found: dict[str, Finding]) -> set[str]:
    """What of the mailbox's trials is not as it should be."""
    return {about for about in PROBES if found[about].kind is not Kind.WELL}


async def test_a_mailbox_without_teams_is_named_with_the_licence(world: World) -> None:
    await world.hand.call("POST", "behaviours", json={"mailbox-without-teams": True})
    found = await examined(world)
    assert not_well(found) == {"Teams licence", "a meeting with its link"}
    assert "Microsoft Teams Enterprise" in found["Teams licence"].said
    assert found["Teams licence"].remedy


async def test_attachments_that_do_not_arrive_are_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph_sync.attachments.upload", unheard)
    found = await examined(world)
    assert not_well(found) == {"an email with attachments"}
    assert "'test 5 MB.bin'" in found["an email with attachments"].said


async def test_what_the_doctor_tries_with_the_mailbox_is_taken_back(world: World) -> None:
    await examined(world)
    assert await world.hand.call("GET", "events") == []
    (mail,) = await world.hand.call("GET", "mails")
    assert "You can delete this email" in mail["subject"]
