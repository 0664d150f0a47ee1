"""The decision: asked of the chair on a card, taken once, recorded in one transaction with its money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from casework import tables
from casework.budget_record import add_line, budget_year, hold_budget, position
from casework.desk import SYSTEM, Desk, Work, insert_or_replace
from casework.directory_record import directory_of
from casework.effects import effect, is_overtaken, mark_begun
from casework.errors import AlreadyDone, InputRefused, NeedsAttention, NotAllowed
from casework.financial_years import budget_line, line_after
from casework.letters import spoken_day
from casework.masking import masked_of_request, masker_of_request
from casework.overrides import may_override
from casework.permissions import check_may
from casework.ports import BudgetLine, DecisionAsk, DecisionPost, Ports
from casework.posting import keep_post, replace_post, say_in_channel
from casework.request_money import after_decision, money_of
from casework.request_record import perform, request_for, request_of, request_row
from casework.request_view import circulated_view
from casework.schedule import meeting_row
from casework.who import has_interest, who_is
from casework.year_record import check_open
from communities.budget import LineKind
from communities.calendars import london, next_working_day
from communities.decisions import Circumstances, DecidedBy, Decision, Response, Voice, decision_problems
from communities.directory import Role
from communities.lifecycle import BY_MOVE, Move, State, When, Who
from communities.meetings import Mark
from communities.overrides import goes_below_zero

REVIEW_AFTER = timedelta(days=90)
"""A choice: the review date offered on the card, about a term ahead."""


def decide(work: Work, request_id: str, decision: Decision, by: str) -> DecisionPost:
    """Record a decision by the person of that mail. All of it happens, or nothing.

    Raises `NotAllowed`, `AlreadyDone` (decided before, or not on an agenda) or `InputRefused` with every reason.
    """
    row = request_for(work, request_id, by)
    check_may(work, row, BY_MOVE[Move.DECIDE], by)
    _check_chair(work, row, decision, by)
    if row.state != State.ON_AGENDA:
        raise AlreadyDone(_what_stands(work, row))
    year = budget_year(work, row.community)
    hold_budget(work, row.community, year)  # before anything is journaled, as everywhere: else two wait for each other
    decision = _masked(work, request_id, decision)
    stands = position(work, row.community, year)
    if decision.amount_pence and stands is None:
        raise InputRefused(f"No budget of {row.community} was imported yet, so no amount can be approved.")
    if decision.amount_pence:
        check_open(work, row.community, year)
    balance = stands.balance_pence if stands else 0
    circumstances = Circumstances(
        balance_pence=balance,
        decided_on=work.today,
        meets_on=london(meeting_row(work, row.meeting_id).starts_at).date(),
        chair_has_interest=has_interest(work, row, by),
        may_override=may_override(work, decision.override),
        voices=voices_of(work, row) or None,
    )
    if said := list(decision_problems(decision, circumstances)):
        raise InputRefused(*said)
    if not goes_below_zero(decision.amount_pence, balance):
        decision = replace(decision, override=None)
    _record(work, row, decision, by, year)
    return decision_post(work, request_id)


def _masked(work: Work, request_id: str, decision: Decision) -> Decision:
    override, mask = decision.override, masker_of_request(work, request_id)
    return replace(
        decision,
        details=mask(decision.details),
        conditions=mask(decision.conditions),
        override=replace(override, reason=mask(override.reason)) if override else None,
    )


def _check_chair(work: Work, row: Any, decision: Decision, by: str) -> None:
    who = who_is(work, row, by)
    if decision.made_by is DecidedBy.CHAIR and Who.CHAIR not in who and Who.OTHER_CHAIR not in who:
        raise NotAllowed("A clerk records decisions made by consensus; only the chair decides as chair.")


def _what_stands(work: Work, row: Any) -> str:
    known = _decision_row(work, row.id)
    if known is None or known.round != row.round:
        return f"{row.id} is '{row.state}' and not on an agenda, so it cannot be decided now."
    return f"{row.id} was decided on {spoken_day(london(known.decided_at).date())}. Nothing was changed."


def _record(work: Work, row: Any, decision: Decision, by: str, year: str) -> None:
    override = decision.override
    details: dict[str, Any] = {"responses": [r.value for r in decision.responses]}
    if override:
        details["override"] = f" {override}"
    moved = perform(
        work,
        row.id,
        Move.DECIDE,
        by,
        when=(When.MONEY,) if decision.is_financial else (),
        amount_pence=decision.amount_pence,
        made_by=decision.made_by.value,
        **details,
    )
    work.conn.execute(
        insert(tables.decisions).values(
            request_id=row.id,
            round=row.round,
            responses=[r.value for r in decision.responses],
            details=decision.details,
            amount_pence=decision.amount_pence,
            conditions=decision.conditions,
            review_on=decision.review_on,
            made_by=decision.made_by.value,
            decided_by=by,
            decided_at=work.now,
            override_by=override.allowed_by if override else None,
            override_reason=override.reason if override else None,
        )
    )
    if decision.amount_pence:
        of = (row.id, row.round)
        add_line(work, row.community, year, LineKind.COMMITMENT, -decision.amount_pence, moved.entry, of)


def speak(work: Work, request_id: str, school: str, voice: Voice, by: str) -> None:
    """Take down an attending school's voice on a request; said again, the later one counts. One a school."""
    row = request_for(work, request_id, by)
    if Who.CLERK not in who_is(work, row, by) and not directory_of(work).has_interest(by, school):
        raise NotAllowed(f"Only {school} itself or the clerk of {row.community} can take down its voice.")
    if row.state != State.ON_AGENDA:
        raise AlreadyDone(_what_stands(work, row))
    attendance, voices = tables.attendance, tables.voices
    present = select(attendance.c.of).where(
        attendance.c.meeting_id == row.meeting_id, attendance.c.of == school, attendance.c.mark == Mark.PRESENT.value
    )
    if work.conn.execute(present).first() is None:
        raise InputRefused(f"{school} is not marked present at this meeting and has no voice. Mark it present first.")
    said = {"request_id": request_id, "round": row.round, "school": school, "voice": voice.value, "spoken_by": by}
    work.conn.execute(insert_or_replace(work.conn, voices, said, ("request_id", "round", "school")))
    work.acting(by).journal("voice", request_id, school=school, voice=voice.value)


