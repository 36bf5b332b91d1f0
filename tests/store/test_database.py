"""A real SQLite file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import create_engine, inspect, text

from crispd.errors import DiskFull, SchemaTooNew, StorageError, StorageLocked, StorageUnwritable
from crispd.store.data_dir.lock import DataFolderLock
from crispd.store.database import Database
from crispd.store.ids import public_id
from crispd.store.schema import metadata as schema
from crispd.store.writing.writes import WriteTransaction
from crispd.thumbnails.cache import ThumbnailCache
from crispd.types import (
    CaptureTime,
    FileStamp,
    GeoPosition,
    KnownFile,
    PhotoMetadata,
    PhotoState,
    Root,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACK = "mini@1"
STAMP = FileStamp(10, 20)
META = PhotoMetadata(
    4, 3, "jpeg", CaptureTime("2021-07-03T10:12:00", "exif"), "Pixel 8", "24 mm",
    GeoPosition(54.32, 10.13, 4.0), 5, ("Strand", "Lena"),
)  # fmt: skip
BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "crispd.sqlite3")
    yield database
    database.close()


def vector(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(8).astype(np.float32)


def put(tx: WriteTransaction, root: Root, path: str, content: str) -> int:
    label = tx.save_encoded(
        content, PACK, META, vector(len(content)), b"tokens of " + content.encode()
    )
    tx.save_photo(root, path, STAMP, content, BY_FILE)
    return label


def test_a_photo_comes_back_as_it_was_put(database: Database) -> None:
    name = os.fsdecode(b"2021/caf\xe9 \xf0\x9f\x98\x80.jpg")
    with database.write() as tx:
        root = tx.ensure_root("/srv/photos")
        label = put(tx, root, name, "hash")
    reader = database.read()
    record = reader.photos_of([label])[label][0]
    assert (record.path, record.root_path, record.metadata) == (name, "/srv/photos", META)
    assert record.full_path == "/srv/photos/" + name
    assert reader.photo(record.id) == record
    assert record.id == public_id("/srv/photos", name, "hash")
    assert reader.known_files(root.id) == {name: KnownFile(STAMP, PhotoState.READY)}
    assert reader.tokens_of([label, 99]) == {label: b"tokens of hash"}
    assert reader.label_of("hash", PACK) == label
    assert reader.label_of("hash", "other@1") is None
    [(labels, vectors)] = reader.vectors(PACK, np.array([label, 99]))
    assert labels.tolist() == [label]
    np.testing.assert_array_equal(vectors[0], vector(4))


def test_ids_are_opaque_and_tell_paths_apart() -> None:
    ids = {public_id("/a", "b/c", "h"), public_id("/a/b", "c", "h"), public_id("/a", "b/c", "i")}
    assert len(ids) == 3
    assert all(len(i) == 24 and set(i) <= set("abcdefghijklmnopqrstuvwxyz234567") for i in ids)


def test_a_content_is_kept_once(database: Database) -> None:
    with database.write() as tx:
        root = tx.ensure_root("/p")
        first = put(tx, root, "a.jpg", "hash")
        second = put(tx, root, "b.jpg", "hash")
    assert first == second
    assert [photo.path for photo in database.read().photos_of([first])[first]] == ["a.jpg", "b.jpg"]


def test_a_label_is_never_used_again(database: Database) -> None:
    with database.write() as tx:
        root = tx.ensure_root("/p")
        first = put(tx, root, "a.jpg", "one")
    engine = create_engine(f"sqlite:///{database.path}")
    with engine.begin() as connection:
        for table in ("tokens", "photos", "embeddings"):
            connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()
    with database.write() as tx:
        assert put(tx, root, "a.jpg", "two") > first


def test_liveness_follows_the_last_path_of_a_content(database: Database) -> None:
    with database.write() as tx:
        root = tx.ensure_root("/p")
        label = put(tx, root, "a.jpg", "hash")
        put(tx, root, "b.jpg", "hash")
        assert tx.liveness(PACK) == ([label], [])
    with database.write() as tx:
        tx.remove_photos(root.id, ["a.jpg", "unknown.jpg"])
        assert tx.liveness(PACK) == ([label], [])
    with database.write() as tx:
        tx.save_failure(root, "b.jpg", STAMP, "damaged", "It is damaged.")
        assert tx.liveness(PACK) == ([], [label])
    assert database.read().live_labels(PACK).tolist() == []
    with database.write() as tx:
        tx.save_photo(root, "b.jpg", STAMP, "hash", BY_FILE)
        assert tx.liveness(PACK) == ([label], [])
    assert database.read().live_labels(PACK).tolist() == [label]


def test_a_move_keeps_the_row_and_replaces_what_was_there(database: Database) -> None:
    with database.write() as tx:
        root = tx.ensure_root("/p")
        label = put(tx, root, "a.jpg", "one")
        gone = put(tx, root, "b.jpg", "other")
        assert not tx.move_photo(root, "unknown.jpg", "c.jpg", BY_FILE)
        assert tx.move_photo(root, "a.jpg", "b.jpg", BY_FILE)
        live, dead = tx.liveness(PACK)
    assert (live, dead) == ([label], [gone])
    [record] = database.read().photos_of([label])[label]
    assert (record.path, record.id) == ("b.jpg", public_id("/p", "b.jpg", "one"))


def test_a_folder_is_removed_with_what_is_below_and_nothing_beside(database: Database) -> None:
    with database.write() as tx:
        root = tx.ensure_root("/p")
        for name in ("x/a.jpg", "x/y/b.jpg", "x.jpg", "xx/c.jpg", "x0/d.jpg", "x-/e.jpg"):
            put(tx, root, name, name)
        assert tx.remove_under(root.id, "x") == 2
    assert set(database.read().known_files(root.id)) == {
        "x.jpg",
        "xx/c.jpg",
        "x0/d.jpg",
        "x-/e.jpg",
    }


def test_problems_and_counts(database: Database) -> None:
    with database.write() as tx:
        root = tx.ensure_root("/p")
        put(tx, root, "a.jpg", "hash")
        tx.save_failure(root, "b.jpg", STAMP, "empty", "The file is empty.")
    reader = database.read()
    counts = reader.counts()[root.id]
    assert (counts.photos, counts.failed) == (1, 1)
    [problem] = reader.problems(10, 0)
    assert (problem.path, problem.code, problem.reason) == ("b.jpg", "empty", "The file is empty.")
    assert reader.problem_count() == 1
    assert reader.problems(10, 1) == []
    with database.write() as tx:
        put(tx, root, "b.jpg", "other")
    assert reader.problem_count() == 0


def test_nothing_of_a_failed_transaction_stays(database: Database) -> None:
    def fail() -> None:
        with database.write() as tx:
            put(tx, tx.ensure_root("/p"), "a.jpg", "hash")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert database.read().roots() == []
    assert database.read().label_of("hash", PACK) is None


def test_a_reader_does_not_wait_for_the_writer(database: Database) -> None:
    with database.write() as tx:
        tx.ensure_root("/p")
        found: list[list[Root]] = []
        reader = threading.Thread(target=lambda: found.append(database.read().roots()))
        reader.start()
        reader.join(5)
        assert found == [[]]


def test_the_migrations_make_the_schema(tmp_path: Path, database: Database) -> None:
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.sqlite3'}")
    schema.create_all(declared)
    migrated = create_engine(f"sqlite:///{database.path}")
    query = text("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name")
    with declared.connect() as left, migrated.connect() as right:
        wanted = [tuple(row) for row in left.execute(query)]
        rows = [row for row in right.execute(query) if row.tbl_name != "alembic_version"]
    by_word = [row for row in rows if row.name.startswith(("word_index", "part_index"))]
    assert {row.name for row in by_word} >= {"word_index", "part_index"}  # FTS5's: not declared
    rows = [row for row in rows if row not in by_word]
    found = [row for row in rows if row[0] != "trigger"]
    assert len(rows) - len(found) == 8
    assert [tuple(row[:3]) for row in found] == [row[:3] for row in wanted]
    for table in inspect(declared).get_table_names():
        ours = [
            [(c["name"], str(c["type"]), c["nullable"]) for c in inspect(e).get_columns(table)]
            for e in (declared, migrated)
        ]
        assert ours[0] == ours[1]
    declared.dispose()
    migrated.dispose()


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crispd.sqlite3"
    Database.open(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'm999'"))
    engine.dispose()
    with pytest.raises(SchemaTooNew, match="newer crispd"):
        Database.open(path)


def test_the_identity_stays(tmp_path: Path) -> None:
    first = Database.open(tmp_path / "crispd.sqlite3")
    first.close()
    second = Database.open(tmp_path / "crispd.sqlite3")
    second.close()
    assert first.id == second.id


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "crispd.sqlite3").write_bytes(b"nothing of the kind " * 500)
    with pytest.raises(StorageError, match="damaged"):
        Database.open(tmp_path / "crispd.sqlite3")


def test_a_full_disk(tmp_path: Path) -> None:
    # SQLite's own limit on pages gives the very error that a full disk gives.
    database = Database.open(tmp_path / "crispd.sqlite3")

    def fill() -> None:
        with database.write() as tx:
            pages = tx._connection.exec_driver_sql("PRAGMA page_count").scalar()
            tx._connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
            root = tx.ensure_root("/p")
            for number in range(1000):
                put(tx, root, f"{number}.jpg", f"{number}" * 200)

    with pytest.raises(DiskFull, match="space"):
        fill()
    assert database.read().roots() == []
    assert database.integrity_check() == []
    database.close()


def test_many_photos_get_new_paths_at_once(database: Database) -> None:
    with database.write() as tx:
        root = tx.ensure_root("/p")
        for name in ("x/1", "x/2", "x/3", "y/2", "a", "b"):
            put(tx, root, name, name)
        tx.save_failure(root, "x/4", STAMP, "empty", "It is empty.")
    with database.write() as tx:
        assert tx.paths_under(root.id, "x") == ["x/1", "x/2", "x/3", "x/4"]
        pairs = [("x/1", "y/1"), ("x/2", "y/2"), ("x/4", "y/4"), ("gone", "y/5"), ("x/3", "x/3")]
        assert set(tx.move_photos(root, pairs, lambda _path, _time: BY_FILE)) == {
            "x/1",
            "x/2",
            "x/4",
        }
        chain = [("a", "b"), ("b", "c"), ("x/3", "z"), ("y/1", "z")]
        assert tx.move_photos(root, chain, lambda _path, _time: BY_FILE) == {}
        live, dead = tx.liveness(PACK)
    known = database.read().known_files(root.id)
    assert set(known) == {"y/1", "y/2", "x/3", "y/4", "a", "b"}
    assert known["y/1"] == KnownFile(STAMP, PhotoState.READY)
    moved = database.read().photo(public_id("/p", "y/1", "x/1"))
    assert moved is not None
    assert moved.path == "y/1"
    assert (len(live), len(dead)) == (0, 1)  # what was at y/2 is gone


def test_one_process_a_data_folder(tmp_path: Path) -> None:
    lock = DataFolderLock(tmp_path)
    with pytest.raises(StorageLocked, match=str(os.getpid())):
        DataFolderLock(tmp_path)
    lock.close()
    lock.close()
    DataFolderLock(tmp_path).close()


def test_kill_9_in_the_middle_of_a_transaction_leaves_whole_batches(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from tests.store.test_database import Database, put
        database = Database.open(sys.argv[1])
        for batch in range(10_000):
            with database.write() as tx:
                root = tx.ensure_root("/p")
                for number in range(8):
                    put(tx, root, f"{batch}/{number}.jpg", f"content {batch} {number}")
            print(batch, flush=True)
        """
    )
    path = tmp_path / "crispd.sqlite3"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        said = [int(process.stdout.readline()) for _ in range(5)][-1]
        process.send_signal(signal.SIGKILL)
        process.wait()
    database = Database.open(path)
    assert database.integrity_check() == []
    count = len(database.read().known_files(1))
    assert count % 8 == 0
    assert count >= 8 * (said + 1)
    assert len(database.read().live_labels(PACK)) == count
    database.close()


