"""Who saved an item of the list of responses: what the flow's account saved is the form's word, anybody else's is not.

The flow's account is whoever made the item. Only an item that was saved again is asked about; a new one costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from casework.desk import Desk
from casework.each import Pulled, each
from casework.etags import etag_number
from graph_sync.delta import Item
from graph_sync.graph import Graph
from graph_sync.list_edits import editors_of, read_versions
from graph_sync.list_history import Editor, SavedItem, Version, difference, identity_key, in_order
from graph_sync.site_people import SitePeople

MADE = 1
"""The count in the eTag of an item that nobody saved again."""

SEVERAL = 2
"""An item that was saved again has so many versions; with one alone the list keeps none."""

Key = tuple[str, str, str, str]


class SavedResponse(Item):
    """What a delta says of an item of the list of responses, but for its answers."""

    etag: str = msgspec.field(default="", name="eTag")


@dataclass(frozen=True, kw_only=True)
class Said:
    """An item that was saved again: as it stands, and as the form's own saves left it."""

    shown: Mapping[str, Any]
    form: Mapping[str, Any] | None
    """None where nobody can tell: the list keeps no versions, or the first are gone."""


async def read_saved_again(
    desk: Desk, graph: Graph, url: str, items: Iterable[SavedResponse]
) -> Pulled[str, Said | None]:  # fmt: skip
    """By id, each of the items that was saved since it was made; None where it is gone. `url` is where the list's items
    are.
    """
    people = SitePeople(desk, graph)

    async def read(item_id: str) -> Said | None:
        if (found := await read_versions(graph, f"{url}/{item_id}")) is None:
            return None
        now, versions = found
        form = _by_its_maker(now, versions, await editors_of(desk, people, now, versions))
        return Said(shown=now.fields or {}, form=form)

    return await each((item.id for item in items if etag_number(item.etag) != MADE), read)


def _by_its_maker(item: SavedItem, versions: Iterable[Version], who: Mapping[Key, Editor]) -> dict[str, Any] | None:
    """What its maker's saves left; None where the first is not kept as they made it, or one was kept for several."""
    kept, maker = in_order(versions), _account(item.maker_key, who)
    accounts = [_account(identity_key(v.last_modified_by, v.fields), who) for v in kept]
    if len(kept) < SEVERAL or not kept[0].is_first or accounts[0] != maker:
        return None
    before = said = dict(kept[0].fields or {})
    for version, account in zip(kept[1:], accounts[1:], strict=True):
        now = version.fields or {}
        if account == maker:
            said = said | difference(before, now)
        before = now
    return said


def _account(key: Key, who: Mapping[Key, Editor]) -> tuple[str, ...]:
    """The person, by whichever application; where no person can be named, all that is said of who it was."""
    mail = who[key].mail
    return (mail.casefold(),) if mail else key
