"""Folders of tiny photos that change, and a database held against the disk."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from crispd.images.read import content_hash
from crispd.store.words.tokens import words_of_name

_SIDE = 16


def picture(seed: int) -> bytes:
    """A BMP of 16 x 16 pixels like no other, 822 bytes."""
    pixels = random.Random(seed).randbytes(_SIDE * _SIDE * 3)
    header = struct.pack("<2sIHHI", b"BM", 54 + len(pixels), 0, 0, 54)
    return header + struct.pack("<IiiHHIIiiII", 40, _SIDE, _SIDE, 1, 24, 0, 0, 0, 0, 0, 0) + pixels


def make(folder: Path, first: int, count: int) -> None:
    """So many new photos."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        (folder / f"{number:05}.bmp").write_bytes(picture(number))


class Churn:
    """Somebody who is busy in a folder of photos. The same seed does the same things."""

    def __init__(self, folder: Path, seed: int, first: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._next = first
        self.made = 0

    def step(self) -> None:
        """One thing of those people and programs do; others may be at it in the same folder."""
        try:
            self._chance.choices(
                (self._create, self._edit, self._replace, self._rename, self._move, self._copy,
                 self._delete, self._move_folder),
                (30, 10, 10, 12, 12, 8, 14, 1),
            )[0]()  # fmt: skip
        except (FileNotFoundError, FileExistsError, IndexError, NotADirectoryError):
            pass
        except OSError as error:
            same = isinstance(error, shutil.SameFileError)
            if not same and error.errno not in {39, 22, 18}:  # not empty, into itself
                raise

    def _new(self) -> bytes:
        self._next += 1
        self.made += 1
        return picture(self._next)

    def _file(self) -> Path:
        """By ``os.walk``, since ``rglob`` would take most of a step."""
        found = [
            f"{folder}/{name}" for folder, _, names in os.walk(self._folder)
            for name in names if name.endswith(".bmp")
        ]  # fmt: skip
        return Path(self._chance.choice(sorted(found)))

    def _place(self) -> Path:
        folder = self._folder / f"album {self._chance.randrange(8)}"
        folder.mkdir(exist_ok=True)
        return folder

    def _create(self) -> None:
        (self._place() / f"new {self._next}.bmp").write_bytes(self._new())

    def _edit(self) -> None:
        path, data = self._file(), self._new()
        with path.open("rb+") as file:  # in place and in two steps, as careless programs do
            file.write(data[:400])
            file.flush()
            file.write(data[400:])

    def _replace(self) -> None:
        path = self._file()
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        part.write_bytes(self._new())
        part.replace(path)

    def _rename(self) -> None:
        path = self._file()
        name = path.name.swapcase() if self._chance.random() < 0.3 else f"r {path.name[-30:]}"
        path.rename(path.with_name(name.replace(".BMP", ".bmp")))

    def _move(self) -> None:
        path = self._file()
        path.rename(self._place() / path.name)

    def _copy(self) -> None:
        path = self._file()
        shutil.copy2(path, self._place() / f"copy of {path.name[-30:]}")

    def _delete(self) -> None:
        self._file().unlink()

    def _move_folder(self) -> None:
        self._place().rename(self._folder / f"album {self._chance.randrange(8)}")


def on_disk(folder: Path) -> dict[str, str]:
    """Content by path."""
    return {
        str(path.relative_to(folder)): content_hash(path.read_bytes())
        for path in folder.rglob("*.bmp")
        if not path.name.startswith(".")
    }


def in_database(data: Path) -> tuple[dict[str, str], int]:
    """Content by path of what is searchable, and how many vectors that makes.

    Also holds the file itself against what SQLite knows of it.
    """
    with closing(sqlite3.connect(data / "crispd.sqlite3", timeout=20)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = database.execute("SELECT path, content_hash FROM photos").fetchall()
        vectors = database.execute(
            "SELECT count(*) FROM embeddings e WHERE EXISTS "
            "(SELECT 1 FROM photos p WHERE p.content_hash = e.content_hash)"
        ).fetchone()[0]
        words_agree(database)
    found = {os.fsdecode(path): content for path, content in rows}
    assert len(found) == len(rows)
    assert vectors == len(set(found.values()))
    return found, vectors


def words_agree(database: sqlite3.Connection) -> None:
    """Each searchable photo has a document of its own name, no other has one, and the indexes of
    words are those of the documents.
    """
    # in one read: photos and documents of one moment
    rows = database.execute(
        "SELECT p.id, p.path, w.photo_id, w.name FROM photos p LEFT JOIN photo_words w "
        "ON w.photo_id = p.id WHERE p.state = 'ready' UNION ALL SELECT NULL, NULL, photo_id, name "
        "FROM photo_words WHERE photo_id NOT IN (SELECT id FROM photos WHERE state = 'ready')"
    ).fetchall()
    for photo, path, document, name in rows:
        assert photo == document, (photo, path, document)
        words = set(words_of_name(os.fsdecode(path).rpartition("/")[2]))
        assert set(name.split()) == words, path
    for index in ("word_index", "part_index"):
        with database:  # raises where it does not fit its content
            database.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")


def differences(folder: Path, data: Path) -> str:
    """Where disk and database differ; empty where they do not."""
    disk, (known, _) = on_disk(folder), in_database(data)
    lost = sorted(set(disk) - set(known))
    too_many = sorted(set(known) - set(disk))
    stale = sorted(path for path in set(disk) & set(known) if disk[path] != known[path])
    if lost or too_many or stale:
        return f"lost {lost[:5]}, too many {too_many[:5]}, stale {stale[:5]}"
    return ""
