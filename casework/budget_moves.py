"""Money that moves without a request: returned by a school, transferred between budgets, corrected."""

from __future__ import annotations

from casework.budget_record import add_line, add_request_lines, budget_year, hold_budget, position, request_lines
from casework.decide import ledger_year
from casework.desk import CONSOLE, Work
from casework.directory_record import directory_of
from casework.errors import AlreadyDone, InputRefused, NotAllowed
from casework.masking import masked_in, masked_of_request
from casework.overrides import check_balance
from casework.request_moves import payment_row
from casework.request_record import request_row
from casework.year_record import check_open
from communities.budget import LineKind
from communities.directory import Role
from communities.money import pounds
from communities.overrides import Override


def record_return(work: Work, request_id: str, pence: int, reason: str, by: str) -> None:
    """A school gives back what it did not use of a payment; at most what it was paid, in all.

    It goes to the year it was paid from; once that is closed, on to the one that runs.
    """
    row, paid = request_row(work, request_id), payment_row(work, request_id)
    _check(work, reason, by)
    if paid is None:
        raise AlreadyDone(f"{request_id} was not paid, so nothing can be returned of it.")
    _check_above_nothing(pence)
    said = masked_of_request(work, request_id, reason)
    entry = work.acting(by).journal("record return", request_id, amount_pence=pence, reason=said)
    year = ledger_year(work, request_id, row.round)
    hold_budget(work, row.community, year)
    returned = returned_pence(work, request_id, row.round)
    if returned + pence > paid.paid_pence:
        raise InputRefused(
            f"{pounds(pence)} is more than what is left of the {pounds(paid.paid_pence)} paid "
            f"({pounds(returned)} came back before)."
        )
    add_request_lines(work, row.community, year, (request_id, row.round), entry, (LineKind.RETURN, pence))


def returned_pence(work: Work, request_id: str, round_: int) -> int:
    """What came back of a request's payment so far."""
    return sum(x.amount_pence for x in request_lines(work, request_id, round_) if x.kind is LineKind.RETURN)


def record_transfer(
    work: Work,
    source: tuple[str, str],
    target: tuple[str, str],
    pence: int,
    reason: str,
    by: str,
    override: Override | None = None,
) -> None:
    """Money from one budget to another."""
    _check(work, reason, by)
    _check_above_nothing(pence)
    if source == target:
        raise InputRefused("The money would stay where it is: name another community or year.")
    for community, year in sorted((source, target)):  # always in this order, so that two never wait for each other
        hold_budget(work, community, year)
    for community, year in (source, target):
        if position(work, community, year) is None:
            raise InputRefused(f"No budget of {community} for {year} is in the record; import it first.")
        check_open(work, community, year)
    has = position(work, *source)
    assert has is not None
    remedy = f"Move at most {pounds(max(has.balance_pence, 0))} from {source[0]} {source[1]}"
    allowed = check_balance(work, {source[0], target[0]}, pence, has.balance_pence, override, remedy=remedy)
    entry = work.acting(by).journal(
        "record transfer",
        source[0],
        amount_pence=pence,
        source=" ".join(source),
        target=" ".join(target),
        reason=masked_in(work, {source[0], target[0]}, reason),
        **allowed,
    )
    add_line(work, *source, LineKind.TRANSFER, -pence, entry)
    add_line(work, *target, LineKind.TRANSFER, pence, entry)


def record_correction(
    work: Work, community: str, pence: int, reason: str, by: str, year: str = "", override: Override | None = None
) -> None:
    """Add (or take, where negative) what KCC's books say; an entry is never edited."""
    _check(work, reason, by)
    if not pence:
        raise InputRefused("A correction of £0 changes nothing.")
    year = year or budget_year(work, community)
    hold_budget(work, community, year)
    stands = position(work, community, year)
    if stands is None:
        raise InputRefused(f"No budget of {community} for {year} is in the record; import it first.")
    check_open(work, community, year)
    remedy = f"Take off at most {pounds(max(stands.balance_pence, 0))}"
    allowed = check_balance(work, [community], -pence, stands.balance_pence, override, remedy=remedy)
    said = masked_in(work, [community], reason)
    entry = work.acting(by).journal("record correction", community, amount_pence=pence, reason=said, **allowed)
    add_line(work, community, year, LineKind.CORRECTION, pence, entry)


def _check(work: Work, reason: str, by: str) -> None:
    directory = directory_of(work)
    if by != CONSOLE and not any(directory.holds(by, r) for r in (Role.MODERATOR, Role.ADMINISTRATOR)):
        raise NotAllowed("Only a KCC moderator or an administrator moves money without a request.")
    if not reason.strip():
        raise InputRefused("Say why: it stands in the ledger beside the amount.")


def _check_above_nothing(pence: int) -> None:
    if pence <= 0:
        raise InputRefused(f"The amount is {pounds(pence)}; it must be more than £0.")
