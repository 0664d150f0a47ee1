"""What casework needs from outside, as Protocols. graph_sync and bot implement them; nobody else is called.

Every method is idempotent by the key or name it is given: an effect may run it twice.
They raise `TryLater`, `Conflict` or `NeedsAttention` and nothing else that is expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from communities.attendance import Seen
from communities.budget import FinancialYearSplit
from communities.decisions import DecidedBy, Response
from communities.dues import Due

Fields = Mapping[str, Any]


PAPER_BYTES = 50_000_000
"""The largest file of a library that is taken into memory; an email takes 35 MB."""


@dataclass(frozen=True, kw_only=True)
class ListEdit:
    """What one save of an item changed, by whoever saved it."""

    by: str
    """The mail of the person; '' where nobody can be named."""
    changed: Fields
    """The columns that say something else than before it, as they were after it; None for one that was emptied."""
    shown: Fields
    """The whole item as it stood after it: what its editor had on the screen."""
    is_ours: bool = False
    """This application wrote it."""
    is_one_save: bool = True
    """Whether versions tell that nobody else's save is in it."""


@dataclass(frozen=True, kw_only=True)
class ListItem:
    """An item as it stands, with the eTag it has then, and who changed what since it was last read."""

    id: str
    etag: str
    fields: Fields
    edits: tuple[ListEdit, ...] = ()
    """The oldest first."""
    version: str = ""
    """The last version that is among the edits or came before them; '' where the list keeps none."""
    left_out: str = ""
    """Which columns our write had to leave out, and what to do, in sentences; '' where everything was written."""


@dataclass(frozen=True, kw_only=True)
class LastSeen:
    """What the record knows of an item: how it was when it was last read or written."""

    etag: str
    version: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    """A mark of what each column said (`list_values.marks_of`): enough to see that it changed."""


@dataclass(frozen=True)
class Person:
    """Somebody in a person column."""

    mail: str


class Lists(Protocol):
    """SharePoint lists, named as `manifests/sharepoint` names them. A person column's value is a `Person`.

    Somebody the site does not know is left out: the column stays as it is. A text that is longer than its column is
    cut (`list_values.cut`).
    """

    async def ensure(self, list_name: str, unique: str, fields: Fields) -> ListItem:
        """The item whose column `unique` has the value in `fields`; made where there is none."""

    async def read(self, list_name: str, item_id: str, seen: LastSeen | None) -> ListItem:
        """The item as it stands, with who changed what since it was seen; None for one that never was."""

    async def patch(self, list_name: str, item: ListItem, fields: Fields) -> ListItem:
        """Change fields if nobody changed the item since (`If-Match`); else `Conflict`. Returns them as written."""


class Kept(StrEnum):
    """Why a file that is there was kept, and the new version was put beside it."""

    EDITED = "edited"
    OPEN = "open"
    """Somebody has it open, in Word or in a browser."""
    CHECKED_OUT = "checked out"
    PROTECTED = "protected"
    """SharePoint refuses to have it replaced: a sensitivity label encrypts it, or it has permissions of its own."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file in a library."""

    id: str
    web_url: str
    kept: Kept | None = None
    """Why the one of that name stays; this version stands beside it then."""

    @property
    def is_beside(self) -> bool:
        """Whether this version stands beside the one of that name."""
        return self.kept is not None


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A file's present state: a tag that changes with its content, and the mail of the person who saved it last, ''
    where that was this application alone, or nobody can be named.
    """

    tag: str
    by: str


class Files(Protocol):
    """Document libraries, one a community."""

    async def read(self, library: str, path: str, most_bytes: int = PAPER_BYTES) -> bytes | None:
        """The content of the file of that path; None where there is none."""

    async def saved(self, library: str, path: str) -> Saved | None:
        """Who saved that file last; None where there is none."""

    async def read_before(self, library: str, path: str, moment: datetime) -> bytes | None:
        """What that file said before that moment; None where nobody knows."""

    async def put(self, library: str, path: str, content: bytes) -> StoredFile:
        """The file of that path with that content; nothing is written where it is there already.

        What a person edited is never overwritten, and what is open or protected cannot be: the new version is put
        beside it.
        """


@dataclass(frozen=True, kw_only=True)
class EventDraft:
    """A meeting to put into the organiser's calendar. `key` makes it once."""

    key: str
    organiser: str
    subject: str
    body_html: str
    starts_at: datetime
    ends_at: datetime
    attendees: Sequence[str]
    room: str = ""
    """Mail of a room that is invited as the location; none where it is online only."""
    can_wait: bool = False
    """Whether its invitations may go hours later: those of a new year's meetings, all at once."""
    is_online: bool = True
    """Whether it is a Teams meeting of its own; a slot of a surgery is joined by the session's link."""


@dataclass(frozen=True, kw_only=True)
class EventMade:
    """The event's id and the address to join by."""

    id: str
    join_url: str


@dataclass(frozen=True, kw_only=True)
class EventSeen:
    """An event as the calendar has it now, with the addresses of those who declined."""

    id: str
    starts_at: datetime
    ends_at: datetime
    is_series: bool = False
    """Whether it repeats; the times are then those of the first."""
    declined: Sequence[str] = ()


