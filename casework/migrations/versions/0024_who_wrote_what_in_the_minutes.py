"""Minutes: what was last read of the Word file, and what others wrote there until chair or clerk accept it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("minutes", sa.Column("word_read", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "minutes_proposals",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("meeting_id", sa.String(), sa.ForeignKey("meetings.id"), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False, server_default=""),
        sa.Column("settled_by", sa.String(), nullable=False, server_default=""),
        sa.CheckConstraint("outcome IN ('', 'accepted', 'rejected', 'replaced')", name="outcome"),
    )
    op.create_index("ix_minutes_proposals_meeting_id", "minutes_proposals", ["meeting_id"])


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("minutes_proposals")
    op.drop_column("minutes", "word_read")
