"""The sample album as a crispd left it that has read it. Read once a run; each test takes a copy.

A copy is what indexing at its place would have left: where the photos lie, and what the file system
numbers anew, is written into its database.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.e2e.server import ALBUM, Server


class IndexedAlbum:
    """Made in ``folder`` by whoever comes first; the workers of one run share it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self._photos, self._data, ready = folder / "photos", folder / "data", folder / "ready"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not ready.exists():
                copy_of_album(self._photos)
                server = Server(self._data, self._photos, **settings)
                server.settle()
                assert server.stop() == 0
                ready.touch()

    def copy(self, photos: Path, data: Path) -> None:
        """The data of a crispd that has indexed ``photos``; they are made where they are not there.

        ``photos``: of that name (it is a word to search for), with the times of the album's files.
        """
        assert photos.name == self._photos.name
        if not photos.exists():
            copy_of_album(photos)
        shutil.copytree(self._data, data, dirs_exist_ok=True)
        with closing(sqlite3.connect(data / "crispd.sqlite3")) as database, database:
            database.execute("UPDATE roots SET path = ?", (os.fsencode(photos),))
            for (name,) in database.execute("SELECT path FROM photos").fetchall():
                found = (photos / os.fsdecode(name)).stat()
                database.execute(
                    "UPDATE photos SET ctime_ns = ?, inode = CASE WHEN inode IS NULL THEN NULL "
                    "ELSE ? END WHERE path = ?", (found.st_ctime_ns, found.st_ino, name),
                )  # fmt: skip


def copy_of_album(folder: Path) -> Path:
    """With the times of its files."""
    folder.mkdir(parents=True)
    for path in ALBUM.glob("*.jpg"):
        shutil.copy2(path, folder)
    return folder
