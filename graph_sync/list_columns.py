"""What a list's columns lack beside `manifests/sharepoint`: decided here, asked for by `provision`, told by the doctor.

Whether Graph lets a column of one line become one of several is written nowhere: where it does not, an owner does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

TYPES = ("text", "choice", "number", "currency", "dateTime", "boolean", "personOrGroup", "hyperlinkOrPicture")
"""A column's definition has one of these facets; Graph may name the others too, with null."""

NUMBERS = frozenset({"number", "currency"})

STEPS = ("indexed", "enforceUniqueValues")
"""What a column gets in a request of its own, in this order."""

KEPT_OF_TEXT = ("allowMultipleLines", "textType")
"""What is looked at in a text column that is there; how many lines are shown for editing is the owners' choice."""


def changes_of(there: Json, wanted: Json) -> list[dict[str, Any]]:
    """What a column lacks, a request each: choices, how its text is kept, an index, then unique values.

    No page says whether one request may set index and unique values. The choices people added are kept, and so is a
    currency column of a list made before: it takes the same numbers, and no column can become another type.
    """
    changes: list[dict[str, Any]] = []
    have = (there.get("choice") or {}).get("choices") or []
    if new := [c for c in (wanted.get("choice") or {}).get("choices") or [] if c not in have]:
        changes.append({"choice": {**(there.get("choice") or {}), "choices": [*have, *new]}})
    text, wants = there.get("text"), wanted.get("text") or {}
    if text is not None and any(text.get(k) != wants[k] for k in KEPT_OF_TEXT if k in wants):
        changes.append({"text": wants})
    return changes + [{step: True} for step in STEPS if wanted.get(step) and not there.get(step)]


def type_of(column: Json) -> str:
    """The column's type; '' where the definition names none."""
    return next((t for t in TYPES if column.get(t) is not None), "")


def is_of_another_type(there: Json, wanted: Json) -> bool:
    """Whether it holds something else than is written into it."""
    types = {type_of(there), type_of(wanted)}
    return "" not in types and len(types) > 1 and types != NUMBERS


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """The columns of a list that nothing can be written into, by their names as people see them."""

    list_name: str
    missing: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.retyped)

    @property
    def said(self) -> str:
        """Which columns, of which list."""
        missing, retyped = _columns(self.missing), _columns(self.retyped)
        has, have = f"The list '{self.list_name}' has no {missing}.", f"In the list '{self.list_name}' the {retyped}"
        is_are = "is" if len(self.retyped) == 1 else "are"
        return " ".join(
            [*([has] if self.missing else []), *([f"{have} {is_are} of another type."] if self.retyped else [])]
        )

    @property
    def remedy(self) -> str:
        """What to do, in one sentence."""
        first = f"Delete or rename the {_columns(self.retyped)} in the list '{self.list_name}', then run" if (
            self.retyped) else "Run"  # fmt: skip
        return f"{first} `cos provision`, which adds what is missing and fills it in, then `cos stuck retry --all`."


def unfit(known: Mapping[str, Json], schema: Json) -> Unfit:
    """What a list lacks of its schema, and what is there as something else."""
    wanted = {c["name"]: c for c in schema["columns"]}
    return Unfit(
        list_name=schema["displayName"],
        missing=tuple(shown(c) for n, c in wanted.items() if n not in known),
        retyped=tuple(shown(c) for n, c in wanted.items() if n in known and is_of_another_type(known[n], c)),
    )


def fitting_of(known: Mapping[str, Json], schema: Json) -> frozenset[str]:
    """The names of the columns that take what is written into them."""
    return frozenset(
        c["name"] for c in schema["columns"] if c["name"] in known and not is_of_another_type(known[c["name"]], c)
    )


def _columns(names: Sequence[str]) -> str:
    return f"column{'' if len(names) == 1 else 's'} {_named(names)}"


def without_steps(column: Json) -> dict[str, Any]:
    """A column as it is made, before what it gets in requests of its own."""
    return {k: v for k, v in column.items() if k not in STEPS}


def may_be_refused(there: Json, change: Json) -> bool:
    """Whether a change is one that Microsoft 365 may refuse, so that an owner has to make it."""
    is_to_several_lines = has_one_line(there) and bool(change.get("text", {}).get("allowMultipleLines"))
    return is_to_several_lines or any(step in change for step in STEPS)


def has_one_line(column: Json) -> bool:
    """Whether it is a text column of one line, which takes 255 characters."""
    return column.get("text") is not None and not column["text"].get("allowMultipleLines")


def shown(column: Json) -> str:
    """The column's name as people see it."""
    return str(column.get("displayName", column["name"]))


def left_with_one_line(known: Mapping[str, Json], schema: Json) -> list[str]:
    """The columns, by what people see, that are to have several lines and have one."""
    wanted = [c for c in schema["columns"] if (c.get("text") or {}).get("allowMultipleLines")]
    return [shown(c) for c in wanted if c["name"] in known and has_one_line(known[c["name"]])]


def left_without_index(known: Mapping[str, Json], schema: Json) -> list[str]:
    """The columns, by what people see, that lack an index or unique values: in a list that grew too long before."""
    wanted = [c for c in schema["columns"] if c["name"] in known]
    return [shown(c) for c in wanted if any(c.get(s) and not known[c["name"]].get(s) for s in STEPS)]


def no_index(list_name: str, columns: Sequence[str]) -> str:
    """Which columns got no index, and what becomes of it."""
    return (
        f"Microsoft 365 gave no index to {_named(columns)} of '{list_name}', as it holds too many items. CoS Desk goes "
        "on and reads the whole list instead, but views sorted or filtered by it fail. Move items elsewhere until "
        "fewer than 20,000 are left, then run `cos provision` again."
    )


def _named(columns: Sequence[str]) -> str:
    return ", ".join(f"'{c}'" for c in columns)


def one_line_only(list_name: str, columns: Sequence[str]) -> str:
    """Which columns take 255 characters only."""
    is_one = len(columns) == 1
    takes = f"column{'' if is_one else 's'} {_named(columns)} of '{list_name}' take{'s' if is_one else ''}"
    return f"The {takes} 255 characters only."


TO_SEVERAL_LINES = (
    "An owner of the site opens that list, then List settings, then each of these columns, and chooses 'Multiple lines "
    "of text' and 'Plain text'."
)
