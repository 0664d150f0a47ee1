"""The page at `/`: what landed, to look at in a browser. Plain HTML made here, no script."""

from __future__ import annotations

import html
from collections.abc import Sequence
from email import message_from_bytes, policy

from aiohttp import web

from local_tenant.card_text import card_as_text
from local_tenant.export import eml_of
from local_tenant.odata import TENANT, not_found
from local_tenant.state import Json, Tenant

routes = web.RouteTableDef()
STYLE = """
body{font:15px/1.5 'Segoe UI',system-ui,sans-serif;margin:0;background:#f5f5f5;color:#242424}
header{background:#464775;color:#fff;padding:12px 24px}header a{color:#fff;margin-right:16px}
main{max-width:1100px;margin:16px auto;padding:0 16px}
section,article{background:#fff;border:1px solid #e0e0e0;border-radius:6px;padding:12px 16px;margin:12px 0}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 8px;border-bottom:1px solid #eee;
vertical-align:top}th{background:#fafafa}pre{white-space:pre-wrap;font:inherit;margin:0}.quiet{color:#616161}
"""
TABS = (("/", "Overview"), ("/_page/mail", "Mail"), ("/_page/calendar", "Calendar"), ("/_page/libraries", "Libraries"),
        ("/_page/lists", "Lists"), ("/_page/channels", "Channels and chats"))  # fmt: skip


LED_TO = {"drives": "/_page/libraries", "lists": "/_page/lists", "items": "/_page/lists", "events": "/_page/calendar"}
"""Where the addresses lead that the tenant gives a library, a list, an item and an event."""


