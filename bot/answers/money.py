"""The community's balance and a school's own lines of the budget."""

from __future__ import annotations

from collections.abc import Mapping

from bot.asking import Answer, Answering, Asker, Question, community_of
from casework.budget_record import budget_line, budget_year
from casework.desk import Work
from communities.money import whole_pounds


def balance(work: Work, asker: Asker, question: Question) -> Answer:
    """What is left this academic year, in both financial years. For the community's own people and the county."""
    community = community_of(work, asker, question)
    if community not in asker.communities and not asker.is_county:
        return Answer(title=f"The balance of {community} is for its own schools", is_of_now=False)
    line = budget_line(work, community, budget_year(work, community))
    if line is None:
        return Answer(title=f"{community} has no budget in the record", sentences=("The clerk imports KCC's summary.",))
    first, second = line.financial_years
    facts = (
        (f"School year {line.academic_year}", whole_pounds(line.balance_pence)),
        (f"of it in {first}", whole_pounds(line.split.first_pence)),
        (f"of it in {second}", whole_pounds(line.split.second_pence)),
    )
    return Answer(title=f"{community} has {whole_pounds(line.balance_pence)} left", facts=facts)


ANSWERS: Mapping[str, Answering] = {"budget_balance": balance}
