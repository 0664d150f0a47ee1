"""What the headings of a form's columns were found to be, and what people confirmed about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "form_headings",
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("read_again", sa.Boolean(), nullable=False),
        sa.Column("seen_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("form", "route", name=op.f("pk_form_headings")),
    )
    op.create_table(
        "confirmed_headings",
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("form", "key", name=op.f("pk_confirmed_headings")),
    )


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("confirmed_headings")
    op.drop_table("form_headings")
