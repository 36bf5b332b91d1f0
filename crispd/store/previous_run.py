"""What a process leaves for the next one to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from crispd.store.schema import meta

if TYPE_CHECKING:
    from crispd.store.database import Database


def remember(database: Database, key: str, value: str) -> bool:
    """Keep a value under ``key``; whether it is another than before. Raises StorageError."""
    with database.write() as transaction:
        connection = transaction.connection
        before = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
        if before == value:
            return False
        connection.execute(
            insert(meta)
            .values(key=key, value=value)
            .on_conflict_do_update(index_elements=[meta.c.key], set_={"value": value})
        )
    return True
