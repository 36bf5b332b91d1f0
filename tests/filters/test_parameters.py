"""Filters as parameters: read as in ``q``, and told by their names where they cannot be."""

from __future__ import annotations

import pytest

from crispd.errors import QueryError
from crispd.query.request import SearchRequest, make_query
from crispd.types import Condition


@pytest.mark.parametrize(
    ("name", "given", "values"),
    [
        (
            "type",
            "jpg,raw",
            ("jpeg", "cr2", "cr3", "nef", "arw", "dng", "orf", "raf", "rw2", "raw"),
        ),
        ("camera", "google,pixel 8", ("google", "pixel 8")),
        ("keyword", "lena,beach", ("lena", "beach")),
        ("has", "gps,stars", ("gps", "rating")),
        ("folder", "2019\\party", ("2019/party",)),
        ("after", "2020-06", ("2020-06-01T00:00:00",)),
        ("min_megapixels", 1.5, (1.5,)),
    ],
)
def test_values(name: str, given: object, values: tuple[object, ...]) -> None:
    query = make_query(SearchRequest.of(**{name: given}))
    assert query.filters.conditions == (Condition(name, values),)


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("type", "heic,", "type: 'heic,' is not a type"),
        ("camera", "pixel,,", "camera: '' is not a camera"),
        ("after", "..2020", "after: '..2020' has no beginning"),
        ("near", "home", "near: 'home' is not a place"),
        ("like", "x,y", "like: 'x' is not a photo's id"),
    ],
)
def test_what_is_none(name: str, given: str, says: str) -> None:
    with pytest.raises(QueryError, match=says.replace(".", r"\.")):
        make_query(SearchRequest.of(**{name: given}))


def test_both_hold() -> None:
    query = make_query(
        SearchRequest.of("dog rating:2 type:jpg,png -in:trash", rating=4, type="png")
    )
    assert query.filters.value("rating") == 4
    assert query.filters.values("type") == ("png",)
    assert query.filters.values("folder", negated=True) == ("trash",)
