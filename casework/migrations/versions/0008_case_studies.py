"""Case studies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FOCUS = (
    "Working with children and young people, families and carers", "Pastoral", "Assessment", "Teaching and Learning",
    "Physical and Sensory Environment", "Resources", "Staff skills and training", "Transition and transfer",
)  # fmt: skip


def upgrade() -> None:
    """To this revision."""
    listed = ", ".join(f"'{f}'" for f in FOCUS)
    op.create_table(
        "case_studies",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("focus", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("overview", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("shared_by", sa.String(), nullable=False),
        sa.Column("shared_at", Moment(timezone=True), nullable=False),
        sa.Column("meeting_id", sa.String()),
        sa.CheckConstraint(f"focus IN ({listed})", name=op.f("ck_case_studies_focus")),
        sa.ForeignKeyConstraint(["community"], ["communities.name"], name=op.f("fk_case_studies_community")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_case_studies_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_studies")),
        sa.UniqueConstraint("source_key", name=op.f("uq_case_studies_source_key")),
    )
    op.create_index(op.f("ix_case_studies_focus"), "case_studies", ["focus"])
    op.create_index(op.f("ix_case_studies_meeting_id"), "case_studies", ["meeting_id"])


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("case_studies")
