"""What a filed paper was made of and as which application, and what minutes said when they were last read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    for name in ("fingerprint", "application"):
        op.add_column("graph_files", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("minutes", sa.Column("word_wording", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("minutes", "word_wording")
    for name in ("application", "fingerprint"):
        op.drop_column("graph_files", name)
