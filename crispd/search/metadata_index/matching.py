"""Filter matching over columns: exact, whatever the number of photos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crispd.filters.table import FILTERS
from crispd.search.metadata_index.columns import REMOVED
from crispd.search.metadata_index.folder_matching import folder_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.search.metadata_index.columns import Columns
    from crispd.types import Condition, Filters, MetadataSource, NameChoice, PlaceLookup

Mask = npt.NDArray[Any]


def matching(photos: Photos, filters: Filters) -> Mask:
    """bool [places]: the photos that every condition lets through."""
    found = photos.live()
    for condition in filters.conditions:
        found &= _fulfilled(photos, condition)
    return found


def _fulfilled(photos: Photos, condition: Condition) -> Mask:
    entry = FILTERS[condition.name]
    masks: list[Mask] = [entry.test(photos, value) for value in condition.values]
    if condition.negated:
        return np.asarray(~np.logical_or.reduce(masks))
    combine = np.logical_or if entry.several == "any" else np.logical_and
    return np.asarray(combine.reduce(masks))


@dataclass(frozen=True, slots=True)
class Photos:
    """``PhotoColumns`` of an index. Without ``lookup`` no place has a name."""

    columns: Columns
    source: MetadataSource
    lookup: PlaceLookup | None

    def live(self) -> Mask:
        """Those that are there."""
        return np.asarray(self.columns.column("label") != REMOVED)

    def column(self, name: str) -> npt.NDArray[Any]:
        return self.columns.column(name)

    def where(self, name: str, holds: Callable[[Any], bool]) -> Mask:
        column, codes = self.columns.column(name), self.columns.codes.get(name)
        if codes is None:
            return np.fromiter(map(holds, column), bool, len(column))
        return np.asarray(codes.which(holds).take(column))

    def in_folder(self, path: str) -> Mask:
        known = self.columns.codes["folder"]
        return self.where("folder", folder_matcher(path, known, self.source.roots()))

    def in_places(self, places: NameChoice) -> Mask:
        return self.where("place", self.lookup.matcher(places) if self.lookup else bool)

    def with_words(self, field: str, text: str) -> Mask:
        return np.isin(self.columns.column("row"), self.source.with_words(field, text))

    def with_any_word(self, field: str) -> Mask:
        return np.isin(self.columns.column("row"), self.source.with_any_word(field))
