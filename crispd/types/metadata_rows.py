"""Metadata rows: what filters read of every photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class MetadataRow(NamedTuple):
    """A searchable photo as stored. ``keywords``, ``people``: JSON lists; ``place_names``: one of
    city, region, country and place within the city; ``path``: bytes, below its root.
    """

    row: int
    label: int
    root_id: int
    path: bytes
    taken_at: str | None
    type: str
    camera: str | None
    latitude: float | None
    longitude: float | None
    rating: int | None
    width: int
    height: int
    keywords: str | None
    people: str | None = None
    place_names: str | None = None
    colourfulness: int | None = None


@dataclass(frozen=True, slots=True)
class MetadataChanges:
    """``listings`` of the photos ``rows``, of which those that are gone have none.

    ``rows`` is None where it is everything; ``listings`` can be gone through once then, since all
    of a large library are not held at a time. ``number``: of the latest change.
    """

    number: int
    rows: tuple[int, ...] | None
    listings: Iterable[MetadataRow]
