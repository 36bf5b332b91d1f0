"""Damaged files, and what is saved of them."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crispd.recovery.repair import repair
from crispd.recovery.salvage import salvage
from crispd.recovery.sqlite_pages import rows_of
from crispd.store.database import PAGE_BYTES, Database
from crispd.store.words.content_text import TextStore
from crispd.types import CaptureTime, FileStamp, PhotoMetadata, TextLine

PACK, PHOTOS = "mini@1", 300
TABLES = ("roots", "photos", "contents", "embeddings", "tokens", "content_text")
BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")


def content(number: int) -> str:
    return f"{number:064x}"


def vector(number: int) -> np.ndarray:
    found = np.random.default_rng(number).standard_normal(64).astype(np.float32)
    return found / np.linalg.norm(found)


def fill(database: Database, first: int, last: int, token_bytes: int = 9000) -> None:
    """9,000 bytes are more than a page: they go on elsewhere."""
    with database.write() as tx:
        root = tx.ensure_root("/srv/café")
        for number in range(first, last):
            # now and then more than fits a page, so that it goes on elsewhere
            keywords = ("a word",) * (3000 if number % 50 == 7 else number % 3)
            metadata = PhotoMetadata(4, 3, "jpeg", camera="Pixel 8", keywords=keywords)
            tokens = bytes([number % 256]) * token_bytes
            tx.save_encoded(content(number), PACK, metadata, vector(number), tokens)
            stamp = FileStamp(number, 2**60 + number)
            tx.save_photo(root, f"2021/{number}.jpg", stamp, content(number), BY_FILE)
        tx.save_failure(root, f"bad {first}.jpg", FileStamp(1, 1), "empty", "It is empty.")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "crispd.sqlite3"
    database = Database.open(path)
    fill(database, 0, PHOTOS)
    line = TextLine("Total 26,43", 0.98, (0.1, 0.2, 0.3, 0.2, 0.3, 0.25, 0.1, 0.25))
    TextStore(database).save(content(4), "r:1", [line])
    TextStore(database).save(content(5), "r:1", [], "It took too long.")
    database.close()
    return path


def rows(path: Path, table: str) -> dict[Any, tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return {row[0]: row for row in database.execute(f"SELECT * FROM {table}")}


def test_of_a_whole_file_nothing_is_lost(whole: Path, tmp_path: Path) -> None:
    counts = salvage(whole, tmp_path / "new")
    assert counts == {
        "roots": 1, "photos": PHOTOS + 1, "contents": PHOTOS, "embeddings": PHOTOS,
        "tokens": PHOTOS, "content_text": 2,
    }  # fmt: skip
    for table in TABLES:
        assert rows(tmp_path / "new", table) == rows(whole, table)


@pytest.mark.parametrize("token_bytes", [12, 32, 33, 64, 4800])
@pytest.mark.parametrize("turns", [1, 12, 40])
def test_rows_of_the_index_of_words_are_no_tokens(
    tmp_path: Path, turns: int, token_bytes: int
) -> None:
    """Both are a number and bytes; FTS5's numbers are 1 and 10, and grow with what is written."""
    path, new = tmp_path / "crispd.sqlite3", tmp_path / "new"
    database = Database.open(path)
    for turn in range(turns):
        fill(database, 12 * turn, 12 * turn + 12, token_bytes)
    database.close()
    salvage(path, new)
    for table in ("embeddings", "tokens"):
        assert rows(new, table) == rows(path, table)


def test_tokens_of_another_length_are_none(whole: Path, tmp_path: Path) -> None:
    """A pack's have one length; of a photo without them the vector is made again, too."""
    path, new = tmp_path / "crispd.sqlite3", tmp_path / "new"
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE tokens SET data = x'0102' WHERE embedding_id IN (1, 10, 70)")
    counts = salvage(path, new)
    assert (counts["embeddings"], counts["tokens"]) == (PHOTOS - 3, PHOTOS - 3)
    assert rows(new, "tokens").items() <= rows(whole, "tokens").items()


def test_compressed_pixels_are_of_any_length(tmp_path: Path) -> None:
    """What a cross-encoder keeps that looks at the pixels itself."""
    path, new = tmp_path / "crispd.sqlite3", tmp_path / "new"
    database = Database.open(path)
    fill(database, 0, 20)
    database.close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE tokens SET data = randomblob(90 + embedding_id / 4)")
    salvage(path, new)
    assert rows(new, "tokens") == rows(path, "tokens")


def test_repair_heals_what_only_a_search_notices(tmp_path: Path) -> None:
    path = tmp_path / "crispd.sqlite3"
    database = Database.open(path)
    fill(database, 0, 20)
    database.close()
    assert repair(tmp_path) is None
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE tokens SET data = x'0102' WHERE embedding_id = 10")
    found = repair(tmp_path)
    assert found is not None
    assert found.vectors == 19
    assert repair(tmp_path) is None


