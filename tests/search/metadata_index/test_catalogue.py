"""Filters over columns against the same filters written out, while photos come and go."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import astuple
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crispd.places.name_lookup import GazetteerLookup
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.types import Filters, MetadataRow, NameChoice, Near, PlaceNames
from tests.properties import examples
from tests.search.fakes import TEXTS, FakeListings, listing

ROOTS = FakeListings().roots()
TIMES = [
    None,
    "2019-12-31T23:59:59",
    "2020-01-01T00:00:00+02:00",
    "2020-06-15T12:00:00Z",
    "1970-01-01T00:00:00",
]
FOLDERS = ["", "2019", "2019/Party", "2019/Partytime", "a/party", "ü\udce9"]

NAMES = ["x.jpg", "IMG_1061.jpg", "Grüße.png"]
# With what each is called: worked out by hand.
PLACES = {
    PlaceNames("Lisbon", "Lisbon", "Portugal"): {"lissabon", "lisbon", "lisboa", "portugal"},
    PlaceNames("Sintra", "Lisbon", "Portugal"): {"lissabon", "lisbon", "lisboa", "portugal"},
    PlaceNames("Lisbon", "Ohio", "United States"): {"lisbon", "us"},
    PlaceNames("Paris", "Île-de-France", "France"): {"paris", "france"},
    PlaceNames("Paris", "Texas", "United States"): {"paris", "texas", "us"},
    PlaceNames("München", "Bayern", "Deutschland"): {"bayern"},
    PlaceNames(None, None, None, "Paris"): {"paris"},
}

# Of the names below, these side by side are one place.
NESTED = {
    ("Lissabon", "Portugal"), ("Lisbon", "Portugal"), ("lisboa", "Portugal"), ("Lisbon", "US"),
    ("Lissabon", "Lisbon"), ("lisboa", "Lisbon"), ("Paris", "Texas"), ("Paris", "US"),
    ("Paris", "France"), ("Texas", "US"),
}  # fmt: skip


def choices(*names: str) -> st.SearchStrategy[tuple[NameChoice, ...]]:
    """None, one or two of some names, of which any or all are asked for; once or twice."""
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
    return st.lists(st.builds(NameChoice, some.map(tuple), st.booleans()), max_size=2).map(tuple)


listings = st.builds(
    listing,
    st.integers(1, 40),
    label=st.integers(1, 20),
    path=st.just("unused"),
    root_id=st.sampled_from([1, 2]),
    taken_at=st.sampled_from(TIMES),
    type=st.sampled_from(["jpeg", "heic", "cr2"]),
    camera=st.sampled_from([None, "Google Pixel 8", "Canon EOS R5"]),
    latitude=st.sampled_from([None, 48.86, 54.3, -17.0]),
    longitude=st.sampled_from([None, 2.35, 10.1, 179.9, -179.9]),
    rating=st.sampled_from([None, -1, 1, 4, 5]),
    width=st.sampled_from([100, 101, 4000]),
    height=st.sampled_from([100, 3000, 4000]),
    keywords=st.sampled_from([None, '["Beach"]', '["beach", "Lena"]', '["straße"]']),
    people=st.sampled_from([None, '["Anna Schmidt"]', '["ANNA", "Ben Öz"]', '["Annabel Oz"]']),
    place_names=st.sampled_from([None, *(json.dumps(astuple(place)) for place in PLACES)]),
).flatmap(
    lambda item: st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES)).map(
        lambda path: item._replace(
            path="/".join(path).lstrip("/").encode("utf-8", "surrogateescape")
        )
    )
)
some_filters = st.builds(
    Filters.of,
    after=st.sampled_from([None, "2020-01-01T00:00:00", "1900-01-01T00:00:00"]),
    before=st.sampled_from([None, "2020-01-01T00:00:00", "2020-06-15T12:00:01"]),
    month=st.sampled_from([(), (6,), (1, 12)]),
    folder=st.sampled_from(
        [None, "2019", "2019/Party", "2019/party", "PARTY", "/photos", "/srv/other/a", "/", "no"]
    ),
    type=st.sampled_from([(), ("jpeg",), ("jpeg", "cr2")]),
    camera=choices("pixel", "8 google", "canon", "eos"),
    person=choices("anna", "schmidt anna", "oz", "ben öz", "nobody"),
    place=choices("Lissabon", "Lisbon", "lisboa", "Paris", "Texas", "US", "Portugal", "Bayern"),
    name=st.sampled_from([(), ("img",), ("IMG_10", "61."), ("ü",)]),
    text=st.sampled_from([(), ("invoice",), ("due INVOICE",), ("!",)]),
    near=st.sampled_from([None, Near(48.85, 2.35, 5), Near(-17, 180, 30)]),
    has=st.sampled_from([(), ("gps",), ("keywords", "rating"), ("text",)]),
    orientation=st.sampled_from([None, "landscape", "portrait", "square"]),
    min_width=st.sampled_from([None, 101]),
    min_height=st.sampled_from([None, 3000]),
    min_megapixels=st.sampled_from([None, 12.0]),
    rating=st.sampled_from([None, 1, 5]),
    keyword=st.sampled_from([(), ("BEACH",), ("beach", "lena"), ("strasse",)]),
    not_type=st.sampled_from([(), ("heic",)]),
    not_folder=st.sampled_from([(), ("2019/Party",)]),
    not_camera=choices("canon", "pixel"),
    not_person=choices("anna", "oz"),
    not_place=choices("Lisbon", "France"),
    not_name=st.sampled_from([(), ("1061",)]),
    not_text=st.sampled_from([(), ("invoice",)]),
    not_keyword=st.sampled_from([(), ("lena",)]),
    not_has=st.sampled_from([(), ("gps",), ("text",)]),
)


def fits(item: MetadataRow, wanted: Filters, everything: list[MetadataRow]) -> bool:
    """The meaning of ``Filters``, photo by photo."""
    time = _time(item)
    camera = (item.camera or "").casefold()
    words = {word.casefold() for word in json.loads(item.keywords or "[]")}
    has = {
        "gps": item.latitude is not None and item.longitude is not None,
        "rating": item.rating is not None,
        "keywords": bool(words),
        "text": bool(TEXTS[item.row % len(TEXTS)]),
    }
    square = abs(item.width - item.height) <= 0.02 * max(item.width, item.height)
    shape = "square" if square else "landscape" if item.width > item.height else "portrait"

    def made_by(name: str) -> bool:
        return all(part in camera for part in name.casefold().split())

    people = [set(_letters(name).split()) for name in json.loads(item.people or "[]")]
    place = PlaceNames(*json.loads(item.place_names)) if item.place_names else None
    name, text = (
        _letters(item.path.decode("utf-8", "replace").rpartition("/")[2]),
        TEXTS[item.row % len(TEXTS)],
    )

    def shows(person: str) -> bool:
        return any(set(_letters(person).split()) <= words for words in people)

    def says(asked: str) -> bool:
        return set(re.findall(r"\w+", asked.lower())) <= set(text) and asked != "!"

    def in_place(asked: NameChoice) -> bool:
        called = PLACES[place] if place else set()
        names = [asked.names] if asked.every else [(one,) for one in asked.names]
        if not asked.every and asked.names in NESTED:
            names = [asked.names]
        return any(all(one.lower() in called for one in some) for some in names)

    def chosen(asked: NameChoice, holds: Callable[[str], bool]) -> bool:
        return (all if asked.every else any)(map(holds, asked.names))

    value, values = wanted.value, wanted.values
    after, before, folder, near = (value(name) for name in ("after", "before", "folder", "near"))
    return all(
        (
            after is None or (time is not None and time >= _parse(after)),
            before is None or (time is not None and time < _parse(before)),
            not values("month") or (time is not None and time.month in values("month")),
            folder is None or _inside(item, folder, everything),
            not values("type") or item.type in values("type"),
            all(chosen(one, made_by) for one in values("camera")),
            all(chosen(one, shows) for one in values("person")),
            all(map(in_place, values("place"))),
            all(_letters(part) in name for part in values("name")),
            all(map(says, values("text"))),
            near is None or _near(item, near),
            all(has[what] for what in values("has")),
            value("orientation") is None or shape == value("orientation"),
            item.width >= (value("min_width") or 0),
            item.height >= (value("min_height") or 0),
            item.width * item.height >= (value("min_megapixels") or 0) * 1e6,
            value("rating") is None or (item.rating or 0) >= value("rating"),
            {word.casefold() for word in values("keyword")} <= words,
            item.type not in values("type", negated=True),
            not any(_inside(item, name, everything) for name in values("folder", negated=True)),
            not any(chosen(one, made_by) for one in values("camera", negated=True)),
            not any(chosen(one, shows) for one in values("person", negated=True)),
            not any(map(in_place, values("place", negated=True))),
            not any(_letters(part) in name for part in values("name", negated=True)),
            not any(map(says, values("text", negated=True))),
            words.isdisjoint(word.casefold() for word in values("keyword", negated=True)),
            not any(has[what] for what in values("has", negated=True)),
        )
    )


def _letters(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _time(item: MetadataRow) -> datetime | None:
    if item.taken_at is None:
        return None
    return _parse(item.taken_at[:19])


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _folder(item: MetadataRow) -> str:
    return item.path.decode("utf-8", "replace").rpartition("/")[0]


def _inside(item: MetadataRow, folder: str, everything: list[MetadataRow]) -> bool:
    wanted = folder.strip("/").split("/") if folder.strip("/") else []

    def exactly(one: MetadataRow) -> bool:
        below = _folder(one).split("/") if _folder(one) else []
        absolute = ROOTS[one.root_id].strip("/").split("/") + below
        return wanted in (below[: len(wanted)], absolute[: len(wanted)] if folder[0] == "/" else 0)

    if any(exactly(one) for one in everything):
        return exactly(item)
    path = f"{ROOTS[item.root_id]}/{_folder(item)}/".casefold()
    return f"/{folder.strip('/').casefold()}/" in path


def _near(item: MetadataRow, near: Near) -> bool:
    if item.latitude is None or item.longitude is None:
        return False
    one = _unit(item.latitude, item.longitude)
    other = _unit(near.latitude, near.longitude)
    angle = math.acos(max(-1.0, min(1.0, sum(a * b for a, b in zip(one, other, strict=True)))))
    return angle * 6371.0088 <= near.radius_km


def _unit(latitude: float, longitude: float) -> tuple[float, float, float]:
    north, east = math.radians(latitude), math.radians(longitude)
    flat = math.cos(north)
    return flat * math.cos(east), flat * math.sin(east), math.sin(north)


class Following(RuleBasedStateMachine):
    """The metadata index keeps up with whatever happens to the library."""

    def __init__(self) -> None:
        super().__init__()
        self.source = FakeListings()
        self.metadata_index = MetadataIndex(self.source, GazetteerLookup())

    @rule(items=st.lists(listings, min_size=1, max_size=6, unique_by=lambda item: item.row))
    def put(self, items: list[MetadataRow]) -> None:
        self.source.put(*items)

    @rule(row=st.integers(1, 40))
    def drop(self, row: int) -> None:
        self.source.drop(row)

    @rule(wanted=some_filters)
    def select(self, wanted: Filters) -> None:
        held = self.source.listings
        expected = {item.row: item.label for item in held if fits(item, wanted, held)}
        found = self.metadata_index.select(wanted)
        assert dict(zip(found.rows.tolist(), found.labels.tolist(), strict=True)) == expected

    @invariant()
    def everything_is_there(self) -> None:
        found = self.metadata_index.select(Filters())
        assert sorted(found.rows.tolist()) == sorted(item.row for item in self.source.listings)


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=examples(40), stateful_step_count=15)


@given(st.lists(listings, max_size=25, unique_by=lambda item: item.row), some_filters)
def test_any_filters_over_any_library(items: list[MetadataRow], wanted: Filters) -> None:
    index = MetadataIndex(FakeListings(list(items)), GazetteerLookup())
    for filters in (wanted, *(Filters((condition,)) for condition in wanted.conditions)):
        expected = sorted(item.row for item in items if fits(item, filters, items))
        assert sorted(index.select(filters).rows.tolist()) == expected


def test_it_is_read_once_and_then_followed() -> None:
    source = FakeListings([listing(1), listing(2)])
    metadata_index = MetadataIndex(source)
    assert len(metadata_index.select(Filters()).rows) == 2
    source.put(listing(2, type="png"), listing(3))
    source.drop(1)
    assert metadata_index.select(Filters.of(type=("png",))).rows.tolist() == [2]
    assert source.everything_read == 1


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ("2019", {1, 2}), ("2019/", {1, 2}), ("2019/Party", {2}), ("/photos/2019", {1, 2}),
        ("/photos", {1, 2, 3}), ("/", {1, 2, 3, 4}), ("party", {2}), ("part", set()),
        ("/srv/other", {4}), ("201", set()),
    ],
)  # fmt: skip
def test_folders(wanted: str, rows: set[int]) -> None:
    source = FakeListings(
        [
            listing(1, path="2019/a.jpg"), listing(2, path="2019/Party/a.jpg"),
            listing(3, path="a.jpg"), listing(4, path="x/a.jpg", root_id=2),
        ]
    )  # fmt: skip
    assert set(MetadataIndex(source).select(Filters.of(folder=wanted)).rows.tolist()) == rows


def test_choices() -> None:
    source = FakeListings([listing(1), listing(2, type="heic", camera=None), listing(3)])
    metadata_index = MetadataIndex(source)
    assert metadata_index.values() == ({"jpeg": 2, "heic": 1}, {"Google Pixel 8": 2})
    source.drop(1)
    assert metadata_index.values()[1] == {"Google Pixel 8": 1}


def test_all_photos_of_some_contents() -> None:
    source = FakeListings([listing(1, 5), listing(2, 5), listing(3, 6), listing(4, 7)])
    found: Any = MetadataIndex(source).of_labels(np.array([5, 7]))
    assert sorted(found.rows.tolist()) == [1, 2, 4]


def test_the_half_of_the_earth() -> None:
    source = FakeListings()
    metadata_index = MetadataIndex(source)
    assert metadata_index.hemisphere() == "north"
    source.put(*(listing(row, latitude=-33.9, longitude=151.2) for row in (1, 2)))
    source.put(listing(3, latitude=48.9, longitude=2.4), listing(4))
    assert metadata_index.hemisphere() == "south"
    source.drop(1)
    assert metadata_index.hemisphere() == "north"
    source.drop(3)
    assert metadata_index.hemisphere() == "south"


def test_words_of_the_library() -> None:
    source = FakeListings([listing(1, path="2019 Kroatien/LenasFest/a.jpg", camera=None)])
    metadata_index = MetadataIndex(source)
    names = metadata_index.names()
    assert {"kroatien", "lenas", "fest", "lenasfest", "photos"} <= names
    assert "pixel" not in names
    source.put(listing(2, keywords='["Oma Trude", "Łódź"]', camera="FUJIFILM X-T5"))
    assert {"trude", "łódź", "fujifilm", "kroatien"} <= metadata_index.names()
    assert source.everything_read == 1


@pytest.mark.parametrize(
    ("person", "rows"),
    [
        ("山田", {1}),
        ("太郎", {1}),
        ("田中", set()),
        ("김", {2}),
        ("ann", set()),
        ("山田 berg", set()),
    ],
)
def test_people_whose_names_have_no_spaces(person: str, rows: set[int]) -> None:
    source = FakeListings(
        [listing(1, people='["山田太郎", "Anna Berg"]'), listing(2, people='["김철수"]')]
    )
    found = MetadataIndex(source).select(Filters.of(person=NameChoice((person,))))
    assert set(found.rows.tolist()) == rows
