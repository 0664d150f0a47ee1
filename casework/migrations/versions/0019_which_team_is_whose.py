"""Which team of Teams belongs to which community by its id, and Teams' own ids of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision. Where a community's posts went keeps its place: General's id is the team's."""
    teams = op.create_table(
        "teams",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reference", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
    )
    op.create_table(
        "members",
        sa.Column("aad_object_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("aad_object_id", name=op.f("pk_members")),
    )
    conversations = sa.table("conversations", sa.column("key", sa.String), sa.column("reference", sa.JSON))
    known = op.get_bind().execute(
        sa.select(conversations.c.key, conversations.c.reference).where(
            conversations.c.key.like("team:%") | conversations.c.key.like("unmatched:%")
        )
    )
    rows: dict[str, dict[str, object]] = {}
    for key, reference in known:
        kind, _, name = key.partition(":")
        channel = str(reference["conversation"]["id"]).partition(";")[0]
        reference = reference | {"conversation": reference["conversation"] | {"id": channel}}
        community = name if kind == "team" else None
        if community or channel not in rows:
            rows[channel] = {
                "id": channel, "name": name, "community": community, "state": "open", "reference": reference,
            }  # fmt: skip
    if rows:
        op.bulk_insert(teams, list(rows.values()))
    gone = conversations.c.key.like("team:%") | conversations.c.key.like("unmatched:%")
    op.execute(sa.delete(conversations).where(gone))


def downgrade() -> None:
    """Back to the one before."""
    teams = sa.table(
        "teams", sa.column("community", sa.String), sa.column("state", sa.String), sa.column("reference", sa.JSON)
    )
    conversations = sa.table("conversations", sa.column("key", sa.String), sa.column("reference", sa.JSON))
    kept = op.get_bind().execute(
        sa.select(teams.c.community, teams.c.reference).where(teams.c.community.is_not(None), teams.c.state == "open")
    )
    rows = [{"key": f"team:{community}", "reference": reference} for community, reference in kept]
    if rows:
        op.bulk_insert(conversations, rows)
    op.drop_table("members")
    op.drop_table("teams")
