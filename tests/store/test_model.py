"""Any sequence of writes against a plain dictionary."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crispd.types import CaptureTime, FileStamp, PhotoMetadata, PhotoState
from tests.properties import examples
from tests.store.fresh import fresh_database

PATHS = st.sampled_from(["a.jpg", "b.jpg", "x/a.jpg", "x/y/a.jpg", "x.jpg"])
CONTENTS = st.sampled_from(["one", "two", "three"])
META = PhotoMetadata(1, 1, "jpeg")
BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")


class Library(RuleBasedStateMachine):
    """``model`` maps a path to its content, None for a failure."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = fresh_database(Path(self.folder.name) / "crispd.sqlite3")
        with self.database.write() as tx:
            self.root = tx.ensure_root("/p")
        self.model: dict[str, str | None] = {}
        self.live: set[int] = set()

    def _settle(self, live: list[int], dead: list[int]) -> None:
        self.live |= set(live)
        self.live -= set(dead)

    @rule(path=PATHS, content=CONTENTS)
    def save(self, path: str, content: str) -> None:
        with self.database.write() as tx:
            tx.save_encoded(content, "p@1", META, np.ones(4, np.float32), None)
            tx.save_photo(self.root, path, FileStamp(1, 1), content, BY_FILE)
            self._settle(*tx.liveness("p@1"))
        self.model[path] = content

    @rule(path=PATHS)
    def fail(self, path: str) -> None:
        with self.database.write() as tx:
            tx.save_failure(self.root, path, FileStamp(1, 1), "damaged", "Damaged.")
            self._settle(*tx.liveness("p@1"))
        self.model[path] = None

    @rule(path=PATHS)
    def remove(self, path: str) -> None:
        with self.database.write() as tx:
            assert tx.remove_photos(self.root.id, [path]) == (path in self.model)
            self._settle(*tx.liveness("p@1"))
        self.model.pop(path, None)

    @rule(folder=st.sampled_from(["x", "x/y", "a.jpg"]))
    def remove_folder(self, folder: str) -> None:
        below = [path for path in self.model if path.startswith(folder + "/")]
        with self.database.write() as tx:
            assert tx.remove_under(self.root.id, folder) == len(below)
            self._settle(*tx.liveness("p@1"))
        for path in below:
            del self.model[path]

    @rule(old=PATHS, new=PATHS)
    def move(self, old: str, new: str) -> None:
        with self.database.write() as tx:
            assert tx.move_photo(self.root, old, new, BY_FILE) == (old in self.model and old != new)
            self._settle(*tx.liveness("p@1"))
        if old in self.model and old != new:
            self.model[new] = self.model.pop(old)

    @invariant()
    def equals_the_model(self) -> None:
        reader = self.database.read()
        states = {path: known.state for path, known in reader.known_files(self.root.id).items()}
        assert states == {
            path: PhotoState.FAILED if content is None else PhotoState.READY
            for path, content in self.model.items()
        }
        live = reader.live_labels("p@1").tolist()
        assert set(live) == self.live
        found = {p.path: p.content_hash for ps in reader.photos_of(live).values() for p in ps}
        assert found == {path: content for path, content in self.model.items() if content}

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestLibrary = Library.TestCase
TestLibrary.settings = settings(max_examples=examples(40), stateful_step_count=25)
