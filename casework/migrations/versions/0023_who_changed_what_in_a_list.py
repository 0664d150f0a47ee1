"""Items of lists: the version and the columns last seen, what a moderator began, who filled in what was not taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ADDED = (
    ("list_items", "version", sa.String(), ""),
    ("list_items", "marks", sa.JSON(), "{}"),
    ("list_items", "kcc_draft", sa.JSON(), "{}"),
    ("side_items", "version", sa.String(), ""),
    ("side_items", "marks", sa.JSON(), "{}"),
    ("side_items", "authors", sa.JSON(), "[]"),
)


def upgrade() -> None:
    """To this revision."""
    for table, name, kind, empty in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=empty))


def downgrade() -> None:
    """Back to the one before."""
    for table, name, _, _ in reversed(ADDED):
        op.drop_column(table, name)
