"""A counter also keeps moments as Unix time, which outgrow 32 bits in 2038. SQLite's integers are wide already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    _become(sa.BigInteger())


def downgrade() -> None:
    """Back to the one before."""
    _become(sa.Integer())


def _become(kind: sa.types.TypeEngine[int]) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("counters", "value", type_=kind, existing_nullable=False)
