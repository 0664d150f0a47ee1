"""Schools' level templates and the factors of their budgets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "school_funding",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("academic_year", sa.String(), nullable=False),
        sa.Column("template", sa.JSON(), nullable=True),
        sa.Column("factors", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("school", "academic_year", name=op.f("pk_school_funding")),
    )


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("school_funding")
