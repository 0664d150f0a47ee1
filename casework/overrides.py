"""Whether a command may take money from a balance: asked by every one that lowers one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from casework.desk import Work
from casework.directory_record import directory_of
from casework.errors import InputRefused
from casework.masking import masked_in
from communities.directory import Role
from communities.overrides import Override, goes_below_zero, override_problems, payment_problems


def may_override(work: Work, override: Override | None) -> bool:
    """Whether the person it names may allow spending below zero: a KCC moderator or an administrator."""
    if override is None:
        return False
    wanted, directory = override.allowed_by.strip().casefold(), directory_of(work)
    known = (*directory.people_with(Role.MODERATOR), *directory.people_with(Role.ADMINISTRATOR))
    return any(wanted in (p.mail.casefold(), p.name.casefold()) for p in known)


def check_balance(
    work: Work, communities: Collection[str], pence: int, balance_pence: int, override: Override | None, *, remedy: str
) -> dict[str, str]:
    """Before `pence` are taken from a balance; returns what the journal keeps of an override that was needed.

    Raises `InputRefused` where the balance would go below zero and nobody who may has allowed it.
    """
    problems = override_problems(
        pence, balance_pence, override, may_override=may_override(work, override), remedy=remedy
    )
    if said := list(problems):
        raise InputRefused(*said)
    if not override or not goes_below_zero(pence, balance_pence):
        return {}
    return {"override": f" {_masked(work, communities, override)}"}


def check_paid(
    work: Work, communities: Collection[str], paid_pence: int, final_pence: int, override: Override | None
) -> dict[str, str]:
    """Before more than the final amount is paid; returns what the journal keeps of an override that was needed.

    Raises `InputRefused` where nobody who may has allowed it.
    """
    problems = payment_problems(paid_pence, final_pence, override, may_override=may_override(work, override))
    if said := list(problems):
        raise InputRefused(*said)
    if not override or paid_pence <= final_pence:
        return {}
    return {"override": f" {_masked(work, communities, override).of_payment()}"}


def _masked(work: Work, communities: Collection[str], override: Override) -> Override:
    return replace(override, reason=masked_in(work, communities, override.reason))
