"""The port `OnlineMeetings`: a Teams meeting's attendance reports, one a session, with guests resolved.

Microsoft's surprises: the path takes the organiser's object id, not the address; the list of reports holds no records;
a guest's `emailAddress` may be a UPN (`name_school.org#EXT#@tenant`), which is no address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
        meetings = ("users", await self._id_of(organiser), "onlineMeetings")
        quoted = join_url.replace("'", "''")
        found = (await self._of_meetings(*meetings, query={"$filter": f"JoinWebUrl eq '{quoted}'"}))["value"]
        if not found:
            return None
        reports = (*meetings, found[0]["id"], "attendanceReports")
        during = [
            r
            for r in (await self._of_meetings(*reports))["value"]
            if _moment(r["meetingStartDateTime"]) < ends_at and _moment(r["meetingEndDateTime"]) > begins_at
        ]
        if not during:
            return None
        records = [
            record
            for report in during
            for record in (await self._of_meetings(*reports, report["id"], query={"$expand": "attendanceRecords"}))[
                "attendanceRecords"
            ]
        ]
        return await self._seen(records)

    async def _id_of(self, mailbox: str) -> str:
        if mailbox not in self._ids:
            self._ids[mailbox] = (await self._read("users", mailbox, query={"$select": "id"}))["id"]
        return self._ids[mailbox]

    async def _seen(self, records: Sequence[Mapping[str, Any]]) -> Sequence[Seen]:
        people: dict[str, list[Mapping[str, Any]]] = {}
        for record in records:
            identity = record.get("identity") or {}
            key = identity.get("id") or record.get("emailAddress") or identity.get("displayName") or record["id"]
            people.setdefault(str(key), []).append(record)
        known = await self._users([key for key in people if re.fullmatch(r"[0-9a-fA-F-]{36}", key)])
        return [_person(theirs, known.get(key, {})) for key, theirs in people.items()]

    async def _users(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        found = {}
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ", ".join(f"'{i}'" for i in ids[start : start + IDS_AT_ONCE])
            query = {"$filter": f"id in ({some})", "$select": SELECT}
            found.update({user["id"]: user for user in (await self._read("users", query=query))["value"]})
        return found

    async def _of_meetings(self, *segments: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            return await self._read(*segments, query=query)
        except NeedsAttention as error:
            if "(403" in str(error):
                raise NeedsAttention(
                    "Teams does not let CoS Desk read attendance: an administrator grants the permissions "
                    "OnlineMeetings.Read.All and OnlineMeetingArtifact.Read.All and an application access policy for "
                    "the desk's mailbox (manifests/permissions.md). Until then the clerk takes the register."
                ) from error
            raise

    async def _read(self, *segments: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        answer = await self._graph.get(self._graph.url(*segments, query=query))
        assert answer is not None
        return answer.json()


def _person(records: Sequence[Mapping[str, Any]], user: Mapping[str, Any]) -> Seen:
    """One person's records of all sessions, with every address Entra ID and Teams know."""
    identity = records[0].get("identity") or {}
    seen = (address_of(str(r["emailAddress"])) for r in records if r.get("emailAddress"))
    mails = dict.fromkeys((*addresses_of(user), *seen))
    return Seen(
        name=str(
            user.get("displayName") or identity.get("displayName") or next(iter(mails), "somebody without a name")
        ),
        mails=tuple(m for m in mails if "@" in m),
        seconds=sum(int(r.get("totalAttendanceInSeconds") or 0) for r in records),
    )


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written.replace("Z", "+00:00"))
