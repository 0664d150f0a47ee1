"""KCC's section of a request in the list: what moderators write there, kept until it is whole, and then carried out.

Only what a moderator wrote counts, and only where the list showed it when they saved. The final amount is recorded
first; a payment is never recorded in the same save. Once recorded, the list shows the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from casework import tables
from casework.decide import decision_row
from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.letters import spoken_day
from casework.list_values import day_value, is_same, read_amount, read_day
from casework.moderate import moderate, moderation_row
from casework.permissions import may_move, who_may
from casework.ports import ListEdit
from casework.request_moves import pay_request, payment_row
from casework.request_record import request_row
from communities.lifecycle import BY_MOVE, Move
from communities.money import pounds

MODERATION = ("FinalAmount", "KccModerated", "DateProcessed")
PAYMENT = ("AmountPaid", "DatePaid")
MODERATED_BY = "ModeratedBy"
KCC_FIELDS = (*MODERATION, MODERATED_BY, *PAYMENT)
"""The columns KCC's moderators fill in; `ModeratedBy` is whoever did."""

UNKNOWN = (
    "Microsoft 365 did not tell us who changed KCC's section, so nothing was recorded. Please enter it again, and ask "
    "an administrator to switch on versions for this list."
)
FIRST_THE_AMOUNT = (
    "A payment can be recorded once the status is Moderated. Please enter the amount paid and its date again then."
)


def section_fields(work: Work, request_id: str) -> dict[str, Any]:
    """What the list says in KCC's section: the record, or what a moderator began there."""
    final, paid, begun = moderation_row(work, request_id), payment_row(work, request_id), _begun(work, request_id)
    fields = {name: begun.get(name) for name in (*MODERATION, *PAYMENT)} | {MODERATED_BY: None}
    if final:
        fields |= {
            "FinalAmount": final.final_pence / 100, "KccModerated": True, MODERATED_BY: final.approved_by,
            "DateProcessed": day_value(final.processed_on),
        }  # fmt: skip
    if paid:
        fields |= {"AmountPaid": paid.paid_pence / 100, "DatePaid": day_value(paid.paid_on)}
    return fields | {"KccModerated": bool(fields["KccModerated"])}


def take_section(work: Work, request_id: str, edit: ListEdit) -> list[str]:
    """Take what one save changed in KCC's section; returns why what is put back is put back."""
    said, by = section_fields(work, request_id), edit.by
    wanted = {n: v for n, v in edit.changed.items() if n in (*MODERATION, *PAYMENT) and not is_same(v, said[n])}
    if not wanted:
        return []
    if not by:
        return [UNKNOWN]
    row = request_row(work, request_id)
    if not may_move(work, row, BY_MOVE[Move.MODERATE], by):
        return [who_may(work, row, BY_MOVE[Move.MODERATE])]
    is_moderated = moderation_row(work, request_id) is not None
    reasons = []
    for part, take in ((MODERATION, _moderation), (PAYMENT, _payment)):
        if new := {n: v for n, v in wanted.items() if n in part}:
            try:
                take(work, request_id, new, edit, is_moderated)
            except (NotAllowed, InputRefused, AlreadyDone) as error:
                reasons.append(str(error))
    return reasons


def _moderation(work: Work, request_id: str, new: Mapping[str, Any], edit: ListEdit, is_moderated: bool) -> None:
    if is_moderated:
        final = moderation_row(work, request_id)
        raise AlreadyDone(
            f"The final amount of {request_id} is recorded: {pounds(final.final_pence)}. It cannot be changed here."
        )
    begun = {**_begun(work, request_id), **new}
    day = read_day("Date processed", begun.get("DateProcessed"))
    pence = None if begun.get("FinalAmount") is None else read_amount("Final amount", begun["FinalAmount"])
    if begun.get("KccModerated") and pence is not None:
        _check_shown(work, request_id, MODERATION, begun, edit.shown)
        _check_entered(work, request_id, pence, edit)
        moderate(work, request_id, pence, _name(work, edit.by), day or work.today, edit.by)
        begun = {n: v for n, v in begun.items() if n not in MODERATION}
    _keep(work, request_id, begun)


