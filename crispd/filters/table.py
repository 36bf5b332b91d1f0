"""The filters: each is one entry, see ``Filter`` for what its fields mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crispd.errors import QueryError
from crispd.filters import photo_tests, values
from crispd.filters.definition import Filter
from crispd.filters.merging import (
    collected,
    common,
    highest,
    inner_folder,
    joined,
    lowest,
    only_one,
    same,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crispd.filters.definition import TimeReader
    from crispd.types import Near

_WORDS_OF_A_TIME = 6
_MONTH_NUMBERS = frozenset(f"{number:{width}}" for number in range(1, 13) for width in ("", "02"))


def _read_by(
    parse: Callable[[str], Any], describe: Callable[[Any], str] = str
) -> Callable[[str, TimeReader], tuple[Any, str]]:
    def read(text: str, _times: TimeReader) -> tuple[Any, str]:
        value = parse(text)
        return value, describe(value)

    return read


def _beginning(text: str, times: TimeReader) -> datetime:
    start, _ = times.period(text)
    if start is None:
        raise QueryError(f"{text[:40]!r} has no beginning; give a day, month or year.")
    return start


def _after(text: str, times: TimeReader) -> tuple[str, str]:
    start = _beginning(text, times)
    return values.wall_clock(start), times.describe(start, None)


def _before(text: str, times: TimeReader) -> tuple[str, str]:
    end = _beginning(text, times)
    return values.wall_clock(end), times.describe(None, end)


def _month(text: str, times: TimeReader) -> tuple[int, str]:
    number = int(text) if text.strip() in _MONTH_NUMBERS else times.month(text)
    if number is None:
        raise QueryError(f"{text[:40]!r} is no month; its name or number (july, 7) is expected.")
    return number, times.month_name(number)


def _choice(parse_one: Callable[[str], str]) -> Callable[[str, TimeReader], tuple[Any, str]]:
    return _read_by(lambda text: values.parse_choice(text, parse_one), values.shown_choice)


def _keywords(text: str) -> tuple[str, ...]:
    return tuple(map(values.parse_keyword, values.split_names(text)))


def _circle(near: Near) -> str:
    return f"within {near.radius_km:g} km of {near.latitude:g}, {near.longitude:g}"


def _stars(rating: int) -> str:
    return f"{rating} stars or more" if rating < 5 else "5 stars"


_TABLE = (
    Filter(
        name="after",
        description="Taken then or later.",
        help="Taken then or later: 2020-06.",
        examples=("2020-06", "last summer"),
        operators="after since from newer",
        words=_WORDS_OF_A_TIME,
        read=_after,
        opposite="before",
        merge=highest,
        test=photo_tests.taken_since,
    ),
    Filter(
        name="before",
        description="Taken earlier.",
        examples=("2021-01-01T12:00",),
        operators="before older",
        words=_WORDS_OF_A_TIME,
        read=_before,
        opposite="after",
        merge=lowest,
        test=photo_tests.taken_before,
    ),
    Filter(  # in q it is a date without a year: see operators.py
        name="month",
        description="Taken in that month of any year; one or more.",
        help="Of any year: july, 7.",
        examples=("july", "6,7,8"),
        commas=True,
        several="any",
        values_name="months",
        read=_month,
        merge=common,
        again=collected,
        test=photo_tests.taken_in_month,
    ),
    Filter(
        name="folder",
        description="In it or below.",
        examples=("2019/party",),
        operators="in folder path dir directory album",
        words=8,
        read=_read_by(values.parse_folder),
        column="folder",
        negatable=True,
        merge=inner_folder,
        again=only_one("folder"),
        test=lambda photos, path: photos.in_folder(path),
    ),
    Filter(
        name="type",
        description="One or more types.",
        help="jpeg, heic, raw …",
        examples=("heic", "raw,jpeg"),
        several="any",
        operators="type format ext extension filetype",
        values_name="types",
        words=3,
        read=_read_by(values.parse_types, " or ".join),
        negatable=True,
        merge=common,
        again=collected,
        test=lambda photos, kind: photos.where("type", lambda one: bool(one == kind)),
    ),
    Filter(
        name="camera",
        description="A part of its maker or model; any of several, with all: all.",
        help="A part of maker or model.",
        examples=("pixel", "all:google,pixel"),
        several="all",
        operators="camera make model device",
        values_name="cameras",
        words=4,
        read=_choice(values.parse_camera),
        column="camera",
        negatable=True,
        again=joined,
        test=photo_tests.chosen(photo_tests.made_by),
    ),
    Filter(
        name="person",
        description="Somebody's name or a word of it; any of several, with all: all.",
        help="A name or a word of it.",
        examples=("anna", "all:anna,ben"),
        several="all",
        operators="person people who",
        values_name="people",
        words=3,
        read=_choice(values.parse_person),
        column="people",
        negatable=True,
        again=joined,
        test=photo_tests.chosen(photo_tests.shows_person),
    ),
    Filter(
        name="place",
        description="A city, region or country in any language; any of several, with all: all.",
        help="A city, region or country.",
        examples=("Lisbon", "Bavaria", "Paris,Texas"),
        several="all",
        operators="place city country",
        values_name="places",
        words=3,
        read=_choice(values.parse_place),
        column="place",
        negatable=True,
        again=joined,
        test=lambda photos, places: photos.in_places(places),
    ),
    Filter(
        name="name",
        description="A part of the file's name.",
        examples=("IMG_1061",),
        operators="name file filename",
        read=_read_by(values.parse_name),
        negatable=True,
        test=photo_tests.named,
    ),
    Filter(
        name="text",
        description="Words that stand in the photo; all of them.",
        help="Words that stand in the photo.",
        examples=("invoice",),
        operators="text ocr",
        read=_read_by(values.parse_text),
        negatable=True,
        test=lambda photos, words: photos.with_words("text", words),
    ),
    Filter(
        name="near",
        description="Degrees and a radius.",
        help="48.86,2.35,5km.",
        examples=("48.86,2.35,5km",),
        operators="near gps geo location",
        words=3,
        read=_read_by(values.parse_near, _circle),
        merge=same("near"),
        again=only_one("near"),
        test=photo_tests.within,
    ),
    Filter(
        name="has",
        description="gps, keywords, rating, text; all of those given.",
        help="gps, keywords, rating, text.",
        examples=("gps",),
        several="all",
        operators="has with",
        words=2,
        read=_read_by(values.parse_has, " and ".join),
        negatable=True,
        test=photo_tests.has,
    ),
    Filter(
        name="orientation",
        description="landscape, portrait or square.",
        help="landscape, portrait, square.",
        examples=("portrait",),
        choices=("landscape", "portrait", "square"),
        operators="is orientation",
        words=1,
        read=_read_by(values.parse_orientation),
        merge=same("orientation"),
        again=only_one("orientation"),
        test=photo_tests.of_shape,
    ),
    Filter(
        name="min_width",
        description="Pixels at least.",
        examples=(2000,),
        kind=int,
        least=1,
        operators="width",
        field="size",
        words=2,
        read=_read_by(values.parse_pixels, "at least {} pixels wide".format),
        merge=highest,
        test=lambda photos, pixels: photos.column("width") >= pixels,
    ),
    Filter(
        name="min_height",
        description="Pixels at least.",
        examples=(2000,),
        kind=int,
        least=1,
        operators="height",
        field="size",
        words=2,
        read=_read_by(values.parse_pixels, "at least {} pixels high".format),
        merge=highest,
        test=lambda photos, pixels: photos.column("height") >= pixels,
    ),
    Filter(  # in q it is a size, which may be sides too: see operators.py
        name="min_megapixels",
        description="At least.",
        examples=(12,),
        kind=float,
        least=0,
        read=_read_by(values.parse_megapixels, "at least {:g} megapixels".format),
        merge=highest,
        test=photo_tests.as_large_as,
    ),
    Filter(
        name="rating",
        description="Stars at least.",
        examples=(4,),
        kind=int,
        least=1,
        most=5,
        operators="rating stars rated",
        words=2,
        read=_read_by(values.parse_rating, _stars),
        merge=highest,
        test=photo_tests.rated,
    ),
    Filter(
        name="keyword",
        description="Keywords, all of those given.",
        help="Keywords, with commas.",
        examples=("lena,beach",),
        several="all",
        operators="keyword keywords tag tags",
        values_name="keywords",
        words=3,
        read=_read_by(_keywords, " and ".join),
        column="keywords",
        negatable=True,
        test=photo_tests.has_keyword,
    ),
)
FILTERS = {entry.name: entry for entry in _TABLE}
