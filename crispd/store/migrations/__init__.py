"""Alembic's environment; see ``crispd.store.migrate``."""
