"""What was spoken of and posted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "talks",
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation", "mail", name=op.f("pk_talks")),
    )
    op.create_index("ix_talks_at", "talks", ["at"])
    op.create_table(
        "posts",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_posts")),
    )
    op.drop_table("cards")


def downgrade() -> None:
    """Back to the one before."""
    op.create_table(
        "cards",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_cards_request_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_cards")),
    )
    op.drop_table("posts")
    op.drop_index("ix_talks_at", table_name="talks")
    op.drop_table("talks")
