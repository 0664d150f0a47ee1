"""Reports in chat: which are to be completed and signed, and the signature itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.asking import MOST_CHOICES, Answer, Answering, Asker, Question
from bot.cards.report import VERB, report_card
from bot.verbs import Press, Pressing
from casework.desk import Work
from casework.letters import spoken_day
from casework.reporting import (
    SIGNS,
    missing_signatures,
    open_reports,
    report_for,
    report_row,
    sign_report,
    spoken_report,
)
from communities.calendars import london


def show(work: Work, asker: Asker, question: Question) -> Answer:
    """The reports of the communities somebody runs: one as a card to sign, several as a choice."""
    if not asker.runs:
        return Answer(title="No report waits for you", sentences=("Reports are signed by chairs and clerks.",))
    named = question.entities.get("community")
    found = open_reports(work, [c for c in asker.runs if named in (None, c)] or list(asker.runs))
    if len(found) == 1:
        return _card(work, found[0], asker.mail)
    if not found:
        return Answer(title="No report waits for a signature",
                      sentences=("Reports are drafted two weeks before they are due.",))  # fmt: skip
    facts = [(spoken_report(r), f"due {r.due_on:%-d %B}; {_waits(r)}") for r in found]
    choices = [(spoken_report(r), f"sign the report of {r.community}") for r in found[:MOST_CHOICES]]
    several_of_one = len({r.community for r in found}) == 1
    cards = tuple(_card(work, r, asker.mail).cards[0] for r in found[:2]) if several_of_one else ()
    return Answer(title=f"{len(found)} reports wait", facts=facts, choices=() if cards else choices, cards=cards)


def sign_form(press: Press, report_id: str) -> Answer:
    """The report behind a line of the desk."""
    row = report_for(press.work, report_id, press.mail)
    return _card(press.work, row, press.mail)


def sign(press: Press) -> Answer:
    """Sign it."""
    report_id = press.text("report_id")
    missing = press.attempt(sign_report, report_id, press.mail)
    row = report_row(press.work, report_id)
    said = f"It waits for the {missing[0].lower()}." if missing else "Both have signed: it is being sent."
    return Answer(title=f"You signed the {spoken_report(row)}", sentences=(said,))


def _card(work: Work, row: Any, mail: str) -> Answer:
    title, own = spoken_report(row), mail.casefold()
    facts = [("Due", spoken_day(row.due_on))]
    for role, name in SIGNS.items():
        at = getattr(row, f"{name}_at")
        facts.append((role.value, f"signed on {london(at):%-d %B}" if at else "has not signed"))
    may_sign = bool(missing_signatures(row)) and own not in (row.clerk_by, row.chair_by) and row.web_url is not None
    card = report_card(title, row.id, facts, row.web_url or "", may_sign=may_sign)
    return Answer(title=title, facts=facts, cards=(card,), is_card=True)


def _waits(row: Any) -> str:
    missing = " and ".join(role.lower() for role in missing_signatures(row))
    return f"waits for {missing}" if missing else "on its way"


ANSWERS: Mapping[str, Answering] = {"reports": show}
VERBS: Mapping[str, Pressing] = {VERB: sign}
