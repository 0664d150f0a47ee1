"""Surgeries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('Booked', 'Waiting')")
HAS_SLOT = sa.text("slot IS NOT NULL")


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "surgeries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("adviser", sa.String(), nullable=False),
        sa.Column("starts_at", Moment(timezone=True), nullable=False),
        sa.Column("ends_at", Moment(timezone=True), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("event_id", sa.String()),
        sa.Column("join_url", sa.String()),
        sa.Column("summary", sa.Text(), nullable=False, server_default=""),
        sa.Column("summarised_at", Moment(timezone=True)),
        sa.CheckConstraint("slots >= 1", name=op.f("ck_surgeries_slots")),
        sa.CheckConstraint("slot_minutes >= 1", name=op.f("ck_surgeries_slot_minutes")),
        sa.CheckConstraint("state IN ('Published', 'Cancelled', 'Held')", name=op.f("ck_surgeries_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surgeries")),
    )
    op.create_index("ix_surgeries_state_starts", "surgeries", ["state", "starts_at"])
    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("surgery_id", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer()),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("note", sa.LargeBinary()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("booked_at", Moment(timezone=True), nullable=False),
        sa.Column("event_id", sa.String()),
        sa.CheckConstraint(
            "(slot IS NULL) = (state IN ('Waiting', 'No slot came free', 'Cancelled'))", name=op.f("ck_bookings_slot")
        ),
        sa.CheckConstraint(
            "state IN ('Booked', 'Waiting', 'Cancelled', 'Came', 'Did not come', 'No slot came free')",
            name=op.f("ck_bookings_state"),
        ),
        sa.ForeignKeyConstraint(["surgery_id"], ["surgeries.id"], name=op.f("fk_bookings_surgery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index(op.f("ix_bookings_surgery_id"), "bookings", ["surgery_id"])
    op.create_index(
        "uq_bookings_surgery_slot", "bookings", ["surgery_id", "slot"], unique=True,
        sqlite_where=HAS_SLOT, postgresql_where=HAS_SLOT,
    )  # fmt: skip
    op.create_index(
        "uq_bookings_surgery_mail", "bookings", ["surgery_id", "mail"], unique=True,
        sqlite_where=OPEN, postgresql_where=OPEN,
    )  # fmt: skip
    op.create_table(
        "surgery_feedback",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("useful", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("given_at", Moment(timezone=True), nullable=False),
        sa.CheckConstraint("useful BETWEEN 1 AND 5", name=op.f("ck_surgery_feedback_useful")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_surgery_feedback_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_surgery_feedback")),
    )
    op.create_table(
        "mails_stopped",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("stopped_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "mail", name=op.f("pk_mails_stopped")),
    )


def downgrade() -> None:
    """Back to the one before."""
    for table in ("mails_stopped", "surgery_feedback", "bookings", "surgeries"):
        op.drop_table(table)
