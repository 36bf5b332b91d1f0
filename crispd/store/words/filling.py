"""Documents of all photos made anew after an upgrade, some at a time, while others are found.

How far it is stands in ``meta``, written with the documents: a kill loses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select

from crispd.store.schema import changes, meta, photos
from crispd.store.words import misread
from crispd.store.words.documents import WORDS_VERSION
from crispd.store.words.upkeep import clear, remake

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from crispd.types import PlaceResolver

AT_ONCE = 500  # photos of a transaction: others that write wait for a quarter of a second
_DONE = "words_version"  # how all documents were made
_BEGUN = "words_filling"  # how they are being made, and up to which photo
_value = select(meta.c.value).where(meta.c.key == bindparam("name"))
_next = (
    select(photos.c.id)
    .where(photos.c.id > bindparam("last"))
    .order_by(photos.c.id)
    .limit(bindparam("count"))
)


def begin_filling(connection: Connection, resolver: PlaceResolver | None) -> bool:
    """Whether documents were made in another way, or never, and are to be made anew.

    Those that there are stay, and are found, until their turn comes.
    """
    wanted, known = _wanted(resolver), _meta(connection, _DONE)
    begun, _ = _begun(connection)
    if known == wanted:
        return False
    others = [each for each in (known, begun) if each and each != wanted]
    if resolver is None and any(each.startswith(wanted) for each in others):
        return False  # the same with names of places, done or begun
    if begun != wanted:
        if known is None:
            clear(connection)
        misread.forget(connection)
        _set(connection, _BEGUN, f"{wanted} 0")
    return True


def fill_some(connection: Connection, resolver: PlaceResolver | None) -> bool:
    """Make the documents of the next photos after ``begin_filling``; whether there are more."""
    wanted, last = _begun(connection)
    ids = list(connection.execute(_next, {"last": last, "count": AT_ONCE}).scalars())
    moved = remake(connection, ids, resolver)
    # Photo 0 is none. Whoever remembers what was found for a word looks again.
    connection.execute(insert(changes), [{"photo_id": photo} for photo in (*moved, 0)])
    if len(ids) == AT_ONCE:
        _set(connection, _BEGUN, f"{wanted} {ids[-1]}")
        return True
    _set(connection, _DONE, wanted)
    connection.execute(delete(meta).where(meta.c.key == _BEGUN))
    return False


def photos_to_fill(connection: Connection) -> int:
    """How many photos have their turn yet to come; 0 where nothing is made anew."""
    if _meta(connection, _BEGUN) is None:
        return 0
    query = select(func.count()).where(photos.c.id > _begun(connection)[1])
    return int(connection.execute(query).scalar_one())


def _wanted(resolver: PlaceResolver | None) -> str:
    return f"{WORDS_VERSION}:{resolver.edition if resolver else ''}"


def _begun(connection: Connection) -> tuple[str, int]:
    version, _, last = (_meta(connection, _BEGUN) or " 0").rpartition(" ")
    return version, int(last)


def _meta(connection: Connection, key: str) -> str | None:
    found = connection.execute(_value, {"name": key}).scalar()
    return None if found is None else str(found)


def _set(connection: Connection, key: str, value: str) -> None:
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=value))
