"""Words that name nothing here, and what is offered for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.search.words.near_words import NearWords
from crispd.types import Note
from tests.search.fakes import FakeListings, listing
from tests.search.test_fuse import FakeWords

LIBRARY = FakeListings(
    [
        listing(1, path="2019 Algarve/IMG_1.jpg", people='["Anna Schmidt", "Mehmet Yılmaz"]'),
        listing(2, path="Gartenfest.jpg", keywords='["holiday"]', camera="FUJIFILM X-T5",
                place_names='["Lisbon", "Lisbon", "Portugal", null]'),
    ]
)  # fmt: skip
SAID = FakeWords(
    {
        0: {"folder": "2019 algarve", "person": "anna schmidt mehmet yilmaz yılmaz"},
        1: {"name": "gartenfest", "keyword": "holiday", "camera": "fujifilm", "place": "lisbon"},
    }
)


def offered(text: str, known: str = "dog beach", already: tuple[Note, ...] = ()) -> list[str]:
    near = NearWords(SAID, MetadataIndex(LIBRARY), set(known.split()).__contains__)
    return [str(note.values["meant"]) for note in near.notes(text, already)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("algrave", ["Algarve"]),
        ("dog Algave", ["Algarve"]),
        ("Schmitd at the beach", ["Schmidt"]),
        ("yilmas", ["Yılmaz"]),
        ("holliday", ["holiday"]),
        ("Lisbno", ["Lisbon"]),
        ("fujfilm", ["FUJIFILM"]),
        ("gartenfets", ["Gartenfest"]),
        ("algrave schmitd lisbno", ["Algarve", "Schmidt"]),  # no more than two
        ("algarve", []),
        ("dag", []),
        ("zebra", []),
        ("IMG_1062", []),
        ("", []),
    ],
)
def test_what_is_offered(text: str, meant: list[str]) -> None:
    assert offered(text) == meant


def test_what_the_models_know_or_spelling_put_right_is_no_miss() -> None:
    assert offered("algrave", known="algrave") == []
    spelled = Note("Read holiday for holliday.", "spelling", written="holliday", read="holiday")
    assert offered("holliday algrave", already=(spelled,)) == ["Algarve"]


def test_what_is_gone_is_not_offered() -> None:
    gone = NearWords(FakeWords({}), MetadataIndex(LIBRARY), lambda _: False)
    assert gone.notes("algrave", ()) == ()


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    assert len(offered(text)) <= 2
