"""Who changed what in a list's item since it was last seen: each version's difference is its own editor's.

Where a list keeps no versions, the item says who changed it last: that is taken where it changed but once. What cannot
be attributed has nobody's mail, and casework refuses it. Whoever has our application's id is us, whatever stands
beside it; what names nobody never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from casework.etags import etag_number
from casework.list_values import marks_of
from casework.ports import LastSeen, ListEdit, ListItem
from graph_sync.editors import application_of, person_of

Fields = Mapping[str, Any]
SHAREPOINTS = frozenset(
    {
        "id", "Modified", "Created", "EditorLookupId", "AuthorLookupId", "_UIVersionString", "Attachments", "Edit",
        "LinkTitle", "LinkTitleNoMenu", "ItemChildCount", "FolderChildCount", "ContentType", "_ComplianceFlags",
        "_ComplianceTag", "_ComplianceTagWrittenTime", "_ComplianceTagUserId", "AppEditorLookupId", "AppAuthorLookupId",
    }
)  # fmt: skip
"""Columns SharePoint fills in by itself: what changes there is nobody's edit."""


class Version(msgspec.Struct):
    """What is read of a listItemVersion."""

    id: str
    fields: dict[str, Any] | None = None
    last_modified_by: dict[str, Any] | None = msgspec.field(default=None, name="lastModifiedBy")

    @property
    def is_first(self) -> bool:
        """Whether nothing came before it."""
        return _number(self)[0] <= 1


class SavedItem(msgspec.Struct):
    """What is read of an item asked for by its id."""

    id: str
    etag: str = msgspec.field(default="", name="eTag")
    fields: dict[str, Any] | None = None
    last_modified_by: dict[str, Any] | None = msgspec.field(default=None, name="lastModifiedBy")
    created_by: dict[str, Any] | None = msgspec.field(default=None, name="createdBy")

    @property
    def maker_key(self) -> tuple[str, str, str, str]:
        """As `identity_key`, of whoever made the item."""
        return identity_key(self.created_by, {"EditorLookupId": (self.fields or {}).get("AuthorLookupId")})


@dataclass(frozen=True, kw_only=True)
class Editor:
    """Who saved something: this application, or the person of a mail ('' where nobody can be named)."""

    mail: str
    is_us: bool = False


def identity_key(identity: Mapping[str, Any] | None, fields: Fields | None) -> tuple[str, str, str, str]:
    """What says who it was: the application, the person's mail and object id, the number in the site's people."""
    person = person_of(identity)
    number = str((fields or {}).get("EditorLookupId") or "")
    return application_of(identity), str(person.get("email") or ""), str(person.get("id") or ""), number


def difference(before: Fields, after: Fields) -> dict[str, Any]:
    """The columns people can write that say something else than before."""
    names = {n for n in (*before, *after) if "@" not in n and n not in SHAREPOINTS}
    return {n: after.get(n) for n in sorted(names) if before.get(n) != after.get(n)}


def _number(version: Version) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.id))


def in_order(versions: Iterable[Version]) -> list[Version]:
    """The versions that say something, the oldest first."""
    return sorted((v for v in versions if v.fields is not None), key=_number)


def history(
    item: SavedItem, versions: Sequence[Version], seen: LastSeen | None, who: Mapping[tuple[str, str, str, str], Editor]
) -> ListItem:
    """The item with every edit since it was seen. `who` knows each `identity_key` of the versions and of the item."""
    fields = item.fields or {}
    kept = in_order(versions)
    newest = kept[-1].id if kept else ""
    start = _start(kept, seen, who)
    if start is None or (start == len(kept) and seen is not None):
        last = who[identity_key(item.last_modified_by, fields)]
        return ListItem(
            id=item.id, etag=item.etag, fields=fields, version=newest, edits=(_whole(last, item, kept, seen),)
        )  # fmt: skip
    edits = _saved_into(kept[start - 1 :], seen, who) if start and seen else []
    is_one = _has_a_version_each(item, kept[start:], seen, who)
    before = kept[start - 1].fields if start else {}
    for version in kept[start:]:
        editor = who[identity_key(version.last_modified_by, version.fields)]
        changed = difference(before or {}, version.fields or {})
        shown = version.fields or {}
        edits.append(
            ListEdit(by=editor.mail, changed=changed, shown=shown, is_ours=editor.is_us, is_one_save=is_one)
        )  # fmt: skip
        before = version.fields
    return ListItem(id=item.id, etag=item.etag, fields=fields, version=newest, edits=_last_words(edits))


