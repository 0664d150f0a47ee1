"""Stuck effects go on: what they wait for, and how often they were begun again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("effects") as batch:
        batch.add_column(sa.Column("needs", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("runs", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("effects") as batch:
        batch.drop_column("runs")
        batch.drop_column("needs")
