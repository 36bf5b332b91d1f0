"""Text that was read in photos: kept compactly, found by its words, and read again when asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crispd.store.database import Database
from crispd.store.words.content_text import TextStore
from crispd.store.words.documents import words_of_lines
from crispd.store.words.marks import WordMarker
from crispd.store.words.text_lines import packed_lines, unpacked_lines
from crispd.store.words.tokens import document
from crispd.types import TEXT_PROBLEM, CaptureTime, FileStamp, PhotoMetadata, TextLine
from tests.store.fresh import fresh_database

PACK, READER = "p@1", "r:1"
PLACE = (0.1, 0.2, 0.5, 0.2, 0.5, 0.25, 0.1, 0.25)


def lines(*texts: str) -> tuple[TextLine, ...]:
    return tuple(TextLine(text, 0.97, PLACE) for text in texts)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = fresh_database(tmp_path / "crispd.sqlite3")
    yield opened
    opened.close()


def save(database: Database, path: str, content: str, taken: str, kind: str = "jpeg") -> None:
    with database.write() as tx:
        root = tx.ensure_root("/srv/album")
        tx.save_encoded(content, PACK, PhotoMetadata(4, 3, kind), np.ones(4, np.float32), None)
        tx.save_photo(root, path, FileStamp(1, 1), content, CaptureTime(taken, "mtime"))


def found(database: Database, *words: str) -> list[int]:
    return [
        match.row for match in database.read().words(PACK).search(words, 9) if match.field == "text"
    ]


def test_lines_come_back_as_they_were() -> None:
    each = (*lines("Größe 42", "東京タワー"), TextLine("Total 26,43 €", 0.6, (0.0, 1.0) * 4))
    assert unpacked_lines(packed_lines(each)) == each
    assert (packed_lines(()), unpacked_lines(b"")) == (b"", ())


def test_a_receipt_takes_a_kilobyte() -> None:
    spread = np.random.default_rng(1).random((40, 8)).round(4).tolist()
    receipt = [TextLine(f"ARTICLE {n} x 0,{n:02}", 0.9, tuple(spread[n])) for n in range(40)]
    assert len(packed_lines(receipt)) < 1100


def test_a_photo_is_found_by_its_text_until_that_changes(database: Database) -> None:
    save(database, "a.jpg", "one", "2020-01-01T00:00:00")
    save(database, "copy.jpg", "one", "2020-01-01T00:00:00")
    store = TextStore(database)
    store.save("one", READER, lines("INVOICE 26,43 €", "Liefer-", "schein", "* A L D I"))
    [first, *_] = store.lines_of("one") or ()
    assert first.text == "INVOICE 26,43 €"
    assert found(database, "invoice") == found(database, "26,43") == [2, 1]
    assert found(database, "aldi") == [2, 1]
    assert found(database, "lieferschein") == found(database, "schein") == [2, 1]
    listed = database.read().listings(PACK)
    assert listed.with_words("text", "26,43 INVOICE").tolist() == [1, 2]
    assert listed.with_words("text", "invoice rechnung").tolist() == []
    assert listed.with_any_word("text").tolist() == [1, 2]
    assert listed.beginning("text", "inv", 3) == ["invoice"]
    store.save("one", "r:2", lines("Rechnung"))
    assert (found(database, "invoice"), found(database, "rechnung")) == ([], [2, 1])


def test_text_that_was_read_before_its_photo_came_is_found_with_it(database: Database) -> None:
    """A photo that was gone and came back is not read again."""
    TextStore(database).save("one", READER, lines("Invoice"))
    save(database, "a.jpg", "one", "2020-01-01T00:00:00")
    assert found(database, "invoice") == [1]
    assert not len(TextStore(database).pending(READER, PACK)[0])


def test_what_was_made_to_be_read_comes_first_and_then_the_latest(database: Database) -> None:
    for path, taken, kind in (
        ("old.jpg", "2001-01-01T00:00:00", "jpeg"),
        ("new.jpg", "2021-01-01T00:00:00", "jpeg"),
        ("Receipts/1.jpg", "1999-01-01T00:00:00", "jpeg"),
        ("Screenshot_2.png", "2005-01-01T00:00:00", "png"),
        ("descant.jpg", "1998-01-01T00:00:00", "jpeg"),
    ):
        save(database, path, f"content of {path}", taken, kind)
    store = TextStore(database)
    assert store.pending(READER, PACK)[0].tolist() == [4, 3, 2, 1, 5]
    store.save("content of new.jpg", READER, ())
    rows, labels = store.pending(READER, PACK)
    assert rows.tolist() == labels.tolist() == [4, 3, 1, 5]
    assert len(store.pending("r:2", PACK)[0]) == 5  # another reader reads all again
    assert (len(store.pending(READER, "q@1")[0]), store.is_read("x", READER)) == (0, False)


def test_what_failed_is_told_and_read_again_when_asked(database: Database) -> None:
    save(database, "a.jpg", "one", "2020-01-01T00:00:00")
    store, reader = TextStore(database), database.read()
    store.save("one", READER, lines("half"), "It took too long.")
    [problem] = reader.problems(9, 0)
    assert (problem.path, problem.code, problem.reason) == (
        "a.jpg", TEXT_PROBLEM, "It took too long.",
    )  # fmt: skip
    assert (reader.problem_count(), reader.problems(9, 1)) == (1, [])
    assert reader.counts()[1].failed == 0  # it is searchable
    assert found(database, "half") == [1]
    assert (store.forget_failures(), reader.problem_count()) == (1, 0)
    assert store.pending(READER, PACK)[0].tolist() == [1]
    assert found(database, "half") == []


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One photo a text, row 1 first."""
    opened = fresh_database(tmp_path_factory.mktemp("printed") / "crispd.sqlite3")
    for number, text in enumerate(PRINTED, 1):
        save(opened, f"{number}.jpg", str(number), "2020-01-01T00:00:00")
        TextStore(opened).save(str(number), READER, lines(*text.split("|")))
    yield opened
    opened.close()


