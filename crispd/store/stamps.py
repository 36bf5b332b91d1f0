"""The part of a file's stamp that is kept beside size and time, and asking for another look.

None of it shows in an answer, so none of it is noted as a change of a photo (migration m007).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.sql.functions import count

from crispd.store.schema import photos

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection

    from crispd.types import FileStamp

# In place of a ctime: the file is to be read anew, whatever its stamp. No file has it.
REREAD = -1
_not_asked = or_(photos.c.ctime_ns.is_(None), photos.c.ctime_ns != REREAD)


def restamp(connection: Connection, root_id: int, stamps: Mapping[str, FileStamp]) -> None:
    """Keep the rest of the stamps of files whose size and time are as known: nothing was read."""
    values = [
        {
            "at": os.fsencode(path),
            "bytes": stamp.size,
            "time": stamp.mtime_ns,
            "changed": stamp.ctime_ns,
            "number": stamp.inode,
        }
        for path, stamp in stamps.items()
    ]
    statement = (
        update(photos)
        .where(
            photos.c.root_id == root_id,
            photos.c.path == bindparam("at"),
            photos.c.size == bindparam("bytes"),
            photos.c.mtime_ns == bindparam("time"),
            _not_asked,
        )
        .values(ctime_ns=bindparam("changed"), inode=bindparam("number"))
    )
    if values:
        connection.execute(statement, values)


def forget_stamps(connection: Connection, root_id: int) -> None:
    """Of a root that was copied or moved: what is there now has other ones, and is the same."""
    which = and_(photos.c.root_id == root_id, _not_asked)
    connection.execute(update(photos).where(which).values(ctime_ns=None, inode=None))


def ask_to_reread(connection: Connection, root_id: int, path: str) -> int:
    """A file, or every file below a folder, is read anew when it is looked at; how many are known.

    ``path`` empty: all of the root.
    """
    which = and_(photos.c.root_id == root_id, *_at_or_below(path))
    connection.execute(update(photos).where(which).values(ctime_ns=REREAD))
    found = connection.execute(select(count()).select_from(photos).where(which)).scalar()
    return int(found or 0)


def _at_or_below(path: str) -> list[ColumnElement[bool]]:
    if not path:
        return []
    raw = os.fsencode(path)
    below = and_(photos.c.path >= raw + b"/", photos.c.path < raw + b"0")  # '0' is '/' + 1
    return [or_(photos.c.path == raw, below)]
