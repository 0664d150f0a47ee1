"""Requests whose texts were kept as they came, before they were masked: `casework.mask_kept` masks them at the start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("pupils", sa.Column("is_masked", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE pupils SET is_masked = false")


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("pupils", "is_masked")
