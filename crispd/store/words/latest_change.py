"""The log of changes of photos, which the documents follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crispd.store.schema import changes

if TYPE_CHECKING:
    from sqlalchemy import Connection

_latest = select(func.coalesce(func.max(changes.c.number), 0))


def latest_change(connection: Connection) -> int:
    """Number of the last change of a photo; documents are in step with it. 0 before the first."""
    return int(connection.execute(_latest).scalar_one())
