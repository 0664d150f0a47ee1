"""Workers that know of one another, and what the web process asks of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "workers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("beat", sa.Integer(), nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )
    op.create_table(
        "duties",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_duties"),
    )
    op.create_table(
        "wanted",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_wanted"),
    )


def downgrade() -> None:
    """Back to the one before."""
    for name in ("wanted", "duties", "workers"):
        op.drop_table(name)
