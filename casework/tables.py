"""The record's tables. Money is integer pence, moments are UTC, pupils' data is in `pupils` only, encrypted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from communities.budget import LineKind
from communities.calendars import Closing
from communities.continuum import Focus
from communities.decisions import DecidedBy, Voice
from communities.lifecycle import State
from communities.meetings import Mark, ProposalOutcome
from communities.questions import Part
from communities.reports import ReportKind
from communities.surgeries import OPEN_BOOKINGS, BookingState, SurgeryState

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database; SQLite forgets the zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class ClosesAt(TypeDecorator[Closing]):
    """The end of a last day, kept as the moment it closes; read as a `Closing`, which can't be mistaken for a day."""

    impl = Moment
    cache_ok = True

    def process_bind_param(self, value: Closing | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        return None if value is None else value.at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> Closing | None:
        """From the database."""
        return None if value is None else Closing.ending(value)

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """It is compared with moments."""
        return self if isinstance(value, Closing) else Moment()


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """The column holds one of these and nothing else."""
    listed = ", ".join("'" + v.replace("'", "''") + "'" for v in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


places = Table(
    "places",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)
"""Where things lie in the tenant: the ids of site, lists and libraries."""

sync_links = Table(
    "sync_links",
    metadata,
    Column("source", String, primary_key=True),
    Column("link", Text),
    Column("content_tag", String),
    Column("saved_at", Moment, nullable=False),
    Column("changed_at", Moment),
)
"""Delta links, saved in the transaction of what they brought, and when they last brought something new."""

form_headings = Table(
    "form_headings",
    metadata,
    Column("form", String, primary_key=True),
    Column("route", String, primary_key=True),
    Column("found", JSON, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Column("read_again", Boolean, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
"""What the headings of a form's workbook or list were last found to be, and whether it is to be read again."""

confirmed_headings = Table(
    "confirmed_headings",
    metadata,
    Column("form", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("heading", String, nullable=False),
    Column("field", String, nullable=False),
    Column("confirmed_by", String, nullable=False),
    Column("confirmed_at", Moment, nullable=False),
)
"""Which question a heading is, as a person said; an empty field: none of the form's."""

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("source", String, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("client_state", String, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
"""The change notifications Graph sends us, one a list and library that is read."""

graph_files = Table(
    "graph_files",
    metadata,
    Column("library", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("item_id", String, nullable=False),
    Column("content_tag", String, nullable=False),
    Column("fingerprint", String, nullable=False, server_default=""),
    Column("application", String, nullable=False, server_default=""),
)
"""The documents we filed: the content tag each had then, the fingerprint of the parts people write in, and as which
application SharePoint knew us.
"""

graph_budgets = Table(
    "graph_budgets",
    metadata,
    Column("resource", String, primary_key=True),
    Column("minute", Integer, nullable=False),
    Column("spent", Integer, nullable=False),
    Column("not_before", Float, nullable=False),
)
"""What all workers together spent of a minute's budget, and until when Microsoft asked them to pause (Unix time)."""

mail_turns = Table(
    "mail_turns",
    metadata,
    Column("key", String, primary_key=True),
    Column("mailbox", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("recipients", Integer, nullable=False),
    Index("ix_mail_turns_mailbox_at", "mailbox", "at"),
)
"""When each email and invitation of the last 24 hours went out, or is to go out, and to how many."""

workers = Table(
    "workers",
    metadata,
    Column("name", String, primary_key=True),
    Column("beat", Integer, nullable=False),
    Column("since", Moment, nullable=False),
)
"""The workers that are there, each with the count of its signs of life."""

duties = Table(
    "duties",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
)
"""What one worker alone does, and which."""

wanted = Table(
    "wanted",
    metadata,
    Column("what", String, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("trace", String, nullable=False, server_default=""),
)
"""What Graph's notifications asked for, counted: the web process writes it, the worker that syncs reads it."""

graph_slots = Table(
    "graph_slots",
    metadata,
    Column("resource", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", Float, nullable=False),
)
"""Requests at once to a mailbox, leased by worker until a moment (Unix time)."""

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
)
"""Numbers of series, and moments as Unix time."""

communities = Table(
    "communities",
    metadata,
    Column("name", String, primary_key=True),
    Column("primary_care_network", String, nullable=False),
    Column("district", String, nullable=False),
    Column("geographic_area", String, nullable=False),
    Column("community_area", String, nullable=False),
    Column("dashboard", String, nullable=False, server_default=""),
)

schools = Table(
    "schools",
    metadata,
    Column("name", String, primary_key=True),
    Column("community", String, ForeignKey("communities.name"), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
    Column("position", Integer, nullable=False),
    Column("dfe", Integer),
    Column("type", String, nullable=False),
    UniqueConstraint("dfe", "since"),
    CheckConstraint("until IS NULL OR until >= since", name="until"),
)
"""A school's membership of a community, from a first to a last day."""

people = Table(
    "people",
    metadata,
    Column("mail", String, primary_key=True),
    Column("role", String, primary_key=True),
    Column("of", String, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
    Column("name", String, nullable=False),
    Column("covers", String, nullable=False, server_default=""),
    CheckConstraint("until IS NULL OR until >= since", name="until"),
)
"""Who holds which role where, from a first to a last day."""

identities = Table(
    "identities",
    metadata,
    Column("aad_object_id", String, primary_key=True),
    Column("mail", String, nullable=False, unique=True),
)
"""Who is who in Entra ID, matched by `mail` and `otherMails`."""

budgets = Table(
    "budgets",
    metadata,
    Column("community", String, ForeignKey("communities.name"), primary_key=True),
    Column("academic_year", String, primary_key=True),
    Column("summary", JSON, nullable=False),
)

school_funding = Table(
    "school_funding",
    metadata,
    Column("school", String, primary_key=True),
    Column("academic_year", String, primary_key=True),
    Column("template", JSON),
    Column("factors", JSON),
)
"""A school's level template and the factors of its budget, each where KCC's workbook had it."""

journal = Table(
    "journal",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String, nullable=False),
    Column("command", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("details", JSON, nullable=False),
)

meetings = Table(
    "meetings",
    metadata,
    Column("id", String, primary_key=True),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("academic_year", String, nullable=False),
    Column("term", Integer, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("submissions_close_at", ClosesAt, nullable=False),
    Column("papers_due_on", Date, nullable=False),
    Column("state", String, nullable=False),
    Column("event_id", String),
    Column("join_url", String),
    Column("chat_id", String, nullable=False, server_default=""),
    Column("room", String, nullable=False, server_default=""),
    Column("template", String, nullable=False),
    Column("item_minutes", JSON(none_as_null=True)),
    Column("closed_at", Moment),
    Column("circulated_at", Moment),
    Column("held_at", Moment),
    CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    UniqueConstraint("community", "academic_year", "term"),
    Index("ix_meetings_state_close", "state", "submissions_close_at"),
    Index("ix_meetings_chat_id", "chat_id"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    Column("source_key", String, nullable=False, unique=True),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("school", String, nullable=False),
    Column("state", String, nullable=False),
    Column("round", Integer, nullable=False, default=1),
    Column("meeting_id", String, ForeignKey("meetings.id")),
    Column("submission", JSON, nullable=False),
    Column("sender", String, nullable=False),
    Column("is_verified", Boolean, nullable=False),
    Column("requested_pence", Integer),
    Column("submitted_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("fingerprint", String, nullable=False, index=True),
    Column("note", Text, nullable=False, default=""),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_requests_meeting_state", "meeting_id", "state"),
    Index("ix_requests_state", "state"),
    _one_of("state", State),
    CheckConstraint("round >= 1", name="round"),
)

pupils = Table(
    "pupils",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("forgotten_at", Moment),
    Column("is_masked", Boolean, nullable=False, server_default="1"),
    # Whether the request's texts in the open were masked; those of before are, before anything else is done.
)

amendments = Table(
    "amendments",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("amended_by", String, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""What an amendment replaced, sealed: the texts of a school may name children."""

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("mail", String, nullable=False, unique=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("saved_at", Moment, nullable=False),
)
"""A request begun and not sent, one a person, sealed."""

interests = Table(
    "interests",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("mail", String, primary_key=True),
    Column("reason", Text, nullable=False),
)
"""Declared by somebody who would decide, beside those the directory shows."""

responses = Table(
    "responses",
    metadata,
    Column("source_key", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("mended", JSON, nullable=False),
    Column("community", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("request_id", String, ForeignKey("requests.id")),
    Column("received_at", Moment, nullable=False),
)
"""Each response of a form exactly once, whatever became of it."""

response_routes = Table(
    "response_routes",
    metadata,
    Column("route", String, primary_key=True),
    Column("source_key", String, ForeignKey("responses.source_key"), primary_key=True),
    Column("content_hash", String, nullable=False),
)
"""What each way in last said of a response, so that only a real change counts."""

decisions = Table(
    "decisions",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("responses", JSON, nullable=False),
    Column("details", Text, nullable=False),
    Column("amount_pence", Integer, nullable=False),
    Column("conditions", Text, nullable=False, default=""),
    Column("review_on", Date),
    Column("made_by", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("override_by", String),
    Column("override_reason", Text),
    CheckConstraint("(override_by IS NULL) = (override_reason IS NULL)", name="override"),
    Index("ix_decisions_review_on", "review_on"),
    CheckConstraint("amount_pence >= 0", name="amount"),
    _one_of("made_by", DecidedBy),
)
"""One a request and round."""

voices = Table(
    "voices",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("school", String, primary_key=True),
    Column("voice", String, nullable=False),
    Column("spoken_by", String, nullable=False),
    _one_of("voice", Voice),
)
"""One voice an attending school, request and round."""

moderations = Table(
    "moderations",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("final_pence", Integer, nullable=False),
    Column("approved_by", String, nullable=False),
    Column("processed_on", Date, nullable=False),
    Column("pays_on", Date, nullable=False),
    ForeignKeyConstraint(["request_id", "round"], ["decisions.request_id", "decisions.round"]),
    CheckConstraint("final_pence >= 0", name="final"),
)

payments = Table(
    "payments",
    metadata,
    Column("request_id", String, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("paid_pence", Integer, nullable=False),
    Column("paid_on", Date, nullable=False),
    ForeignKeyConstraint(["request_id", "round"], ["moderations.request_id", "moderations.round"]),
    CheckConstraint("paid_pence >= 0", name="paid"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("academic_year", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("amount_pence", Integer, nullable=False),
    Column("request_id", String),
    Column("round", Integer),
    Column("entry", Integer, ForeignKey("journal.number"), nullable=False),
    ForeignKeyConstraint(["request_id", "round"], ["decisions.request_id", "decisions.round"]),
    CheckConstraint("(request_id IS NULL) = (round IS NULL)", name="round"),
    CheckConstraint("amount_pence = round(amount_pence)", name="pence"),
    CheckConstraint(
        f"kind NOT IN ('{LineKind.COMMITMENT}', '{LineKind.PAYMENT}') "
        "OR (amount_pence <= 0 AND request_id IS NOT NULL)",
        name="spending",
    ),
    Index("ix_ledger_community_year", "community", "academic_year"),
    Index("ix_ledger_request", "request_id"),
    _one_of("kind", LineKind),
)
"""Append-only: triggers refuse to change or delete a line, as in the journal."""

Index(
    "uq_ledger_request_round_kind",
    ledger.c.request_id,
    ledger.c.round,
    ledger.c.kind,
    unique=True,
    sqlite_where=ledger.c.kind != LineKind.RETURN.value,
    postgresql_where=ledger.c.kind != LineKind.RETURN.value,
)

attendance = Table(
    "attendance",
    metadata,
    Column("meeting_id", String, ForeignKey("meetings.id"), primary_key=True),
    Column("of", String, primary_key=True),
    Column("person", String, nullable=False),
    Column("mark", String, nullable=False),
    Column("marked_by", String, nullable=False, server_default=""),
    _one_of("mark", Mark),
)
"""The register: one representative a school, and chair, clerk and adviser by role."""

also_there = Table(
    "also_there",
    metadata,
    Column("meeting_id", String, ForeignKey("meetings.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("mail", String, nullable=False),
    Column("seconds", Integer, nullable=False),
)
"""Whom Teams saw in a meeting who stands for no school and no role; the clerk says who they are."""

minutes = Table(
    "minutes",
    metadata,
    Column("meeting_id", String, ForeignKey("meetings.id"), primary_key=True),
    Column("notes", JSON, nullable=False),
    Column("matters", JSON, nullable=False),
    Column("written_by", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("word_etag", String, nullable=False, server_default=""),
    Column("word_wording", String, nullable=False, server_default=""),
    Column("word_read", JSON, nullable=False, server_default="{}"),
)
"""What was said to each item, and the matters that arise at the next meeting. `word_etag` is the Word file's when it
was last looked at, `word_wording` the hash of what it said when it was last read back, `word_read` which file and
version that was, who had saved it, what it said, and who wrote what the record does not say.
"""

minutes_proposals = Table(
    "minutes_proposals",
    metadata,
    Column("id", String, primary_key=True),
    Column("meeting_id", String, ForeignKey("meetings.id"), nullable=False, index=True),
    Column("unit", String, nullable=False),
    Column("said", JSON, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("outcome", String, nullable=False, server_default=""),
    Column("settled_by", String, nullable=False, server_default=""),
    _one_of("outcome", ("", *ProposalOutcome)),
)
"""What somebody changed in the minutes' Word file who may not, or nobody knows who: chair or clerk accept it. An author
who cannot be named is ''.
"""

actions = Table(
    "actions",
    metadata,
    Column("id", String, primary_key=True),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("meeting_id", String, ForeignKey("meetings.id")),
    Column("what", Text, nullable=False),
    Column("owner", String, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("outcome", Text, nullable=False, default=""),
    Index("ix_actions_community_closed_on", "community", "closed_on"),
)
"""Actions of meetings, and of the community's own action plan (then without a meeting)."""

surgeries = Table(
    "surgeries",
    metadata,
    Column("id", String, primary_key=True),
    Column("adviser", String, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("slot_minutes", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("event_id", String),
    Column("join_url", String),
    Column("summary", Text, nullable=False, server_default=""),
    Column("summarised_at", Moment),
    CheckConstraint("slots >= 1", name="slots"),
    CheckConstraint("slot_minutes >= 1", name="slot_minutes"),
    Index("ix_surgeries_state_starts", "state", "starts_at"),
    _one_of("state", SurgeryState),
)
"""Sessions of an adviser. The summary is for all who came: it names no pupil."""

bookings = Table(
    "bookings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("surgery_id", String, ForeignKey("surgeries.id"), nullable=False, index=True),
    Column("slot", Integer),
    Column("mail", String, nullable=False),
    Column("school", String, nullable=False),
    Column("theme", String, nullable=False),
    Column("note", LargeBinary),
    Column("state", String, nullable=False),
    Column("booked_at", Moment, nullable=False),
    Column("event_id", String),
    CheckConstraint("(slot IS NULL) = (state IN ('Waiting', 'No slot came free', 'Cancelled'))", name="slot"),
    _one_of("state", BookingState),
)
"""Slots of surgeries, and who waits for one. What somebody wrote about it is sealed: only the adviser reads it."""

Index(
    "uq_bookings_surgery_slot",
    bookings.c.surgery_id,
    bookings.c.slot,
    unique=True,
    sqlite_where=bookings.c.slot.is_not(None),
    postgresql_where=bookings.c.slot.is_not(None),
)
_open_booking = text("state IN (" + ", ".join(f"'{s.value}'" for s in OPEN_BOOKINGS) + ")")
Index(
    "uq_bookings_surgery_mail",
    bookings.c.surgery_id,
    bookings.c.mail,
    unique=True,
    sqlite_where=_open_booking,
    postgresql_where=_open_booking,
)

surgery_feedback = Table(
    "surgery_feedback",
    metadata,
    Column("booking_id", Integer, ForeignKey("bookings.id"), primary_key=True),
    Column("useful", Integer, nullable=False),
    Column("comment", Text, nullable=False),
    Column("given_at", Moment, nullable=False),
    CheckConstraint("useful BETWEEN 1 AND 5", name="useful"),
)
"""One a booking; who came says how useful it was, 1 to 5."""

mails_stopped = Table(
    "mails_stopped",
    metadata,
    Column("kind", String, primary_key=True),
    Column("mail", String, primary_key=True),
    Column("stopped_at", Moment, nullable=False),
)
"""Who wants no mails of a kind any more."""

side_items = Table(
    "side_items",
    metadata,
    Column("list", String, primary_key=True),
    Column("item_id", String, primary_key=True),
    Column("etag", String, nullable=False),
    Column("subject", String),
    Column("note", Text, nullable=False, server_default=""),
    Column("version", String, nullable=False, server_default=""),
    Column("marks", JSON, nullable=False, server_default="{}"),
    Column("authors", JSON, nullable=False, server_default="[]"),
    UniqueConstraint("list", "subject"),
)
"""Items of the lists of surgeries and questions: what each is about, or why it was not taken and who filled it in."""

questions = Table(
    "questions",
    metadata,
    Column("id", String, primary_key=True),
    Column("source_key", String, nullable=False, unique=True),
    Column("part", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("group_id", String, nullable=False, index=True),
    Column("answer", Text, nullable=False, server_default=""),
    Column("answered_by", String),
    Column("answered_at", Moment),
    Column("published_at", Moment),
    CheckConstraint("(answered_by IS NULL) = (answer = '')", name="answered"),
    CheckConstraint("published_at IS NULL OR answered_by IS NOT NULL", name="published"),
    _one_of("part", Part),
)
"""Questions to KCC, by the form and from chat; those that ask the same share a group, named by the first of them."""

case_studies = Table(
    "case_studies",
    metadata,
    Column("id", String, primary_key=True),
    Column("source_key", String, nullable=False, unique=True),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("school", String, nullable=False),
    Column("focus", String, nullable=False, index=True),
    Column("description", Text, nullable=False),
    Column("overview", Text, nullable=False),
    Column("impact", Text, nullable=False),
    Column("shared_by", String, nullable=False),
    Column("shared_at", Moment, nullable=False),
    Column("meeting_id", String, ForeignKey("meetings.id"), index=True),
    _one_of("focus", Focus),
)
"""What schools share of what worked; checked for pupils' names before, and offered for item 5 of a meeting."""

reports = Table(
    "reports",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("drafted_at", Moment, nullable=False),
    Column("content", LargeBinary),
    Column("web_url", String),
    Column("clerk_by", String),
    Column("clerk_at", Moment),
    Column("clerk_seal", String),
    Column("chair_by", String),
    Column("chair_at", Moment),
    Column("chair_seal", String),
    Column("sent_at", Moment),
    UniqueConstraint("kind", "community", "due_on"),
    Index("ix_reports_community_sent", "community", "sent_at"),
    CheckConstraint("sent_at IS NULL OR (clerk_at IS NOT NULL AND chair_at IS NOT NULL)", name="signed"),
    _one_of("kind", ReportKind),
)
"""KiT and Area Board reports: the draft as it was made (once it is sent: what was sent), who signed, and the hash of
what each signed. No pupil's name is in them.
"""

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", String, primary_key=True),
    Column("source_key", String, nullable=False, unique=True),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("school", String, nullable=False),
    Column("service", String, nullable=False),
    Column("effective", Integer, nullable=False),
    Column("worked", Text, nullable=False),
    Column("improve", Text, nullable=False),
    Column("given_by", String, nullable=False),
    Column("given_at", Moment, nullable=False),
    CheckConstraint("effective BETWEEN 1 AND 5", name="effective"),
    Index("ix_evaluations_community_given", "community", "given_at"),
)
"""How effective a school finds a service; checked for pupils' names before."""

improvements = Table(
    "improvements",
    metadata,
    Column("id", String, primary_key=True),
    Column("area", String, nullable=False, server_default=""),
    Column("community", String, nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("reported_by", String, nullable=False),
    Column("reported_at", Moment, nullable=False),
    Index("ix_improvements_reported_at", "reported_at"),
)
"""What came of an evaluation: for one community, an area, or (with neither) the county."""

year_ends = Table(
    "year_ends",
    metadata,
    Column("community", String, ForeignKey("communities.name"), primary_key=True),
    Column("academic_year", String, primary_key=True),
    Column("balance_pence", Integer, nullable=False),
    Column("agreed_by", String, nullable=False),
    Column("agreed_at", Moment, nullable=False),
    Column("carried", JSON, nullable=False),
    Column("closed_by", String),
    Column("closed_at", Moment),
    CheckConstraint("(closed_by IS NULL) = (closed_at IS NULL)", name="closed"),
)
"""A community's year: the balance agreed with KCC, then its closing with what was carried over."""

list_items = Table(
    "list_items",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("item_id", String, nullable=False, unique=True),
    Column("etag", String, nullable=False),
    Column("version", String, nullable=False, server_default=""),
    Column("marks", JSON, nullable=False, server_default="{}"),
    Column("kcc_draft", JSON, nullable=False, server_default="{}"),
)
"""The working list's items as they were last seen, and what a moderator wrote there that is not carried out yet."""

papers = Table(
    "papers",
    metadata,
    Column("meeting_id", String, ForeignKey("meetings.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("web_url", String),
)
"""Circulated papers as they were made: no pupil's name is in them."""

talks = Table(
    "talks",
    metadata,
    Column("conversation", String, primary_key=True),
    Column("mail", String, primary_key=True),
    Column("said", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_talks_at", "at"),
)
"""What a person and the bot last spoke of, so that 'and for ABC?' has a meaning; nothing anybody typed."""

conversations = Table(
    "conversations",
    metadata,
    Column("key", String, primary_key=True),
    Column("reference", JSON, nullable=False),
)
"""People's own chats with the bot: `person:MAIL`."""

teams = Table(
    "teams",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("community", String),
    Column("state", String, nullable=False),
    Column("reference", JSON, nullable=False),
)
"""Every team the bot was added to, by Teams' id of it: whose it is, and the channel posts go to."""

members = Table(
    "members",
    metadata,
    Column("aad_object_id", String, primary_key=True),
    Column("user_id", String, nullable=False),
)
"""Teams' own ids (`29:…`) of the directory's people, out of the rosters of teams: a chat opens by them."""

posts = Table(
    "posts",
    metadata,
    Column("subject", String, primary_key=True),
    Column("message", JSON, nullable=False),
)
"""Every message the bot posted by itself, by what it is about: a change replaces it and is not said again."""

effects = Table(
    "effects",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("state", String, nullable=False),
    Column("is_queued", Boolean, nullable=False, default=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("problem", Text),
    Column("needs", String, nullable=False, server_default=""),
    Column("runs", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("told_at", Moment),
    Column("owner_told_at", Moment),
    Column("trace", String, nullable=False, server_default=""),
    Index(
        "ix_effects_is_queued", "is_queued", sqlite_where=text("NOT is_queued"), postgresql_where=text("NOT is_queued")
    ),
    Index("ix_effects_state", "state"),
)


def append_only(table: str, dialect: str) -> list[str]:
    """The statements that make a table refuse to change or delete a row."""
    said = f"the {table} is append-only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_change_of_{table}()",
    ]


APPEND_ONLY = (journal, ledger)

for _table in APPEND_ONLY:
    for _dialect in ("sqlite", "postgresql"):
        for _statement in append_only(_table.name, _dialect):
            ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
            event.listen(_table, "after_create", ddl.execute_if(dialect=_dialect))
