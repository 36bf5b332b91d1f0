"""The metadata index: columns that follow SQLite, and the filters over them."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from crispd.filters.photo_tests import kilometres
from crispd.query.edit_distance import edits_of
from crispd.search.metadata_index.columns import REMOVED, Columns
from crispd.search.metadata_index.facets import facets_of
from crispd.search.metadata_index.library_words import LibraryWords
from crispd.search.metadata_index.matching import Photos, matching
from crispd.search.metadata_index.near_miss import near_misses, unknown_values
from crispd.search.metadata_index.place_counts import (
    named_so,
    people_counts,
    place_counts,
    within,
)
from crispd.types import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.filters.definition import Mask, PhotoColumns
    from crispd.query import Hemisphere
    from crispd.types import (
        Bounds,
        Condition,
        Doubles,
        Facets,
        Filters,
        Labels,
        MetadataChanges,
        MetadataSource,
        Note,
        PlaceCount,
        PlaceLookup,
        ValueCount,
    )

# Names of files that are looked through for a word like one that was typed.
_MOST_NAMES = 50
_BEGINNING = 3
_LETTERS = re.compile(r"[^\W\d_]{4,}")


# Photos that are taken in at a time.
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class FilterResult:
    """Photos side by side: ``rows`` in SQLite, ``labels`` of their vectors, ``seconds`` of local
    time; int64 [n] each. A content with copies has its label more than once. ``distances``:
    kilometres float64 [n], where a filter asks for what is near.
    """

    rows: Labels
    labels: Labels
    seconds: Labels
    distances: Doubles | None = None


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
        self._by_row: tuple[int | None, Labels] | None = None
        self._southern: tuple[int | None, bool] | None = None
        self._names = LibraryWords()
        self._lock = threading.Lock()

    def select(self, filters: Filters, other: Filters | None = None) -> FilterResult:
        """Every photo that the filters, or ``other`` ones, let through. Raises StorageError."""
        with self._lock:
            self._follow()
            photos = self._photos()
            found = matching(photos, filters)
            if other is not None:
                found |= matching(photos, other)
            places = np.flatnonzero(found)
            listed, near = self._listed(places), filters.value("near")
            if near is None:
                return listed
            north, east = (self._columns.column(name)[places] for name in ("latitude", "longitude"))
            return replace(listed, distances=kilometres(north, east, near))

    def places(
        self, filters: Filters, part: str = "", bounds: Bounds | None = None
    ) -> list[PlaceCount]:
        """Places of the photos that the filters let through: those with ``part`` in a name, within
        ``bounds``. Raises StorageError.
        """
        with self._lock:
            self._follow()
            photos = self._photos()
            found = place_counts(photos, matching(photos, filters))
        if part.strip():
            found = named_so(found, part, self._lookup)
        return found if bounds is None else within(found, bounds)

    def people(self, filters: Filters, part: str = "") -> list[ValueCount]:
        """People on the photos that the filters let through, with ``part`` in their names. Raises
        StorageError.
        """
        with self._lock:
            self._follow()
            photos = self._photos()
            found = people_counts(photos, matching(photos, filters))
        wanted = folded(part.strip())
        return [person for person in found if wanted in folded(person.value)]

    def near_misses(self, filters: Filters) -> tuple[Note, ...]:
        """What was meant, where a value of a filter names nothing here. Raises StorageError."""
        if not filters.conditions:
            return ()
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

    def labels_of(self, rows: Labels) -> Labels:
        """int64 [n] of photos by their rows [n]; REMOVED for unknown ones. Raises StorageError."""
        with self._lock:
            self._follow()
            if self._by_row is None or self._by_row[0] != self._number:
                known = self._columns.column("row")
                labels = np.full(1 + int(known.max(initial=0)), REMOVED, np.int64)
                labels[known] = self._columns.column("label")
                labels[0] = REMOVED  # of places that are free
                self._by_row = self._number, labels
            labels = self._by_row[1]
        return labels.take(np.where(rows < len(labels), rows, 0))

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
        """Words of folders, keywords, cameras, people and places, in lower case. Raises
        StorageError.
        """
        with self._lock:
            self._follow()
            return self._names.of(self._columns, self._source.roots())

    def words_alike(self, word: str) -> list[str]:
        """Words that the library has or had and that a slip makes ``word``, the likeliest first;
        those of file names with the same beginning, too. Raises StorageError.
        """
        self.names()
        with self._lock:
            found = self._names.alike(word)
        slips = edits_of(folded(word))
        begun = self._source.beginning("name", folded(word)[:_BEGINNING], _MOST_NAMES)
        parts = dict.fromkeys(part for name in begun for part in _LETTERS.findall(name))
        return [*found, *(part for part in parts if folded(part) in slips and part not in found)]

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
        elif self._number < self._source.number():  # a search may have begun before the last change
            self._catch_up(self._number)

    def _replace(self) -> None:
        self._take_all(self._source.everything())

    def _catch_up(self, number: int) -> None:
        changes = self._source.since(number)
        if changes.rows is None:
            self._take_all(changes)
            return
        listings = list(changes.listings)
        for row in set(changes.rows) - {item.row for item in listings}:
            self._columns.remove(row)
        self._columns.put(listings)
        self._number = changes.number

    def _take_all(self, everything: MetadataChanges) -> None:
        columns, listings = Columns(), iter(everything.listings)
        while some := list(islice(listings, _AT_ONCE)):
            columns.put(some)
        self._columns, self._names = columns, LibraryWords()
        self._number = everything.number
