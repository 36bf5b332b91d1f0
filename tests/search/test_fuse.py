"""Words of files beside what photos show, in one order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.engine import SearchEngine
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.search.words.derived_words import DerivedWordSource
from crispd.search.words.place_names import PlaceNameSource
from crispd.search.words.word_evidence import content_words, find_evidence
from crispd.search.words.word_source import LibraryVocabulary
from crispd.types import FieldMatch, Filters, Labels, Query, ResultPage
from tests.search.fakes import (
    PICTURES,
    FakeCalibration,
    FakeIndex,
    FakeListings,
    FakePhotos,
    FakeText,
    listing,
)
from tests.search.test_judge import MODEL

COARSE = {label: 5.0 - label for label in range(10)}  # likely: 0 to 2, maybe: 3 to 5


class FakeWords:
    """``documents``: words by field, by label; rows as ``listing`` numbers them."""

    def __init__(self, documents: dict[int, dict[str, str]]) -> None:
        self.documents = documents

    def __len__(self) -> int:
        return max(len(COARSE), len(self.documents))

    def rows_by_field(self, word: str, *, parts: bool = False) -> dict[str, Labels]:
        found: dict[str, list[int]] = {}
        for label, document in self.documents.items():
            for field, text in document.items():
                if word.casefold() in text.casefold().split():
                    found.setdefault(field, []).append(label * 10 + 1)
        return {field: np.array(sorted(rows), np.int64) for field, rows in found.items()}


def engine(documents: dict[int, dict[str, str]], coarse: dict[int, float] = COARSE) -> SearchEngine:
    listings = FakeListings()
    listings.put(*[listing(label * 10 + 1, label) for label in coarse])
    return SearchEngine(
        FakeText(), FakeIndex(coarse), FakePhotos(dict.fromkeys(coarse, 1)), None,
        FakeCalibration(), listings, relevance=MODEL, pictures=PICTURES,
        words=FakeWords(documents),
    )  # fmt: skip


def ask(documents: dict[int, dict[str, str]], words: str, **more: object) -> ResultPage:
    query = replace(Query(words, words=words, spelling=False), **more)
    return engine(documents).search(query)


def labels(page: ResultPage) -> list[int]:
    return [(hit.photo.row - 1) // 10 for hit in page.hits]


def test_a_file_name_comes_first_though_nothing_is_seen() -> None:
    page = ask({9: {"name": "IMG_1061"}}, "IMG_1061")
    assert labels(page)[0] == 9
    assert page.hits[0].relevance == "likely"
    assert [(each.field, each.words) for each in page.hits[0].matched] == [("name", ("IMG_1061",))]
    assert all(not hit.matched for hit in page.hits[1:])


def test_without_words_the_order_is_as_it_was() -> None:
    plain = ask({}, "dog")
    assert labels(plain) == [0, 1, 2, 3, 4, 5]
    assert labels(ask({9: {"name": "IMG_1"}}, "dog")) == labels(plain)


def test_evidence_adds_up() -> None:
    page = ask({4: {"folder": "Dogs dog"}, 9: {"folder": "dog"}}, "dog")
    assert labels(page).index(4) < labels(page).index(9)
    assert page.hits[labels(page).index(4)].score > ask({}, "dog").hits[4].score


def test_all_photos_of_a_person_and_the_rest_orders_them() -> None:
    documents = {label: {"person": "Anna"} for label in (2, 6, 8)}
    page = ask(documents, "Anna at the beach")
    assert labels(page)[:1] == [2]
    assert [label for label in labels(page) if label in documents] == [2, 6, 8]
    assert {hit.relevance for hit in page.hits if hit.matched} <= {"likely", "maybe"}


def test_common_words_of_folders_do_not_flood() -> None:
    documents = {label: {"folder": "beach"} for label in range(10)}
    assert labels(ask(documents, "dog on the beach")) == labels(ask({}, "dog on the beach"))


def test_names_that_the_models_do_not_know_come_before_what_is_seen() -> None:
    """``beach algarve``: the Algarve first, and of it what shows a beach."""
    documents = {label: {"folder": "algarve"} for label in (5, 7)}
    source, known = FakeWords(documents), {"beach"}
    named = find_evidence(source, "beach algarve", known.__contains__)
    seen = find_evidence(source, "beach algarve")
    assert named is not None
    assert seen is not None
    assert np.all(named.probabilities(np.zeros(2, np.float32)) > 0.1)
    assert np.all(named.floor > 4 * seen.floor)


def test_places_by_other_names() -> None:
    names = {"Lissabon": "lisbon", "Nowhere": "atlantis"}
    source = PlaceNameSource(FakeWords({3: {"place": "Lisbon Portugal"}}), names.get)
    assert source.rows_by_field("Lissabon")["place"].tolist() == [31]
    assert source.rows_by_field("Nowhere") == {}
    names_of_library = LibraryVocabulary(frozenset, source)
    known = [word in names_of_library for word in ("Lissabon", "lisbon", "Nowhere")]
    assert known == [True, True, False]


CHRISTMAS = {label: f"20{label:02}-12-2{label % 6}T18:00:00" for label in (7, 9)}


def at_christmas(words: str, days: str = "", offset: float = 0.0, **more: object) -> ResultPage:
    """Over a library where two photos were taken at Christmas, of another year each."""
    listings = FakeListings()
    listings.put(*[
        listing(label * 10 + 1, label, taken_at=CHRISTMAS.get(label, "2021-07-03T10:12:00"))
        for label in COARSE
    ])  # fmt: skip
    searching = SearchEngine(
        FakeText(), FakeIndex({label: score - offset for label, score in COARSE.items()}),
        FakePhotos(dict.fromkeys(COARSE, 1)), None, FakeCalibration(), listings,
        relevance=replace(MODEL, maybe=0.1, small=0.0), pictures=PICTURES, words=FakeWords({}),
    )  # fmt: skip
    return searching.search(Query(words, words=words, days=days, spelling=False, **more))


def test_a_feast_is_its_days_and_what_shows_it() -> None:
    page = at_christmas("christmas")
    assert labels(page)[0] == 0, "a tree in July"
    assert {7, 9} < set(labels(page))
    assert page.hits[labels(page).index(7)].matched == (FieldMatch("date", ("christmas",)),)
    assert not page.notes


@pytest.mark.parametrize("words", ["christmas", "Weihnachten"])
def test_where_nothing_shows_a_feast_its_days_are_the_answer(words: str) -> None:
    page = at_christmas(words, offset=20.0)
    assert labels(page) == [7, 9]
    assert page.notes == (f"{words.capitalize()}: 2 photos of those days.",)
    assert page.closest == ()


def test_a_feast_of_a_year_shows_all_of_its_days() -> None:
    year = Filters.of(after="2009-12-20T00:00:00", before="2010-01-07T00:00:00")
    asked = ("dog christmas", "christmas 2009", 20.0)
    page = at_christmas(*asked, filters=year)
    assert labels(page) == [9]
    assert page.notes == ("Christmas 2009: 1 photo of those days.",)
    assert not at_christmas(*asked, filters=year, min_relevance="likely").hits


def kinds(words: str) -> dict[int, str]:
    """Fields by label, of what a question finds by the files alone."""
    listings = FakeListings()
    shapes: dict[int, dict[str, object]] = {
        1: {"width": 9000, "height": 3000},
        2: {"width": 9000, "height": 3000, "type": "png"},
        3: {"width": 1170, "height": 2532, "type": "png", "camera": None},
        4: {"width": 1170, "height": 2532, "type": "png"},
    }
    listings.put(*[listing(label * 10 + 1, label, **shapes.get(label, {})) for label in range(9)])
    documents = {
        5: {"name": "PANO 2020"}, 6: {"camera": "iPhone front"}, 7: {"folder": "Quittungen"},
        8: {"description": "Bildschirmfoto"},
    }  # fmt: skip
    source = DerivedWordSource(FakeWords(documents), MetadataIndex(listings))
    found = find_evidence(source, words)
    rows = [] if found is None else found.rows.tolist()
    return {row // 10: found.of(row)[-1].field for row in rows if found}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("panorama", {1: "kind", 5: "kind"}),
        ("Pano", {1: "kind", 5: "kind"}),
        ("selfie", {6: "kind"}),
        ("Selbstporträt", {6: "kind"}),
        ("screenshot", {3: "kind"}),
        ("Bildschirmfoto", {3: "kind", 8: "description"}),
        ("receipt", {7: "kind"}),
        ("Kassenbon", {7: "kind"}),
        ("black and white", {}),
    ],
)
def test_kinds_that_files_tell_of(words: str, found: dict[int, str]) -> None:
    assert kinds(words) == found


def test_filters_and_unwanted_photos_stay_out() -> None:
    documents = {8: {"name": "Anna"}, 9: {"name": "Anna"}}
    assert 9 in labels(ask(documents, "Anna"))
    left = ask(documents, "Anna", filters=Filters.of(after="2999-01-01T00:00:00"))
    assert labels(left) == []


def test_no_words_of_a_query_by_photos() -> None:
    page = engine({9: {"name": "Anna"}}).search(Query("like:1-0", more=("1-0",)))
    assert all(not hit.matched for hit in page.hits)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("photos from Paris", ["Paris"]),
        ("IMG_1061.jpg", ["IMG_1061"]),
        ("Anna, and Anna at the beach!", ["Anna", "beach"]),
        ("  ", []),
        ("the", []),
        ("日本", ["日本"]),
        ("Black and White portrait of a dog", ["Black and White", "portrait", "dog"]),
        ("dog New Year's Eve 2019", ["dog", "New Year's Eve", "2019"]),
    ],
)
def test_words_that_may_name_something(text: str, words: list[str]) -> None:
    assert content_words(text) == words


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    found = find_evidence(FakeWords({1: {"name": text}}), text)
    for rest in (0.0, 0.5, 1.0) if found else ():
        said = found.probabilities(np.full(len(found.rows), rest, np.float32))
        assert np.all((said >= 0) & (said <= 1))


@given(
    st.dictionaries(
        st.integers(0, 9),
        st.dictionaries(
            st.sampled_from(["name", "folder", "person", "description"]),
            st.sampled_from(["anna", "beach", "dog", "anna beach", "x"]),
        ),
    ),
    st.sampled_from(["anna", "anna beach", "dog anna", "cat"]),
)
def test_files_only_ever_make_a_photo_likelier(
    documents: dict[int, dict[str, str]], words: str
) -> None:
    before = ask({}, words, min_relevance="all", limit=10)
    after = ask(documents, words, min_relevance="all", limit=10)
    assert sorted(labels(before)) == sorted(labels(after))
    seen = dict(zip(labels(before), (hit.score for hit in before.hits), strict=True))
    for label, hit in zip(labels(after), after.hits, strict=True):
        assert hit.score >= seen[label] - 1e-6
    scores = [hit.score for hit in after.hits]
    assert np.all(np.diff(scores) <= 1e-9)
