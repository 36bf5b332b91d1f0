"""Metadata as columns of ``contents`` and back."""

from __future__ import annotations

import json
from typing import Any

from crispd.types import METADATA_VERSION, CaptureTime, GeoPosition, PhotoMetadata, Sidecar


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
        "keywords": packed_keywords(metadata.keywords),
        "metadata_version": METADATA_VERSION,
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
        unpacked_keywords(row.keywords),
        None if place else row.altitude,
    )


def sidecar_columns(sidecar: Sidecar | None, known_keywords: str | None) -> dict[str, Any]:
    """Values of ``photos`` by column; ``known_keywords``: those of the content, as stored."""
    told = sidecar or Sidecar()
    place, keywords = told.place, None
    if told.keywords:
        every = {word.casefold(): word for word in unpacked_keywords(known_keywords)}
        every = {word.casefold(): word for word in told.keywords} | every
        keywords = packed_keywords(tuple(every.values()))
    return {
        "latitude": place and place.latitude,
        "longitude": place and place.longitude,
        "altitude": told.altitude if place is None else place.altitude,
        "rating": told.rating,
        "keywords": keywords,
    }


def packed_keywords(keywords: tuple[str, ...]) -> str | None:
    """As a column holds them."""
    return json.dumps(keywords, ensure_ascii=False) if keywords else None


def unpacked_keywords(stored: str | None) -> tuple[str, ...]:
    """Out of a column."""
    return tuple(json.loads(stored)) if stored else ()