def test_thumbnails_on_disk(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "thumbnails", [320])
    assert cache.get("abcdef", 320) is None
    cache.put("abcdef", 320, b"\xff\xd8\xff\xd9")
    assert cache.get("abcdef", 320) == b"\xff\xd8\xff\xd9"
    (tmp_path / "file").touch()
    # cannot be kept, and is no error
    ThumbnailCache(tmp_path / "file", [320]).put("abcdef", 320, b"jpeg")


def test_a_snapshot_stays_as_it_was_at_its_first_read(database: Database) -> None:
    reader = database.read().for_pack(PACK)
    words = reader.words(PACK)
    with database.write() as tx:
        label = put(tx, tx.ensure_root("/a"), "one.jpg", "one")
    with database.snapshot():
        assert [photo.path for photo in reader.photos_of([label])[label]] == ["one.jpg"]
        assert len(words) == 1
        with database.write() as tx:
            later = put(tx, tx.ensure_root("/a"), "two.jpg", "two")
        assert reader.photos_of([later]) == {}
        assert len(words) == 1
        with database.snapshot():
            assert reader.tokens_of([later]) == {}
    assert reader.tokens_of([later]) == {later: b"tokens of two"}
    assert len(words) == 2


def test_what_is_open_still_reads_when_the_folder_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    database = Database.open(folder / "crispd.sqlite3")
    with database.write() as tx:
        tx.ensure_root("/srv/photos")
    held, gone = threading.Event(), threading.Event()

    def hold() -> None:
        with database.reading():
            held.set()
            gone.wait(10)
            time.sleep(0.2)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    folder.rename(tmp_path / "away")
    gone.set()
    assert len(database.read().counts()) == 1  # the only connection is waited for
    holder.join()
    database.close()


def test_a_database_without_any_connection_says_that_it_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    database = Database.open(folder / "crispd.sqlite3")
    database.close()
    folder.rename(tmp_path / "away")
    with pytest.raises(StorageUnwritable, match="folder is there"):
        database.read().counts()
