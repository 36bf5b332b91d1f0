"""Metadata as columns of ``contents`` and back."""

from __future__ import annotations

import json
from dataclasses import astuple
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from crispd.types import (
    METADATA_VERSION,
    CaptureTime,
    GeoPosition,
    PhotoMetadata,
    PlaceNames,
    Sidecar,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

# Columns of ``contents`` that ``photos`` has as well, for what lies beside a photo.
LISTS = ("keywords", "people", "keyword_paths")
BESIDE = ("latitude", "longitude", "altitude", "rating", "title", "description", "location", *LISTS)


def metadata_columns(metadata: PhotoMetadata) -> dict[str, Any]:
    """Values by column."""
    taken, place = metadata.capture_time, metadata.place
    return {
        "width": metadata.width,
        "height": metadata.height,
        "type": metadata.type,
        "taken_at": taken and taken.at,
        "taken_from": taken and taken.source,
        "taken_precision": taken and taken.precision,
        "taken_kind": taken and taken.kind,
        "camera": metadata.camera,
        "lens": metadata.lens,
        "latitude": place and place.latitude,
        "longitude": place and place.longitude,
        "altitude": metadata.metres,
        "rating": metadata.rating,
        "metadata_version": METADATA_VERSION,
        "title": metadata.title,
        "description": metadata.description,
        "location": packed_place(metadata.location),
        **{name: packed_list(getattr(metadata, name)) for name in LISTS},
        # metadata that is read anew without the pixels leaves what was seen
        **({} if metadata.colourfulness is None else {"colourfulness": metadata.colourfulness}),
    }


def metadata_of_row(row: Any) -> PhotoMetadata:
    """Of a row with the columns of ``contents``; ``taken_at`` and ``taken_from`` of the photo."""
    taken = None
    if row.taken_at is not None:
        taken = CaptureTime(row.taken_at, row.taken_from, row.taken_precision or "second")
    place = None
    if row.latitude is not None and row.longitude is not None:
        place = GeoPosition(row.latitude, row.longitude, row.altitude)
    return PhotoMetadata(
        row.width,
        row.height,
        row.type,
        taken,
        row.camera,
        row.lens,
        place,
        row.rating,
        unpacked_list(row.keywords),
        None if place else row.altitude,
        row.title,
        row.description,
        unpacked_list(row.people),
        unpacked_place(row.location),
        unpacked_list(row.keyword_paths),
    )


def sidecar_columns(
    sidecar: Sidecar | None, known: Mapping[str, str | None] = MappingProxyType({})
) -> dict[str, Any]:
    """Values of ``photos`` by column; ``known``: lists of the content by column, as stored."""
    told = sidecar or Sidecar()
    place = told.place
    return {
        "latitude": place and place.latitude,
        "longitude": place and place.longitude,
        "altitude": told.altitude if place is None else place.altitude,
        "rating": told.rating,
        "title": told.title,
        "description": told.description,
        "location": packed_place(told.location),
        **{name: _merged(getattr(told, name), known.get(name)) for name in LISTS},
    }


def _merged(told: tuple[str, ...], known: str | None) -> str | None:
    """With those of the content; None where there is nothing to add to them."""
    if not told:
        return None
    every = {word.casefold(): word for word in unpacked_list(known)}
    return packed_list(tuple(({word.casefold(): word for word in told} | every).values()))


def packed_place(names: PlaceNames | None) -> str | None:
    """As a column holds it."""
    return json.dumps(astuple(names), ensure_ascii=False) if names else None


def unpacked_place(stored: str | None) -> PlaceNames | None:
    """Out of a column."""
    return PlaceNames(*json.loads(stored)) if stored else None


def packed_list(words: tuple[str, ...]) -> str | None:
    """As a column holds them."""
    return json.dumps(words, ensure_ascii=False) if words else None


def unpacked_list(stored: str | None) -> tuple[str, ...]:
    """Out of a column."""
    return tuple(json.loads(stored)) if stored else ()
