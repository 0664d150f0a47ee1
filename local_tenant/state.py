"""What the tenant holds, in memory: people, sites with lists and drives, mailboxes, calendars, teams, conversations.

The HTTP surface is in `graph_*`, `connector` and `control`; this module only keeps and counts.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, reduce
from operator import xor
from typing import Any

from local_tenant.behaviours import BEHAVIOURS
from local_tenant.office_files import is_rewritten, rewritten

Json = dict[str, Any]
NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def stable_id(*parts: str) -> str:
    """The same GUID for the same parts, so that two runs of one world look alike."""
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


@lru_cache(32)
def quick_xor_hash(content: bytes) -> str:
    """160 bits: each byte is shifted in 11 bits further round; the length is xored into the last 64."""
    bits, value = 160, 0
    rows = (int.from_bytes(content[start : start + bits], "little") for start in range(0, len(content), bits))
    for place, byte in enumerate(reduce(xor, rows, 0).to_bytes(bits, "little")):
        value ^= byte << (place * 11 % bits)
    value = (value & ((1 << bits) - 1)) ^ (value >> bits)
    value ^= len(content) << (bits - 64)
    return base64.b64encode(value.to_bytes(20, "little")).decode()


@dataclass
class User:
    """A member or guest of the tenant."""

    id: str
    name: str
    mail: str
    upn: str
    is_guest: bool

    @property
    def member_id(self) -> str:
        """Teams' own id of them, which the bot alone knows: it tells nothing of the object id."""
        return f"29:1{hashlib.sha256(self.id.encode()).hexdigest()}"

    def identity(self) -> Json:
        """As `createdBy` and `lastModifiedBy` show a person."""
        return {"user": {"id": self.id, "displayName": self.name, "email": self.mail}}


SYSTEM_ACCOUNT: Json = {"user": {"displayName": "System Account"}}
APPLICATION: Json = {"application": {"id": stable_id("application"), "displayName": "CoS Desk"}}


@dataclass(frozen=True)
class ItemVersion:
    """A row of a list as it was after one change."""

    number: int
    fields: Json
    modified_at: str
    modified_by: Json


@dataclass
class ListItem:
    """A row of a list; `seq` is the tenant's count of changes when it changed last."""

    id: str
    guid: str
    fields: Json
    created_at: str
    modified_at: str
    modified_by: Json
    created_by: Json = field(default_factory=dict)
    version: int = 1
    seq: int = 0
    deleted: bool = False
    versions: list[ItemVersion] = field(default_factory=list)
    """What it was after each change, the oldest first, as far as the list kept it."""

    def keep_version(self, *, in_place: bool) -> None:
        """Note how it is now: as one more version, or in place of the last where the list keeps none."""
        number = 1
        if self.versions:
            number = self.versions[-1].number + (not in_place)
        made = ItemVersion(number, dict(self.fields), self.modified_at, self.modified_by)
        self.versions[len(self.versions) - (in_place and bool(self.versions)) :] = [made]

    @property
    def etag(self) -> str:
        """`"GUID,version"`, as SharePoint writes it."""
        return f'"{self.guid},{self.version}"'


@dataclass
class FileVersion:
    """A file as somebody saved it. SharePoint's own writing into it makes none."""

    number: int
    content: bytes
    modified_at: str
    modified_by: Json


@dataclass
class DriveItem:
    """A file or folder of a drive."""

    id: str
    name: str
    parent_id: str | None
    content: bytes | None
    modified_at: str
    modified_by: Json
    version: int = 1
    content_version: int = 1
    seq: int = 0
    deleted: bool = False
    locked: bool = False
    """Somebody has it open: neither read nor written just now."""
    versions: list[FileVersion] = field(default_factory=list)
    """The oldest first; the last one is what is there."""
    checked_out_by: Json | None = None
    """Nobody else may write it; a file that was never checked in is seen by whoever checked it out alone."""
    is_labelled: bool = False
    """A sensitivity label encrypts it."""
    saved_meanwhile: tuple[bytes, Json] | None = None
    """What a person saves in the moment before the next write arrives (on demand)."""

    @property
    def etag(self) -> str:
        """Changes with content and name."""
        return f'"{{{self.id.upper()}}},{self.version}"'

    @property
    def ctag(self) -> str:
        """Changes with content only."""
        return f'"c:{{{self.id.upper()}}},{self.content_version}"'

    @property
    def quick_xor(self) -> str:
        """Of the content, the only hash SharePoint gives (learn.microsoft.com: 'Code Snippets: QuickXorHash')."""
        return quick_xor_hash(self.content or b"")


