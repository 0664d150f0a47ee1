"""Questions, and the items of lists beside the working list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "side_items",
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("subject", sa.String()),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("list", "item_id", name=op.f("pk_side_items")),
        sa.UniqueConstraint("list", "subject", name=op.f("uq_side_items_list_subject")),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Moment(timezone=True), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("answered_by", sa.String()),
        sa.Column("answered_at", Moment(timezone=True)),
        sa.Column("published_at", Moment(timezone=True)),
        sa.CheckConstraint("(answered_by IS NULL) = (answer = '')", name=op.f("ck_questions_answered")),
        sa.CheckConstraint("published_at IS NULL OR answered_by IS NOT NULL", name=op.f("ck_questions_published")),
        sa.CheckConstraint(
            "part IN ('Structure', 'Professional Resources', 'Operations')", name=op.f("ck_questions_part")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("source_key", name=op.f("uq_questions_source_key")),
    )
    op.create_index(op.f("ix_questions_group_id"), "questions", ["group_id"])


def downgrade() -> None:
    """Back to the one before."""
    op.drop_index(op.f("ix_questions_group_id"), table_name="questions")
    op.drop_table("questions")
    op.drop_table("side_items")
