"""Graph: online meetings with their attendance reports, cancelled events, free and busy times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from aiohttp import web

from local_tenant.graph_events import event_of, moment_of
from local_tenant.graph_outlook import mailbox_of
from local_tenant.odata import (
    TENANT,
    GraphError,
    bad_request,
    base_url,
    check_options,
    collection,
    not_found,
    read_json,
    token_of,
)
from local_tenant.state import Event, Json, Report, Tenant

routes = web.RouteTableDef()
SCHEDULES = 20
DAYS = 62
VIEW = {"free": "0", "tentative": "1", "busy": "2", "oof": "3"}
BUSIEST = ("free", "workingElsewhere", "tentative", "busy", "oof")


@routes.post("/v1.0/users/{user}/events/{event}/cancel")
async def post_cancel(request: web.Request) -> web.Response:
    """Cancel: the attendees are told, the event is gone."""
    event, body = event_of(request), await read_json(request)
    if unknown := [k for k in body if k.lower() != "comment"]:
        raise bad_request(f"The action takes Comment, not '{unknown[0]}'.")
    event.cancelled = True
    return web.Response(status=202)


@routes.post("/v1.0/users/{user}/calendar/getSchedule")
async def post_schedule(request: web.Request) -> web.Response:
    """When people are busy; nothing is known of people outside the tenant."""
    mailbox_of(request)
    body, tenant = await read_json(request), request.app[TENANT]
    if unknown := [
        k for k in body if k.lower() not in ("schedules", "starttime", "endtime", "availabilityviewinterval")
    ]:
        raise bad_request(f"The action takes no '{unknown[0]}'.")
    asked = {k.lower(): v for k, v in body.items()}
    begins, ends = moment_of(asked, "starttime"), moment_of(asked, "endtime")
    mails = asked.get("schedules") or []
    if len(mails) > SCHEDULES or (ends - begins).days > DAYS or ends <= begins:
        raise bad_request(f"At most {SCHEDULES} schedules and {DAYS} days.")
    slot = timedelta(minutes=int(asked.get("availabilityviewinterval") or 30))
    return web.json_response({"value": [_schedule(tenant, mail, begins, ends, slot) for mail in mails]})


def _schedule(tenant: Tenant, mail: str, begins: datetime, ends: datetime, slot: timedelta) -> Json:
    user = tenant.user(mail)
    if user is None or user.is_guest:
        error = {"responseCode": "ErrorMailRecipientNotFound", "message": "Unable to resolve the e-mail address."}
        return {"scheduleId": mail, "error": error}
    items: list[tuple[datetime, datetime, str]] = []
    for event in tenant.events.values():
        first, last = moment_of(event.body, "start"), moment_of(event.body, "end")
        invited = [a["emailAddress"]["address"].casefold() for a in event.body.get("attendees", [])]
        is_theirs = event.mailbox == user.id or mail.casefold() in invited
        if is_theirs and not event.cancelled and first < ends and last > begins:
            items.append((first, last, event.body.get("showAs", "busy")))
    shown = [{"status": status, "start": _utc(first), "end": _utc(last)} for first, last, status in items]
    return {
        "scheduleId": mail, "availabilityView": _view(tenant, items, begins, ends, slot),
        "scheduleItems": [] if tenant.behaves("schedule-without-items") else shown,
    }  # fmt: skip


def _view(
    tenant: Tenant, items: list[tuple[datetime, datetime, str]], begins: datetime, ends: datetime, slot: timedelta
) -> str:
    """A character for each slot, the busiest of what is in it; working elsewhere is free."""
    codes = {**VIEW, "workingElsewhere": "0" if tenant.behaves("working-elsewhere-is-free") else "4"}
    written, at = "", begins.astimezone(UTC)
    while at < ends:
        there = [s for first, last, s in items if first < at + slot and last > at]
        busiest = max(there, key=lambda s: BUSIEST.index(s), default="free")
        written, at = written + codes[busiest], at + slot
    return written


def _utc(moment: datetime) -> Json:
    return {"dateTime": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"}


def _organiser(request: web.Request) -> str:
    """Online meetings are found by the organiser's object id only."""
    key = request.match_info["user"]
    if key not in request.app[TENANT].users:
        raise GraphError(404, "General", "The user is not found: onlineMeetings takes an object id.")
    return key