def voices_of(work: Work, row: Any) -> dict[str, Voice]:
    """What each attending school said in the request's present round."""
    voices = tables.voices
    rows = work.conn.execute(
        select(voices.c.school, voices.c.voice).where(voices.c.request_id == row.id, voices.c.round == row.round)
    )
    return {school: Voice(voice) for school, voice in rows}


def declare_interest(work: Work, request_id: str, mail: str, reason: str) -> None:
    """Somebody who would decide says that they have an interest; consensus or another chair decides then."""
    request_for(work, request_id, mail)
    row = {"request_id": request_id, "mail": mail.casefold(), "reason": masked_of_request(work, request_id, reason)}
    work.conn.execute(insert_or_replace(work.conn, tables.interests, row, ("request_id", "mail")))
    work.acting(mail).journal("declare interest", request_id)


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
    year = ledger_year(work, request_id, known.round) or budget_year(work, row.community)
    before, after = balances_of(work, row.community, year, request_id, known.round)
    return DecisionPost(
        request_id=request_id,
        community=row.community,
        school=row.school,
        responses=[Response(r) for r in known.responses],
        details=known.details,
        amount_pence=known.amount_pence,
        conditions=known.conditions,
        review_on=known.review_on,
        made_by=DecidedBy(known.made_by),
        before=before,
        after=after,
        since=after_decision(money_of(work, [request_id])[request_id]),
    )


def ledger_year(work: Work, request_id: str, round_: int) -> str:
    """The academic year a request's money was committed in; '' where none was."""
    ledger = tables.ledger
    found = select(ledger.c.academic_year).where(
        ledger.c.request_id == request_id, ledger.c.round == round_, ledger.c.kind == LineKind.COMMITMENT.value
    )
    return str(work.conn.execute(found).scalar_one_or_none() or "")


def balances_of(
    work: Work, community: str, year: str, request_id: str, round_: int
) -> tuple[BudgetLine | None, BudgetLine | None]:
    """The balance right before a round's decision and right after it: the decision alone makes the difference, not what
    was moved, corrected or moderated since. Twice the same where it approved no money.
    """
    ledger = tables.ledger
    approved = work.conn.execute(
        select(ledger.c.id).where(
            ledger.c.community == community,
            ledger.c.academic_year == year,
            ledger.c.request_id == request_id,
            ledger.c.round == round_,
            ledger.c.kind == LineKind.COMMITMENT.value,
        )
    ).scalar_one_or_none()
    if approved is None:
        stood = budget_line(work, community, year, ledger.c.entry <= _decided_by_entry(work, request_id))
        return stood, stood
    return (
        budget_line(work, community, year, ledger.c.id < approved),
        budget_line(work, community, year, ledger.c.id <= approved),
    )


