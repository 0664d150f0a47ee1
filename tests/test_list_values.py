"""Days in the lists are London's days, however SharePoint gives them back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from casework.kcc_section import section_fields
from casework.list_values import day_value, is_same, read_day
from casework.working_list import LIST
from tests.conftest import World
from tests.test_moves import R1
from tests.test_sync import moderated

YEAR = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
MODERATOR = "morgan.vale@kent.example"


def given_back(day: date, zone: str) -> str:
    """As SharePoint gives a day back in a site of that time zone: its midnight, in UTC."""
    return f"{datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("zone", ["Europe/London", "UTC"])
def test_each_day_of_a_year_is_read_as_itself_and_is_the_same_as_we_wrote(zone: str) -> None:
    for day in YEAR:
        assert read_day("Date paid", given_back(day, zone)) == day
        assert is_same(given_back(day, zone), day_value(day)), day
        assert not is_same(given_back(day + timedelta(days=1), zone), day_value(day)), day


@pytest.mark.parametrize("is_local", [True, False])
async def test_a_payment_of_a_day_in_summer_is_recorded_on_that_day_and_shown_as_it(
    world: World, is_local: bool
) -> None:
    await world.hand.call("POST", "behaviours", json={"date-only-is-local-midnight": is_local})
    await moderated(world, MODERATOR)
    (item,) = await world.hand.items(LIST)
    paid_on = date(2027, 6, 2)
    await world.set_clock(datetime(2027, 6, 2, 12, 0, tzinfo=UTC))
    edit = {"AmountPaid": 1_000.0, "DatePaid": day_value(paid_on)}
    await world.hand.edit_item(LIST, item["id"], MODERATOR, edit)
    await world.office.pull()
    await world.carry_out()
    with world.desk.work() as work:
        assert section_fields(work, R1)["DatePaid"] == day_value(paid_on)
    await world.office.pull()
    assert await world.carry_out() == 0, "what SharePoint gives back is no edit"
    (item,) = await world.hand.items(LIST)
    assert (item["fields"]["Status"], read_day("Date paid", item["fields"]["DatePaid"])) == ("Paid", paid_on)
    assert not item["fields"].get("DeskNote")