class Calendar(Protocol):
    """The organiser's Outlook calendar."""

    async def create(self, draft: EventDraft) -> EventMade:
        """The event of that key, with a Teams link."""

    async def move(self, event_id: str, draft: EventDraft) -> bool:
        """Give the event the draft's times, attendees and text; its Teams meeting stays. False where it is gone."""

    async def coming(self, organiser: str, begins_at: datetime, ends_at: datetime) -> Sequence[EventSeen]:
        """What the calendar shows between two moments; of what repeats, each time by an id of its own."""

    async def cancel(self, organiser: str, event_id: str, comment: str) -> None:
        """Cancel it; whoever was invited is told. Cancelled again, nothing happens."""

    async def read(self, organiser: str, event_id: str) -> EventSeen | None:
        """The event of that id, on whatever day; None where it was deleted or cancelled."""

    async def busy(
        self, organiser: str, mails: Sequence[str], begins_at: datetime, ends_at: datetime
    ) -> Mapping[str, Sequence[tuple[datetime, datetime]]]:
        """When each person is busy, by mail; those of whom nothing is known are left out."""


class OnlineMeetings(Protocol):
    """Teams meetings of the organiser's calendar."""

    async def attendance(
        self, organiser: str, join_url: str, begins_at: datetime, ends_at: datetime
    ) -> Sequence[Seen] | None:
        """Who was in the meeting's sessions between two moments; None while Teams has no report."""

    async def chat_of(self, organiser: str, join_url: str) -> str:
        """The thread of the meeting's chat; empty where Teams does not say."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    content_type: str
    content: bytes
    web_url: str = ""
    """Where whoever gets the mail can open it as well; empty where they cannot."""


@dataclass(frozen=True, kw_only=True)
class MailDraft:
    """A mail to send once: `key` finds it again after a crash."""

    key: str
    sender: str
    to: Sequence[str]
    subject: str
    html: str
    attachments: Sequence[Attachment] = field(default=())
    hide_recipients: bool = False
    can_wait: bool = False
    """A newsletter or a digest: it may go hours later, and leaves room for what may not."""


class Mail(Protocol):
    """Outlook, from the desk's mailbox."""

    async def send(self, draft: MailDraft) -> None:
        """Send it unless a mail of that key was sent before."""


@dataclass(frozen=True, kw_only=True)
class AgendaPost:
    """The papers are out."""

    community: str
    meeting_on: str
    venue: str
    web_url: str
    requests: Sequence[tuple[str, str, str]]
    """Number, school, what is asked for."""


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """Balances as a card shows them, pence; the split is over the two financial years."""

    academic_year: str
    financial_years: tuple[str, str]
    balance_pence: int
    split: FinancialYearSplit


@dataclass(frozen=True, kw_only=True)
class DecisionAsk:
    """A request for the chair to decide on."""

    request_id: str
    version: int
    community: str
    school: str
    meeting_on: str
    support: Sequence[str]
    requested_pence: int | None
    solution: str
    outcomes: str
    funding_use: str
    already_supported: str
    pupils: tuple[int, int, int]
    """On SEN Support, with an EHCP, looked after."""
    key_stages: Sequence[str]
    budget: BudgetLine | None
    review_on: date
    budget_if_approved: BudgetLine | None = None
    """The budget once all that is asked for is approved; None where no amount is asked for."""
    objecting: Sequence[str] = ()
    """Attending schools that object."""
    has_interest: bool = False
    """Whether the request is of the chair's own school."""


@dataclass(frozen=True, kw_only=True)
class DecisionPost:
    """A decision, for the channel and for the card that is replaced."""

    request_id: str
    community: str
    school: str
    responses: Sequence[Response]
    details: str
    conditions: str
    amount_pence: int
    review_on: date | None
    made_by: DecidedBy
    before: BudgetLine | None
    after: BudgetLine | None
    """Right before and right after this decision."""
    since: Sequence[tuple[str, str]] = ()
    """What KCC made of it, as far as that is known: the final amount, and when it is or was paid."""


@dataclass(frozen=True, kw_only=True)
class ModerationPost:
    """KCC's final amount, after what the community had decided: it stays in the post that this one replaces."""

    decision: DecisionPost
    final_pence: int
    pays_on: date
    now: BudgetLine | None
    """The balance with the final amount."""


@dataclass(frozen=True, kw_only=True)
class DeskPost:
    """What is due from a clerk, for their own chat: the week's digest, or what runs out next."""

    title: str
    lines: Sequence[Due]
    today: date


@dataclass(frozen=True, kw_only=True)
class ToDecideLine:
    """A request of today's meeting as everybody may see it."""

    request_id: str
    school: str
    asked: str
    standing: str
    """'to be decided', or what was decided."""
    is_open: bool
    is_small: bool = False
    """May be approved from the list as asked."""


@dataclass(frozen=True, kw_only=True)
class ToDecidePost:
    """What a meeting has to decide, with what became of each."""

    meeting_id: str
    community: str
    meeting_on: str
    lines: Sequence[ToDecideLine]
    deciders: Sequence[str] = ()
    """Mails of those whose card has buttons."""


Post = AgendaPost | DecisionPost | ModerationPost | ToDecidePost


class Channels(Protocol):
    """Teams, through the bot: an application may not post to a channel through Graph."""

    async def post(self, community: str, post: Post) -> Mapping[str, str]:
        """Post a card in the community's channel; returns what finds it again."""

    async def replace(self, message: Mapping[str, str], post: Post) -> bool:
        """Replace a card that was posted; False where it is gone."""

    async def ask(self, mail: str, ask: DecisionAsk) -> Mapping[str, str]:
        """Send a decision card to the chair's own chat; returns what finds it again."""

    async def tell(self, mail: str, post: DeskPost) -> Mapping[str, str]:
        """Send a clerk what is due to their own chat; returns what finds it again."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """All of them, as service wires them."""

    lists: Lists
    files: Files
    calendar: Calendar
    meetings: OnlineMeetings
    mail: Mail
    channels: Channels
