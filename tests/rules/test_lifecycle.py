"""The life of a request: each state and move has one answer, and the table reads as it should."""

from __future__ import annotations

import pytest

from communities.lifecycle import (
    BY_MOVE,
    DECIDED,
    HEARD,
    OPEN,
    RULES,
    Move,
    State,
    When,
    Who,
    after,
    as_lines,
    as_mermaid,
    as_table,
)

BEFORE = (State.SUBMITTED, State.RETURNED, State.RECEIVED, State.ON_AGENDA, State.DEFERRED)
ALLOWED = {
    (State.DRAFT, Move.SAVE): State.DRAFT,
    (State.DRAFT, Move.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Move.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Move.RECEIVE): State.RECEIVED,
    (State.SUBMITTED, Move.RETURN): State.RETURNED,
    (State.RECEIVED, Move.RETURN): State.RETURNED,
    (State.ON_AGENDA, Move.RETURN): State.RETURNED,
    (State.RECEIVED, Move.PUT_ON_AGENDA): State.ON_AGENDA,
    (State.DEFERRED, Move.PUT_ON_AGENDA): State.ON_AGENDA,
    (State.RECEIVED, Move.LET_IN): State.ON_AGENDA,
    (State.ON_AGENDA, Move.DEFER): State.DEFERRED,
    (State.ON_AGENDA, Move.DECIDE): State.DECIDED,
    (State.DECIDED, Move.REOPEN): State.RECEIVED,
    (State.FORWARDED, Move.REOPEN): State.RECEIVED,
    (State.MODERATED, Move.REOPEN): State.RECEIVED,
    (State.DECIDED, Move.FORWARD): State.FORWARDED,
    (State.DECIDED, Move.MODERATE): State.MODERATED,
    (State.FORWARDED, Move.MODERATE): State.MODERATED,
    (State.MODERATED, Move.PAY): State.PAID,
    (State.DECIDED, Move.CLOSE): State.CLOSED,
    (State.MODERATED, Move.CLOSE): State.CLOSED,
    (State.PAID, Move.CLOSE): State.CLOSED,
    **{(s, Move.WITHDRAW): State.WITHDRAWN for s in BEFORE},
    **{(s, Move.AMEND): s for s in State if s not in (State.DRAFT, State.CLOSED, State.WITHDRAWN)},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_state_and_move_has_one_answer(state: State, move: Move) -> None:
    assert after(state, move) == ALLOWED.get((state, move))


SCHOOL, CHAIR, CLERK, DESK = Who.SCHOOL, Who.CHAIR, Who.CLERK, Who.DESK
WHO = {
    Move.SAVE: (SCHOOL,),
    Move.SUBMIT: (SCHOOL, DESK),
    Move.RECEIVE: (DESK, CLERK, Who.ADMINISTRATOR),
    Move.RETURN: (CLERK, CHAIR),
    Move.PUT_ON_AGENDA: (DESK,),
    Move.LET_IN: (CHAIR,),
    Move.DEFER: (CHAIR, CLERK),
    Move.DECIDE: (CHAIR, Who.OTHER_CHAIR, CLERK),
    Move.REOPEN: (CHAIR,),
    Move.FORWARD: (DESK,),
    Move.MODERATE: (Who.MODERATOR,),
    Move.PAY: (Who.MODERATOR, Who.ADMINISTRATOR),
    Move.CLOSE: (CLERK, CHAIR, Who.ADMINISTRATOR),
    Move.WITHDRAW: (SCHOOL, CLERK, Who.ADMINISTRATOR),
    Move.AMEND: (SCHOOL, CLERK, Who.ADMINISTRATOR),
}
NEED_A_REASON = {Move.RETURN, Move.LET_IN, Move.DEFER, Move.REOPEN, Move.WITHDRAW, Move.AMEND}


def test_each_move_is_made_by_those_who_may_and_with_a_reason_where_it_turns_something_back() -> None:
    assert {r.move: r.who for r in RULES} == WHO
    assert {r.move for r in RULES if r.needs_reason} == NEED_A_REASON
    assert {move: rule.move for move, rule in BY_MOVE.items()} == {move: move for move in Move}


def test_the_hnfo_is_written_to_only_where_money_was_approved() -> None:
    conditional = {(r.move, kind, when) for r in RULES for kind, when in r.effects if when is not When.ALWAYS}
    assert conditional == {
        (Move.DECIDE, "mail.forward", When.MONEY), (Move.RECEIVE, "mail.to-check", When.NOTE),
    }  # fmt: skip


def test_the_states_are_grouped_as_their_names_say() -> None:
    decided = (State.DECIDED, State.FORWARDED, State.MODERATED, State.PAID, State.CLOSED)
    assert decided == DECIDED
    assert (State.ON_AGENDA, State.DEFERRED, *decided) == HEARD
    assert (*BEFORE, *decided[:-1]) == OPEN


def test_the_table_in_plain_english() -> None:
    lines = as_lines()
    assert lines[:6] == [
        "Draft: may be saved, and is then Draft",
        "    by the school",
        "Draft, Returned for correction: may be submitted, and is then Submitted",
        "    by the school, CoS Desk",
        "Submitted: may be received, and is then Received",
        "    by CoS Desk, the clerk, an administrator",
    ]
    assert lines[6] == "    then list.write, mail.receipt, mail.to-check if something needs a look"
    assert "    by the clerk, the chair; a reason is needed" in lines
    assert lines[-3:] == [
        "Submitted, Returned for correction, Received, On the agenda, Deferred, Decided, Forwarded, Moderated, Paid: "
        "may be amended",
        "    by the school, the clerk, an administrator; a reason is needed",
        "    then list.write, mail.told",
    ]


def test_the_table_as_a_diagram() -> None:
    lines = as_mermaid().splitlines()
    assert lines[:5] == [
        "stateDiagram-v2", "  [*] --> Draft", "  [*] --> Submitted", "  Returnedforcorrection: Returned for correction",
        "  Ontheagenda: On the agenda",
    ]  # fmt: skip
    drawn = {(s, e, m) for (s, m), e in ALLOWED.items() if s != e}
    assert set(lines[5:]) == {f"  {s.replace(' ', '')} --> {e.replace(' ', '')}: {m}" for s, e, m in drawn}
    assert len(lines[5:]) == len(drawn)


def test_the_table_for_the_documents() -> None:
    lines = as_table().splitlines()
    assert lines[0] == "| move | from | to | by | effects |"
    assert lines[2] == "| saved | Draft | Draft | the school | – |"
    assert "| let in late, with a reason | Received | On the agenda | the chair | `list.write`, `mail.told` |" in lines
    assert lines[-1] == (
        "| amended, with a reason | Submitted, Returned for correction, Received, On the agenda, Deferred, Decided, "
        "Forwarded, Moderated, Paid | stays | the school, the clerk, an administrator | `list.write`, `mail.told` |"
    )
    assert len(lines) == 2 + 15
