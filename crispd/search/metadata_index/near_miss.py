"""Near misses: what the library has where a filter's value names nothing."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from heapq import nlargest
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
_MOST_COMPARED = 50
_BY_WORDS = frozenset({"camera", "people"})  # filters that take a word of a name


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
        for written in unknown_values(photos, condition)
        if (meant := _nearest(written, _names(photos.columns, entry, live))) is not None
    ]  # fmt: skip
    return tuple(notes[:_MOST_NOTES])


def unknown_values(photos: Photos, condition: Condition) -> Iterator[str]:
    """Those that no photo has, as they are written."""
    test, live = FILTERS[condition.name].test, photos.live()
    return (
        written for written, value in _values(condition) if not (test(photos, value) & live).any()
    )


def _values(condition: Condition) -> Iterator[tuple[str, Any]]:
    """Each value as it is written, and as a test takes it."""
    for value in condition.values:
        if isinstance(value, NameChoice):
            yield from ((name, NameChoice((name,))) for name in value.names)
        else:
            yield value, value


def _names(columns: Columns, entry: Filter, live: np.ndarray) -> Iterator[tuple[str, str]]:
    """How each value may be written, and what finds it."""
    codes = columns.codes[entry.column]
    counts = np.bincount(columns.column(entry.column)[live], minlength=len(codes))
    for value, count in zip(codes, counts.tolist(), strict=True):
        if count and value:
            yield from _written(entry.column, value)


def _written(column: str, value: Any) -> Iterator[tuple[str, str]]:
    if column == "folder":  # pairs of a root and a path; a name at any depth will do
        names = [value[1], *value[1].split("/")]
    elif isinstance(value, PlaceNames):
        names = [*value.all()]
    else:
        names = [value] if isinstance(value, str) else [*value]
    for name in names:
        yield name, name
        if column in _BY_WORDS:
            yield from ((word, word) for word in name.split())
        elif column == "folder":
            yield from ((word, name) for word in name.split() if "/" not in name)


def _nearest(written: str, names: Iterable[tuple[str, str]]) -> str | None:
    wanted = folded(written)
    known = {
        folded(name): meant
        for name, meant in names
        if abs(len(name) - len(written)) <= _MOST_LETTERS_APART and "," not in meant
    }
    matcher = SequenceMatcher(None, "", wanted)

    def letters_alike(name: str) -> float:
        matcher.set_seq1(name)
        return matcher.quick_ratio()

    # their order costs much more than their letters
    likely = nlargest(_MOST_COMPARED, known, letters_alike)
    found = get_close_matches(wanted, likely, 1, _LEAST_ALIKE)
    return known[found[0]] if found else None
