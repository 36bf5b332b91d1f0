"""Filters over columns: which photos they let through. Exact, whatever their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from crispd.search.metadata_index.columns import NO_RATING, REMOVED
from crispd.search.metadata_index.folder_matching import folder_matcher
from crispd.search.metadata_index.value_codes import UNKNOWN_TIME, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crispd.search.metadata_index.columns import Columns
    from crispd.types import Filters, Near

Mask = npt.NDArray[Any]
_EARTH_KM = 6371.0088  # mean radius (IUGG)
# Sides that differ by less than this share are a square to the eye.
_SQUARE = 0.02
_PIXELS = 1_000_000


def matching(columns: Columns, filters: Filters, roots: Mapping[int, str]) -> Mask:
    """bool [places]: the photos that every filter lets through. ``roots``: paths by id."""
    found = columns.column("label") != REMOVED
    for mask in _masks(columns, filters, roots):
        found &= mask
    return np.asarray(found)


def _masks(columns: Columns, filters: Filters, roots: Mapping[int, str]) -> list[Mask]:
    masks = [*_times(columns, filters), *_sizes(columns, filters)]
    masks += _texts(columns, filters)
    masks += _folders(columns, filters, roots)
    masks += [_has(columns, what) for what in filters.has]
    masks += [~_has(columns, what) for what in filters.not_has]
    if filters.near is not None:
        masks.append(_near(columns, filters.near))
    if filters.rating is not None:
        rating = columns.column("rating")
        masks.append((rating >= filters.rating) & (rating != NO_RATING))
    if filters.orientation is not None:
        masks.append(_orientation(columns, filters.orientation))
    return masks


def _times(columns: Columns, filters: Filters) -> list[Mask]:
    seconds, masks = columns.column("seconds"), []
    if filters.after is not None:
        masks.append(seconds >= seconds_of([filters.after])[0])
    if filters.before is not None:
        masks.append((seconds < seconds_of([filters.before])[0]) & (seconds != UNKNOWN_TIME))
    return masks


def _sizes(columns: Columns, filters: Filters) -> list[Mask]:
    width, height, masks = columns.column("width"), columns.column("height"), []
    if filters.min_width is not None:
        masks.append(width >= filters.min_width)
    if filters.min_height is not None:
        masks.append(height >= filters.min_height)
    if filters.min_megapixels is not None:
        masks.append(width.astype(np.int64) * height >= filters.min_megapixels * _PIXELS)
    return masks


def _texts(columns: Columns, filters: Filters) -> list[Mask]:
    types, cameras = set(filters.types), [_parts(camera) for camera in filters.cameras]
    without, not_cameras = set(filters.not_types), [_parts(name) for name in filters.not_cameras]
    keywords = {word.casefold() for word in filters.keywords}
    unwanted = {word.casefold() for word in filters.not_keywords}
    masks = []

    def holds(name: str, test: Callable[[Mask], Mask]) -> None:
        masks.append(test(columns.column(name)))

    if types:
        holds("type", columns.types.which(lambda kind: kind in types).take)
    if without:
        holds("type", columns.types.which(lambda kind: kind not in without).take)
    if cameras:
        fits = columns.cameras.which(lambda name: all(_is(name, parts) for parts in cameras))
        holds("camera", fits.take)
    if not_cameras:
        fits = columns.cameras.which(
            lambda name: not any(_is(name, parts) for parts in not_cameras)
        )
        holds("camera", fits.take)
    if keywords:
        holds("keywords", columns.keywords.which(lambda words: keywords <= set(words)).take)
    if unwanted:
        fits = columns.keywords.which(lambda words: unwanted.isdisjoint(words))
        holds("keywords", fits.take)
    return masks


def _parts(camera: str) -> list[str]:
    return camera.casefold().split()


def _is(camera: str | None, parts: list[str]) -> bool:
    name = (camera or "").casefold()
    return all(part in name for part in parts)


def _folders(columns: Columns, filters: Filters, roots: Mapping[int, str]) -> list[Mask]:
    folder, masks = columns.column("folder"), []
    if filters.folder is not None:
        inside = folder_matcher(filters.folder, columns.folders, roots)
        masks.append(columns.folders.which(inside).take(folder))
    for path in filters.not_folders:
        inside = folder_matcher(path, columns.folders, roots)
        masks.append(~columns.folders.which(inside).take(folder))
    return masks


def _has(columns: Columns, what: str) -> Mask:
    if what == "gps":
        return np.asarray(~np.isnan(columns.column("latitude")))
    if what == "rating":
        return np.asarray(columns.column("rating") != NO_RATING)
    return columns.keywords.which(bool).take(columns.column("keywords"))


def _orientation(columns: Columns, wanted: str) -> Mask:
    width, height = columns.column("width"), columns.column("height")
    square = np.abs(width - height) <= _SQUARE * np.maximum(width, height)
    if wanted == "square":
        return np.asarray(square)
    return np.asarray(~square & ((width > height) if wanted == "landscape" else (width < height)))


def _near(columns: Columns, near: Near) -> Mask:
    """Within the circle, by the haversine formula; places that are not known are not."""
    latitude, longitude = (np.radians(columns.column(name)) for name in ("latitude", "longitude"))
    here, there = np.radians(near.latitude), np.radians(near.longitude)
    half = (
        np.sin((latitude - here) / 2) ** 2
        + np.cos(here) * np.cos(latitude) * np.sin((longitude - there) / 2) ** 2
    )
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))) <= near.radius_km)
