"""When each email and invitation goes out: what Exchange lets a mailbox send is shared by all workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "mail_turns",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mail_turns")),
    )
    op.create_index("ix_mail_turns_mailbox_at", "mail_turns", ["mailbox", "at"])


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("mail_turns")
