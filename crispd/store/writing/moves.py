"""Rows of photos that were moved: their new paths, public ids and times."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from crispd.store.ids import public_id
from crispd.store.schema import photos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Row

    from crispd.types import CaptureTime, Root

    # By path and time of the last change, in nanoseconds.
    DatesByFile = Callable[[str, int], CaptureTime]

_AT_ONCE = 500
_BY_PLACE = {"folder", "mtime"}  # sources of a time that another folder may change


def rows_at(connection: Connection, root_id: int, paths: Sequence[bytes]) -> list[Any]:
    """What a move has to know of the photos at these paths of a root."""
    found: list[Any] = []
    for chunk in chunks(paths):
        query = select(
            photos.c.id,
            photos.c.path,
            photos.c.content_hash,
            photos.c.size,
            photos.c.mtime_ns,
            photos.c.sidecar,
            photos.c.taken_at,
            photos.c.taken_from,
            photos.c.taken_precision,
        ).where(photos.c.root_id == root_id, photos.c.path.in_(chunk))
        found += connection.execute(query).all()
    return found


def save_places(
    connection: Connection,
    root: Root,
    rows: Sequence[Any],
    news: Sequence[bytes],
    dates: DatesByFile,
    now: str,
) -> None:
    """Each of ``rows`` of ``rows_at`` gets the path of ``news`` that stands at its place."""
    values = [
        {
            "row": row.id,
            "new": new,
            "public": row.content_hash and public_id(root.path, os.fsdecode(new), row.content_hash),
            "now": now,
            **_date_at(row, os.fsdecode(new), dates),
        }
        for row, new in zip(rows, news, strict=True)
    ]
    if not values:
        return
    connection.execute(
        update(photos)
        .where(photos.c.id == bindparam("row"))
        .values(
            path=bindparam("new"),
            public_id=bindparam("public"),
            updated_at=bindparam("now"),
            taken_at=bindparam("at"),
            taken_from=bindparam("source"),
            taken_precision=bindparam("precision"),
        ),
        values,
    )


def save_ids(connection: Connection, root_id: int, path: str) -> None:
    """Public ids of a root that lies at ``path`` now."""
    rows = connection.execute(
        select(photos.c.id, photos.c.path, photos.c.content_hash).where(
            photos.c.root_id == root_id, photos.c.content_hash.is_not(None)
        )
    ).all()
    ids = [
        {"row": row.id, "new": public_id(path, os.fsdecode(row.path), row.content_hash)}
        for row in rows
    ]
    if ids:
        statement = update(photos).where(photos.c.id == bindparam("row"))
        connection.execute(statement.values(public_id=bindparam("new")), ids)


def independent(pairs: Sequence[tuple[str, str]]) -> dict[bytes, bytes]:
    """New by old path, of pairs that have no path in common with any other."""
    raw = [(os.fsencode(old), os.fsencode(new)) for old, new in pairs]
    times = Counter(path for pair in raw for path in pair)
    return {old: new for old, new in raw if times[old] == times[new] == 1}


def chunks(paths: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """A few at a time, below SQLite's limit on variables."""
    for start in range(0, len(paths), _AT_ONCE):
        yield paths[start : start + _AT_ONCE]


def _date_at(row: Row[Any], new: str, dates: DatesByFile) -> dict[str, str | None]:
    """Columns of the time that a photo has at its new path."""
    if row.taken_from not in _BY_PLACE:
        return {"at": row.taken_at, "source": row.taken_from, "precision": row.taken_precision}
    taken = dates(new, row.mtime_ns)
    return {"at": taken.at, "source": taken.source, "precision": taken.precision}
