"""The life of a Request for Support: one table of states and moves, who may make each, and what follows.

Everything else reads it: the record moves by it, the documents draw it, the tests walk through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "Draft"
    """Saved by the school and not sent: it has no number yet."""
    SUBMITTED = "Submitted"
    """Sent; held for the clerk where it was probably sent twice."""
    RETURNED = "Returned for correction"
    RECEIVED = "Received"
    ON_AGENDA = "On the agenda"
    DEFERRED = "Deferred"
    DECIDED = "Decided"
    FORWARDED = "Forwarded"
    MODERATED = "Moderated"
    PAID = "Paid"
    CLOSED = "Closed"
    WITHDRAWN = "Withdrawn"


class Move(StrEnum):
    """What can happen to a request, as the past tense says it."""

    SAVE = "saved"
    SUBMIT = "submitted"
    RECEIVE = "received"
    RETURN = "returned for correction"
    PUT_ON_AGENDA = "put on the agenda"
    LET_IN = "let in late"
    DEFER = "deferred"
    DECIDE = "decided"
    REOPEN = "reopened"
    FORWARD = "forwarded"
    MODERATE = "moderated"
    PAY = "paid"
    CLOSE = "closed"
    WITHDRAW = "withdrawn"
    AMEND = "amended"


class Who(StrEnum):
    """Who makes a move; a person can be several of them."""

    SCHOOL = "the school"
    CHAIR = "the chair"
    OTHER_CHAIR = "another chair of the area, where the chair has an interest"
    CLERK = "the clerk"
    MODERATOR = "a KCC moderator"
    ADMINISTRATOR = "an administrator"
    DESK = "CoS Desk"


class When(StrEnum):
    """The condition of an effect."""

    ALWAYS = ""
    MONEY = "if money was approved"
    NOTE = "if something needs a look"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A move: from where, to where (None: it stays), by whom, and the effects it asks for."""

    move: Move
    command: str
    """Its name in the journal."""
    starts: tuple[State, ...]
    ends: State | None
    who: tuple[Who, ...]
    effects: tuple[tuple[str, When], ...] = ()
    needs_reason: bool = False


def _always(*kinds: str) -> tuple[tuple[str, When], ...]:
    return tuple((kind, When.ALWAYS) for kind in kinds)


BEFORE_DECISION = (State.SUBMITTED, State.RETURNED, State.RECEIVED, State.ON_AGENDA, State.DEFERRED)
"""Sent, and nothing was decided yet."""

