"""What the bot posted, on the record: where a thing's state changes its post is replaced, not said again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from casework import tables
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.effects import mark_begun
from casework.ports import Ports, Post


def posted(work: Work, subject: str) -> dict[str, str] | None:
    """What finds the message about a thing again; None where nothing was posted."""
    posts = tables.posts
    found: dict[str, str] | None = work.conn.execute(
        select(posts.c.message).where(posts.c.subject == subject)
    ).scalar_one_or_none()
    return found


def keep_post(work: Work, subject: str, message: Mapping[str, Any]) -> None:
    """The message that stands for a thing from now on."""
    row = {"subject": subject, "message": dict(message)}
    work.conn.execute(insert_or_replace(work.conn, tables.posts, row, ("subject",)))


async def say_in_channel(desk: Desk, ports: Ports, effect_id: str, subject: str, community: str, post: Post) -> None:
    """Replace the post about a thing, or post it where there is none: a new one is marked first, as one in doubt is
    never repeated.
    """
    known = await desk.run(SYSTEM, posted, subject)
    if known is not None and await ports.channels.replace(known, post):
        return
    await desk.run(SYSTEM, mark_begun, effect_id)
    message = await ports.channels.post(community, post)
    await desk.run(SYSTEM, keep_post, subject, message)


async def replace_post(desk: Desk, ports: Ports, subject: str, post: Post) -> None:
    """Bring a post up to date where there is one."""
    known = await desk.run(SYSTEM, posted, subject)
    if known is not None:
        await ports.channels.replace(known, post)
