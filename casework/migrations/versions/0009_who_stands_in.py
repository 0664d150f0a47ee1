"""Who stands in for a link practitioner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("covers", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("people") as batch:
        batch.drop_column("covers")
