"""Of which stuck effects administrators were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("effects", sa.Column("told_at", Moment(timezone=True), nullable=True))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("effects", "told_at")
