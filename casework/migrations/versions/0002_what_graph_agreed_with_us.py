"""What Graph agreed with us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import casework.tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""

    op.create_table(
        "graph_budgets",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("resource", name=op.f("pk_graph_budgets")),
    )
    op.create_table(
        "graph_files",
        sa.Column("library", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("content_tag", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("library", "path", name=op.f("pk_graph_files")),
    )
    op.create_table(
        "graph_slots",
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("resource", "number", name=op.f("pk_graph_slots")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client_state", sa.String(), nullable=False),
        sa.Column("expires_at", casework.tables.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("id", name=op.f("uq_subscriptions_id")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marked_by", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("sync_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", casework.tables.Moment(timezone=True), nullable=True))


def downgrade() -> None:
    """Back to the one before."""

    with op.batch_alter_table("sync_links", schema=None) as batch_op:
        batch_op.drop_column("changed_at")

    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_column("marked_by")

    op.drop_table("subscriptions")
    op.drop_table("graph_slots")
    op.drop_table("graph_files")
    op.drop_table("graph_budgets")
