"""When a request's pupils were forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("pupils", sa.Column("forgotten_at", Moment(timezone=True), nullable=True))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("pupils", "forgotten_at")
