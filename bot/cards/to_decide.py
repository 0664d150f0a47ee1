"""The list of what a meeting decides: everybody sees how each stands, who may decide sees buttons too."""

from __future__ import annotations

from collections.abc import Sequence

from microsoft_teams.cards import (
    Action,
    ActionSet,
    AdaptiveCard,
    CardElement,
    Container,
    ExecuteAction,
    RefreshDefinition,
    ToggleInput,
)

from bot.cards.decision import SHOW
from bot.cards.parts import finish, heading, line, literal
from bot.turns import Card
from casework.ports import ToDecideLine, ToDecidePost

LIST, APPROVE = "list.show", "list.approve"
TICK = "tick."
SHOWN = 20


def to_decide_card(
    post: ToDecidePost, *, may_decide: bool = False, users: Sequence[str] = (), notes: Sequence[str] = ()
) -> Card:
    """The list; `users` are those for whom Teams asks again, so that they see their buttons."""
    open_ones = [x for x in post.lines if x.is_open]
    count = f"{len(open_ones)} of {len(post.lines)} to be decided" if open_ones else "Everything is decided"
    body: list[CardElement] = [
        heading(f"Decisions: {literal(post.community)}"),
        line(f"{post.meeting_on} · {count}", subtle=True),
        *(line(literal(n), color="Attention" if n.startswith("⚠") else "Good") for n in notes),
    ]
    for one in post.lines[:SHOWN]:
        body += _line(one, may_decide=may_decide)
    small = [x for x in post.lines[:SHOWN] if x.is_small]
    actions: list[Action] = []
    if may_decide and small:
        data = {"meeting_id": post.meeting_id}
        actions.append(ExecuteAction(title="Approve the ticked, by consensus", verb=APPROVE, data=data,
                                     style="positive"))  # fmt: skip
    refresh = ExecuteAction(title="Refresh", verb=LIST, data={"meeting_id": post.meeting_id})
    return finish(
        AdaptiveCard(
            body=body,
            actions=actions or None,
            refresh=RefreshDefinition(action=refresh, user_ids=list(users) or None),
            lang="en",
            fallback_text=f"{post.community}, {post.meeting_on}: {count}.",
        )
    )


def _line(one: ToDecideLine, *, may_decide: bool) -> list[CardElement]:
    said: list[CardElement] = [
        line(f"**{one.request_id}** {literal(one.school)}: {literal(one.asked)}"),
        line(literal(one.standing), subtle=True, color=None if one.is_open else "Good"),
    ]
    if not (may_decide and one.is_open):
        return [Container(items=said, separator=True, spacing="Small")]
    if one.is_small:
        label = f"Approve {one.request_id} as asked"
        said.append(ToggleInput(id=f"{TICK}{one.request_id}", label=label, title="Yes, as asked", value="false"))
    decide = ExecuteAction(title=f"Decide {one.request_id}", verb=SHOW, data={"request_id": one.request_id})
    said.append(ActionSet(actions=[decide]))
    return [Container(items=said, separator=True, spacing="Small")]
