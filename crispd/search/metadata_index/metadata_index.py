"""The metadata index: columns that follow SQLite, and the filters over them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.metadata_index.columns import REMOVED, Columns
from crispd.search.metadata_index.facets import facets_of
from crispd.search.metadata_index.library_words import LibraryWords
from crispd.search.metadata_index.matching import Photos, matching
from crispd.search.metadata_index.near_miss import near_misses, unknown_values
from crispd.search.metadata_index.place_counts import place_counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.filters.definition import Mask, PhotoColumns
    from crispd.query import Hemisphere
    from crispd.types import (
        Condition,
        Facets,
        Filters,
        Labels,
        MetadataSource,
        Note,
        PlaceCount,
        PlaceLookup,
    )


@dataclass(frozen=True, slots=True)
class FilterResult:
    """Photos side by side: ``rows`` in SQLite, ``labels`` of their vectors, ``seconds`` of local
    time; int64 [n] each. A content with copies has its label more than once.
    """

    rows: Labels
    labels: Labels
    seconds: Labels


class MetadataIndex:
    """The index. Thread-safe. The first query reads all photos (a second for 100,000), later ones
    only changes. Each query sees everything committed before it.
    """

    def __init__(self, source: MetadataSource, lookup: PlaceLookup | None = None) -> None:
        self._source = source
        self._lookup = lookup
        self._columns = Columns()
        self._number: int | None = None
        self._facets: tuple[int | None, Facets] | None = None
        self._southern: tuple[int | None, bool] | None = None
        self._names = LibraryWords()
        self._lock = threading.Lock()

    def select(self, filters: Filters) -> FilterResult:
        """Every photo that the filters let through. Raises StorageError."""
        with self._lock:
            self._follow()
            return self._listed(np.flatnonzero(matching(self._photos(), filters)))

    def places(self, filters: Filters) -> list[PlaceCount]:
        """Places of the photos that the filters let through. Raises StorageError."""
        with self._lock:
            self._follow()
            photos = self._photos()
            return place_counts(photos, matching(photos, filters))

    def near_misses(self, filters: Filters) -> tuple[Note, ...]:
        """What was meant, where a value of a filter names nothing here. Raises StorageError."""
        with self._lock:
            self._follow()
            return near_misses(self._photos(), filters)

    def has(self, condition: Condition) -> bool:
        """Whether each of its values lets a photo through. Raises StorageError."""
        with self._lock:
            self._follow()
            return not list(unknown_values(self._photos(), condition))

    def of_labels(self, labels: Labels) -> FilterResult:
        """Every photo of some contents, in no order. Raises StorageError."""
        with self._lock:
            self._follow()
            inside = np.isin(self._columns.column("label"), labels)
            return self._listed(np.flatnonzero(inside))

    def of_rows(self, rows: Labels) -> FilterResult:
        """Photos by their rows, in no order; unknown ones drop out. Raises StorageError."""
        with self._lock:
            self._follow()
            return self._listed(np.flatnonzero(np.isin(self._columns.column("row"), rows)))

    def rows_where(self, test: Callable[[PhotoColumns], Mask]) -> Labels:
        """Rows int64, ascending, of the photos that a test lets through. Raises StorageError."""
        with self._lock:
            self._follow()
            photos = self._photos()
            return np.sort(photos.column("row")[photos.live() & test(photos)])

    def beginning(self, field: str, text: str, most: int) -> list[str]:
        """Names of files, or words of another field of the word index, with words that begin so."""
        return self._source.beginning(field, text, most)

    def facets(self) -> Facets:
        """Values of filters with the number of their photos. Raises StorageError."""
        with self._lock:
            self._follow()
            if self._facets is None or self._facets[0] != self._number:
                self._facets = self._number, facets_of(self._columns)
            return self._facets[1]

    def hemisphere(self) -> Hemisphere:
        """Where most photos were taken whose place is known; the north where there are none."""
        with self._lock:
            self._follow()
            if self._southern is None or self._southern[0] != self._number:
                live = self._columns.column("label") != REMOVED
                latitudes = self._columns.column("latitude")[live]
                south = np.count_nonzero(latitudes < 0) > np.count_nonzero(latitudes > 0)
                self._southern = self._number, bool(south)
            return "south" if self._southern[1] else "north"

    def names(self) -> frozenset[str]:
        """Words of folders, keywords and cameras, in lower case. Raises StorageError."""
        with self._lock:
            self._follow()
            return self._names.of(self._columns, self._source.roots())

    def values(self) -> tuple[dict[str, int], dict[str, int]]:
        """Types and cameras with the number of their photos, for a choice of filters."""
        with self._lock:
            self._follow()
            columns = self._columns
            live = columns.column("label") != REMOVED
            kinds, makers = columns.codes["type"], columns.codes["camera"]
            types = np.bincount(columns.column("type")[live], minlength=len(kinds))
            cameras = np.bincount(columns.column("camera")[live], minlength=len(makers))
            named = zip(makers, cameras.tolist(), strict=True)
            return (
                dict(zip(kinds, types.tolist(), strict=True)),
                {camera: count for camera, count in named if camera is not None and count},
            )

    def _photos(self) -> Photos:
        return Photos(self._columns, self._source, self._lookup)

    def _listed(self, places: np.ndarray) -> FilterResult:
        read = self._columns.column
        return FilterResult(read("row")[places], read("label")[places], read("seconds")[places])

    def _follow(self) -> None:
        if self._number is None:
            self._replace()
        elif self._number != self._source.number():
            self._catch_up(self._number)

    def _replace(self) -> None:
        everything = self._source.everything()
        self._empty()
        self._columns.put(everything.listings)
        self._number = everything.number

    def _catch_up(self, number: int) -> None:
        changes = self._source.since(number)
        if changes.rows is None:
            self._empty()
        for row in set(changes.rows or ()) - {item.row for item in changes.listings}:
            self._columns.remove(row)
        self._columns.put(changes.listings)
        self._number = changes.number

    def _empty(self) -> None:
        self._columns, self._names = Columns(), LibraryWords()
