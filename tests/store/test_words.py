"""The index of words: what is found, and that nothing that is typed can break it."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from benchmarks.searching.word_index import bytes_of_tables, photo, vocabulary
from crispd.store.database import Database
from crispd.store.words.query_terms import query_terms
from crispd.store.words.tokens import name_parts, words_of, words_of_name
from crispd.store.words.word_index import WordIndex, rarity
from crispd.types import (
    CaptureTime,
    FileStamp,
    GeoPosition,
    PhotoMetadata,
    PlaceNames,
    Sidecar,
    WordMatch,
)
from tests.properties import examples

BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")
PACK = "p@1"
# path, and what the file says
PHOTOS: dict[str, PhotoMetadata] = {
    "2021/Italien Urlaub/IMG_1234.jpg": PhotoMetadata(
        1, 1, "jpeg", camera="Canon EOS 90D", lens="EF-S 18-135mm", title="Sonnenuntergang am Meer",
        keywords=("Rome", "Places"), keyword_paths=("Places/Rome",), people=("Anna Berg",),
    ),
    "2021/BeachParty2019.jpg": PhotoMetadata(1, 1, "jpeg", description="Straße in Łódź, Çeşme"),
    "Kindergeburtstag/東京タワーの夜.jpg": PhotoMetadata(
        1, 1, "jpeg", location=PlaceNames("München", "Bayern", "Deutschland"),
    ),
    "café/हिन्दी तस्वीर.jpg": PhotoMetadata(1, 1, "jpeg", title="กรุงเทพมหานคร", people=("Anna",)),
}  # fmt: skip
NAMES = {path: row for row, path in enumerate(PHOTOS, 1)}


def save(database: Database, path: str, metadata: PhotoMetadata, **more: object) -> None:
    with database.write() as tx:
        root = tx.ensure_root("/srv/album")
        content = f"content of {path}"
        tx.save_encoded(content, PACK, metadata, np.ones(4, np.float32), None)
        tx.save_metadata(content, metadata)
        tx.save_photo(root, path, FileStamp(1, 1), content, BY_FILE, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database.open(tmp_path_factory.mktemp("words") / "crispd.sqlite3")
    for path, metadata in PHOTOS.items():
        save(database, path, metadata)
    yield database
    database.close()


@pytest.fixture(scope="module")
def words(opened: Database) -> WordIndex:
    return opened.read().words(PACK)


def test_photos_of_an_answer_bring_their_place(opened: Database) -> None:
    reader = opened.read()
    found = reader.photos_of(reader.live_labels(PACK).tolist())
    places = {photo.path: photo.place_names for photos in found.values() for photo in photos}
    assert {path: places[path] for path in PHOTOS} == {
        path: metadata.location for path, metadata in PHOTOS.items()
    }


def fields(matches: list[WordMatch]) -> set[tuple[int, str]]:
    return {(match.row, match.field) for match in matches}


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("italien", {(1, "folder")}),
        ("ITALIEN", {(1, "folder")}),
        ("1234", {(1, "name")}),
        ("IMG_1234", {(1, "name")}),
        ("img1234", {(1, "name")}),
        ("canon", {(1, "camera")}),
        ("90d", {(1, "camera")}),
        ("meer", {(1, "title")}),
        ("rome", {(1, "keyword")}),
        ("places", {(1, "keyword")}),
        ("anna", {(1, "person"), (4, "person")}),
        ("beach", {(2, "name")}),
        ("beachparty2019", {(2, "name")}),
        ("BeachParty", {(2, "name")}),
        ("strasse", {(2, "description")}),
        ("STRASSE", {(2, "description")}),
        ("lodz", {(2, "description")}),
        ("cesme", {(2, "description")}),
        ("munchen", {(3, "place")}),
        ("münchen", {(3, "place")}),
        ("東京", {(3, "name")}),
        ("京", {(3, "name")}),
        ("タワー", {(3, "name")}),
        ("夜", {(3, "name")}),
        ("北京", set()),
        ("cafe", {(4, "folder")}),
        ("हिन्दी", {(4, "name")}),
        ("มหานคร", {(4, "title")}),
        ("geburtstag", set()),
        ("album", {(row, "folder") for row in (1, 2, 3, 4)}),
    ],
)
def test_what_a_word_finds(words: WordIndex, word: str, found: set[tuple[int, str]]) -> None:
    matches = words.search([word], 10)
    assert fields(matches) == found
    assert all(match.words == (word,) and match.whole for match in matches)
    by_field = words.lookup([word])[0]
    assert {(row, field) for field, rows in by_field.items() for row in rows.tolist()} == found


def test_parts_of_names(words: WordIndex) -> None:
    [found] = words.search(["geburtstag"], 10, parts=True)
    assert (found.row, found.field, found.whole) == (3, "folder", False)
    assert fields(words.search(["ann"], 10, parts=True)) == {(1, "person"), (4, "person")}
    assert words.search(["an"], 10, parts=True) == []


def test_a_word_whose_parts_stand_in_different_fields(words: WordIndex) -> None:
    assert fields(words.search(["Italien_1234"], 10)) == {(1, "folder"), (1, "name")}
    assert fields(words.search(["UrlaubAnna"], 10)) == {(1, "folder"), (1, "person")}


def test_fields_can_be_chosen(words: WordIndex) -> None:
    assert fields(words.search(["rome", "italien"], 10, fields=["keyword"])) == {(1, "keyword")}
    assert fields(words.search(["burtsta"], 9, fields=["person"], parts=True)) == set()


def test_the_rarest_words_go_first(words: WordIndex) -> None:
    found = words.search(["anna", "berg"], 10)
    assert [match.row for match in found] == [1, 4]
    assert found[0].words == ("anna", "berg")
    assert found[0].rarity == pytest.approx(rarity(2, 4) + rarity(1, 4))
    assert found[1].rarity == pytest.approx(rarity(2, 4))
    assert [match.row for match in words.search(["anna", "berg"], 1)] == [1]
    assert words.search(["anna"], 0) == []


def test_a_word_that_all_have_weighs_next_to_nothing() -> None:
    assert rarity(1000, 1000) < 0.001
    assert rarity(1, 1000) > rarity(10, 1000) > rarity(100, 1000)


def test_a_label_is_of_the_pack(opened: Database) -> None:
    reader = opened.read()
    labels = {match.row: match.label for match in reader.words(PACK).search(["anna"], 9)}
    photos = {row: reader.photos_at([row])[row] for row in labels}
    assert labels == {row: reader.label_of(photos[row].content_hash, PACK) for row in photos}
    assert reader.words("other@1").search(["anna"], 9) == []


def test_names_are_split() -> None:
    assert name_parts("BeachParty2019") == ["Beach", "Party", "2019"]
    assert name_parts("IMGParty") == ["IMG", "Party"]
    assert list(words_of_name("DSC_0001.JPG")) == ["dsc", "0001", "jpg", "dsc0001jpg"]


TYPED = st.text(max_size=30) | st.text(
    alphabet="\"*^:(){}[]+-~ \0'\\/.,;ANDORNOTEARab京タกิ़़ß\ud800", max_size=30
)


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TYPED, max_size=5), st.booleans())
def test_nothing_that_is_typed_breaks_it(words: WordIndex, typed: list[str], parts: bool) -> None:
    for match in words.search(typed, 5, parts=parts):
        assert set(match.words) <= set(typed)
    for word in typed:
        words.lookup([word])[0]


@settings(max_examples=examples(200))
@given(st.text(min_size=1, max_size=40))
@example("0Ⓐ")
def test_a_document_is_found_by_all_of_its_words(text: str) -> None:
    """Also of scripts that are not known to SQLite: a token is one token for it, too."""
    tokens = list(words_of(text))
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute("CREATE VIRTUAL TABLE t USING fts5(a, tokenize='ascii', detail='column')")
        memory.execute("INSERT INTO t VALUES (?)", (" ".join(tokens),))
        for term in query_terms([text, *tokens]):
            found = memory.execute("SELECT count(*) FROM t WHERE t MATCH ?", (term.expression,))
            assert found.fetchone() == (1,), term


def test_what_it_takes_on_disk(tmp_path: Path) -> None:
    generator = random.Random(0)
    known = vocabulary(generator, 500)
    database = Database.open(tmp_path / "crispd.sqlite3")
    for number in range(150):
        save(database, *photo(generator, known, number))
    database.close()
    try:
        sizes = bytes_of_tables(tmp_path / "crispd.sqlite3")
    except sqlite3.OperationalError:
        pytest.skip("this SQLite cannot say what a table takes (dbstat)")
    assert set(sizes) == {"photo_words", "word_index", "part_index"}
    assert 100 < sum(sizes.values()) / 150 < 1500


class Resolver:
    """Every position is Rome."""

    edition = "1"

    def resolve(self, names: PlaceNames | None, position: GeoPosition | None) -> PlaceNames | None:
        return PlaceNames("Rome", "Lazio", "Italy") if position else names


def test_places_are_found_by_position(tmp_path: Path) -> None:
    path = tmp_path / "crispd.sqlite3"
    database = Database.open(path)
    save(database, "a.jpg", PhotoMetadata(1, 1, "jpeg", place=GeoPosition(41.9, 12.5)))
    assert database.read().words(PACK).search(["lazio"], 9) == []
    database.close()
    database = Database.open(path, resolver=Resolver())  # all are named at once
    assert fields(database.read().words(PACK).search(["lazio"], 9)) == {(1, "place")}
    save(database, "b.jpg", PhotoMetadata(1, 1, "jpeg"))
    beside = Sidecar(place=GeoPosition(41.9, 12.5))
    save(database, "c.jpg", PhotoMetadata(1, 1, "jpeg"), sidecar=beside)
    database.close()
    database = Database.open(path)  # who knows no places leaves them as they are
    assert fields(database.read().words(PACK).search(["rome"], 9)) == {(1, "place"), (3, "place")}
    listed = database.read().listings(PACK).everything().listings
    rome = '["Rome", "Lazio", "Italy", null]'
    assert [each.place_names for each in listed] == [rome, None, rome]
    database.close()


def test_photos_of_roots_that_are_not_watched_are_not_found(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "crispd.sqlite3")
    save(database, "a.jpg", PhotoMetadata(1, 1, "jpeg", title="harbour"))
    with database.write() as tx:
        tx.watch([])
    assert database.read().words(PACK).search(["harbour"], 9) == []
    database.close()


@pytest.mark.parametrize(
    ("field", "asked", "rows"),
    [
        ("title", "Meer SONNENUNTERGANG", [1]),
        ("title", "meer berg", []),
        ("person", "anna", [1, 4]),
        ("person", "!? \0", []),
        ("text", "anna", []),
    ],
)
def test_all_words_of_a_field(opened: Database, field: str, asked: str, rows: list[int]) -> None:
    assert opened.read().listings(PACK).with_words(field, asked).tolist() == rows


@pytest.mark.parametrize(
    ("field", "typed", "found"),
    [
        ("name", "img_12", ["IMG_1234.jpg"]),
        ("name", "beachp", ["BeachParty2019.jpg"]),
        ("name", "234", []),
        ("title", "sonn", ["sonnenuntergang"]),
        ("person", "an", ["anna"]),
        ("text", "an", []),
        ("name", '" OR *', []),
        ("name", "\0", []),
    ],
)
def test_what_begins_so(opened: Database, field: str, typed: str, found: list[str]) -> None:
    assert opened.read().listings(PACK).beginning(field, typed, 3) == found


def test_nothing_of_roots_that_are_not_watched_is_offered(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "crispd.sqlite3")
    save(database, "oak.jpg", PhotoMetadata(1, 1, "jpeg"))
    listed = database.read().listings(PACK)
    assert listed.beginning("name", "oa", 3) == ["oak.jpg"]
    with database.write() as tx:
        tx.watch([])
    assert listed.beginning("name", "oa", 3) == []
    database.close()


@given(st.text(max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nothing_that_is_typed_breaks_filters_of_words(opened: Database, typed: str) -> None:
    listed = opened.read().listings(PACK)
    assert listed.with_words("title", typed).tolist() == sorted(listed.with_words("title", typed))
    assert len(listed.beginning("name", typed, 3)) <= 3
