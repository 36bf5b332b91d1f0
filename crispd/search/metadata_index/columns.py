"""Columns of numbers, one entry for each photo."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.filters.definition import NO_RATING
from crispd.search.metadata_index.value_codes import (
    ValueCodes,
    keywords_of,
    people_of,
    place_of,
    seconds_of,
)
from crispd.types import displayable, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from crispd.types import MetadataRow

# A column each: its values, and what they are of a photo. Filters ask for them by these names.
_PLAIN: dict[str, tuple[Any, Callable[[MetadataRow], Any]]] = {
    "row": (np.int64, lambda photo: photo.row),
    "label": (np.int64, lambda photo: photo.label),
    "latitude": (np.float32, lambda photo: _degrees(photo.latitude, photo.longitude)),
    "longitude": (np.float32, lambda photo: _degrees(photo.longitude, photo.latitude)),
    "rating": (np.int8, lambda photo: NO_RATING if photo.rating is None else photo.rating),
    "width": (np.int32, lambda photo: photo.width),
    "height": (np.int32, lambda photo: photo.height),
    "colourfulness": (np.int16, lambda photo: _or_unseen(photo.colourfulness)),
    # Texts, since hardly two photos of a library have the same name.
    "name": (object, lambda photo: folded(displayable(os.fsdecode(photo.path)).rpartition("/")[2])),
}
# The same of values that many photos share: what is held is their codes, int32.
_CODED: dict[str, Callable[[MetadataRow], Hashable]] = {
    "folder": lambda photo: (photo.root_id, _folder(photo.path)),
    "type": lambda photo: photo.type,
    "camera": lambda photo: photo.camera,
    "keywords": lambda photo: keywords_of(photo.keywords),
    "people": lambda photo: people_of(photo.people),
    "place": lambda photo: place_of(photo.place_names),
}
_KINDS = {
    "seconds": np.int64,
    **{name: kind for name, (kind, _) in _PLAIN.items()},
    **dict.fromkeys(_CODED, np.int32),
}
_FIRST = 256
_UNSEEN = -1  # colourfulness of photos whose pixels nobody looked at yet
REMOVED = -1  # a label; the place is free


class Columns:
    """Photos by place. Not thread-safe: its owner locks.

    ``codes``: the values of coded columns, each once; those of ``folder`` are pairs of a root's id
    and a path below it. ``seconds``: local wall-clock time since 1970, or UNKNOWN_TIME.
    """

    def __init__(self) -> None:
        self._held = {name: np.zeros(_FIRST, kind) for name, kind in _KINDS.items()}
        self._count = 0
        self._place_of: dict[int, int] = {}
        self._free: list[int] = []
        self.codes = {name: ValueCodes[Any]() for name in _CODED}

    def __len__(self) -> int:
        return len(self._place_of)

    def column(self, name: str) -> np.ndarray:
        """A view [n] of a column, with the places that are free."""
        return self._held[name][: self._count]

    def put(self, listings: Sequence[MetadataRow]) -> None:
        """Add photos, or replace what was known of them."""
        if not listings:
            return
        places = np.array([self._place(item.row) for item in listings])
        self._reserve()
        self._held["seconds"][places] = seconds_of([photo.taken_at for photo in listings])
        for name, (_, value_of) in _PLAIN.items():
            self._held[name][places] = [value_of(photo) for photo in listings]
        for name, shared in _CODED.items():
            self._held[name][places] = self.codes[name].codes(shared(photo) for photo in listings)

    def _place(self, row: int) -> int:
        place = self._place_of.get(row)
        if place is None:
            if self._free:
                place = self._free.pop()
            else:
                place, self._count = self._count, self._count + 1
            self._place_of[row] = place
        return place

    def _reserve(self) -> None:
        held = len(self._held["row"])
        if self._count > held:
            more = max(self._count, 2 * held) - held
            for name, kind in _KINDS.items():
                self._held[name] = np.concatenate([self._held[name], np.zeros(more, kind)])

    def remove(self, row: int) -> None:
        """Forget a photo; an unknown one is ignored."""
        place = self._place_of.pop(row, None)
        if place is not None:
            self._held["label"][place] = REMOVED
            self._held["row"][place] = 0
            self._free.append(place)


def _folder(path: bytes) -> str:
    return displayable(os.fsdecode(path)).rpartition("/")[0]


def _or_unseen(colourfulness: int | None) -> int:
    return _UNSEEN if colourfulness is None else colourfulness


def _degrees(value: float | None, other: float | None) -> float:
    return np.nan if value is None or other is None else value
