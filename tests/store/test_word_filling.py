"""Words indexed anew after an upgrade, some photos at a time."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crispd.errors import DiskFull
from crispd.ingest import word_filling
from crispd.ingest.word_filling import WordFilling
from crispd.store import database as database_module
from crispd.store.database import Database
from crispd.store.words import filling
from crispd.types import GeoPosition, PhotoMetadata, PlaceNames
from tests.store.test_words import PACK, save

COUNT, AT_ONCE = 40, 5


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a library that is large beside what is made while it is opened."""
    monkeypatch.setattr(filling, "AT_ONCE", AT_ONCE)
    monkeypatch.setattr(database_module, "_FILLS_AT_OPENING", 1)
    path = tmp_path / "crispd.sqlite3"
    database = Database.open(path)
    for number in range(COUNT):
        save(database, f"lake {number:02}.jpg", PhotoMetadata(1, 1, "jpeg", title="Evening"))
    database.close()
    return path


@pytest.fixture
def upgraded(path: Path) -> Iterator[Database]:
    """What an upgrade finds that makes documents in another way: here, the titles are wrong."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for index in ("word_index", "part_index"):
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")
        connection.execute("UPDATE photo_words SET title = 'morning'")
        for index in ("word_index", "part_index"):
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
        connection.execute("UPDATE meta SET value = '1:' WHERE key = 'words_version'")
    database = Database.open(path)
    yield database
    database.close()


def found(database: Database, word: str) -> int:
    (by_field,) = database.read().words(PACK).lookup([word])
    return len(by_field.get("title", ()))


def test_a_large_library_is_opened_at_once_and_what_there_is_is_found(upgraded: Database) -> None:
    assert found(upgraded, "evening") == AT_ONCE
    assert found(upgraded, "morning") == COUNT - AT_ONCE  # as before, until its turn
    assert upgraded.words_to_fill() == COUNT - AT_ONCE


def test_words_are_found_as_far_as_they_are_indexed(upgraded: Database) -> None:
    words = upgraded.read().words(PACK)  # one that keeps what it found
    counts = []
    more = True
    while more:
        counts.append(len(words.lookup(["evening"])[0]["title"]))
        more = upgraded.fill_words()
    assert counts == list(range(AT_ONCE, COUNT + 1, AT_ONCE))
    assert found(upgraded, "evening") == COUNT
    assert found(upgraded, "morning") == 0
    assert upgraded.words_to_fill() == 0
    assert not upgraded.fill_words()


def test_a_start_goes_on_where_the_last_one_ended(upgraded: Database) -> None:
    assert upgraded.fill_words()
    again = Database.open(upgraded.path)  # nobody has closed the first: as after a kill
    assert again.words_to_fill() == COUNT - 3 * AT_ONCE
    again.close()


def test_kill_9_loses_nothing_of_what_was_indexed(upgraded: Database) -> None:
    path = upgraded.path
    upgraded.close()
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from crispd.store import database
        from crispd.store.words import filling
        filling.AT_ONCE, database._FILLS_AT_OPENING = 1, 0
        opened = database.Database.open(Path(sys.argv[1]))
        more = True
        while more:
            more = opened.fill_words()
            print(opened.words_to_fill(), flush=True)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        told = [int(process.stdout.readline()) for _ in range(3)][-1]
        process.send_signal(signal.SIGKILL)
        process.wait()
    database = Database.open(path)
    assert database.integrity_check() == []
    assert database.words_to_fill() <= told
    while database.fill_words():
        pass
    assert (found(database, "evening"), found(database, "morning")) == (COUNT, 0)
    database.close()


class Resolver:
    """Names nothing, in an edition of its own."""

    edition = "x"

    def resolve(self, names: PlaceNames | None, position: GeoPosition | None) -> PlaceNames | None:
        return names


def test_one_without_names_of_places_leaves_what_is_begun_alone(upgraded: Database) -> None:
    upgraded.close()
    Database.open(upgraded.path, resolver=Resolver()).close()
    again = Database.open(upgraded.path)
    assert again.words_to_fill() == COUNT - AT_ONCE
    assert not again.fill_words()
    again.close()
    again = Database.open(upgraded.path, resolver=Resolver())
    assert again.words_to_fill() == COUNT - 2 * AT_ONCE
    again.close()


def test_photos_that_come_and_go_meanwhile_are_found_as_they_are(upgraded: Database) -> None:
    save(upgraded, "lake 38.jpg", PhotoMetadata(1, 1, "jpeg", title="Noon"))
    save(upgraded, "lake 99.jpg", PhotoMetadata(1, 1, "jpeg", title="Noon"))
    while upgraded.fill_words():
        pass
    assert found(upgraded, "noon") == 2
    assert found(upgraded, "evening") == COUNT - 1
    assert found(upgraded, "morning") == 0
    checks = "INSERT INTO word_index (word_index, rank) VALUES ('integrity-check', 1)"
    with closing(sqlite3.connect(upgraded.path)) as connection:
        connection.execute(checks)


def test_where_no_words_were_indexed_those_of_all_photos_are(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE key = 'words_version'")
    database = Database.open(path)
    assert found(database, "evening") == AT_ONCE
    while database.fill_words():
        pass
    assert found(database, "evening") == COUNT
    database.close()


class Words:
    """Fillable in three steps, the second of which fails the first time."""

    def __init__(self) -> None:
        self.left, self.failed = 3, False

    def fill_words(self) -> bool:
        if self.left == 2 and not self.failed:
            self.failed = True
            raise DiskFull("There is no room.")
        self.left -= 1
        return self.left > 0

    def words_to_fill(self) -> int:
        return self.left


def test_the_thread_works_until_all_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_filling, "_RETRY_SECONDS", 0.01)
    asked = threading.Semaphore(0)
    words = Words()
    work = WordFilling(words, asked.release)
    assert work.pending == 3
    work.start()
    for _ in range(4):
        assert asked.acquire(timeout=10)
    work._thread.join(10)
    assert (words.left, work.pending) == (0, 0)
    work.stop()


def test_nothing_is_begun_where_nothing_is_to_be_done() -> None:
    words = Words()
    words.left = 0
    work = WordFilling(words, lambda: None)
    work.start()
    assert not work._thread.is_alive()
    work.stop()
