"""The community's balance and a school's own lines of the budget."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.asking import (
    Answer,
    Answering,
    AskBack,
    Asker,
    Question,
    check_told,
    community_of,
    in_private,
    school_named,
    school_of,
)
from casework.agenda_paper import balance_sheet
from casework.budget_record import budget_year, position, summary_of, waiting_pence
from casework.desk import Work
from casework.directory_record import directory_of
from casework.financial_years import budget_line, positions
from casework.reading import Thing, check_may_read
from casework.school_funding import SchoolMoney, school_money
from casework.school_funding_lines import difference, notional_lines, template_lines, top_up_lines
from communities.budget import TOTAL_FUNDING, Position, SchoolLine, rounded_note, waterfall
from communities.money import pounds, whole_pounds
from papers.charts import parts_chart, waterfall_chart

LINES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bstls\b|top[- ]?slic|specialist teach", re.IGNORECASE), "STLS top-slice"),
    (re.compile(r"\bclerking\b", re.IGNORECASE), "Chair and clerking"),
    (re.compile(r"\btotal\b.*\b(?:high needs|hn|funding)\b|\bhigh needs funding\b", re.IGNORECASE), TOTAL_FUNDING),
)
"""What a sentence asks for of the balance sheet, as its line is called."""
SPENT = re.compile(r"\b(?:spen[dt]|spending|committed|used|promised)\b", re.IGNORECASE)
STILL = re.compile(r"\b(?:left|remaining|available|unspent|afford|can|could|may|able)\b", re.IGNORECASE)
"""What is still there to be spent, not what was."""
FORECAST = re.compile(
    r"\bforecast\b|\b(?:if|once|when|after)\b.*\b(?:approved?|agreed?|accept(?:ed)?|say yes|yes to)\b", re.IGNORECASE
)
COUNTY = re.compile(
    r"\bcounty(?:[- ]wide)?\b|\bkent (?:totals?|as a whole)\b|\ball of kent\b|\ball (?:the )?communities\b",
    re.IGNORECASE,
)


def balance(work: Work, asker: Asker, question: Question) -> Answer:
    """What is left this academic year, in both financial years, or the line of the balance sheet that was asked for.
    For the community's own people and the county.
    """
    if COUNTY.search(question.text) and "community" not in question.entities:
        check_may_read(work, Thing.COUNTY_TOTALS, asker.mail)
        if not question.is_personal:
            raise AskBack(in_private())
        return _county(work)
    community = community_of(work, asker, question)
    check_told(work, asker, question, Thing.BALANCE, community)
    line = budget_line(work, community, budget_year(work, community))
    if line is None:
        return Answer(title=f"{community} has no budget in the record", sentences=("The clerk imports KCC's summary.",))
    summary, stands = summary_of(work, community, line.academic_year), position(work, community, line.academic_year)
    sheet = balance_sheet(summary, positions(work, community, line.academic_year))
    wanted = next((label for form, label in LINES if form.search(question.text)), "")
    if found := next((x for x in sheet if x.label == wanted), None):
        return Answer(
            title=f"{found.label}: {found.year}",
            sentences=(f"{community}, school year {line.academic_year}.",),
            facts=[(x.label, x.year) for x in sheet],
        )
    if stands and FORECAST.search(question.text):
        return _forecast(community, line.academic_year, stands, waiting_pence(work, community))
    if stands and SPENT.search(question.text) and not STILL.search(question.text):
        return _spent(community, line.academic_year, stands)
    first, second = line.financial_years
    facts = (
        (f"School year {line.academic_year}", pounds(line.balance_pence)),
        (f"of it in {first} (financial year)", whole_pounds(line.split.first_pence)),
        (f"of it in {second} (financial year)", whole_pounds(line.split.second_pence)),
    )
    picture = waterfall_chart(waterfall(stands, waiting_pence(work, community)), on_a_card=True) if stands else None
    title = f"{community} has {pounds(line.balance_pence)} left"
    note = rounded_note(line.split)
    return Answer(title=title, sentences=(note,) if note else (), facts=facts, picture=picture)


def _spent(community: str, year: str, stands: Position) -> Answer:
    """What was approved and not paid yet, and paid, less what came back: the tab's figures."""
    parts = (
        ("Approved, not paid yet", stands.outstanding_pence),
        ("Paid by KCC", stands.paid_pence),
        ("Came back", -stands.returned_pence),
    )
    facts = [(name, pounds(pence)) for name, pence in parts if pence]
    return Answer(
        title=f"{community} has spent {pounds(stands.spent_pence)} so far",
        sentences=(f"School year {year}: what the community approved, or what KCC made of it.",),
        facts=[*facts, ("Left", pounds(stands.balance_pence))],
    )


