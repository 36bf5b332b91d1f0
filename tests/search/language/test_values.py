"""Values by themselves, as explicit parameters have them, and what is said of wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crispd.errors import QueryError
from crispd.images import formats
from crispd.search import language
from crispd.search.language.values import parse_types
from crispd.types.query import Near

NOW = datetime.fromisoformat("2026-07-15T12:00:00")


def test_every_type_that_crispd_stores_can_be_asked_for() -> None:
    raws = {extension[1:] for extension in formats.RAW_EXTENSIONS}
    for name in {*formats.TYPES.values(), *raws}:
        assert parse_types(name) == (name,)
    assert set(parse_types("raw")) == raws | {"raw"}


def test_every_extension_that_crispd_reads_is_a_type() -> None:
    for extension in formats.EXTENSIONS:
        assert parse_types(extension)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2020", "2020-01-01T00:00:00", "2021-01-01T00:00:00"),
        ("2020-02-29", "2020-02-29T00:00:00", "2020-03-01T00:00:00"),
        ("2020-06-14T10:00:00Z", "2020-06-14T10:00:00", "2020-06-14T10:00:01"),
        ("2020-06-14T10:00:00.250+02:00", "2020-06-14T10:00:00", "2020-06-14T10:00:01"),
        ("..2019", None, "2020-01-01T00:00:00"),
        ("june 2019..june 2020", "2019-06-01T00:00:00", "2020-07-01T00:00:00"),
        ("May", "2026-05-01T00:00:00", "2026-06-01T00:00:00"),
        ("monday", "2026-07-13T00:00:00", "2026-07-14T00:00:00"),
        ("29 february", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
        ("200 years ago", None, None),
    ],
)
def test_times(text: str, start: str | None, end: str | None) -> None:
    if start is end:
        with pytest.raises(QueryError, match="is not a time"):
            language.parse_time(text, NOW)
        return
    span = language.parse_time(text, NOW)
    assert span.start == (None if start is None else datetime.fromisoformat(start))
    assert span.end == (None if end is None else datetime.fromisoformat(end))


def test_now_may_have_a_zone() -> None:
    span = language.parse_time("today", datetime(2026, 7, 15, tzinfo=UTC))
    assert span.start == datetime.fromisoformat("2026-07-15T00:00:00")


def test_seasons_of_the_south() -> None:
    span = language.parse_time("summer 2019", NOW, "south")
    assert language.shown(span) == "2019-12-01 to 2020-02-29"
    assert language.shown(language.parse_time("last summer", NOW, "south")) == (
        "2025-12-01 to 2026-02-28"
    )
    assert language.parse("winter 2019", NOW, "south").filters.after == "2019-06-01T00:00:00"


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("48.86,2.35", Near(48.86, 2.35, 5.0)),
        ("48.86, 2.35, 10 km", Near(48.86, 2.35, 10.0)),
        ("geo:-33.9;151.2;500m", Near(-33.9, 151.2, 0.5)),
        ("33.9° S, 151.2° E", Near(-33.9, 151.2, 5.0)),
    ],
)
def test_places(text: str, near: Near) -> None:
    assert language.parse_near(text) == near


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (language.parse_near, "Paris", "48.86,2.35,5km"),
        (language.parse_near, "91,0", "-90 to 90"),
        (language.parse_near, "1,2,0km", "radius"),
        (language.parse_types, "xyz", "jpeg"),
        (language.parse_types, "", "jpeg"),
        (language.parse_has, "faces", "gps"),
        (language.parse_orientation, "round", "landscape"),
        (language.parse_rating, "6", "1 to 5"),
        (language.parse_rating, ">5", "1 to 5"),
        (language.parse_rating, "<3", "fewest"),
        (language.parse_pixels, "-1", "at least"),
        (language.parse_megapixels, "5MB", "megapixels"),
        (language.parse_id, "../x", "24"),
        (language.parse_folder, " ", "path"),
        (language.parse_camera, "", "maker"),
        (language.parse_keyword, " ", "word"),
    ],
)
def test_a_wrong_value_says_what_is_expected(
    read: Callable[[str], object], text: str, expected: str
) -> None:
    with pytest.raises(QueryError, match=expected):
        read(text)


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("type:xyz cat", "'xyz' is not a type"),
        ("after:gestern-ish", "is not a time"),
        ("date:3/4/2021", "may be two days"),
        ("date:2021..2019", "ends before it begins"),
        ("rating:lots", "1 to 5"),
        ("in:a in:b", "only one folder"),
        ("-rating:4", "a minus works with"),
        ("before:..2019", "no beginning"),
        ("like:this", "24 letters"),
        ("after:2020 before:2019", "nothing in common"),
    ],
)
def test_what_is_not_understood_is_noted(query: str, note: str) -> None:
    parsed = language.parse(query, NOW)
    assert any(note in sentence for sentence in parsed.notes)
    if "nothing in common" not in note:
        assert query.split()[-1] in parsed.words or "cat" in parsed.words


def test_quotes_keep_filters_and_dates_as_words() -> None:
    parsed = language.parse('"type:heic" "last summer"', NOW)
    assert (parsed.words, parsed.interpreted, parsed.notes) == ("type:heic last summer", (), ())


def test_of_several_filters_each_narrows() -> None:
    filters = language.parse("since 2019 after:2020 before 2023 before:2022 type:png type:gif", NOW)
    assert filters.filters.after == "2020-01-01T00:00:00"
    assert filters.filters.before == "2022-01-01T00:00:00"
    assert filters.filters.types == ("png", "gif")
