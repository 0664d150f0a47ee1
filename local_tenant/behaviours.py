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


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What happens, where that is written, and whether it happens unless somebody switches it off."""

    what: str
    source: str
    certainty: Certainty
    is_on: bool = True


BEHAVIOURS: Mapping[str, Behaviour] = MappingProxyType({})
"""By name. docs/microsoft.md has a line for each."""