PRINTED = (
    "GARDEN1A Blumen|Summe EUR 26,43",
    "Gardenia|26.50 and 43",
    "Stromrechnung|12.03.2021 14:30|1 234,56 €",
    "RECHNUNG Nr. 4711-0815|2021-03-12",
    "Hauptstr. 12, 24103 Kiel|Tel. 0431/123456",
    "ZOOHAUSKIEL|12/03/21",
    "Hauptstraße 12",
    "teach modern",
    "東京タワー 営業中|２６，４３円",
    "Summe 26, 43",
)


@pytest.mark.parametrize(
    ("asked", "exact", "like"),
    [
        ("gardenia", [2], [1]),  # a one for an I
        ("GARDENA", [], [1, 2]),  # a letter less
        ("gardenias", [], [1, 2]),
        ("gradenia", [], []),  # two letters
        ("rechnung", [4], [3]),
        ("zoohaus", [], [6]),
        ("kiel", [5], []),  # short words are often parts of others
        ("beach", [], []),  # "teach" is a word
        ("modem", [], []),  # and "modern", though rn looks like m
        ("26,43", [1, 9, 10], []),
        ("26.43", [1, 9, 10], []),
        ("26.43€", [1, 9, 10], []),
        ("€26.43", [1, 9, 10], []),
        ("26,4", [], []),
        ("1234,56", [3], []),
        ("1.234,56", [3], []),
        ("12.3.2021", [3, 4, 6], []),
        ("2021-03-12", [3, 4, 6], []),
        ("12/03/21", [3, 4, 6], []),
        ("3/12/2021", [3, 4, 6], []),
        ("13.3.2021", [], []),
        ("14:30", [3], []),
        ("14,30", [], [3]),
        ("47110815", [4], []),
        ("4711", [4], []),
        ("hauptstrasse", [5, 7], []),
        ("Hauptstr.", [5], [7]),
        ("0431123456", [5], []),
        ("東京", [9], []),
        ("タワー", [9], []),
        ("営業", [9], []),
    ],
)
def test_text_is_found_as_people_type_it(
    printed: Database, asked: str, exact: list[int], like: list[int]
) -> None:
    known = {"teach", "modern", "blumen", "summe"}.__contains__
    found = printed.read().words(PACK, known).lookup([asked])[0]
    assert found.get("text", np.array([])).tolist() == exact
    assert found.get("alike", np.array([])).tolist() == like
    filtered = printed.read().listings(PACK, known).with_words("text", asked).tolist()
    assert filtered == (exact or like)


