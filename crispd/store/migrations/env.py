"""Run by Alembic: migrates over the connection that ``migrate`` beside it hands over."""

from __future__ import annotations

from alembic import context

from crispd.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # the record that a migration ran is in the same transaction as the migration
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
