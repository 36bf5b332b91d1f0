"""Filters as parameters: read as in ``q``, and told by their names where they cannot be."""

from __future__ import annotations

import pytest

from crispd.errors import QueryError
from crispd.query.request import SearchRequest, make_query
from crispd.types import Condition, NameChoice


@pytest.mark.parametrize(
    ("name", "given", "values"),
    [
        (
            "type",
            "jpg,raw",
            ("jpeg", "cr2", "cr3", "nef", "arw", "dng", "orf", "raf", "rw2", "raw"),
        ),
        ("camera", "google,pixel 8", (NameChoice(("google", "pixel 8")),)),
        ("camera", "All:google, pixel 8", (NameChoice(("google", "pixel 8"), every=True),)),
        ("person", "anna,Ben  Öz,anna", (NameChoice(("anna", "Ben Öz")),)),
        ("place", "Paris, Texas", (NameChoice(("Paris", "Texas")),)),
        ("name", "IMG_1, 2", ("IMG_1, 2",)),
        ("text", "due, today", ("due, today",)),
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
        ("person", "all:", "person: '' is not a person"),
        ("place", "Rome,", "place: '' is not a place"),
        ("name", " ", "name: ' ' is not a file name"),
        ("text", "", "text: '' is not a text"),
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


def test_names_in_q_are_any_and_those_beside_it_hold_as_well() -> None:
    query = make_query(
        SearchRequest.of("person:anna person:ben,carl person:all:dora,emil", person="fay")
    )
    assert query.filters.values("person") == (
        NameChoice(("dora", "emil"), every=True), NameChoice(("anna", "ben", "carl")),
        NameChoice(("fay",)),
    )  # fmt: skip
    told = [part.values for part in query.interpreted]
    assert told[1] == {"people": ("ben", "carl")}
    assert told[2] == {"people": ("dora", "emil"), "all": True}
    assert [part.meant for part in query.interpreted][1:] == ["ben or carl", "dora and emil"]
