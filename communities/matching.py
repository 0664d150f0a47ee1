"""Finding the school or community somebody meant. Never a guess: one clear answer or none.

What to do with no answer is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from communities.directory import Community, Directory, School
from communities.names import plain

CLEAR = 92.0
"""A likeness (0 to 100) from which a school is taken as meant, if no other comes within `MARGIN` of it."""
MARGIN = 5.0
NEAR = 75.0
"""A likeness from which a school is worth naming as a question."""


@dataclass(frozen=True, kw_only=True)
class SchoolMatch:
    """`school` when one clearly fits; else `near` lists what it might be, the likeliest first."""

    school: School | None
    near: tuple[School, ...] = ()


def find_school(written: str, directory: Directory, community: str | None = None) -> SchoolMatch:
    """The one school meant by `written`; those of `community` win among equals.

    A school of another community is found too: the caller says that it lies elsewhere.
    """
    wanted = plain(written)
    same = directory.schools_named(written.strip()) or directory.schools_like(written)
    here = [s for s in same if s.community == community]
    if len(here) == 1 or len(same) == 1:
        return SchoolMatch(school=(here or same)[0])
    if same:
        return SchoolMatch(school=None, near=tuple(same))
    scored = sorted(((fuzz.ratio(wanted, plain(s.name)), s) for s in directory.schools), key=lambda x: -x[0])
    near = tuple(s for score, s in scored[:5] if score >= NEAR)
    if near and scored[0][0] >= CLEAR and (len(scored) == 1 or scored[0][0] - scored[1][0] >= MARGIN):
        return SchoolMatch(school=near[0])
    return SchoolMatch(school=None, near=near[:3])


def find_community(written: str, directory: Directory) -> Community | None:
    """The community of that name, whatever its case, spacing and punctuation.

    Nothing fuzzier: `Canterbury S3` and `Canterbury S2` are one letter apart and two budgets.
    """
    found = directory.communities_like(written)
    return found[0] if len(found) == 1 else None


def nearest_communities(written: str, directory: Directory) -> tuple[Community, ...]:
    """Up to three communities somebody may have meant, for the question back."""
    scored = sorted(
        ((fuzz.ratio(plain(written), plain(c.name)), c) for c in directory.communities), key=lambda x: -x[0]
    )
    return tuple(c for score, c in scored[:3] if score >= NEAR)
