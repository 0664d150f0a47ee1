"""When the clerk was told of what could not be done; papers that have not gone out are not called circulated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casework.tables import Moment

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NOT_OUT = """
UPDATE meetings SET state = 'Papers being sent', circulated_at = NULL
WHERE state = 'Papers circulated' AND EXISTS (
    SELECT 1 FROM effects WHERE effects.id IN ('agenda.upload:' || meetings.id, 'agenda.mail:' || meetings.id)
    AND effects.state <> 'done'
)
"""


def upgrade() -> None:
    """To this revision."""
    op.add_column("effects", sa.Column("owner_told_at", Moment(), nullable=True))
    op.execute(NOT_OUT)


def downgrade() -> None:
    """Back to the one before."""
    op.execute("UPDATE meetings SET state = 'Papers circulated' WHERE state = 'Papers being sent'")
    op.drop_column("effects", "owner_told_at")
