"""Filters as parameters: read as in ``q``, and told by their names where they cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.errors import QueryError
from crispd.filters.values import split_names, written_name
from crispd.query.request import SearchRequest, make_query
from crispd.types import Condition, NameChoice


@pytest.mark.parametrize(
    ("name", "written", "values"),
    [
        (
            "type",
            "jpg,raw",
            ("jpeg", "cr2", "cr3", "nef", "arw", "dng", "orf", "raf", "rw2", "raw"),
        ),
        ("camera", "google,pixel 8", (NameChoice(("google", "pixel 8")),)),
        ("camera", "All:google, pixel 8", (NameChoice(("google", "pixel 8"), every=True),)),
        ("person", "anna,Ben  Öz,anna", (NameChoice(("anna", "Ben Öz")),)),
        ("person", r"Berg\, Anna,Ben", (NameChoice(("Berg, Anna", "Ben")),)),
        (
            "camera",
            r"all:AC\DC,Foo\\,Inc\, X1",
            (NameChoice(("AC\\DC", "Foo\\", "Inc, X1"), every=True),),
        ),
        ("keyword", r"salt\, pepper,beach", ("salt, pepper", "beach")),
        ("place", "Paris, Texas", (NameChoice(("Paris", "Texas")),)),
        ("name", "IMG_1, 2", ("IMG_1, 2",)),
        ("text", "due, today", ("due, today",)),
        ("keyword", "lena,beach", ("lena", "beach")),
        ("has", "gps,stars", ("gps", "rating")),
        ("has", "text", ("text",)),
        ("folder", "2019\\party", ("2019/party",)),
        ("after", "2020-06", ("2020-06-01T00:00:00",)),
        ("min_megapixels", 1.5, (1.5,)),
    ],
)
def test_values(name: str, written: object, values: tuple[object, ...]) -> None:
    query = make_query(SearchRequest.of(**{name: written}))
    assert query.filters.conditions == (Condition(name, values),)


@given(st.lists(st.text(st.sampled_from("a,\\ :")), min_size=1))
def test_any_names_can_be_written(names: list[str]) -> None:
    assert split_names(",".join(map(written_name, names))) == names


@given(st.text(st.sampled_from("ab,\\")))
def test_where_nothing_is_escaped_commas_part_names(text: str) -> None:
    found = split_names(text)
    if "\\," not in text and "\\\\" not in text:
        assert found == text.split(",")


@pytest.mark.parametrize(
    ("name", "written", "says"),
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
def test_what_is_none(name: str, written: str, says: str) -> None:
    with pytest.raises(QueryError, match=says.replace(".", r"\.")):
        make_query(SearchRequest.of(**{name: written}))


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
