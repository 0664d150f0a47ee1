"""eTags of SharePoint: which of two states of one item is the later one, in whichever way each is written."""

from __future__ import annotations

import re


def etag_number(etag: str) -> int | None:
    """The count of changes in an eTag: `"{GUID},7"` and `"guid,7"` are the same state of the same item."""
    found = re.search(r",(\d+)\W*$", etag)
    return int(found[1]) if found else None


def is_same_state(etag: str, other: str) -> bool:
    """Whether two eTags of one item mean the same state of it."""
    number = etag_number(etag)
    if number is None:
        return etag.strip('W/"{}').casefold() == other.strip('W/"{}').casefold()
    return number == etag_number(other)


def is_later_state(etag: str, known: str) -> bool:
    """Whether an eTag is of a later state than the known one: what was read before our own write came back is not, and
    says nothing new. Where nothing can be counted, another state is a later one.
    """
    number, before = etag_number(etag), etag_number(known)
    if number is None or before is None:
        return not is_same_state(etag, known)
    return number > before