@routes.get("/v1.0/users/{user}/onlineMeetings")
async def get_online_meetings(request: web.Request) -> web.Response:
    """The meeting of a join address."""
    check_options(request)
    organiser, condition = _organiser(request), request.query.get("$filter", "")
    match = re.fullmatch(r"JoinWebUrl eq '([^']+)'", condition)
    if not match:
        raise bad_request("Online meetings are found by JoinWebUrl only.")
    found = [e for e in request.app[TENANT].events.values() if e.mailbox == organiser and _join_url(e) == match[1]]
    if not found and request.app[TENANT].behaves("unknown-join-link-404"):
        raise GraphError(404, "General", "Specified meeting was not found.")
    shown = ({"id": f"MSo{e.id[4:40]}", "joinWebUrl": match[1], "chatInfo": {"threadId": e.chat_id}} for e in found)
    return collection(request, list(shown))


def _join_url(event: Event) -> str:
    return str((event.body.get("onlineMeeting") or {}).get("joinUrl", ""))


def _reports(request: web.Request) -> list[Report]:
    organiser, key = _organiser(request), request.match_info["meeting"]
    for event in request.app[TENANT].events.values():
        if event.mailbox == organiser and f"MSo{event.id[4:40]}" == key:
            return event.reports
    raise not_found("online meeting")


RECORDS = 50
"""Attendance records on a page."""


def _with_records(request: web.Request, report: Report) -> Json:
    """A report with its records, the first page of them where they are many."""
    shown = _shown(report, records=True)
    if request.app[TENANT].behaves("attendance-records-paged") and len(report.records) > RECORDS:
        shown["attendanceRecords"] = report.records[:RECORDS]
        more = f"{request.path}/attendanceRecords?$skiptoken={token_of(skip=RECORDS)}"
        shown["attendanceRecords@odata.nextLink"] = f"{base_url(request)}{more}"
    return shown


@routes.get("/v1.0/users/{user}/onlineMeetings/{meeting}/attendanceReports/{report}/attendanceRecords")
async def get_records(request: web.Request) -> web.Response:
    """The records of a report, page by page."""
    check_options(request)
    for report in _reports(request):
        if report.id == request.match_info["report"]:
            return collection(request, report.records)
    raise not_found("attendance report")


def _shown(report: Report, records: bool) -> Json:
    shown: Json = {
        "id": report.id,
        "meetingStartDateTime": report.begins,
        "meetingEndDateTime": report.ends,
        "totalParticipantCount": len(report.records),
    }
    return {**shown, "attendanceRecords": report.records} if records else shown


@routes.get("/v1.0/users/{user}/onlineMeetings/{meeting}/attendanceReports")
async def get_reports(request: web.Request) -> web.Response:
    """The reports of a meeting, one a session, without their records."""
    check_options(request)
    return collection(request, [_shown(r, records=False) for r in _reports(request)])


@routes.get("/v1.0/users/{user}/onlineMeetings/{meeting}/attendanceReports/{report}")
async def get_report(request: web.Request) -> web.Response:
    """One report; with its records where they are expanded."""
    check_options(request)
    wanted = request.match_info["report"]
    for report in _reports(request):
        if report.id == wanted:
            is_expanded = request.query.get("$expand") == "attendanceRecords"
            return web.json_response(_with_records(request, report) if is_expanded else _shown(report, records=False))
    raise not_found("attendance report")


@routes.post("/_local/attendance")
async def post_attendance(request: web.Request) -> web.Response:
    """Hold a session of a meeting: `{"event", "begins", "ends", "people": [{"mail" or "name", "seconds"}]}`."""
    body, tenant = await read_json(request), request.app[TENANT]
    event = tenant.events.get(body["event"])
    if event is None:
        raise not_found("event")
    records = []
    for person in body["people"]:
        user = tenant.user(person.get("mail", ""))
        identity = {"id": user.id, "displayName": user.name} if user else {"displayName": person.get("name", "")}
        shown = user.upn if user else ""
        records.append(
            {
                "id": tenant.new_id("record"), "emailAddress": shown, "identity": identity, "role": "Attendee",
                "totalAttendanceInSeconds": person["seconds"],
            }
        )  # fmt: skip
    event.reports.append(Report(tenant.new_id("report"), body["begins"], body["ends"], records))
    return web.json_response({"reports": len(event.reports)})


@routes.post("/_local/appointments")
async def post_appointment(request: web.Request) -> web.Response:
    """Somebody puts something into their own calendar: `{"by", "begins", "ends", "status"}`, times in UTC."""
    body, tenant = await read_json(request), request.app[TENANT]
    user = tenant.user(body["by"])
    if user is None:
        raise not_found("user")
    times = {k: {"dateTime": body[v], "timeZone": "UTC"} for k, v in (("start", "begins"), ("end", "ends"))}
    event = Event(tenant.new_opaque_id("event"), user.id, {**times, "showAs": body["status"]}, tenant.now())
    tenant.events[event.id] = event
    return web.json_response({"id": event.id})
