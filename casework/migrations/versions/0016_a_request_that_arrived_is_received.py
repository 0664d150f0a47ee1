"""A request that arrived is 'Received': 'Accepted' read as if it had been approved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATES = (
    "Draft", "Submitted", "Returned for correction", "{}", "On the agenda", "Deferred", "Decided", "Forwarded",
    "Moderated", "Paid", "Closed", "Withdrawn",
)  # fmt: skip


def upgrade() -> None:
    """To this revision."""
    _become("Accepted", "Received")


def downgrade() -> None:
    """Back to the one before."""
    _become("Received", "Accepted")


def _become(was: str, now: str) -> None:
    rename = sa.text("UPDATE requests SET state = :now WHERE state = :was").bindparams(was=was, now=now)
    if op.get_bind().dialect.name == "sqlite":
        _allow_in_sqlite(was, now)
        op.execute(rename)
        return
    op.drop_constraint(op.f("ck_requests_state"), "requests", type_="check")
    op.execute(rename)
    listed = ", ".join(f"'{s.format(now)}'" for s in STATES)
    op.create_check_constraint(op.f("ck_requests_state"), "requests", f"state IN ({listed})")


def _allow_in_sqlite(was: str, now: str) -> None:
    """A table that others refer to cannot be made anew while foreign keys are checked; its check is edited in place
    (https://sqlite.org/lang_altertable.html#otheralter, the second procedure).
    """
    schema = sa.text(
        "UPDATE sqlite_master SET sql = replace(sql, :was, :now) WHERE type = 'table' AND name = 'requests'"
    )
    version = op.get_bind().execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    op.execute(schema.bindparams(was=f"'{was}'", now=f"'{now}'"))
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
