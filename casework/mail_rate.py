"""What Exchange lets a mailbox send, as rules: when the next message may go.

Exchange Online takes 30 messages a minute and 10,000 recipients in any 24 hours from a mailbox, each recipient of each
message counted, and 500 recipients a message (learn.microsoft.com, Exchange Online limits: sending limits). Over it,
messages wait, then come back.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

A_MINUTE = 30
A_DAY = 10_000
PER_MESSAGE = 500
"""Recipients of one message, and attendees of one event."""

SHARE = 0.95
"""A choice: of the limits, what CoS Desk uses; people may send from the mailbox too."""

WAITING_SHARE = 0.7
"""A choice: of the limits, what emails that can wait may use up; and from when administrators are warned."""

DAY_MINUTES = 24 * 60

LATE_MINUTES = 5
"""A choice: so late, a message still goes on its turn of a minute, or a busy worker would lose the minute for all.
Exchange only delays what is over the 30 a minute; what is over the day's recipients it sends back.
"""


@dataclass(frozen=True, kw_only=True)
class MailLimits:
    """What a mailbox may send; the settings may say otherwise."""

    a_minute: int = A_MINUTE
    a_day: int = A_DAY


def shared(limits: MailLimits, *, can_wait: bool) -> MailLimits:
    """What CoS Desk uses of the limits, for what can wait or for all."""
    share = WAITING_SHARE if can_wait else SHARE
    return MailLimits(a_minute=max(int(limits.a_minute * share), 1), a_day=max(int(limits.a_day * share), 1))


def come(limits: MailLimits, late: int) -> MailLimits:
    """What counts for a message whose turn came so many minutes ago."""
    return limits if late > LATE_MINUTES else replace(limits, a_minute=sys.maxsize)


@dataclass(frozen=True)
class Taken:
    """What has its turn in one minute, counted from 1970."""

    minute: int
    messages: int
    recipients: int


def first_free(taken: Sequence[Taken], now: int, recipients: int, limits: MailLimits) -> int:
    """The first minute from `now` on that takes one more message to so many.

    `taken` is in order of time. No minute has more messages than `limits`, no 24 hours more recipients; a message to
    more than that is let through when nothing else was sent that day. Days to come that have too many by now, because
    what was before them went late, stop nothing: their turns are counted again when they come.
    """
    minutes = [t.minute for t in taken]
    messages = {t.minute: t.messages for t in taken}
    total = [0, *accumulate(t.recipients for t in taken)]

    def since(end: int) -> int:
        """Recipients in the day that ends with a minute."""
        return total[bisect_right(minutes, end)] - total[bisect_right(minutes, end - DAY_MINUTES)]

    def fits(minute: int) -> bool:
        if messages.get(minute, 0) >= limits.a_minute:
            return False
        later = minutes[bisect_right(minutes, minute) : bisect_right(minutes, minute + DAY_MINUTES - 1)]
        most = max(since(minute), *(s for m in later if (s := since(m)) <= limits.a_day), 0)
        return not most or most + recipients <= limits.a_day

    minute = now
    while not fits(minute):
        minute += 1
    return minute
