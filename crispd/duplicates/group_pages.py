"""Pages of duplicate groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import QueryError
from crispd.images.formats import is_raw
from crispd.types import DuplicateGroup, DuplicatePage

if TYPE_CHECKING:
    from crispd.duplicates.comparison import DuplicateFinder
    from crispd.types import PhotoReader, PhotoRecord

_LABEL_DIGITS = 18


def page(
    finder: DuplicateFinder, photos: PhotoReader, limit: int, cursor: str | None
) -> DuplicatePage:
    """Groups in the order of their oldest content. Raises QueryError or StorageError.

    A cursor names the last group's: groups that come and go meanwhile neither repeat nor drop one.
    """
    behind = _label(cursor)
    checked, total = finder.progress()
    found: list[DuplicateGroup] = []
    following = None
    for labels in finder.groups():
        if labels[0] <= behind:
            continue
        group = _group([each for some in photos.photos_of(labels).values() for each in some])
        if group is None:
            continue
        if len(found) == limit:
            following = str(behind)
            break
        found.append(group)
        behind = labels[0]
    return DuplicatePage(tuple(found), checked >= total, checked, total, following)


def _group(photos: list[PhotoRecord]) -> DuplicateGroup | None:
    if len(photos) < 2:
        return None
    photos.sort(key=_worth, reverse=True)
    return DuplicateGroup(tuple(photos), sum(photo.stamp.size for photo in photos[1:]))


def _worth(photo: PhotoRecord) -> tuple[bool, int, int, int, int]:
    """The one to keep: developed, best rated, largest, most bytes, known for longest."""
    known = photo.metadata
    return (
        not is_raw(photo.path), known.rating or 0, known.width * known.height, photo.stamp.size,
        -photo.row,
    )  # fmt: skip


def _label(cursor: str | None) -> int:
    if cursor is None:
        return -1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _LABEL_DIGITS):
        raise QueryError("cursor is not one of crispd's. Give next of the page before, as it is.")
    return int(cursor)
