"""Records in which FTS5 keeps book of an index: a number and bytes, as tokens of a photo are.

After the comments of SQLite's ext/fts5/fts5_index.c. FTS5 keeps them as rows 1 and 10 of a table;
the numbers of its other rows are larger than any of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.recovery.sqlite_pages import varint_at

if TYPE_CHECKING:
    from collections.abc import Collection

_TOTALS, _STRUCTURE = 1, 10  # FTS5_AVERAGES_ROWID, FTS5_STRUCTURE_ROWID
_COOKIE = 4
_SECOND_FORMAT = b"\xff\x00\x00\x01"  # FTS5_STRUCTURE_V2
_SEGMENT, _SEGMENT_OF_SECOND = 3, 8  # how many numbers tell of one


def keeps_book(rowid: int, data: bytes, columns: Collection[int]) -> bool:
    """Whether a row is FTS5's own. ``columns``: how many columns each index has."""
    try:
        if rowid == _TOTALS:
            return not data or len(_numbers(data)) - 1 in columns  # rows, then words by column
        return rowid == _STRUCTURE and _is_structure(data)
    except IndexError:
        return False


def _is_structure(data: bytes) -> bool:
    """Levels, segments, a counter; by level its merges and segments; by segment where it lies."""
    rest = data[_COOKIE:]
    second = rest.startswith(_SECOND_FORMAT)
    numbers = _numbers(rest[len(_SECOND_FORMAT) * second :])
    levels, segments = numbers[0], numbers[1]
    place, counted = 3, 0
    for _ in range(levels):
        here = numbers[place + 1]
        place += 2 + here * (_SEGMENT_OF_SECOND if second else _SEGMENT)
        counted += here
    return (counted, place) == (segments, len(numbers))


def _numbers(data: bytes) -> list[int]:
    found, offset = [], 0
    while offset < len(data):
        number, offset = varint_at(data, offset)
        found.append(number)
    return found
