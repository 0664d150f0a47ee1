"""Alembic's entry: migrates over the connection it is handed by `casework.database`."""

from __future__ import annotations

from alembic import context

from casework.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    include_name=lambda name, kind, _parents: kind != "table" or name in metadata.tables,
)
with context.begin_transaction():
    context.run_migrations()
