"""How Microsoft 365 behaves where one would not expect it: each named, with its source, and switched one by one.

What is on by default is what the real service does, or may do. Faults on demand (busy, cut, late) are `faults`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Certainty(StrEnum):
    """How sure it is."""

    MICROSOFT = "Microsoft says so"
    REPORTED = "reported by others"
    OPEN = "not known"


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What happens, where that is written, and whether it happens unless somebody switches it off."""

    what: str
    source: str
    certainty: Certainty
    is_on: bool = True


LISTS = {
    "currency-column-refused": Behaviour(
        what="A column of the type currency is refused: its type could not be determined.",
        source="microsoftgraph/microsoft-graph-docs issues 1977, 3191, 8294, 17121; microsoft-graph-docs-contrib 2096",
        certainty=Certainty.REPORTED,
    ),
    "unique-needs-index-first": Behaviour(
        what="A column is made unique only where it is indexed already: both in one request are refused.",
        source="learn.microsoft.com, columnDefinition: enforceUniqueValues wants an indexed column, and no page says "
        "whether one request may set both",
        certainty=Certainty.OPEN,
    ),
    "text-is-rich": Behaviour(
        what="A column of several lines without a textType is rich text, and gives HTML back.",
        source="learn.microsoft.com, textColumn: textType is plain or richText, and no page names the default",
        certainty=Certainty.OPEN,
    ),
}

BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType(LISTS)
"""By name. docs/microsoft.md has a line for each."""