def _payment(work: Work, request_id: str, new: Mapping[str, Any], edit: ListEdit, is_moderated: bool) -> None:
    if not is_moderated:
        raise InputRefused(FIRST_THE_AMOUNT)
    if paid := payment_row(work, request_id):
        raise AlreadyDone(f"The payment of {request_id} is recorded: {pounds(paid.paid_pence)}. It stays as it is.")
    begun = {**_begun(work, request_id), **new}
    day = read_day("Date paid", begun.get("DatePaid"))
    if begun.get("AmountPaid") is not None:
        pence, final = read_amount("Amount paid", begun["AmountPaid"]), moderation_row(work, request_id)
        if pence > final.final_pence:
            raise InputRefused(
                f"The amount paid is {pounds(pence)}, and the final amount {pounds(final.final_pence)}. Please correct "
                "it, or ask an administrator to record a payment above the final amount."
            )
        _check_shown(work, request_id, PAYMENT, begun, edit.shown)
        pay_request(work, request_id, pence, day or work.today, edit.by)
        begun = {n: v for n, v in begun.items() if n not in PAYMENT}
    _keep(work, request_id, begun)


def _check_entered(work: Work, request_id: str, pence: int, edit: ListEdit) -> None:
    """Whether the amount is a moderator's: where versions do not tell who entered it, one that was agreed or read
    before counts alone.
    """
    entered = _begun(work, request_id).get("FinalAmount")
    is_known = is_same(entered, pence / 100) or decision_row(work, request_id).amount_pence == pence
    if not (edit.is_one_save or is_known):
        raise InputRefused(
            f"This list kept no versions for a while, so nobody can tell who entered {pounds(pence)}. Nothing was "
            "recorded. Please enter the final amount alone, and tick 'KCC moderated' ten minutes later; or ask an "
            "administrator to switch on versions for this list."
        )


_GOES_WITH = {MODERATION: "KccModerated", PAYMENT: "AmountPaid"}
"""What has a part carried out: it is to be entered again where the rest of the part was not as the list showed it."""

_TITLES = {
    "FinalAmount": "Final amount", "KccModerated": "KCC moderated", "DateProcessed": "Date processed",
    "AmountPaid": "Amount paid", "DatePaid": "Date paid",
}  # fmt: skip


def _check_shown(
    work: Work, request_id: str, part: tuple[str, ...], begun: Mapping[str, Any], shown: Mapping[str, Any]
) -> None:
    """Whether the list showed what is about to be recorded: nobody approves what somebody else wrote over it."""
    odd = [
        f"'{_TITLES[n]}' said {_words(n, shown.get(n))} in the list, and a KCC moderator entered "
        f"{_words(n, begun.get(n))}."
        for n in part
        if not is_same(shown.get(n), begun.get(n))
    ]
    if odd:
        again = _GOES_WITH[part]
        _keep(work, request_id, {n: v for n, v in begun.items() if n != again})
        raise InputRefused(
            f"{' '.join(odd)} Nothing was recorded. Please check the columns, and fill in '{_TITLES[again]}' again."
        )


def _words(column: str, written: object) -> str:
    """What a column says, as a sentence says it."""
    if column == "KccModerated":
        return "a tick" if written else "no tick"
    if written is None:
        return "nothing"
    try:
        if column in ("FinalAmount", "AmountPaid"):
            return pounds(read_amount(_TITLES[column], written))
        day = read_day(_TITLES[column], written)
        return spoken_day(day) if day else "nothing"
    except InputRefused:
        return f"“{str(written)[:40]}”"


def _name(work: Work, mail: str) -> str:
    return next((p.name for p in directory_of(work).roles_of(mail)), mail)


def _begun(work: Work, request_id: str) -> dict[str, Any]:
    """What moderators wrote in this round that is not carried out yet."""
    items = tables.list_items
    kept = work.conn.execute(select(items.c.kcc_draft).where(items.c.request_id == request_id)).scalar_one_or_none()
    if not kept or kept["round"] != request_row(work, request_id).round:
        return {}
    return dict(kept["fields"])


def _keep(work: Work, request_id: str, fields: Mapping[str, Any]) -> None:
    items, round_ = tables.list_items, request_row(work, request_id).round
    kept = {"round": round_, "fields": {n: v for n, v in fields.items() if v is not None}}
    work.conn.execute(update(items).where(items.c.request_id == request_id).values(kcc_draft=kept))
