"""Real events of a real folder."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crispd.types import EventKind, FileEvent, Root, WatchMode
from crispd.watch.events import FolderWatcher

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def events() -> queue.Queue[FileEvent]:
    return queue.Queue()


@pytest.fixture
def root(tmp_path: Path, events: queue.Queue[FileEvent]) -> Iterator[Path]:
    watcher = FolderWatcher(Root(7, str(tmp_path)), events.put)
    watcher.start()
    assert watcher.mode is WatchMode.EVENTS
    assert watcher.alive
    yield tmp_path
    watcher.stop()


def wait_for(events: queue.Queue[FileEvent], kind: EventKind, path: str) -> FileEvent:
    while True:
        event = events.get(timeout=5)
        if event.kind is kind and event.path == path:
            return event


def test_a_new_file(root: Path, events: queue.Queue[FileEvent]) -> None:
    (root / "a.jpg").write_bytes(b"x")
    assert wait_for(events, EventKind.CHANGED, "a.jpg").root_id == 7


def test_a_rename(root: Path, events: queue.Queue[FileEvent]) -> None:
    (root / "a.jpg").write_bytes(b"x")
    (root / "a.jpg").rename(root / "b.jpg")
    assert wait_for(events, EventKind.MOVED, "a.jpg").moved_to == "b.jpg"


def test_a_deletion(root: Path, events: queue.Queue[FileEvent]) -> None:
    (root / "a.jpg").write_bytes(b"x")
    (root / "a.jpg").unlink()
    wait_for(events, EventKind.REMOVED, "a.jpg")


def test_a_new_folder_is_walked(root: Path, events: queue.Queue[FileEvent]) -> None:
    (root / "x").mkdir()
    wait_for(events, EventKind.RESCAN, "x")


def test_a_moved_folder_moves_its_files(root: Path, events: queue.Queue[FileEvent]) -> None:
    (root / "x").mkdir()
    (root / "x" / "a.jpg").write_bytes(b"x")
    wait_for(events, EventKind.CHANGED, "x/a.jpg")
    (root / "x").rename(root / "y")
    assert wait_for(events, EventKind.FOLDER_MOVED, "x").moved_to == "y"
    (root / "y").rename(root.parent / "away")
    wait_for(events, EventKind.REMOVED, "y")


def test_excluded_folders_are_silent(root: Path, events: queue.Queue[FileEvent]) -> None:
    (root / "@eaDir").mkdir()
    (root / "@eaDir" / "a.jpg").write_bytes(b"x")
    (root / "last.jpg").write_bytes(b"x")
    seen = []
    while not seen or seen[-1].path != "last.jpg":
        seen.append(events.get(timeout=5))
    assert not [event for event in seen if event.path.startswith("@eaDir/")]


def test_a_sink_that_fails_does_not_kill_the_watcher(tmp_path: Path) -> None:
    events: queue.Queue[FileEvent] = queue.Queue()

    def sink(event: FileEvent) -> None:
        if event.path == "bad.jpg":
            raise ValueError(event.path)
        events.put(event)

    watcher = FolderWatcher(Root(1, str(tmp_path)), sink)
    watcher.start()
    (tmp_path / "bad.jpg").write_bytes(b"x")
    (tmp_path / "good.jpg").write_bytes(b"x")
    wait_for(events, EventKind.RESCAN, "")
    wait_for(events, EventKind.CHANGED, "good.jpg")
    assert watcher.alive
    watcher.stop()


def test_a_missing_folder_turns_into_polling_with_a_hint(tmp_path: Path) -> None:
    watcher = FolderWatcher(Root(1, str(tmp_path / "gone")), lambda event: None)
    watcher.start()
    assert watcher.mode is WatchMode.POLLING
    assert watcher.hint
