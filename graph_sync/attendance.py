"""The port `OnlineMeetings`: a Teams meeting's attendance reports, one a session, with guests resolved.

Microsoft's surprises: the path takes the organiser's object id, not the address; the list of reports holds no records;
a guest's `emailAddress` may be a UPN (`name_school.org#EXT#@tenant`), which is no address; reports come late.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from casework.errors import NeedsAttention
from communities.attendance import Seen
from graph_sync.graph import Graph
from graph_sync.people import SELECT, address_of, addresses_of

IDS_AT_ONCE = 15
"""Microsoft Graph takes at most 15 values in an `in` filter of users."""


class TeamsMeetings:
    """Teams meetings of an organiser's mailbox."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._ids: dict[str, str] = {}

    async def attendance(
        self, organiser: str, join_url: str, begins_at: datetime, ends_at: datetime
    ) -> Sequence[Seen] | None:
        """Who was there between two moments, each person once, their sessions added up; None: no report yet."""
        meeting = await self._find(organiser, join_url)
        if meeting is None:
            return None
        reports = ("users", await self._id_of(organiser), "onlineMeetings", meeting["id"], "attendanceReports")
        during = [
            r
            for r in await self._all(*reports)
            if _moment(r["meetingStartDateTime"]) < ends_at and _moment(r["meetingEndDateTime"]) > begins_at
        ]
        if not during:
            return None
        return await self._seen([await self._records(*reports, report["id"]) for report in during])

    async def people_in_last_report(self, organiser: str, join_url: str) -> int | None:
        """How many the newest report names; None: no report yet. `NeedsAttention` where Teams knows no such meeting."""
        meeting = await self._find(organiser, join_url)
        if meeting is None:
            raise NeedsAttention("Teams does not find the meeting by its link.")
        path = ("users", await self._id_of(organiser), "onlineMeetings", meeting["id"], "attendanceReports")
        reports = await self._all(*path)
        if not reports:
            return None
        newest = max(reports, key=lambda report: _moment(report["meetingEndDateTime"]))
        return len(await self._records(*path, newest["id"]))

    async def chat_of(self, organiser: str, join_url: str) -> str:
        """The thread of the meeting's chat; empty where Teams knows no such meeting or may not be asked."""
        try:
            meeting = await self._find(organiser, join_url)
        except NeedsAttention:
            return ""
        return str(((meeting or {}).get("chatInfo") or {}).get("threadId") or "")

    async def _find(self, organiser: str, join_url: str) -> Mapping[str, Any] | None:
        """The meeting of a link, long or short; None where there is none: an empty list, or 404."""
        quoted = join_url.replace("'", "''")
        meetings = ("users", await self._id_of(organiser), "onlineMeetings")
        with _said_with_its_remedy():
            url = self._graph.url(*meetings, query={"$filter": f"JoinWebUrl eq '{quoted}'"})
            answer = await self._graph.get(url, may_miss=True)
        found = answer.json()["value"] if answer else []
        return found[0] if found else None

    async def _id_of(self, mailbox: str) -> str:
        if mailbox not in self._ids:
            self._ids[mailbox] = (await self._read("users", mailbox, query={"$select": "id"}))["id"]
        return self._ids[mailbox]

    async def _records(self, *report: str) -> list[Mapping[str, Any]]:
        """The records of a session, those on further pages included."""
        found = await self._read(*report, query={"$expand": "attendanceRecords"})
        records: list[Mapping[str, Any]] = list(found["attendanceRecords"])
        if more := found.get("attendanceRecords@odata.nextLink"):
            records += [record async for page in self._graph.pages(more) for record in page["value"]]
        return records

    async def _seen(self, sessions: Sequence[Sequence[Mapping[str, Any]]]) -> Sequence[Seen]:
        people = by_person(sessions)
        known = await self._users([key for key in people if re.fullmatch(r"[0-9a-fA-F-]{36}", key)])
        return [_person(theirs, known.get(key, {})) for key, theirs in joined(people, known).items()]

    async def _users(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        found = {}
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ", ".join(f"'{i}'" for i in ids[start : start + IDS_AT_ONCE])
            query = {"$filter": f"id in ({some})", "$select": SELECT}
            found.update({user["id"]: user for user in (await self._read("users", query=query))["value"]})
        return found

    async def _all(self, *segments: str) -> list[Mapping[str, Any]]:
        with _said_with_its_remedy():
            return [one async for page in self._graph.pages(self._graph.url(*segments)) for one in page["value"]]

    async def _read(self, *segments: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        with _said_with_its_remedy():
            answer = await self._graph.get(self._graph.url(*segments, query=query))
        assert answer is not None
        return answer.json()


class AttendanceRefused(NeedsAttention):
    """Teams does not let the application read attendance; `remedy` says what an administrator does."""

    def __init__(self, said: str, remedy: str) -> None:
        super().__init__(f"Teams does not let CoS Desk read attendance: {said} {remedy} Until then the clerk takes the "
                         "register.")  # fmt: skip
        self.remedy = remedy


POLICY = (
    "An administrator gives the desk's mailbox an application access policy of Teams (New-CsApplicationAccessPolicy, "
    "then Grant-CsApplicationAccessPolicy: manifests/permissions.md), which counts after up to 30 minutes."
)
PERMISSIONS = (
    "An administrator grants the permissions OnlineMeetings.Read.All and OnlineMeetingArtifact.Read.All "
    "(manifests/permissions.md)."
)


@contextmanager
def _said_with_its_remedy() -> Iterator[None]:
    try:
        yield
    except NeedsAttention as error:
        if "(403" in str(error):
            lacks_policy = "application access policy" in str(error).casefold()
            raise AttendanceRefused(f"{str(error).rstrip('.')}.", POLICY if lacks_policy else PERMISSIONS) from error
        raise


def by_person(sessions: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, list[Mapping[str, Any]]]:
    """Each person's records of all sessions, by their id, or by their address in lower case where there is no id.

    Who has neither (by telephone, or as a guest by name alone) has a record of their own in a session: two of one name
    there are two people. From session to session the first of a name is taken for the first, the second for the second.
    """
    people: dict[str, list[Mapping[str, Any]]] = {}
    for records in sessions:
        namesakes: Counter[str] = Counter()
        for record in records:
            identity = record.get("identity") or {}
            name = str(identity.get("displayName") or "")
            namesakes[name] += 1
            key = identity.get("id") or _address(record) or f"{name}#{namesakes[name]}"
            people.setdefault(str(key), []).append(record)
    return people


def joined(
    people: Mapping[str, list[Mapping[str, Any]]], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[Mapping[str, Any]]]:
    """The same, with what names an address alone under the id that has it: in Entra ID, or in another session."""
    by_address = {mail: key for key, records in people.items() for mail in _addresses_of_id(key, records, known)}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for key, records in people.items():
        found.setdefault(by_address.get(key, key), []).extend(records)
    return found


def _addresses_of_id(
    key: str, records: Sequence[Mapping[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Every address of somebody with an id; nothing of whoever has none."""
    if (records[0].get("identity") or {}).get("id"):
        yield from (mail.casefold() for mail in addresses_of(known.get(key, {})))
        yield from (mail for r in records if (mail := _address(r)))


def _address(record: Mapping[str, Any]) -> str:
    """The record's address as it is compared; empty where it has none."""
    return address_of(str(record.get("emailAddress") or "")).casefold()


def _person(records: Sequence[Mapping[str, Any]], user: Mapping[str, Any]) -> Seen:
    """One person's records of all sessions, with every address Entra ID and Teams know."""
    identity = records[0].get("identity") or {}
    seen = (address_of(str(r["emailAddress"])) for r in records if r.get("emailAddress"))
    mails = dict.fromkeys((*addresses_of(user), *seen))
    return Seen(
        name=str(
            user.get("displayName") or identity.get("displayName") or next(iter(mails), "Somebody without a name")
        ),
        mails=tuple(m for m in mails if "@" in m),
        seconds=sum(int(r.get("totalAttendanceInSeconds") or 0) for r in records),
    )


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written.replace("Z", "+00:00"))