def _decided_by_entry(work: Work, request_id: str) -> int:
    journal = tables.journal
    entry = select(func.max(journal.c.number)).where(
        journal.c.subject == request_id, journal.c.command == "decide request"
    )
    return int(work.conn.execute(entry).scalar() or 0)


def decision_ask(work: Work, request_id: str) -> DecisionAsk:
    """A request as the chair's card shows it. No pupil's name or date of birth."""
    row = request_row(work, request_id)
    view = circulated_view(row)
    meeting = meeting_row(work, row.meeting_id) if row.meeting_id else None
    chair = directory_of(work).chair_of(row.community)
    budget = budget_line(work, row.community, budget_year(work, row.community))
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
        budget=budget,
        budget_if_approved=line_after(work, budget, row.requested_pence) if budget and row.requested_pence else None,
        review_on=review_day(work.today),
        objecting=sorted(s for s, voice in voices_of(work, row).items() if voice is Voice.OBJECTS),
        has_interest=chair is not None and has_interest(work, row, chair.mail),
    )


def review_day(today: date) -> date:
    """The review date that is offered."""
    return next_working_day(today + REVIEW_AFTER)


def waiting_for(work: Work, mail: str) -> list[str]:
    """The requests that wait for a decision by the person of that mail, oldest first."""
    requests = tables.requests
    chaired = [p.of for p in directory_of(work).roles_of(mail) if p.role is Role.CHAIR]
    return list(
        work.conn.execute(
            select(requests.c.id)
            .where(requests.c.community.in_(chaired), requests.c.state == State.ON_AGENDA)
            .order_by(requests.c.id)
        ).scalars()
    )


def undecided_of(work: Work, meeting_id: str) -> list[str]:
    """The requests on a meeting's agenda that wait for their decision."""
    requests = tables.requests
    rows = select(requests.c.id).where(requests.c.meeting_id == meeting_id, requests.c.state == State.ON_AGENDA)
    return list(work.conn.execute(rows.order_by(requests.c.id)).scalars())


def asks(row: Any) -> str:
    """The subject of asking the chair: once a round and meeting."""
    return f"{row.id}#{row.round}@{row.meeting_id}"


@effect("card.ask")
async def ask_chair(desk: Desk, ports: Ports, subject: str) -> None:
    """Send the chair a decision card."""
    request_id = request_of(subject)
    ask, chair = await desk.run(SYSTEM, _ask_and_chair, request_id)
    if ask is None:
        return
    await desk.run(SYSTEM, mark_begun, f"card.ask:{subject}")
    message = await ports.channels.ask(chair, ask)
    await desk.run(SYSTEM, keep_post, f"card:{subject}", message)


def _ask_and_chair(work: Work, request_id: str) -> tuple[DecisionAsk | None, str]:
    row = request_row(work, request_id)
    if row.state != State.ON_AGENDA:
        return None, ""
    chair = directory_of(work).chair_of(row.community)
    if chair is None:
        raise NeedsAttention(f"{row.community} has no chair in the directory: import the people again.")
    return decision_ask(work, request_id), chair.mail


def decision_of(request_id: str, round_: int) -> str:
    """The subject of the post about a decision; what KCC makes of it replaces that post."""
    return f"decision:{request_id}#{round_}"


@effect("post.decision")
async def post_decision(desk: Desk, ports: Ports, subject: str) -> None:
    """Post the decision with the new balance in the community's channel; the chair's card says what was decided."""
    if await desk.run(SYSTEM, is_overtaken, "post.decision", subject):
        return  # taken back and decided anew in the meantime
    request_id = request_of(subject)
    post = await desk.run(SYSTEM, decision_post, request_id)
    row = await desk.run(SYSTEM, request_row, request_id)
    await replace_post(desk, ports, f"card:{asks(row)}", post)
    about = decision_of(request_id, row.round)
    await say_in_channel(desk, ports, f"post.decision:{subject}", about, post.community, post)