RULES: tuple[Rule, ...] = (
    Rule(
        move=Move.SAVE, command="save draft", starts=(State.DRAFT,), ends=State.DRAFT, who=(Who.SCHOOL,),
    ),
    Rule(
        move=Move.SUBMIT, command="submit request", starts=(State.DRAFT, State.RETURNED), ends=State.SUBMITTED,
        who=(Who.SCHOOL, Who.DESK),
    ),
    Rule(
        move=Move.RECEIVE, command="accept request", starts=(State.SUBMITTED,), ends=State.RECEIVED,
        who=(Who.DESK, Who.CLERK, Who.ADMINISTRATOR),
        effects=(*_always("list.write", "mail.receipt"), ("mail.to-check", When.NOTE)),
    ),
    Rule(
        move=Move.RETURN, command="return request", starts=(State.SUBMITTED, State.RECEIVED, State.ON_AGENDA),
        ends=State.RETURNED, who=(Who.CLERK, Who.CHAIR), effects=_always("list.write", "mail.told"), needs_reason=True,
    ),
    Rule(
        move=Move.PUT_ON_AGENDA, command="put on agenda", starts=(State.RECEIVED, State.DEFERRED),
        ends=State.ON_AGENDA, who=(Who.DESK,), effects=_always("list.write"),
    ),
    Rule(
        move=Move.LET_IN, command="let in late", starts=(State.RECEIVED,), ends=State.ON_AGENDA, who=(Who.CHAIR,),
        effects=_always("list.write", "mail.told"), needs_reason=True,
    ),
    Rule(
        move=Move.DEFER, command="defer request", starts=(State.ON_AGENDA,), ends=State.DEFERRED,
        who=(Who.CHAIR, Who.CLERK), effects=_always("list.write", "mail.told"), needs_reason=True,
    ),
    Rule(
        move=Move.DECIDE, command="decide request", starts=(State.ON_AGENDA,), ends=State.DECIDED,
        who=(Who.CHAIR, Who.OTHER_CHAIR, Who.CLERK),
        effects=(*_always("list.write", "post.decision", "post.standing", "mail.letter"), ("mail.forward", When.MONEY)),
    ),
    Rule(
        move=Move.REOPEN, command="reopen request", starts=(State.DECIDED, State.FORWARDED, State.MODERATED),
        ends=State.RECEIVED, who=(Who.CHAIR,), effects=_always("list.write", "post.standing", "mail.told"),
        needs_reason=True,
    ),
    Rule(
        move=Move.FORWARD, command="forward to HNFO", starts=(State.DECIDED,), ends=State.FORWARDED, who=(Who.DESK,),
        effects=_always("list.write"),
    ),
    Rule(
        move=Move.MODERATE, command="moderate request", starts=(State.DECIDED, State.FORWARDED), ends=State.MODERATED,
        who=(Who.MODERATOR,), effects=_always("list.write", "post.moderation"),
    ),
    Rule(
        move=Move.PAY, command="pay request", starts=(State.MODERATED,), ends=State.PAID,
        who=(Who.MODERATOR, Who.ADMINISTRATOR), effects=_always("list.write", "mail.told"),
    ),
    Rule(
        move=Move.CLOSE, command="close request", starts=(State.DECIDED, State.MODERATED, State.PAID),
        ends=State.CLOSED, who=(Who.CLERK, Who.CHAIR, Who.ADMINISTRATOR), effects=_always("list.write"),
    ),
    Rule(
        move=Move.WITHDRAW, command="withdraw request", starts=BEFORE_DECISION, ends=State.WITHDRAWN,
        who=(Who.SCHOOL, Who.CLERK, Who.ADMINISTRATOR), effects=_always("list.write", "mail.told"), needs_reason=True,
    ),
    Rule(
        move=Move.AMEND, command="amend request",
        starts=(*BEFORE_DECISION, State.DECIDED, State.FORWARDED, State.MODERATED, State.PAID), ends=None,
        who=(Who.SCHOOL, Who.CLERK, Who.ADMINISTRATOR), effects=_always("list.write", "mail.told"), needs_reason=True,
    ),
)  # fmt: skip
"""Slides 'Request for Support Form' and 'Request for Resource'; who may return, defer and reopen is a choice."""

BY_MOVE: Mapping[Move, Rule] = MappingProxyType({r.move: r for r in RULES})

DECIDED = (State.DECIDED, State.FORWARDED, State.MODERATED, State.PAID, State.CLOSED)
"""The states of a request that was decided and not opened again."""

HEARD = (State.ON_AGENDA, State.DEFERRED, *DECIDED)
"""The states of a request that stands, or stood, on an agenda."""

OPEN = (*BEFORE_DECISION, State.DECIDED, State.FORWARDED, State.MODERATED, State.PAID)
"""Not finished yet: somebody still has to do something."""


def after(state: State, move: Move) -> State | None:
    """The state a move leads to, or None where it is not allowed from there."""
    rule = BY_MOVE[move]
    if state not in rule.starts:
        return None
    return rule.ends or state


def as_lines() -> list[str]:
    """The table in plain English, a move in a paragraph, in the order of a request's life."""
    lines = []
    for rule in RULES:
        lines.append(f"{', '.join(rule.starts)}: may be {rule.move}" + (f", and is then {rule.ends}" * bool(rule.ends)))
        lines.append(f"    by {', '.join(rule.who)}" + ("; a reason is needed" * rule.needs_reason))
        if rule.effects:
            lines.append(f"    then {', '.join(f'{kind} {when}'.strip() for kind, when in rule.effects)}")
    return lines


def as_mermaid() -> str:
    """The table as a Mermaid state diagram, for the documents."""
    names = {s: s.replace(" ", "") for s in State}
    lines = ["stateDiagram-v2", "  [*] --> Draft", "  [*] --> Submitted"]
    lines += [f"  {names[s]}: {s}" for s in State if names[s] != s]
    lines += [f"  {names[s]} --> {names[r.ends]}: {r.move}" for r in RULES if r.ends for s in r.starts if s != r.ends]
    return "\n".join(lines)


def as_table() -> str:
    """The table as Markdown, for the documents."""
    head = "| move | from | to | by | effects |\n| --- | --- | --- | --- | --- |"
    rows = (
        f"| {r.move}{', with a reason' * r.needs_reason} | {', '.join(r.starts)} | {r.ends or 'stays'} "
        f"| {', '.join(r.who)} | {', '.join(f'`{kind}` {when}'.strip() for kind, when in r.effects) or '–'} |"
        for r in RULES
    )
    return "\n".join((head, *rows))