@dataclass
class Drive:
    """A document library's files."""

    id: str
    name: str
    list_id: str
    items: dict[str, DriveItem] = field(default_factory=dict)
    to_rewrite: dict[str, int] = field(default_factory=dict)
    """The files SharePoint will write into, each after so many more requests to the drive."""

    @property
    def root(self) -> DriveItem:
        """The folder everything lies in."""
        return next(i for i in self.items.values() if i.parent_id is None)

    def child(self, parent_id: str, name: str) -> DriveItem | None:
        """The item of that name in a folder; SharePoint ignores case."""
        return next(
            (
                i
                for i in self.items.values()
                if i.parent_id == parent_id and i.name.casefold() == name.casefold() and not i.deleted
            ),
            None,
        )

    def path_of(self, item: DriveItem) -> str:
        """Names from the root down, joined by `/`."""
        parts: list[str] = []
        while item.parent_id is not None:
            parts.append(item.name)
            item = self.items[item.parent_id]
        return "/".join(reversed(parts))


@dataclass
class SharePointList:
    """A list or, with a drive, a library."""

    id: str
    name: str
    display_name: str
    description: str
    template: str
    columns: dict[str, Json] = field(default_factory=dict)
    items: dict[str, ListItem] = field(default_factory=dict)
    drive: Drive | None = None
    next_item: int = 1
    reads_own_items: bool = False
    """Its advanced settings say 'Read items that were created by the user'."""
    resync: str = ""
    """The next delta with a token is told to begin anew, in this form."""


@dataclass
class Site:
    """A site with its lists."""

    id: str
    path: str
    name: str
    lists: dict[str, SharePointList] = field(default_factory=dict)


@dataclass
class Message:
    """A mail in a mailbox: a draft until sent."""

    id: str
    mailbox: str
    body: Json
    is_draft: bool
    created_at: str
    sent_at: str | None = None
    received_at: str | None = None
    """Set for what came in."""


@dataclass
class Event:
    """A calendar event in an organiser's calendar."""

    id: str
    mailbox: str
    body: Json
    created_at: str
    version: int = 1
    cancelled: bool = False
    reports: list[Report] = field(default_factory=list)
    reads_to_link: int = 0
    """How often it is still read before its Teams link is there."""
    chat_id: str = ""
    """The thread of its Teams meeting's chat."""


@dataclass
class Report:
    """Who was in one session of an online meeting."""

    id: str
    begins: str
    ends: str
    records: list[Json]


@dataclass
class Channel:
    """A channel of a team; conversations in it have its id."""

    id: str
    name: str


@dataclass
class Team:
    """A team with its channels, the first of which is General: its id is the team's, as the bot is told it."""

    id: str
    name: str
    channels: list[Channel]
    members: list[str] = field(default_factory=list)
    """Object ids."""
    has_bot: bool = False
    is_archived: bool = False
    is_deleted: bool = False

    @property
    def thread_id(self) -> str:
        """What the bot is told as the team's id."""
        return self.channels[0].id


@dataclass
class Posted:
    """An activity a bot sent; `versions` counts how often it was replaced."""

    id: str
    conversation_id: str
    activity: Json
    at: str
    updates: int = 0
    deleted: bool = False


@dataclass
class Conversation:
    """A channel, or a chat of the bot with one person."""

    id: str
    kind: str
    member_id: str | None = None
    team_id: str | None = None
    posts: list[Posted] = field(default_factory=list)


