"""The thread of a meeting's chat: a link in the short form does not name it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from communities.meetings import chat_in_link

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("meetings", sa.Column("chat_id", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_meetings_chat_id", "meetings", ["chat_id"])
    connection, meetings = op.get_bind(), sa.table("meetings", *(sa.column(c) for c in ("id", "join_url", "chat_id")))
    rows = connection.execute(sa.select(meetings.c.id, meetings.c.join_url).where(meetings.c.join_url.is_not(None)))
    for meeting_id, join_url in rows.all():
        if chat_id := chat_in_link(join_url):
            connection.execute(sa.update(meetings).where(meetings.c.id == meeting_id).values(chat_id=chat_id))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_index("ix_meetings_chat_id", "meetings")
    op.drop_column("meetings", "chat_id")
