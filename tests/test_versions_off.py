"""A list whose versions are off, or were: a clerk's amount and a moderator's tick in one version are not hers."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from casework import working_list
from casework.moderate import moderation_row
from casework.ports import ListItem
from casework.request_record import request_row
from communities.directory import Directory
from tests.conftest import Bench
from tests.test_list_editors import EDITORS, R1, WorkingItem, database, forwarded, played, rolled_back
from tests.test_roles import desk, who, work_of

__all__ = ["database", "desk", "forwarded"]
THEIRS = ("clerk", {"FinalAmount": 5})
TICKS: list[Any] = [("moderator", {"KccModerated": True}), ("moderator", {"FinalAmount": 6, "KccModerated": True})]
STEPS: list[Any] = [THEIRS, ("clerk", {"SchoolContact": "x"}), *TICKS, ("moderator", {"FinalAmount": 7}), "on", "off",
                    "pull"]  # fmt: skip
ORDERS = [o for o in product(STEPS, repeat=4) if THEIRS in o and any(tick in o for tick in TICKS)]


@pytest.mark.parametrize("versions", [True, False])
def test_no_order_of_saves_takes_a_clerks_amount_for_the_moderators(
    forwarded: Bench, directory: Directory, versions: bool
) -> None:
    """Versions switched off or on at any time: a version may hold the clerk's amount and the moderator's tick."""
    people, recorded = {role: who(role, directory) for role in EDITORS}, 0
    with forwarded.desk.engine.connect() as conn:
        for order in ORDERS:
            with conn.begin() as outer:
                work = work_of(forwarded, conn)
                shared = WorkingItem(work, working_list.fields_of(work, R1), people, versions=versions)
                fields = working_list.fields_of(work, R1)
                working_list._keep_written(work, R1, ListItem(id="7", etag=shared.item.etag, fields=fields))
                played(shared, list(order))
                final = moderation_row(work, R1)
                assert final is None or final.final_pence in (600, 700), order
                recorded += final is not None
                outer.rollback()
    assert recorded > 40


def test_with_versions_off_a_moderator_enters_the_amount_first_and_ticks_later(
    forwarded: Bench, directory: Directory
) -> None:
    people, said = {role: who(role, directory) for role in EDITORS}, []
    for script in (
        [("moderator", {"FinalAmount": 6, "KccModerated": True})],
        [("moderator", {"FinalAmount": 900, "KccModerated": True})],
        [("moderator", {"FinalAmount": 6}), "pull", ("moderator", {"KccModerated": True})],
    ):
        for conn in rolled_back(forwarded):
            work = work_of(forwarded, conn)
            fields = working_list.fields_of(work, R1)
            shared = WorkingItem(work, fields, people, versions=False)
            working_list._keep_written(work, R1, ListItem(id="7", etag=shared.item.etag, fields=fields))
            played(shared, list(script))
            final = moderation_row(work, R1)
            said.append((final and final.final_pence, "nobody can tell who entered £6" in request_row(work, R1).note))
    assert said == [(None, True), (90_000, False), (600, False)]
