"""The record's tables. Money is integer pence, moments are UTC, pupils' data is in `pupils` only, encrypted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

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
)
"""Delta links, saved in the transaction of what they brought."""

counters = Table(
    "counters", metadata, Column("name", String, primary_key=True), Column("value", Integer, nullable=False)
)

communities = Table(
    "communities",
    metadata,
    Column("name", String, primary_key=True),
    Column("primary_care_network", String, nullable=False),
    Column("district", String, nullable=False),
    Column("geographic_area", String, nullable=False),
    Column("community_area", String, nullable=False),
)

schools = Table(
    "schools",
    metadata,
    Column("name", String, primary_key=True),
    Column("community", String, ForeignKey("communities.name"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("dfe", Integer, unique=True),
    Column("type", String, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("mail", String, primary_key=True),
    Column("role", String, primary_key=True),
    Column("of", String, primary_key=True),
    Column("name", String, nullable=False),
)

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

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("number", Integer, nullable=False, unique=True),
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
    Column("submissions_close_at", Moment, nullable=False),
    Column("papers_due_on", Date, nullable=False),
    Column("state", String, nullable=False),
    Column("event_id", String),
    Column("join_url", String),
    UniqueConstraint("community", "academic_year", "term"),
    Index("ix_meetings_state_close", "state", "submissions_close_at"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    Column("source_key", String, nullable=False, unique=True),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("school", String, nullable=False),
    Column("state", String, nullable=False),
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
)

pupils = Table(
    "pupils",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

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
    Column("amount_pence", Integer, CheckConstraint("amount_pence >= 0", name="amount"), nullable=False),
    Column("review_on", Date),
    Column("made_by", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", Moment, nullable=False),
)

moderations = Table(
    "moderations",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("final_pence", Integer, CheckConstraint("final_pence >= 0", name="final"), nullable=False),
    Column("approved_by", String, nullable=False),
    Column("processed_on", Date, nullable=False),
    Column("pays_on", Date, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("community", String, ForeignKey("communities.name"), nullable=False),
    Column("academic_year", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("amount_pence", Integer, nullable=False),
    Column("request_id", String, ForeignKey("requests.id")),
    Column("journal_id", Integer, ForeignKey("journal.id"), nullable=False),
    Index("ix_ledger_community_year", "community", "academic_year"),
)

list_items = Table(
    "list_items",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("item_id", String, nullable=False, unique=True),
    Column("etag", String, nullable=False),
)

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

conversations = Table(
    "conversations",
    metadata,
    Column("key", String, primary_key=True),
    Column("reference", JSON, nullable=False),
)
"""Where the bot can post: `team:COMMUNITY` or `person:MAIL`."""

cards = Table(
    "cards",
    metadata,
    Column("request_id", String, ForeignKey("requests.id"), primary_key=True),
    Column("message", JSON, nullable=False),
)
"""The decision card last sent for a request, so that it can be replaced."""

effects = Table(
    "effects",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("problem", Text),
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
    Index("ix_effects_state", "state"),
)