def _forecast(community: str, year: str, stands: Position, waiting: int) -> Answer:
    """What is left if everything that is not decided yet is approved as asked."""
    left = stands.forecast_pence(waiting)
    would = f"would have {pounds(left)} left" if left >= 0 else f"would be {pounds(-left)} short"
    facts = [("Left now", pounds(stands.balance_pence)), ("Asked for, to be decided", pounds(waiting))]
    said = f"School year {year}, if every request that is not decided yet is approved as asked."
    return Answer(title=f"{community} {would}", sentences=(said,), facts=facts)


def _county(work: Work) -> Answer:
    """All communities' budgets together, for KCC."""
    names = [str(c.name) for c in directory_of(work).communities]
    found = [p for name in names if (p := position(work, name, budget_year(work, name)))]
    waiting = sum(waiting_pence(work, name) for name in names)
    balance_pence = sum(p.balance_pence for p in found)
    facts = [
        ("Opening balances", pounds(sum(p.opening_pence for p in found))),
        ("Spent", pounds(sum(p.spent_pence for p in found))),
        ("Asked for, to be decided", pounds(waiting)),
    ]
    return Answer(
        title=f"All communities together have {pounds(balance_pence)} left",
        sentences=(f"{len(found)} of {len(names)} communities have a budget in CoS Desk.",),
        facts=facts,
    )


APRIL_TO_AUGUST = re.compile(r"\bapril\b.*\baugust\b|\bsummer\b|\b(?:5/12|five twelfths)", re.IGNORECASE)
TEMPLATE = re.compile(r"\btemplate\b|£ ?6,?000|\b6 ?k\b|\bsix thousand\b", re.IGNORECASE)
TOP_UP = re.compile(r"\btop[- ]?ups?\b", re.IGNORECASE)
NOTIONAL = re.compile(r"\bnotional\b", re.IGNORECASE)


def school_budget(work: Work, asker: Asker, question: Question) -> Answer:
    """A school's own money: the figure that was asked for, or its line of the summary. For itself, its clerk and chair,
    and the county.
    """
    school = school_of(work, asker, question)
    home = str(school_named(directory_of(work), school).community)
    money = school_money(work, school, home, budget_year(work, home), asker.mail)
    if asked := _asked_of(money, question.text):
        return asked
    if money.line is None:
        said = ("The clerk imports KCC's summary.",)
        return Answer(title=f"{school} stands in no budget of {home} for {money.academic_year}", sentences=said)
    return _line_of(money, money.line)


def _asked_of(money: SchoolMoney, text: str) -> Answer | None:
    """The figure a sentence asks for as the title, the lines it belongs to below. None where it asks for all."""
    template, top_up, notional = template_lines(money), top_up_lines(money), notional_lines(money)
    of = f"{money.school}, school year {money.academic_year}."
    if template and TEMPLATE.search(text):
        return Answer(title=f"School level template of {money.school}", sentences=(of,), facts=[*template, *top_up])
    if top_up and TOP_UP.search(text):
        name, amount = top_up[1 if APRIL_TO_AUGUST.search(text) else 0]
        sentences = (of, "April to August is 5/12 of the year.")
        return Answer(title=f"{name}: {amount}", sentences=sentences, facts=top_up)
    if notional and NOTIONAL.search(text):
        said = [s for s in (of, difference(money)) if s]
        return Answer(title=f"Notional SEN budget: {notional[0][1]}", sentences=said, facts=[*notional, *top_up])
    return None


def _line_of(money: SchoolMoney, line: SchoolLine) -> Answer:
    """The school's line of the summary, kept up by the ledger."""
    known = line.allocation
    parts = [
        ("Notional SEN budget", known.notional_budget_pence),
        ("Notional SEN top-up", known.notional_top_up_pence),
        (f"Automatic payments ({known.automatic_payments})", known.automatic_payments_pence),
        (f"Protected payments ({known.protected_payments})", known.protected_payments_pence),
        (f"Agreed by the community ({_pupils(known.agreed_pupils)})",
         known.agreed_payments_pence - line.moderated_pence),
    ]  # fmt: skip
    facts = [(name, pounds(pence)) for name, pence in parts]
    if line.moderated_pence:
        facts.append(("Of that, with KCC's final amounts", pounds(known.agreed_payments_pence)))
    if line.waiting_pence:
        facts.append(("Asked for, to be decided", pounds(line.waiting_pence)))
    picture = parts_chart(parts, money.school, on_a_card=True)
    choices = (("School level template", f"school level template of {money.school}"),) if money.template else ()
    title = f"{money.school}, school year {money.academic_year}"
    return Answer(title=title, facts=facts, choices=choices, picture=picture)


def _pupils(count: int) -> str:
    return "1 pupil" if count == 1 else f"{count} pupils"


ANSWERS: Mapping[str, Answering] = {"budget_balance": balance, "school_budget": school_budget}
