"""Metadata as columns of ``contents`` and back."""

from __future__ import annotations

import json
from typing import Any

from crispd.types import METADATA_VERSION, PhotoMetadata, Place, Taken


def metadata_columns(metadata: PhotoMetadata) -> dict[str, Any]:
    """Values by column."""
    taken, place = metadata.taken, metadata.place
    return {
        "width": metadata.width,
        "height": metadata.height,
        "type": metadata.type,
        "taken_at": taken and taken.at,
        "taken_from": taken and taken.source,
        "camera": metadata.camera,
        "lens": metadata.lens,
        "latitude": place and place.latitude,
        "longitude": place and place.longitude,
        "altitude": place and place.altitude,
        "rating": metadata.rating,
        "keywords": json.dumps(metadata.keywords, ensure_ascii=False)
        if metadata.keywords
        else None,
        "metadata_version": METADATA_VERSION,
    }


def metadata_of_row(row: Any) -> PhotoMetadata:
    """Of a row with the columns of ``contents``; ``taken_at`` and ``taken_from`` of the photo."""
    taken = None if row.taken_at is None else Taken(row.taken_at, row.taken_from)
    place = None
    if row.latitude is not None and row.longitude is not None:
        place = Place(row.latitude, row.longitude, row.altitude)
    return PhotoMetadata(
        row.width,
        row.height,
        row.type,
        taken,
        row.camera,
        row.lens,
        place,
        row.rating,
        tuple(json.loads(row.keywords)) if row.keywords else (),
    )
