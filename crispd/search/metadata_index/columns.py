"""Columns of numbers, one place a photo."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.search.metadata_index.value_codes import ValueCodes, keywords_of, seconds_of
from crispd.types import displayable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import MetadataRow

_KINDS: dict[str, Any] = {
    "row": np.int64, "label": np.int64, "seconds": np.int64, "folder": np.int32,
    "type": np.int32, "camera": np.int32, "keywords": np.int32, "latitude": np.float32,
    "longitude": np.float32, "rating": np.int8, "width": np.int32, "height": np.int32,
}  # fmt: skip
_FIRST = 256
NO_RATING = 0
REMOVED = -1  # a label; the place is free


class Columns:
    """Photos by place. Not thread-safe: its owner locks.

    ``folders`` has pairs of a root's id and a path below it; ``seconds``: local wall-clock time
    since 1970, int64's least where none is known.
    """

    def __init__(self) -> None:
        self._held = {name: np.zeros(_FIRST, kind) for name, kind in _KINDS.items()}
        self._count = 0
        self._place_of: dict[int, int] = {}
        self._free: list[int] = []
        self.folders = ValueCodes[tuple[int, str]]()
        self.types = ValueCodes[str]()
        self.cameras = ValueCodes[str | None]()
        self.keywords = ValueCodes[tuple[str, ...]]()

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
        times = seconds_of([item.taken_at for item in listings])
        for name, values in {**self._plain(listings), "seconds": times}.items():
            self._held[name][places] = values

    def _plain(self, listings: Sequence[MetadataRow]) -> dict[str, Any]:
        return {
            "row": [item.row for item in listings],
            "label": [item.label for item in listings],
            "folder": self.folders.codes(_folder(item) for item in listings),
            "type": self.types.codes(item.type for item in listings),
            "camera": self.cameras.codes(item.camera for item in listings),
            "keywords": self.keywords.codes(keywords_of(item.keywords) for item in listings),
            "latitude": [_degrees(item.latitude, item.longitude) for item in listings],
            "longitude": [_degrees(item.longitude, item.latitude) for item in listings],
            "rating": [NO_RATING if item.rating is None else item.rating for item in listings],
            "width": [item.width for item in listings],
            "height": [item.height for item in listings],
        }

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


def _folder(item: MetadataRow) -> tuple[int, str]:
    return item.root_id, displayable(os.fsdecode(item.path)).rpartition("/")[0]


def _degrees(value: float | None, other: float | None) -> float:
    return np.nan if value is None or other is None else value
