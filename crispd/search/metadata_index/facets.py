"""Facets: values of filters, each with its number of photos."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from crispd.filters.definition import UNKNOWN_TIME
from crispd.search.metadata_index.columns import REMOVED
from crispd.types import Facets, PlaceNames, ValueCount

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crispd.search.metadata_index.columns import Columns

# More than anybody reads through on a phone.
_MOST = 100


def shortened(facets: Facets) -> Facets:
    """The first hundred values of each."""
    kept = {each.name: getattr(facets, each.name)[:_MOST] for each in fields(facets)}
    return Facets(**kept)


def facets_of(columns: Columns) -> Facets:
    """Every value of the photos that are there."""
    live = columns.column("label") != REMOVED

    def counts(name: str, size: int) -> list[int]:
        found: list[int] = np.bincount(columns.column(name)[live], minlength=size).tolist()
        return found

    types, cameras, folders = (columns.codes[name] for name in ("type", "camera", "folder"))

    def each(name: str) -> tuple[ValueCount, ...]:
        """Of values that are several names."""
        sums: Counter[str | None] = Counter()
        known = columns.codes[name]
        for value, count in zip(known, counts(name, len(known)), strict=True):
            names = value.all() if isinstance(value, PlaceNames) else value or ()
            sums.update(dict.fromkeys(names, count))
        return _sorted(sums.items())

    return Facets(
        types=_sorted(zip(types, counts("type", len(types)), strict=True)),
        cameras=_sorted(zip(cameras, counts("camera", len(cameras)), strict=True)),
        years=_years(columns.column("seconds")[live]),
        folders=_folders(zip(folders, counts("folder", len(folders)), strict=True)),
        people=each("people"),
        places=each("place"),
        keywords=each("keywords"),
    )


def _sorted(counted: Iterable[tuple[str | None, int]]) -> tuple[ValueCount, ...]:
    there = [ValueCount(value, count) for value, count in counted if value and count]
    return tuple(sorted(there, key=lambda item: (-item.count, item.value)))


def _years(seconds: np.ndarray) -> tuple[ValueCount, ...]:
    known = seconds[seconds != UNKNOWN_TIME].astype("datetime64[s]")
    years, counts = np.unique(known.astype("datetime64[Y]"), return_counts=True)
    pairs = zip(years.astype(str).tolist(), counts.tolist(), strict=True)
    return tuple(ValueCount(year, count) for year, count in pairs)[::-1]


def _folders(counted: Iterable[tuple[tuple[int, str], int]]) -> tuple[ValueCount, ...]:
    """Of each folder and of those that it lies in."""
    sums: Counter[str | None] = Counter()
    for (_, path), count in counted:
        parts = path.split("/") if path else []
        for depth in range(1, len(parts) + 1):
            sums["/".join(parts[:depth])] += count
    return _sorted(sums.items())
