"""Alembic's environment; see ``crispd.store.migrations.migrate``."""
