"""Tests of photos that need more than a comparison."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any, cast

from crispd.filters.definition import NO_RATING, UNKNOWN_TIME
from crispd.types import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.filters.definition import Mask, PhotoColumns
    from crispd.types import NameChoice, Near

_EARTH_KM = 6371.0088  # mean radius (IUGG)
# Sides that differ by less than this share are a square to the eye.
_SQUARE = 0.02
_PIXELS = 1_000_000
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - photos have local wall-clock times


def taken_since(photos: PhotoColumns, time: str) -> Mask:
    """From that moment on."""
    return photos.column("seconds") >= _seconds(time)


def taken_before(photos: PhotoColumns, time: str) -> Mask:
    """Earlier; what has no time is not."""
    seconds = photos.column("seconds")
    return (seconds < _seconds(time)) & (seconds != UNKNOWN_TIME)


def taken_in_month(photos: PhotoColumns, month: int) -> Mask:
    """1 to 12, of any year."""
    # the least number of seconds is numpy's time that is none, which is in no month
    months = photos.column("seconds").astype("datetime64[s]").astype("datetime64[M]")
    years = months.astype("datetime64[Y]")
    return (months - years).astype("int64") == month - 1


def _seconds(time: str) -> int:
    return (datetime.fromisoformat(time) - _EPOCH) // timedelta(seconds=1)


def chosen(
    test: Callable[[PhotoColumns, str], Mask],
) -> Callable[[PhotoColumns, NameChoice], Mask]:
    """A test of one name as a test of any or all of several."""

    def tested(photos: PhotoColumns, wanted: NameChoice) -> Mask:
        masks = (test(photos, name) for name in wanted.names)
        return reduce(and_ if wanted.every else or_, masks)

    return tested


def made_by(photos: PhotoColumns, camera: str) -> Mask:
    """The name of its camera holds every word of ``camera``, whatever the case."""
    parts = camera.casefold().split()

    def holds(name: str | None) -> bool:
        folded = (name or "").casefold()
        return all(part in folded for part in parts)

    return photos.where("camera", holds)


def shows_person(photos: PhotoColumns, person: str) -> Mask:
    """A name of somebody in it has every word of ``person``, whatever case and accents; of scripts
    that put no spaces between names, any part.
    """
    wanted = _words(person)

    def holds(people: tuple[str, ...]) -> bool:
        return bool(wanted) and any(
            all(_is_in(word, words) for word in wanted) for words in map(_words, people)
        )

    return photos.where("people", holds)


def _words(name: str) -> set[str]:
    return set(_WORD.findall(folded(name)))


def _is_in(word: str, words: set[str]) -> bool:
    return word in words or (bool(_UNSPACED.match(word)) and any(word in each for each in words))


def named(photos: PhotoColumns, part: str) -> Mask:
    """The name of its file has ``part`` inside, whatever case and accents."""
    wanted = folded(part)
    return photos.where("name", lambda name: wanted in name)


def has_keyword(photos: PhotoColumns, keyword: str) -> Mask:
    """Whatever its case."""
    folded = keyword.casefold()
    return photos.where("keywords", lambda words: folded in words)


def has(photos: PhotoColumns, what: str) -> Mask:
    """gps, rating, text or keywords."""
    if what == "gps":
        latitude = photos.column("latitude")
        return ~(latitude != latitude)  # NaN is no number, not even itself
    if what == "rating":
        return photos.column("rating") != NO_RATING
    if what == "text":
        return photos.with_any_word("text")
    return photos.where("keywords", bool)


def rated(photos: PhotoColumns, stars: int) -> Mask:
    """With so many stars, or more."""
    rating = photos.column("rating")
    return (rating >= stars) & (rating != NO_RATING)


def as_large_as(photos: PhotoColumns, megapixels: float) -> Mask:
    """With so many megapixels, or more."""
    pixels = photos.column("width").astype("int64") * photos.column("height")
    return pixels >= megapixels * _PIXELS


def of_shape(photos: PhotoColumns, orientation: str) -> Mask:
    """landscape, portrait or square."""
    width, height = photos.column("width"), photos.column("height")
    difference = abs(width - height)
    square = (difference <= _SQUARE * width) | (difference <= _SQUARE * height)
    if orientation == "square":
        return square
    return ~square & ((width > height) if orientation == "landscape" else (width < height))


def within(photos: PhotoColumns, near: Near) -> Mask:
    """Within the circle; places that are not known are not."""
    far = kilometres(photos.column("latitude"), photos.column("longitude"), near)
    return cast("Mask", far <= near.radius_km)


def kilometres(latitudes: Any, longitudes: Any, near: Near) -> Any:
    """From the middle of a circle, by the haversine formula, of degrees [n] or of one place."""
    import numpy as np  # here: the command reads the table without it

    latitude, longitude = np.radians(latitudes), np.radians(longitudes)
    here, there = np.radians(near.latitude), np.radians(near.longitude)
    half: Any = (
        np.sin((latitude - here) / 2) ** 2
        + np.cos(here) * np.cos(latitude) * np.sin((longitude - there) / 2) ** 2
    )
    return 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