class Tenant:
    """Everything, and the two counters that order changes and name new things."""

    def __init__(self, domain: str = "kent.example", another: str = "") -> None:
        self.domain = domain
        self.another = another
        """Set, it is another tenant of the same name: every id is another."""
        self.id = self.named_id("tenant", domain)
        self.users: dict[str, User] = {}
        self._numbers: tuple[int, Mapping[str, str]] = (0, {})
        self._ids_by_name: dict[str, str] = {}
        """By mail, by UPN and by Teams' own id."""
        self.sites: dict[str, Site] = {}
        self.drives: dict[str, Drive] = {}
        self.messages: dict[str, Message] = {}
        self.events: dict[str, Event] = {}
        self.sent_from: dict[str, list[tuple[datetime, int]]] = {}
        """By mailbox, when each message left or will leave, and to how many: those of the last day."""
        self.transactions: dict[tuple[str, str], str] = {}
        self.teams: dict[str, Team] = {}
        self.conversations: dict[str, Conversation] = {}
        self.has_app: set[str] = set()
        """Object ids of those for whom the app is installed personally."""
        self.administrator = ""
        """The address of whoever installs apps in teams."""
        self.bot_endpoint: str | None = None
        self.service_url: str | None = None
        self.granted: set[str] | None = None
        """The application's permissions; None grants everything."""
        self.site_role = "owner"
        """What Sites.Selected gives in the site: none, read, write or owner."""
        self.mailboxes: set[str] | None = None
        """The mailboxes the application access policy lets it into, by address; None is all of them."""
        self.meetings_policy = True
        """Whether the organiser has the application access policy of Teams."""
        self.on_change: Callable[[str], None] = lambda _: None
        """Called with the id of a list, or of a drive's list, that changed."""
        self.har: list[Json] = []
        self.exchanges = 0
        self.keeps_traffic = True
        """Whether each exchange is kept for the HAR, or only counted."""
        self.behaviours: dict[str, bool] = {}
        """What was switched on or off by name (`behaviours`); the rest is as it stands there."""
        self.office_uploads = 0
        """How many Office files were uploaded: when SharePoint writes into one depends on it."""
        self.conditional_writes = 0
        """How many writes to files had `If-Match`."""
        self.known_since = 0
        """Delta tokens from before this change are gone."""
        self._fixed_now: datetime | None = None
        self._seq = 0
        self._made = 0

    def behaves(self, name: str) -> bool:
        """Whether the tenant does what `behaviours` names so."""
        return self.behaviours.get(name, BEHAVIOURS[name].is_on)

    def now(self) -> str:
        """ISO 8601, UTC: the world's time where one was set, this machine's otherwise."""
        return (self._fixed_now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def set_now(self, moment: datetime) -> None:
        """Let the tenant live at the given time until told otherwise."""
        self._fixed_now = moment.astimezone(UTC)

    def next_seq(self) -> int:
        """A number for a change, higher than all before."""
        self._seq += 1
        return self._seq

    @property
    def seq(self) -> int:
        """The number of the last change."""
        return self._seq

    def named_id(self, *parts: str) -> str:
        """The id of what has a name: the same for the same name."""
        return stable_id(*parts, self.another) if self.another else stable_id(*parts)

    def new_id(self, *parts: str) -> str:
        """A GUID never given before, the same in two equal runs."""
        self._made += 1
        return stable_id(self.id, *parts, str(self._made))

    def new_opaque_id(self, *parts: str) -> str:
        """An id as Outlook writes them: long, opaque, URL-safe."""
        raw = hashlib.sha512(self.new_id(*parts).encode()).digest()
        return "AAMk" + base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def user(self, key: str) -> User | None:
        """By object id, UPN, mail or Teams' own id, without case."""
        wanted = key.casefold()
        return self.users.get(wanted) or self.users.get(self._ids_by_name.get(wanted, ""))

    def add_user(self, user: User) -> None:
        """Let somebody in."""
        self.users[user.id] = user
        for name in (user.mail, user.upn, user.member_id):
            self._ids_by_name.setdefault(name.casefold(), user.id)

    def people(self) -> Mapping[str, str]:
        """Each member's number in a site's list of people, by object id: whoever may have been in the site."""
        if self._numbers[0] != len(self.users):
            members = sorted((u for u in self.users.values() if not u.is_guest), key=lambda u: u.mail)
            self._numbers = len(self.users), {user.id: str(number) for number, user in enumerate(members, 1)}
        return self._numbers[1]

    def find_list(self, list_id: str) -> SharePointList | None:
        """A list of any site."""
        return next((s.lists[list_id] for s in self.sites.values() if list_id in s.lists), None)

    def touch(self, thing: ListItem | DriveItem, by: Json, list_id: str) -> None:
        """Mark a thing of a list, or of a drive's list, as changed now by somebody."""
        thing.version += 1
        thing.seq = self.next_seq()
        self._move_to_end(thing, list_id)
        thing.modified_at = self.now()
        thing.modified_by = by
        if isinstance(thing, ListItem):
            thing.keep_version(in_place=self.behaves("list-versions-off"))
        self.on_change(list_id)

    def _move_to_end(self, thing: ListItem | DriveItem, list_id: str) -> None:
        """Keep the items of a list or drive in the order they changed in, for its delta."""
        target = self.find_list(list_id)
        assert target is not None
        if isinstance(thing, ListItem):
            target.items[thing.id] = target.items.pop(thing.id)
        elif target.drive is not None:
            target.drive.items[thing.id] = target.drive.items.pop(thing.id)

    def add_list(self, site: Site, display_name: str, description: str, template: str) -> SharePointList:
        """A new list; a document library gets a drive."""
        made = SharePointList(
            id=self.new_id("list", display_name),
            name="".join(c for c in display_name if c.isalnum() or c in "-_"),
            display_name=display_name,
            description=description,
            template=template,
        )
        made.columns["Title"] = {"id": self.new_id("column"), "name": "Title", "displayName": "Title", "text": {}}
        site.lists[made.id] = made
        if template == "documentLibrary":
            drive = Drive(id="b!" + self.new_id("drive", display_name), name=display_name, list_id=made.id)
            root = DriveItem(self.new_id("root"), "root", None, None, self.now(), APPLICATION, seq=self.next_seq())
            drive.items[root.id] = root
            made.drive = drive
            self.drives[drive.id] = drive
        return made

    def write_file(self, drive: Drive, path: str, content: bytes, by: Json) -> tuple[DriveItem, bool]:
        """Create or replace a file, folders included. Returns it and whether it is new."""
        parent = drive.root
        *folders, name = [p for p in path.split("/") if p]
        for folder in folders:
            parent = drive.child(parent.id, folder) or self._add_item(drive, parent.id, folder, None, by)
        if existing := drive.child(parent.id, name):
            existing.content = content
            existing.content_version += 1
            self.touch(existing, by, drive.list_id)
            self._saved(drive, existing, content, by)
            return existing, False
        item = self._add_item(drive, parent.id, name, content, by)
        self._saved(drive, item, content, by)
        if self.behaves("check-out-demanded"):
            item.checked_out_by = by
        return item, True

    def _saved(self, drive: Drive, item: DriveItem, content: bytes, by: Json) -> None:
        """A version more; SharePoint writes into an Office file at once, or when a request or two have passed."""
        item.versions.append(FileVersion(len(item.versions) + 1, content, self.now(), by))
        if self.behaves("office-files-rewritten") and is_rewritten(item.name, content):
            drive.to_rewrite[item.id] = self.office_uploads % 3
            self.office_uploads += 1
            if not drive.to_rewrite[item.id]:
                self.rewrite(drive, item)

    def rewrite(self, drive: Drive, item: DriveItem) -> None:
        """What SharePoint does by itself: other bytes, other tags, no new version; who saved it last stays."""
        drive.to_rewrite.pop(item.id, None)
        item.content = rewritten(item.content or b"")
        item.content_version += 1
        by = SYSTEM_ACCOUNT if self.behaves("office-rewrite-names-system") else item.modified_by
        self.touch(item, by, drive.list_id)

    def pass_request(self, drive: Drive) -> None:
        """One request more came to the drive: SharePoint may have got round to a file."""
        for item_id, left in tuple(drive.to_rewrite.items()):
            drive.to_rewrite[item_id] = left - 1
            if left <= 1:
                self.rewrite(drive, drive.items[item_id])

    def move_file(self, drive: Drive, item: DriveItem, to: str, by: Json) -> None:
        """Give a file another name or folder; its id stays."""
        parent = drive.root
        *folders, name = [p for p in to.split("/") if p]
        for folder in folders:
            parent = drive.child(parent.id, folder) or self._add_item(drive, parent.id, folder, None, by)
        item.parent_id, item.name = parent.id, name

    def _add_item(self, drive: Drive, parent_id: str, name: str, content: bytes | None, by: Json) -> DriveItem:
        item = DriveItem(self.new_id("item", name), name, parent_id, content, self.now(), by, seq=self.next_seq())
        drive.items[item.id] = item
        self.on_change(drive.list_id)
        return item

    def add_item(self, target: SharePointList, fields: Json, by: Json) -> ListItem:
        """A new row at the end of a list."""
        item = ListItem(
            id=str(target.next_item),
            guid=self.new_id("listitem"),
            fields=fields,
            created_at=self.now(),
            modified_at=self.now(),
            modified_by=by,
            created_by=by,
            seq=self.next_seq(),
        )
        item.keep_version(in_place=False)
        target.next_item += 1
        target.items[item.id] = item
        self.on_change(target.id)
        return item