def test_a_number_is_in_a_name_that_has_its_parts_side_by_side(database: Database) -> None:
    for name in ("1d5f_95e.jpg", "bill 1.95.jpg", "IMG_20210312.jpg", "12 3 a 2021.jpg"):
        save(database, name, name, "2020-01-01T00:00:00")
    words = database.read().words(PACK)
    for asked, rows in (("1.95", [2]), ("2021-03-12", [3]), ("9.51", [])):
        assert words.lookup([asked])[0].get("name", np.array([])).tolist() == rows


def test_of_a_sentence_words_that_exist_and_are_found_were_not_misread(printed: Database) -> None:
    words = printed.read().words(PACK, {"gardenia"}.__contains__)
    sentence = ["gardenia", "zoohaus", "in", "a", "small", "street"]
    known, other = words.lookup(sentence)[:2]
    assert (list(known), list(other)) == (["text"], ["alike"])
    assert list(words.lookup(["gardenia", "zoohaus"])[0]) == ["text", "alike"]


@pytest.mark.parametrize("piece", ["a", "1", "1.", "a ", "ab-"])
def test_long_lines_take_no_longer(piece: str) -> None:
    began = time.process_time()
    line = piece * 25_000
    document(words_of_lines([line]), 4000)
    WordMarker(["gardenia", "26,43"], lambda _: False).spans([line])
    assert time.process_time() - began < 1


def test_words_of_text_that_changed_find_nothing(database: Database) -> None:
    save(database, "a.jpg", "one", "2020-01-01T00:00:00")
    store, index = TextStore(database), database.read().words(PACK)
    store.save("one", READER, lines("GARDEN1A"))
    assert list(index.lookup(["gardenia"])[0]) == ["alike"]
    store.save("one", "r:2", lines("Rechnung"))
    assert index.lookup(["gardenia"])[0] == {}


@given(st.text(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nothing_that_is_typed_breaks_what_is_alike(printed: Database, typed: str) -> None:
    printed.read().words(PACK).lookup([typed])[0]
    printed.read().listings(PACK).with_words("text", typed)


def test_what_is_forgotten_is_nowhere_and_not_read_again_until_asked(database: Database) -> None:
    save(database, "secret.jpg", "one", "2020-01-01T00:00:00")
    save(database, "kept-forever.jpg", "two", "2020-01-01T00:00:00")
    store = TextStore(database)
    for number in range(40):  # pages of their own, some of which are freed
        save(database, f"{number}.jpg", f"c{number}", "2020-01-01T00:00:00")
        store.save(f"c{number}", READER, lines(f"Kontoauszug{number}", "Rechnung", "x" * 900))
    store.save("one", READER, lines("Kontoauszug vom 12.3.2021"))
    assert (found(database, "kontoauszug"), store.count()) == ([1], 41)
    assert store.forget() == 41
    assert (found(database, "kontoauszug"), store.count(), store.is_forgotten()) == ([], 0, True)
    assert database.read().words(PACK).lookup(["kontoauszug1"])[0] == {}
    assert found_by_name(database, "forever") == [2]
    data = b"".join(path.read_bytes() for path in database.path.parent.glob("crispd.sqlite3*"))
    assert b"ontoausz" not in data.lower()
    assert b"kept-forever" in data
    store.save("one", READER, lines("Kontoauszug"))  # of a photo that was being read
    assert store.count() == 0
    store.read_again()
    store.save("one", READER, lines("Kontoauszug"))
    assert (found(database, "kontoauszug"), store.is_forgotten()) == ([1], False)


def found_by_name(database: Database, word: str) -> list[int]:
    return database.read().words(PACK).lookup([word])[0]["name"].tolist()