def _page(title: str, body: str) -> web.Response:
    tabs = "".join(f'<a href="{href}">{name}</a>' for href, name in TABS)
    text = (
        f'<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>{html.escape(title)} – local tenant</title>'
        f"<style>{STYLE}</style><header><strong>Local tenant</strong> &nbsp; <nav style='display:inline'>{tabs}</nav>"
        f"</header><main><h1>{html.escape(title)}</h1>{body}</main></html>"
    )
    return web.Response(text=text, content_type="text/html")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return "<p class=quiet>Nothing yet.</p>"
    top = "".join(f"<th scope=col>{html.escape(h)}</th>" for h in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _link(href: str, text: str) -> str:
    return f'<a href="{html.escape(href)}">{html.escape(text)}</a>'


@routes.get("/")
async def overview(request: web.Request) -> web.Response:
    """How much landed, with a way to each."""
    tenant = request.app[TENANT]
    rows = [
        ("People", f"{len(tenant.users)}"),
        ("Teams", f"{len(tenant.teams)}"),
        ("Mails sent", _link("/_page/mail", str(sum(not m.is_draft for m in tenant.messages.values())))),
        ("Events", _link("/_page/calendar", str(len(tenant.events)))),
        ("Files", _link("/_page/libraries", str(len(_files(tenant))))),
        ("Posts", _link("/_page/channels", str(sum(len(c.posts) for c in tenant.conversations.values())))),
        ("Exchanges", _link("/_local/har", f"{tenant.exchanges} (HAR)")),
    ]
    return _page("What landed", f"<section>{_table(('What', 'How many'), rows)}</section>")


@routes.get("/_page/mail")
async def mail(request: web.Request) -> web.Response:
    """All mail, newest first."""
    sent = [m for m in request.app[TENANT].messages.values() if not m.is_draft]
    rows = [
        (
            html.escape(m.sent_at or ""),
            _link(f"/_page/mail/{m.id}", m.body.get("subject", "")),
            html.escape(", ".join(_recipients(m.body)[:3])),
        )
        for m in reversed(sent)
    ]
    return _page("Mail", f"<section>{_table(('Sent', 'Subject', 'To'), rows)}</section>")


def _recipients(body: Json) -> list[str]:
    """Everybody a mail goes to; what came in may name nobody."""
    kinds = ("toRecipients", "ccRecipients", "bccRecipients")
    return [str(r["emailAddress"]["address"]) for kind in kinds for r in body.get(kind) or ()]


@routes.get("/_page/mail/{id}")
async def one_mail(request: web.Request) -> web.Response:
    """One mail as its reader sees it."""
    message = request.app[TENANT].messages.get(request.match_info["id"])
    if message is None or message.is_draft:
        raise not_found("mail")
    parsed = message_from_bytes(eml_of(request.app[TENANT], message), policy=policy.default)
    body = parsed.get_body(("html", "plain"))
    text = body.get_content() if body else ""
    is_html = body is not None and body.get_content_subtype() == "html"
    shown = f'<iframe sandbox srcdoc="{html.escape(text)}" style="width:100%;height:520px;border:0"></iframe>'
    head = "".join(f"<b>{h}:</b> {html.escape(str(parsed[h]))}<br>" for h in ("From", "To", "Date"))
    files = "".join(f"<li>{html.escape(a.get_filename() or '')}</li>" for a in parsed.iter_attachments())
    inner = shown if is_html else f"<pre>{html.escape(text)}</pre>"
    return _page(str(parsed["Subject"]), f"<section>{head}</section><section>{inner}<ul>{files}</ul></section>")


@routes.get("/_page/calendar")
async def calendar(request: web.Request) -> web.Response:
    """All events by time."""
    tenant = request.app[TENANT]
    rows = [
        (
            html.escape(e.body["start"]["dateTime"][:16].replace("T", " ")),
            html.escape(e.body["subject"]),
            html.escape(tenant.users[e.mailbox].name),
            str(len(e.body.get("attendees", []))),
            html.escape((e.body.get("onlineMeeting") or {}).get("joinUrl", "")),
        )
        for e in sorted(tenant.events.values(), key=lambda e: e.body["start"]["dateTime"])
    ]
    head = ("Starts", "Subject", "Organiser", "Attendees", "Teams link")
    return _page("Calendar", f"<section>{_table(head, rows)}</section>")


def _files(tenant: Tenant) -> list[tuple[str, str, str]]:
    return [
        (d.id, d.path_of(i), d.name)
        for d in tenant.drives.values()
        for i in d.items.values()
        if i.content is not None and not i.deleted
    ]


@routes.get("/_page/libraries")
async def libraries(request: web.Request) -> web.Response:
    """All files, to download."""
    tenant = request.app[TENANT]
    rows = [
        (html.escape(d.name), _link(f"/_download/{d.id}/{i.id}", d.path_of(i)), str(i.content_version), i.modified_at)
        for d in tenant.drives.values()
        for i in d.items.values()
        if i.content is not None and not i.deleted
    ]
    return _page("Libraries", f"<section>{_table(('Library', 'File', 'Version', 'Changed'), rows)}</section>")


@routes.get("/_page/lists")
async def lists(request: web.Request) -> web.Response:
    """All lists with their items."""
    parts = []
    for site in request.app[TENANT].sites.values():
        for found in site.lists.values():
            if found.drive is not None:
                continue
            names = [str(c["displayName"]) for c in found.columns.values()]
            rows = [
                tuple(f"<pre>{html.escape(str(i.fields.get(c, ''))[:160])}</pre>" for c in found.columns)
                for i in found.items.values()
                if not i.deleted
            ]
            table = _table(tuple(names), rows)
            title = html.escape(found.display_name)
            parts.append(f"<section style='overflow:auto'><h2>{title}</h2>{table}</section>")
    return _page("Lists", "".join(parts) or "<p class=quiet>No lists yet.</p>")


@routes.get("/_page/channels")
async def channels(request: web.Request) -> web.Response:
    """Posts in channels and chats, each card as text."""
    tenant = request.app[TENANT]
    parts = []
    for conversation in tenant.conversations.values():
        if not conversation.posts:
            continue
        name = (
            tenant.teams[conversation.team_id].name + " › General"
            if conversation.team_id
            else "Chat with " + tenant.users[conversation.member_id or ""].name
        )
        posts = "".join(
            f"<article><span class=quiet>{p.at}{' (updated)' if p.updates else ''}</span>"
            + "".join(
                f"<pre>{html.escape(card_as_text(a['content']))}</pre>"
                for a in p.activity.get("attachments") or []
                if "content" in a
            )
            + f"<pre>{html.escape(p.activity.get('text') or '')}</pre></article>"
            for p in conversation.posts
            if not p.deleted
        )
        parts.append(f"<h2>{html.escape(name)}</h2>{posts}")
    return _page("Channels and chats", "".join(parts) or "<p class=quiet>No posts yet.</p>")


@routes.get(r"/_page/{kind:drives|lists|items|events}/{id}")
async def one_thing(request: web.Request) -> web.Response:
    """A single thing is shown among the others of its kind."""
    raise web.HTTPFound(LED_TO[request.match_info["kind"]])


@routes.get("/l/meetup-join/{thread}/{number}")
@routes.get("/meet/{number}")
async def join(request: web.Request) -> web.Response:
    """Where a meeting's link leads."""
    said = "Microsoft Teams would open the meeting now. The local tenant has no calls."
    return _page("Join in Teams", f"<section><p>{said}</p>{_link('/_page/calendar', 'Calendar')}</section>")
