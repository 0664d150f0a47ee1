"""Reports that are signed, evaluations and what came of them, the year's end, minutes read back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
"""As the record named its constraints when this was written."""

sa.Table("communities", metadata, sa.Column("name", sa.String(), primary_key=True))

MADE = (
    sa.Table(
        "reports",
        metadata,
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("community", sa.String(), sa.ForeignKey("communities.name"), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("drafted_at", Moment(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("web_url", sa.String()),
        sa.Column("clerk_by", sa.String()),
        sa.Column("clerk_at", Moment(timezone=True)),
        sa.Column("clerk_seal", sa.String()),
        sa.Column("chair_by", sa.String()),
        sa.Column("chair_at", Moment(timezone=True)),
        sa.Column("chair_seal", sa.String()),
        sa.Column("sent_at", Moment(timezone=True)),
        sa.UniqueConstraint("kind", "community", "due_on"),
        sa.Index("ix_reports_community_sent", "community", "sent_at"),
        sa.CheckConstraint("sent_at IS NULL OR (clerk_at IS NOT NULL AND chair_at IS NOT NULL)", name="signed"),
        sa.CheckConstraint("kind IN ('KiT report', 'Area Board report')", name="kind"),
    ),
    sa.Table(
        "evaluations",
        metadata,
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("source_key", sa.String(), nullable=False, unique=True),
        sa.Column("community", sa.String(), sa.ForeignKey("communities.name"), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("effective", sa.Integer(), nullable=False),
        sa.Column("worked", sa.Text(), nullable=False),
        sa.Column("improve", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", Moment(timezone=True), nullable=False),
        sa.CheckConstraint("effective BETWEEN 1 AND 5", name="effective"),
        sa.Index("ix_evaluations_community_given", "community", "given_at"),
    ),
    sa.Table(
        "improvements",
        metadata,
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("area", sa.String(), nullable=False, server_default=""),
        sa.Column("community", sa.String(), nullable=False, server_default=""),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("reported_at", Moment(timezone=True), nullable=False),
        sa.Index("ix_improvements_reported_at", "reported_at"),
    ),
    sa.Table(
        "year_ends",
        metadata,
        sa.Column("community", sa.String(), sa.ForeignKey("communities.name"), primary_key=True),
        sa.Column("academic_year", sa.String(), primary_key=True),
        sa.Column("balance_pence", sa.Integer(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("agreed_at", Moment(timezone=True), nullable=False),
        sa.Column("carried", sa.JSON(), nullable=False),
        sa.Column("closed_by", sa.String()),
        sa.Column("closed_at", Moment(timezone=True)),
        sa.CheckConstraint("(closed_by IS NULL) = (closed_at IS NULL)", name="closed"),
    ),
)


def upgrade() -> None:
    """To this revision."""
    metadata.create_all(op.get_bind(), tables=MADE)
    op.add_column("communities", sa.Column("dashboard", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("minutes") as batch:
        batch.add_column(sa.Column("word_etag", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to the one before."""
    with op.batch_alter_table("minutes") as batch:
        batch.drop_column("word_etag")
    op.drop_column("communities", "dashboard")
    metadata.drop_all(op.get_bind(), tables=MADE)
