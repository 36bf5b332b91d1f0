"""Near misses: what the library has where a filter's value names nothing."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.filters.table import FILTERS
from crispd.types import NameChoice, Note, PlaceNames, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crispd.filters.definition import Filter
    from crispd.search.metadata_index.columns import Columns
    from crispd.search.metadata_index.matching import Photos
    from crispd.types import Condition, Filters

_MOST_NOTES = 3
# As difflib has it: twice the letters in common over all letters. A slip in a word of three: 0.67.
_LEAST_ALIKE = 0.65
_MOST_LETTERS_APART = 3


def near_misses(photos: Photos, filters: Filters) -> tuple[Note, ...]:
    """A note for each value that no photo has, where the library has nearly the same."""
    live = photos.live()
    notes = [
        Note(
            f"No photo has the {entry.name} {written}. Did you mean {meant}?",
            "near_miss", field=entry.name, written=written, meant=meant,
        )
        for condition in filters.conditions
        if (entry := FILTERS[condition.name]).column
        for written, value in _values(condition)
        if not (entry.test(photos, value) & live).any()
        if (meant := _nearest(written, _names(photos.columns, entry, live))) is not None
    ]  # fmt: skip
    return tuple(notes[:_MOST_NOTES])


def _values(condition: Condition) -> Iterator[tuple[str, Any]]:
    """Each value as it is written, and as a test takes it."""
    for value in condition.values:
        if isinstance(value, NameChoice):
            yield from ((name, NameChoice((name,))) for name in value.names)
        else:
            yield value, value


def _names(columns: Columns, entry: Filter, live: np.ndarray) -> Iterator[str]:
    """Every value that would find something."""
    codes = columns.codes[entry.column]
    counts = np.bincount(columns.column(entry.column)[live], minlength=len(codes))
    for value, count in zip(codes, counts.tolist(), strict=True):
        if count and value:
            yield from _parts(entry.column, value)


def _parts(column: str, value: Any) -> Iterable[str]:
    if column == "folder":  # pairs of a root and a path; a name at any depth will do
        return [value[1], *value[1].split("/")]
    if isinstance(value, PlaceNames):
        return value.all()
    names = [value] if isinstance(value, str) else value
    return names if column == "keywords" else [*names, *(w for name in names for w in name.split())]


def _nearest(written: str, names: Iterable[str]) -> str | None:
    wanted = folded(written)
    known = {
        folded(name): name
        for name in names
        if abs(len(name) - len(written)) <= _MOST_LETTERS_APART and "," not in name
    }
    found = get_close_matches(wanted, known, 1, _LEAST_ALIKE)
    return known[found[0]] if found else None
