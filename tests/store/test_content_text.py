"""Text that was read in photos: kept compactly, found by its words, and read again when asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from crispd.store.database import Database
from crispd.store.words.content_text import TextStore
from crispd.store.words.text_lines import packed_lines, unpacked_lines
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
    assert store.lines_of("one")[0].text == "INVOICE 26,43 €"
    assert found(database, "invoice") == found(database, "26,43") == [2, 1]
    assert found(database, "aldi") == [2, 1]
    assert found(database, "lieferschein") == found(database, "schein") == [2, 1]
    listed = database.read().listings(PACK)
    assert listed.with_words("text", "26,43 INVOICE").tolist() == [1, 2]
    assert listed.with_words("text", "invoice rechnung").tolist() == []
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
