"""Words of files beside what photos show, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.engine import SearchEngine
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.search.words import fuse
from crispd.search.words.czech_names import in_its_cases
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

    def lookup(self, words: Sequence[str]) -> list[dict[str, Labels]]:
        return list(map(self._rows, words))

    def lookup_part(self, part: str) -> dict[str, Labels]:
        return self._rows(part)

    def _rows(self, word: str) -> dict[str, Labels]:
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
    here, nowhere, lisbon = source.lookup(["Lissabon", "Nowhere", "lisbon"])
    assert here["place"].tolist() == lisbon["place"].tolist() == [31]
    assert nowhere == {}
    names_of_library = LibraryVocabulary(frozenset, source)
    known = [word in names_of_library for word in ("Lissabon", "lisbon", "Nowhere")]
    assert known == [True, True, False]


def test_a_word_that_was_read_wrongly_is_found_below_those_that_were_not() -> None:
    documents = {9: {"text": "gardenia"}, 8: {"alike": "gardenia"}, 7: {"alike": "gardenia"}}
    page = ask(documents, "gardenia €", min_relevance="all")
    assert [label for label in labels(page) if label in documents] == [9, 7, 8]
    by_label = dict(zip(labels(page), page.hits, strict=True))
    assert by_label[8].matched == by_label[9].matched == (FieldMatch("text", ("gardenia",)),)
    assert "gardenia" not in LibraryVocabulary(frozenset, FakeWords({8: documents[8]}))


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


@pytest.mark.parametrize("words", ["christmas", "Weihnachten", "noël", "vánoce"])
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
        3: {"width": 1170, "height": 2532, "type": "png", "camera": None},
        4: {"width": 1170, "height": 2532, "type": "png"},
        2: {"width": 9000, "height": 3000, "type": "png", "colourfulness": 2},
        6: {"colourfulness": 14},
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
        ("black and white", {2: "kind"}),
        ("Schwarzweiß", {2: "kind"}),
        ("noir et blanc", {2: "kind"}),
        ("černobílá", {2: "kind"}),
        ("capture d’écran", {3: "kind"}),
        ("snímek obrazovky", {3: "kind"}),
        ("autoportrait", {6: "kind"}),
        ("ticket de caisse", {7: "kind"}),
        ("účtenka", {7: "kind"}),
        ("panoramique", {1: "kind", 5: "kind"}),
    ],
)
def test_kinds_that_files_tell_of(words: str, found: dict[int, str]) -> None:
    assert kinds(words) == found


@pytest.mark.parametrize(
    ("language", "words", "found"),
    [
        ("cs", "Anně", {1: "person"}),
        ("cs", "Praze", {2: "folder"}),
        ("cs", "Anna", {1: "person"}),
        ("cs", "Annu Praze", {1: "person", 2: "folder"}),
        ("cs", "Zdeňky", {}),
        ("de", "Anně", {}),
        ("", "Praze", {}),
    ],
)
def test_czech_names_are_found_in_their_cases(
    language: str, words: str, found: dict[int, str]
) -> None:
    documents = {1: {"person": "anna"}, 2: {"folder": "praha"}, 3: {"text": "anne"}}
    source = in_its_cases(FakeWords(documents), (None, language))
    evidence = find_evidence(source, words)
    rows = [] if evidence is None else evidence.rows.tolist()
    assert {row // 10: evidence.of(row)[-1].field for row in rows if evidence} == found


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
        ("Fotos von meiner Oma", ["Oma"]),
        ("les photos de mon fils en Bretagne", ["mon", "fils", "Bretagne"]),
        ("moje fotky z chaty u jezera", ["chaty", "jezera"]),
        ("ticket de caisse", ["ticket de caisse"]),
        ("my son at war", ["son", "war"]),
        ("日本", ["日本"]),
        ("Black and White portrait of a dog", ["Black and White", "portrait", "dog"]),
        ("dog New Year's Eve 2019", ["dog", "New Year's Eve", "2019"]),
    ],
)
def test_words_that_may_name_something(text: str, words: list[str]) -> None:
    assert list(content_words(text)) == words


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


_documents = st.dictionaries(
    st.integers(0, 9),
    st.dictionaries(
        st.sampled_from(["name", "folder", "person", "place", "description"]),
        st.lists(st.sampled_from(["anna", "beach", "dog", "sea"]), max_size=3).map(" ".join),
        max_size=3,
    ),
)


@given(_documents, st.lists(st.sampled_from(["anna", "beach", "dog", "cat"]), min_size=1))
def test_what_a_photo_has_does_not_depend_on_the_others(
    documents: dict[int, dict[str, str]], words: list[str]
) -> None:
    """Photos are told apart by the words that they have in each field, and by nothing else."""
    asked = list(dict.fromkeys(words))
    found = find_evidence(FakeWords(documents), " ".join(words))
    having = {
        label: {
            word: {field for field, text in document.items() if word in text.split()}
            for word in asked
        }
        for label, document in documents.items()
    }
    rows = [label * 10 + 1 for label, own in sorted(having.items()) if any(own.values())]
    assert rows == ([] if found is None else found.rows.tolist())
    if found is None:
        return
    for at, row in enumerate(rows):
        own = having[row // 10]
        told = {word: {m.field for m in found.of(row) if word in m.words} for word in asked}
        assert told == own
        case = int(found.case[at])
        left = [word for word in asked if not own[word]]
        assert found.rest_words(int(found.rest[case])).split() == left
        assert int(found.counts[case]) == sum(other == own for other in having.values())
    half = np.full(len(rows), 0.5, np.float32)
    some = np.arange(0, len(rows), 2)
    assert (
        found.probabilities(half)[some].tolist() == found.probabilities(half[some], some).tolist()
    )
    nothing = found.probabilities(np.zeros(len(rows), np.float32))
    assert found.least[found.case].tolist() == nothing.tolist()


@given(_documents, st.sampled_from(["anna", "anna beach", "dog anna", "sea dog beach"]))
def test_of_frequent_words_the_best_come_as_of_rare_ones(
    documents: dict[int, dict[str, str]], words: str
) -> None:
    """Where more photos have words than are compared, those that are compared keep their scores,
    and the others have what their words alone say.
    """

    def scores(most: int) -> dict[int, float]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(fuse, "_MOST_SCORED", most)
            patched.setattr(fuse, "_LEAST_SCORED", 2)
            page = ask(documents, words, min_relevance="all", limit=10)
        return dict(zip(labels(page), (hit.score for hit in page.hits), strict=True))

    every, some = scores(1000), scores(0)
    assert every.keys() == some.keys()
    assert all(some[label] <= every[label] + 1e-9 for label in every)
    evidence = find_evidence(FakeWords(documents), words)
    if evidence is not None:
        least = dict(
            zip((evidence.rows // 10).tolist(), evidence.least[evidence.case], strict=True)
        )
        assert all(some[label] >= said - 1e-9 for label, said in least.items())


@pytest.mark.parametrize(
    ("field", "query", "rests"),
    [
        ("text", "kiel receipt", ["receipt"]),  # a name, and what it is
        ("text", "dog runs kiel over grass", []),
        ("text", "dog beach", []),
        ("keyword", "dog beach", ["beach"]),
    ],
)
def test_which_words_are_looked_for_by_themselves(field: str, query: str, rests: list[str]) -> None:
    words = FakeWords({1: {field: "dog runs kiel"}})
    evidence = find_evidence(words, query, lambda word: word != "kiel")
    assert evidence is not None
    assert [evidence.rest_words(bits) for bits in evidence.fewest_rests(2)] == rests


def test_of_texts_the_one_that_has_more_comes_first_and_numbers_count_most() -> None:
    texts = ("zoohaus", "zoohaus kiel", "26,43", "zoohaus 26,43", "zoohaus kiel 26,43")
    words = FakeWords({label: {"text": text} for label, text in enumerate(texts)})
    words.documents |= {label: {} for label in range(5, 1000)}
    evidence = find_evidence(words, "Zoohaus Kiel 26,43", lambda _: False)
    assert evidence is not None
    least = evidence.least[evidence.case].tolist()
    assert sorted(range(5), key=least.__getitem__) == [0, 1, 2, 3, 4]
    shown = np.ones(5, np.float32)  # no model sees a number
    assert evidence.probabilities(shown)[1] == pytest.approx(least[1])
    assert evidence.probabilities(shown)[3] > least[3]


@pytest.mark.parametrize(("asked", "found"), [("202103", True), ("2.10", False)])
def test_a_number_is_looked_for_inside_names_as_it_is(asked: str, found: bool) -> None:
    words = FakeWords({})
    words.lookup_part = lambda _: {"name": np.array([1])}  # type: ignore[method-assign]
    assert (find_evidence(words, asked) is not None) == found
