"""A school's money in lines that people read, the same on the console and in chat."""

from __future__ import annotations

from casework.school_funding import SchoolMoney
from communities.money import pounds, whole_pounds
from communities.notional import PROTECTED_PERCENT, Payments, notional_shares, top_up_by_financial_year

Line = tuple[str, str]


def template_lines(money: SchoolMoney) -> list[Line]:
    """The school level template: what is paid now, above and below £6,000, and what is estimated for the year."""
    known = money.template
    if known is None:
        return []
    return [
        ("Pupils with an EHCP, above £6,000", _paid(known.ehcp_above)),
        ("Pupils with an EHCP, below £6,000", _paid(known.ehcp_below)),
        ("Pupils on SEN Support, above £6,000", _paid(known.sen_support_above)),
        ("Pupils on SEN Support, below £6,000", _paid(known.sen_support_below)),
        ("Total current payments", _paid(known.current)),
        ("Estimated automatic payments", _paid(known.automatic)),
        (f"Estimated protected payments ({PROTECTED_PERCENT}% of eligible existing payments)", _paid(known.protected)),
        ("Total estimated payments", whole_pounds(known.total_estimated_pence)),
    ]


def top_up_lines(money: SchoolMoney) -> list[Line]:
    """The notional SEN top-up by financial year, 5/12 for April to August."""
    if money.top_up_pence is None:
        return []
    split = top_up_by_financial_year(money.top_up_pence, money.academic_year)
    return [(f"Notional SEN top-up, {span}", whole_pounds(pence)) for span, pence in split]


def notional_lines(money: SchoolMoney) -> list[Line]:
    """The notional SEN budget, and what each factor adds where they are known."""
    if money.notional_pence is None:
        return []
    factors = money.factors or {}
    parts = [
        (f"{factor.value} ({percent}% of {pounds(factors[factor])})", whole_pounds(pence))
        for factor, percent, pence in notional_shares(factors)
        if factors.get(factor)
    ]
    return [("Notional SEN budget", whole_pounds(money.notional_pence)), *parts]


def difference(money: SchoolMoney) -> str:
    """Where the factors come to another notional budget than the community's summary says: a sentence, else nothing."""
    if money.factors is None or money.line is None or money.notional_pence is None:
        return ""
    printed = money.line.allocation.notional_budget_pence
    if abs(printed - money.notional_pence) <= ROUNDING_PENCE:
        return ""
    return f"KCC's community budget summary says {pounds(printed)}; the factors come to {pounds(money.notional_pence)}."


ROUNDING_PENCE = 100
"""KCC's sheets print whole pounds: up to £1 is rounding."""


def _paid(payments: Payments) -> str:
    pupils = "1 pupil" if payments.pupils == 1 else f"{payments.pupils} pupils"
    return f"{whole_pounds(payments.pence)} for {pupils}"
