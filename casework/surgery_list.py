"""The SharePoint list 'SEN IA surgeries': an adviser adds an item to publish a session, or sets one to Cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from casework.desk import Desk, Work
from casework.effects import effect
from casework.errors import InputRefused
from casework.list_values import is_same
from casework.ports import ListItem, Person, Ports
from casework.side_lists import SideList, write_item
from casework.surgery_record import call_off, free_slots, publish, surgery_row
from communities.calendars import LONDON
from communities.surgeries import SLOT_MINUTES, Surgery, SurgeryState

LIST = "SEN IA surgeries"


def fields_of(work: Work, surgery_id: str) -> dict[str, Any]:
    """The item's fields from the record."""
    row = surgery_row(work, surgery_id)
    return {
        "Starts": f"{row.starts_at:%Y-%m-%dT%H:%M:%SZ}", "Slots": row.slots, "MinutesASlot": row.slot_minutes,
        "Adviser": Person(row.adviser), "Status": row.state, "Booked": _booked(work, row),
    }  # fmt: skip


def _booked(work: Work, row: Any) -> str:
    return f"{row.slots - len(free_slots(work, row))} of {row.slots}" if row.state == SurgeryState.PUBLISHED else ""


def _add(work: Work, item: ListItem, by: str) -> str:
    fields = item.fields
    surgery = Surgery(
        starts_at=_moment(fields.get("Starts")), slots=_whole("Slots", fields.get("Slots")),
        slot_minutes=_whole("Minutes a slot", fields.get("MinutesASlot") or SLOT_MINUTES),
    )  # fmt: skip
    return publish(work, by, surgery, by)


def _change(work: Work, surgery_id: str, item: ListItem, by: str) -> bool:
    """Whether to write the item again: calling a session off is taken, any other change is put back."""
    row = surgery_row(work, surgery_id)
    if item.fields.get("Status") == SurgeryState.CANCELLED and row.state == SurgeryState.PUBLISHED:
        call_off(work, surgery_id, by)
        return True
    ours = fields_of(work, surgery_id)
    told = ("Starts", "Slots", "MinutesASlot", "Status")
    if not all(is_same(item.fields.get(k), ours[k]) for k in told):
        raise InputRefused(
            "A session is called off by setting Status to Cancelled; to change its time or slots, call it off and add "
            "a new one."
        )
    return False


def _moment(written: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(written or ""))
    except ValueError:
        raise InputRefused(f"'Starts' is '{str(written or '')[:40]}'. Choose the day and time it begins.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=LONDON)


def _whole(name: str, written: object) -> int:
    if not isinstance(written, int | float) or written != int(written):
        raise InputRefused(f"'{name}' is '{str(written if written is not None else '')[:20]}'. Write a whole number.")
    return int(written)


SIDE = SideList(name=LIST, effect="list.surgery", fields_of=fields_of, add=_add, change=_change)


@effect("list.surgery")
async def write_surgery(desk: Desk, ports: Ports, subject: str) -> None:
    """Bring a session's item up to date."""
    await write_item(desk, ports, SIDE, subject)
