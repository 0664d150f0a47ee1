"""Where an effect, or a pull, was asked for: a trace goes on from there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("effects", "wanted")


def upgrade() -> None:
    """To this revision."""
    for table in TABLES:
        op.add_column(table, sa.Column("trace", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to the one before."""
    for table in TABLES:
        op.drop_column(table, "trace")
