"""The index of words agrees with the photos after any changes."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import text

from crispd.store.database import Database
from crispd.types import CaptureTime, FileStamp, PhotoMetadata, Sidecar
from tests.properties import examples
from tests.store.fresh import fresh_database

BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")
PACK = "p@1"
PATHS = st.sampled_from(
    ["oak.jpg", "elm.jpg", "fir/oak.jpg", "fir/elm/ash.jpg", "fir/oak/elm.jpg", "fir.jpg"]
)
CONTENTS = st.sampled_from(["one", "two", "three"])
WORDS = ("oak", "elm", "fir", "ash", "sun", "sea", "album", "moved")
SOME_WORDS = st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join)


def dated(_path: str, _mtime_ns: int) -> CaptureTime:
    return BY_FILE


@dataclass(frozen=True)
class Shown:
    content: str
    beside: str = ""


class Churn(RuleBasedStateMachine):
    """``photos``: content and title beside a photo by path; ``titles``: of contents."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "crispd.sqlite3"
        self.database = fresh_database(self.path)
        with self.database.write() as tx:
            self.root = tx.ensure_root("/srv/album")
        self.photos: dict[str, Shown] = {}
        self.titles: dict[str, str] = {}

    @rule(path=PATHS, content=CONTENTS, title=SOME_WORDS, beside=SOME_WORDS)
    def save(self, path: str, content: str, title: str, beside: str) -> None:
        sidecar = Sidecar(title=beside) if beside else None
        metadata = PhotoMetadata(1, 1, "jpeg", title=title or None)
        with self.database.write() as tx:
            tx.save_encoded(content, PACK, metadata, np.ones(4, np.float32), None)
            tx.save_photo(self.root, path, FileStamp(1, 1), content, BY_FILE, sidecar)
        self.titles.setdefault(content, title)
        self.photos[path] = Shown(content, beside)

    @rule(content=CONTENTS, title=SOME_WORDS)
    def reread(self, content: str, title: str) -> None:
        if content in self.titles:
            with self.database.write() as tx:
                tx.save_metadata(content, PhotoMetadata(1, 1, "jpeg", title=title or None))
            self.titles[content] = title

    @rule(path=PATHS)
    def fail(self, path: str) -> None:
        with self.database.write() as tx:
            tx.save_failure(self.root, path, FileStamp(1, 1), "damaged", "Damaged.")
        self.photos.pop(path, None)

    @rule(path=PATHS)
    def remove(self, path: str) -> None:
        with self.database.write() as tx:
            tx.remove_photos(self.root.id, [path])
        self.photos.pop(path, None)

    @rule()
    def remove_folder(self) -> None:
        with self.database.write() as tx:
            tx.remove_under(self.root.id, "fir")
        self.photos = {path: it for path, it in self.photos.items() if not path.startswith("fir/")}

    @rule(old=PATHS, new=PATHS)
    def move(self, old: str, new: str) -> None:
        with self.database.write() as tx:
            known = tx.state_of(self.root.id, old) is not None
            tx.move_photo(self.root, old, new, BY_FILE)
        if known and old != new:
            self.photos.pop(new, None)
            if old in self.photos:
                self.photos[new] = self.photos.pop(old)

    @rule(new=st.sampled_from(["moved", "moved/sea"]))
    def move_folder(self, new: str) -> None:
        """And back, so that other rules meet the paths they know."""
        with self.database.write() as tx:
            there = [(path, f"{new}{path[3:]}") for path in tx.paths_under(self.root.id, "fir")]
            tx.move_photos(self.root, there, dated)
        before = self.photos
        self.photos = {dict(there).get(path, path): it for path, it in before.items()}
        self.agrees()
        with self.database.write() as tx:
            tx.move_photos(self.root, [(new, old) for old, new in there], dated)
        self.photos = before

    @rule(name=st.sampled_from(["album", "sea", "oak"]))
    def relocate(self, name: str) -> None:
        with self.database.write() as tx:
            tx.relocate_root(self.root, f"/srv/{name}")
        self.root = replace(self.root, path=f"/srv/{name}")

    @rule()
    def open_again(self) -> None:
        self.database.close()
        self.database = Database.open(self.path)

    @rule(path=PATHS)
    def undo(self, path: str) -> None:
        """A transaction that comes to nothing leaves no words behind."""
        try:
            with self.database.write() as tx:
                tx.remove_photos(self.root.id, [path])
                raise RuntimeError
        except RuntimeError:
            pass

    @invariant()
    def agrees(self) -> None:
        reader = self.database.read()
        index = reader.words(PACK)
        assert len(index) == len(self.photos)
        labels = reader.live_labels(PACK).tolist()
        rows = {p.path: p.row for found in reader.photos_of(labels).values() for p in found}
        said = {rows[path]: self.said(path) for path in self.photos}
        expected = {word: {row for row in said if word in said[row]} for word in WORDS}
        for word in WORDS:
            assert {match.row for match in index.search([word], 99)} == expected[word], word
            inside = index.search([word], 99, parts=True)
            assert {match.row for match in inside} == expected[word]
            by_field = index.lookup([word])[0].values()
            assert {row for rows in by_field for row in rows.tolist()} == expected[word]
        with self.database.write() as tx:  # raises where an index does not fit the documents
            for name in ("word_index", "part_index"):
                tx.connection.execute(
                    text(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)")
                )

    def said(self, path: str) -> set[str]:
        shown = self.photos[path]
        title = shown.beside or self.titles[shown.content]
        folder = self.root.path.rpartition("/")[2]
        return set(re.findall("[a-z]+", f"{folder}/{path} {title}"))

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestChurn = Churn.TestCase
TestChurn.settings = settings(max_examples=examples(30), stateful_step_count=20)