def _saved_into(
    kept: Sequence[Version], seen: LastSeen, who: Mapping[tuple[str, str, str, str], Editor]
) -> list[ListEdit]:
    """What was saved into the version that was seen, while the list kept no versions: nobody can say how often or by
    whom. `kept` begins with that version; what we wrote next may be what the marks are of.
    """
    editors = [who[identity_key(v.last_modified_by, v.fields)] for v in kept]
    if not seen.marks or editors[0].is_us:
        return []
    own = next((n for n, editor in enumerate(editors) if n and not editor.is_us), len(kept))
    states = [marks_of(v.fields or {}) for v in kept[:own]]
    shown = kept[0].fields or {}
    names = {*states[0], *seen.marks} - SHAREPOINTS
    odd = sorted(n for n in names if all(state.get(n) != seen.marks.get(n) for state in states))
    return [ListEdit(by="", changed={n: shown.get(n) for n in odd}, shown=shown)] if odd else []


def _has_a_version_each(
    item: SavedItem, new: Sequence[Version], seen: LastSeen | None, who: Mapping[tuple[str, str, str, str], Editor]
) -> bool:
    """Whether each save since the item was seen has its version: where the eTag counted more, the list kept none for a
    while, and a version may hold what several people saved. Our own writes are counted in what was seen.
    """
    number, before = etag_number(item.etag), etag_number(seen.etag) if seen else None
    if number is None or before is None:
        return True
    return number - before <= sum(not who[identity_key(v.last_modified_by, v.fields)].is_us for v in new)


def _last_words(edits: Sequence[ListEdit]) -> tuple[ListEdit, ...]:
    """Saves of one person are one edit, with what they said last: who corrects a slip before it is read meant the
    correction. Not where somebody else saved one of its columns in between: then each stays where it came.
    """
    said: list[ListEdit] = []
    for edit in edits:
        earlier = [n for n, other in enumerate(said) if other.by == edit.by != ""][-1:]
        since = said[earlier[0] + 1 :] if earlier else ()
        if earlier and not any(edit.changed.keys() & other.changed.keys() for other in since):
            changed = {**said[earlier[0]].changed, **edit.changed}
            said[earlier[0]] = replace(said[earlier[0]], changed=changed, shown=edit.shown)
        else:
            said.append(edit)
    return tuple(said)


def _start(
    kept: Sequence[Version], seen: LastSeen | None, who: Mapping[tuple[str, str, str, str], Editor]
) -> int | None:  # fmt: skip
    """The first version that was not seen; None where what was seen is not among them, so that nothing can be told.

    Of an item seen before versions were kept in the record, the last that we wrote was seen.
    """
    if seen is None:
        return 0 if kept and kept[0].is_first else None
    if seen.version:
        return next((n + 1 for n, v in enumerate(kept) if v.id == seen.version), None)
    ours = [n for n, v in enumerate(kept) if who[identity_key(v.last_modified_by, v.fields)].is_us]
    return ours[-1] + 1 if ours else None


def _whole(last: Editor, item: SavedItem, kept: Sequence[Version], seen: LastSeen | None) -> ListEdit:
    """All that changed, as one edit: the last editor's where the item was saved only once since it was seen. Versions
    tell so too where there were as many as saves.
    """
    number, before = etag_number(item.etag), etag_number(seen.etag) if seen else 0
    is_one = number is not None and before is not None and number - before == 1
    fields = difference({}, item.fields or {})
    if seen is None:
        return ListEdit(by=last.mail if is_one else "", changed=fields, shown=fields, is_ours=last.is_us)
    now = marks_of(fields)
    changed = {n: fields.get(n) for n in sorted({*now, *seen.marks}) if now.get(n) != seen.marks.get(n)}
    is_told = is_one and bool(seen.marks)
    is_kept = bool(kept) and _number(kept[-1])[0] == number
    is_ours = last.is_us and is_one
    return ListEdit(
        by=last.mail if is_told else "", changed=changed, shown=fields, is_ours=is_ours, is_one_save=is_kept
    )
