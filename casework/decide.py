"""The decision: asked of the chair on a card, taken once, recorded in one transaction with its money."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select

from casework import tables
from casework.budget_record import add_line, budget_line, budget_year, hold_budget, position
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import effect, mark_begun
from casework.errors import AlreadyDone, InputRefused, NeedsAttention, NotAllowed
from casework.letters import spoken_day
from casework.ports import BudgetLine, DecisionAsk, DecisionPost, Ports
from casework.request_record import move, request_row
from casework.request_view import circulated_view
from casework.schedule import meeting_row
from communities.budget import LineKind, split_by_financial_year
from communities.calendars import london
from communities.decisions import DecidedBy, Decision, Response, decision_problems
from communities.directory import Role
from communities.lifecycle import Move, State

REVIEW_AFTER = timedelta(days=90)
"""A choice: the review date offered on the card, about a term ahead."""


def decide(work: Work, request_id: str, decision: Decision, by: str) -> DecisionPost:
    """Record a decision by the person of that mail. All of it happens, or nothing.

    Raises `NotAllowed`, `AlreadyDone` (decided before, or not on an agenda) or `InputRefused` with every reason.
    """
    row = request_row(work, request_id)
    _check_person(work, row, decision, by)
    if row.state != State.ON_AGENDA:
        raise AlreadyDone(_what_stands(work, row))
    year = budget_year(work, row.community)
    hold_budget(work, row.community, year)
    stands = position(work, row.community, year)
    if decision.amount_pence and stands is None:
        raise InputRefused(f"No budget of {row.community} was imported yet, so no amount can be approved.")
    problems = decision_problems(
        decision,
        balance_pence=stands.balance_pence if stands else 0,
        decided_on=work.today,
        chair_has_interest=directory_of(work).holds(by, Role.SENCO, row.school),
    )
    if said := list(problems):
        raise InputRefused(*said)
    version = move(work, request_id, Move.DECIDE)
    _record(work, request_id, decision, by, row.community, year)
    work.effect("list.write", f"{request_id}#{version}")
    work.effect("post.decision", request_id)
    if decision.is_financial:
        work.effect("mail.forward", request_id)
    return decision_post(work, request_id)


def _check_person(work: Work, row: Any, decision: Decision, by: str) -> None:
    directory = directory_of(work)
    if directory.holds(by, Role.CHAIR, row.community):
        return
    if directory.holds(by, Role.CLERK, row.community):
        if decision.made_by is DecidedBy.CONSENSUS:
            return
        raise NotAllowed("A clerk records decisions made by consensus; only the chair decides as chair.")
    chair = directory.chair_of(row.community)
    name = chair.name if chair else "the chair"
    raise NotAllowed(f"Only the chair of {row.community} ({name}) or its clerk can record this decision.")


def _what_stands(work: Work, row: Any) -> str:
    known = _decision_row(work, row.id)
    if known is None:
        return f"{row.id} is '{row.state}' and not on an agenda, so it cannot be decided now."
    return f"{row.id} was decided on {spoken_day(london(known.decided_at).date())}. Nothing was changed."


def _record(work: Work, request_id: str, decision: Decision, by: str, community: str, year: str) -> None:
    entry = work.journal(
        "decide request",
        request_id,
        responses=[r.value for r in decision.responses],
        amount_pence=decision.amount_pence,
        made_by=decision.made_by.value,
    )
    work.conn.execute(
        insert(tables.decisions).values(
            request_id=request_id,
            round=1,
            responses=[r.value for r in decision.responses],
            details=decision.details,
            amount_pence=decision.amount_pence,
            review_on=decision.review_on,
            made_by=decision.made_by.value,
            decided_by=by,
            decided_at=work.now,
        )
    )
    if decision.amount_pence:
        add_line(work, community, year, LineKind.COMMITMENT, -decision.amount_pence, entry, request_id)


def _decision_row(work: Work, request_id: str) -> Any:
    decisions = tables.decisions
    return work.conn.execute(
        select(decisions).where(decisions.c.request_id == request_id).order_by(decisions.c.round.desc()).limit(1)
    ).one_or_none()


def decision_row(work: Work, request_id: str) -> Any:
    """The decision that stands; there must be one."""
    row = _decision_row(work, request_id)
    if row is None:
        raise InputRefused(f"{request_id} was not decided yet.")
    return row


def decision_post(work: Work, request_id: str) -> DecisionPost:
    """A recorded decision as channel and card show it, with the balance before and after it."""
    row, known = request_row(work, request_id), decision_row(work, request_id)
    ledger = tables.ledger
    year = work.conn.execute(
        select(ledger.c.academic_year).where(
            ledger.c.request_id == request_id, ledger.c.kind == LineKind.COMMITMENT.value
        )
    ).scalar_one_or_none() or budget_year(work, row.community)
    after = balance_after(work, row.community, year, request_id)
    return DecisionPost(
        request_id=request_id,
        community=row.community,
        school=row.school,
        responses=[Response(r) for r in known.responses],
        details=known.details,
        amount_pence=known.amount_pence,
        review_on=known.review_on,
        made_by=DecidedBy(known.made_by),
        before=_plus(after, known.amount_pence),
        after=after,
    )


def balance_after(work: Work, community: str, year: str, request_id: str) -> BudgetLine | None:
    """The balance right after the request's last ledger line, whatever came later."""
    ledger = tables.ledger
    mine = (ledger.c.community == community, ledger.c.academic_year == year)
    last = work.conn.execute(
        select(ledger.c.id).where(*mine, ledger.c.request_id == request_id).order_by(ledger.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    now = budget_line(work, community, year)
    if now is None or last is None:
        return now
    later = work.conn.execute(select(ledger.c.amount_pence).where(*mine, ledger.c.id > last)).scalars()
    return _plus(now, -sum(later))


def _plus(line: BudgetLine | None, pence: int) -> BudgetLine | None:
    if line is None:
        return None
    balance = line.balance_pence + pence
    return BudgetLine(
        academic_year=line.academic_year,
        financial_years=line.financial_years,
        balance_pence=balance,
        split=split_by_financial_year(balance),
    )


def decision_ask(work: Work, request_id: str) -> DecisionAsk:
    """A request as the chair's card shows it. No pupil's name or date of birth."""
    row = request_row(work, request_id)
    view = circulated_view(work, row, "to keep names out of the decision card")
    meeting = meeting_row(work, row.meeting_id) if row.meeting_id else None
    return DecisionAsk(
        request_id=request_id,
        version=row.version,
        community=row.community,
        school=row.school,
        meeting_on=spoken_day(london(meeting.starts_at).date()) if meeting else "–",
        support=view.support,
        requested_pence=row.requested_pence,
        solution=view.solution,
        outcomes=view.outcomes,
        funding_use=view.funding_use,
        already_supported=view.already_supported,
        pupils=(view.sen_support, view.ehcp, view.looked_after),
        key_stages=view.key_stages,
        budget=budget_line(work, row.community, budget_year(work, row.community)),
        review_on=_review_day(work.today),
    )


def _review_day(today: date) -> date:
    return today + REVIEW_AFTER


def waiting_for(work: Work, mail: str) -> list[str]:
    """The requests that wait for a decision by the person of that mail, oldest first."""
    requests = tables.requests
    chaired = [p.of for p in directory_of(work).people if p.role is Role.CHAIR and p.mail.casefold() == mail.casefold()]
    return list(
        work.conn.execute(
            select(requests.c.id)
            .where(requests.c.community.in_(chaired), requests.c.state == State.ON_AGENDA)
            .order_by(requests.c.id)
        ).scalars()
    )


@effect("card.ask")
async def ask_chair(desk: Desk, ports: Ports, request_id: str) -> None:
    """Send the chair a decision card."""
    ask, chair = await desk.run(SYSTEM, _ask_and_chair, request_id)
    if ask is None:
        return
    await desk.run(SYSTEM, mark_begun, f"card.ask:{request_id}")
    message = await ports.channels.ask(chair, ask)
    await desk.run(SYSTEM, _keep_card, request_id, dict(message))


def _ask_and_chair(work: Work, request_id: str) -> tuple[DecisionAsk | None, str]:
    row = request_row(work, request_id)
    if row.state != State.ON_AGENDA:
        return None, ""
    chair = directory_of(work).chair_of(row.community)
    if chair is None:
        raise NeedsAttention(f"{row.community} has no chair in the directory: import the people again.")
    return decision_ask(work, request_id), chair.mail


def _keep_card(work: Work, request_id: str, message: dict[str, str]) -> None:
    row = {"request_id": request_id, "message": message}
    work.conn.execute(insert_or_replace(work.conn, tables.cards, row, ("request_id",)))


@effect("post.decision")
async def post_decision(desk: Desk, ports: Ports, request_id: str) -> None:
    """Post the decision with the new balance in the community's channel."""
    post = await desk.run(SYSTEM, decision_post, request_id)
    await desk.run(SYSTEM, mark_begun, f"post.decision:{request_id}")
    await ports.channels.post(post.community, post)