def test_words_are_found_again(whole: Path, tmp_path: Path) -> None:
    salvage(whole, tmp_path / "fresh.sqlite3")
    found = []
    for path in (whole, tmp_path / "fresh.sqlite3"):
        database = Database.open(path)
        words = database.read().words(PACK)
        found.append({match.row for match in words.search(["jpg"], 2 * PHOTOS)})
        database.close()
    assert found[0]
    assert found[0] == found[1]


def test_text_that_was_forgotten_stays_so(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "crispd.sqlite3"
    shutil.copy(whole, path)
    database = Database.open(path)
    TextStore(database).forget()
    database.close()
    with closing(sqlite3.connect(path)) as raw, closing(sqlite3.connect(whole)) as before, raw:
        # as a page that is out of use may still have it
        raw.executemany("INSERT INTO content_text VALUES (?, ?, ?, ?, ?)",
                        before.execute("SELECT * FROM content_text"))  # fmt: skip
    assert salvage(path, tmp_path / "new")["content_text"] == 0
    database = Database.open(tmp_path / "new")
    assert TextStore(database).is_forgotten()
    database.close()


def test_a_folder_that_is_not_watched_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "crispd.sqlite3"
    database = Database.open(path)
    fill(database, 0, 20)
    with database.write() as tx:
        tx.watch([tx.ensure_root("/srv/other")])
    database.close()
    assert salvage(path, tmp_path / "new")["roots"] == 2
    assert rows(tmp_path / "new", "roots") == rows(path, "roots")
    assert [row[3] for row in rows(tmp_path / "new", "roots").values()] == [0, 1]


def test_rows_from_before_folders_could_be_dropped(whole: Path, tmp_path: Path) -> None:
    older = tmp_path / "crispd.sqlite3"
    shutil.copy(whole, older)
    with closing(sqlite3.connect(older)) as database, database:
        # as the schema before had it: a column that is added later is in no row from before it
        database.execute("ALTER TABLE roots DROP COLUMN watched")
        database.execute("ALTER TABLE roots ADD COLUMN watched INTEGER NOT NULL DEFAULT 1")
    counts = salvage(older, tmp_path / "new")
    assert (counts["roots"], counts["photos"]) == (1, PHOTOS + 1)
    assert [row[3] for row in rows(tmp_path / "new", "roots").values()] == [1]


def test_what_is_only_in_the_log_counts(tmp_path: Path) -> None:
    path = tmp_path / "crispd.sqlite3"
    database = Database.open(path)
    fill(database, 0, 20)
    (tmp_path / "crash").mkdir()
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(tmp_path / name, tmp_path / "crash" / name)
    database.close()
    assert salvage(tmp_path / "crash" / path.name, tmp_path / "new")["photos"] == 21
    for table in TABLES:
        assert rows(tmp_path / "new", table) == rows(path, table)


def test_a_lost_beginning(whole: Path, tmp_path: Path) -> None:
    """Without its first page SQLite reads nothing at all of a file."""
    damaged = tmp_path / "crispd.sqlite3"
    shutil.copy(whole, damaged)
    with damaged.open("rb+") as file:
        file.write(bytes(PAGE_BYTES))
    counts = salvage(damaged, tmp_path / "new")
    assert (counts["photos"], counts["embeddings"]) == (PHOTOS + 1, PHOTOS)
    assert rows(tmp_path / "new", "embeddings") == rows(whole, "embeddings")


@pytest.mark.parametrize("seed", range(8))
def test_pages_in_shreds(whole: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(whole.read_bytes())
    for _ in range(12):
        start = chance.randrange(len(data))
        length = chance.choice([1, 100, PAGE_BYTES])
        data[start : start + length] = chance.randbytes(min(length, len(data) - start))
    if seed % 2:
        del data[chance.randrange(len(data)) :]  # and cut short
    damaged = tmp_path / "crispd.sqlite3"
    damaged.write_bytes(data)
    before = damaged.read_bytes()
    counts = salvage(damaged, tmp_path / "new")
    assert damaged.read_bytes() == before
    if not seed % 2:
        assert counts["embeddings"] > 0.8 * PHOTOS
    saved, right = rows(tmp_path / "new", "embeddings"), rows(whole, "embeddings")
    vectors = {row[1]: row[3] for row in right.values()}
    wrong = [row for row in saved.values() if row[1] in vectors and row[3] != vectors[row[1]]]
    assert len(wrong) <= 2  # a few flipped bits of a float cannot be told
    database = Database.open(tmp_path / "new")  # it is a database of ours, and goes on as one
    fill(database, PHOTOS, PHOTOS + 5)
    assert database.integrity_check() == []
    labels = database.read().live_labels(PACK)
    photos = sum(count.photos for count in database.read().counts().values())
    assert photos == len(labels)  # none is left without its vector, for ever passed over by scans
    database.close()


def test_files_of_another_kind(tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"short", random.Random(1).randbytes(300_000))):
        path = tmp_path / f"{number}"
        path.write_bytes(data)
        assert list(rows_of(path, tmp_path / "no log", PAGE_BYTES)) == []
