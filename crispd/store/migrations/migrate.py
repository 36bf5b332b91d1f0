"""Bringing a database to the newest schema, forward only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from crispd.errors import SchemaTooNew

if TYPE_CHECKING:
    from sqlalchemy import Connection

NEWEST = "m014"
_KNOWN = tuple(f"m{number:03}" for number in range(1, 14))


def revision_of(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def needs_migration(revision: str | None) -> bool:
    """Whether a database of this revision has content and an older schema."""
    return revision in _KNOWN and revision != NEWEST


def migrate(connection: Connection) -> bool:
    """Migrate inside the caller's transaction; whether anything was to do.

    Raises SchemaTooNew for a database of a newer crispd.
    """
    revision = revision_of(connection)
    if revision == NEWEST:
        return False
    if revision is not None and revision not in _KNOWN:
        raise SchemaTooNew(
            f"The database was written by a newer crispd (schema {revision}, this one knows up to "
            f"{NEWEST}). Install that version again, or give another CRISPD_DATA_DIR."
        )
    _upgrade(connection)
    return True


def _upgrade(connection: Connection) -> None:
    # Imported here: only a new or old database pays for Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
