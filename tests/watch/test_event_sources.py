"""What every source of events says of the same deeds: the kernel's own, and watchdog's observers.

Polling stands for systems whose observers tell late and in any order; watchdog's observer of this
system for those that make up an event for each file of a folder that moved, as FSEvents does.
"""

from __future__ import annotations

import errno
import os
import queue
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from watchdog.events import FileModifiedEvent
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from crispd.types import EventKind, FileEvent, Root, WatchMode, code_of
from crispd.watch.events import observer_source
from crispd.watch.events.inotify_source import InotifySource
from crispd.watch.events.observer_source import ObserverSource, native_observer
from crispd.watch.exclusion.program_folders import ExcludedFolders
from crispd.watch.folder_watcher import FolderWatcher
from tests.watch.held_polling import HeldPolling

if TYPE_CHECKING:
    from crispd.watch.events.event_source import SourceOf

# Of watchdog's inotify observer about itself, when folders come in one another.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")

_QUIET_SECONDS = 0.4  # longer than is waited for the other half of a move
_LAST = ".crispdignore"  # one that every source tells of


OBSERVER: SourceOf = partial(ObserverSource, observer_of=Observer)
SOURCES = ("inotify", "polling", "observer")


class Watched:
    """A watched folder, and what is said of it."""

    def __init__(
        self,
        root: Path,
        source: SourceOf,
        passed_over: Callable[[str], bool],
        between_looks: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.root = root
        self._between_looks = between_looks
        self._events: queue.Queue[FileEvent] = queue.Queue()
        self.watcher = FolderWatcher(
            Root(7, str(root)), self._events.put, passed_over, source_of=source
        )
        self.watcher.start()
        assert self.watcher.mode is WatchMode.EVENTS
        assert self.watcher.alive

    def wait_for(self, kind: EventKind, path: str) -> FileEvent:
        while True:
            event = self._events.get(timeout=10)
            assert event.root_id == 7
            if event.kind is kind and event.path == path:
                return event

    def all_events(self) -> list[FileEvent]:
        """What is said of all that was done until now: a file that comes last is told too."""
        found = []
        (self.root / _LAST).write_bytes(os.urandom(8))
        while True:
            try:
                told = any(event.path == _LAST for event in found)
                found.append(self._events.get(timeout=_QUIET_SECONDS if told else 10))
            except queue.Empty:
                assert told
                return [event for event in found if event.path != _LAST]

    def move(self, path: str, to: str) -> None:
        """At once, also for those who look at the folder from time to time."""
        with self._between_looks():
            (self.root / path).rename(self.root / to)

    def write(self, name: str) -> None:
        """A file, and wait until that is told."""
        (self.root / name).write_bytes(b"x")
        self.wait_for(EventKind.CHANGED, name)


@pytest.fixture
def held_polling() -> HeldPolling:
    return HeldPolling()


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest, held_polling: HeldPolling) -> SourceOf:
    polling = partial(ObserverSource, observer_of=held_polling.observer)
    sources: dict[str, SourceOf] = {"inotify": InotifySource, "polling": polling}
    return sources.get(request.param, OBSERVER)


@pytest.fixture
def watched(tmp_path: Path, source: SourceOf, held_polling: HeldPolling) -> Iterator[Watched]:
    root = tmp_path / "root"
    (root / ".store" / "sub").mkdir(parents=True)
    (root / "Private").mkdir()
    (root / "shown").symlink_to(".store")
    (root / "away").symlink_to("../out")
    (tmp_path / "out").mkdir()
    watched = Watched(
        root, source, lambda folder: folder.startswith("Private"), held_polling.between_looks
    )
    yield watched
    watched.watcher.stop()
    assert watched.watcher.mode is WatchMode.OFF


def test_a_file_comes_changes_moves_and_goes(watched: Watched) -> None:
    watched.write("a.jpg")
    with (watched.root / "a.jpg").open("ab") as file:
        file.write(b"more")
    watched.wait_for(EventKind.CHANGED, "a.jpg")
    watched.move("a.jpg", "b.jpg")
    assert watched.wait_for(EventKind.MOVED, "a.jpg").moved_to == "b.jpg"
    (watched.root / "b.jpg").unlink()
    watched.wait_for(EventKind.REMOVED, "b.jpg")


def test_a_new_folder_is_walked(watched: Watched) -> None:
    (watched.root / "x" / "y").mkdir(parents=True)
    watched.wait_for(EventKind.RESCAN, "x")
    watched.all_events()  # y may come after x was walked, and is walked by itself then
    watched.write("x/y/a.jpg")


def test_a_folder_that_moves_is_one_event(watched: Watched) -> None:
    (watched.root / "x" / "sub").mkdir(parents=True)
    watched.wait_for(EventKind.RESCAN, "x")
    for number in range(300):
        (watched.root / "x" / "sub" / f"{number}.jpg").write_bytes(b"x")
    watched.all_events()
    watched.move("x", "y")
    told = watched.all_events()
    assert FileEvent(EventKind.FOLDER_MOVED, 7, "x", "y") in told
    assert len(told) < 5
    watched.write("y/sub/late.jpg")
    (watched.root / "y").rename(watched.root.parent / "gone")
    watched.wait_for(EventKind.REMOVED, "y")


def test_excluded_folders_are_silent(watched: Watched) -> None:
    for folder in ("@eaDir", ".hidden/deep", "Private/sub"):
        (watched.root / folder).mkdir(parents=True)
        (watched.root / folder / "a.jpg").write_bytes(b"x")
    (watched.root / ".hidden.jpg").write_bytes(b"x")
    data = watched.root.parent / "out" / "data"
    data.mkdir()
    (data / ".crispd-data").write_bytes(b"")
    data.rename(watched.root / "data")
    told = watched.all_events()
    (watched.root / "data" / "thumbnails").mkdir()
    (watched.root / "data" / "thumbnails" / "b.jpg").write_bytes(b"x")
    for folder in ("@eaDir", ".hidden/deep", "Private/sub"):
        (watched.root / folder / "c.jpg").write_bytes(b"x")
    (watched.root / "last.jpg").write_bytes(b"x")
    told += watched.all_events()
    paths = {event.path for event in told}
    assert {path for path in paths if path.endswith((".jpg", "thumbnails", "deep"))} == {"last.jpg"}


def test_moves_in_and_out(watched: Watched) -> None:
    outside = watched.root.parent / "out"
    (outside / "x").mkdir()
    (outside / "x" / "a.jpg").write_bytes(b"x")
    (outside / "x").rename(watched.root / "x")
    watched.wait_for(EventKind.RESCAN, "x")
    (watched.root / "x" / "a.jpg").rename(outside / "a.jpg")
    watched.wait_for(EventKind.REMOVED, "x/a.jpg")
    (watched.root / "x" / ".part").write_bytes(b"x")
    watched.all_events()
    (watched.root / "x" / ".part").rename(watched.root / "x" / "b.jpg")
    watched.wait_for(EventKind.CHANGED, "x/b.jpg")
    (watched.root / "x" / "b.jpg").rename(watched.root / "x" / ".part")
    watched.wait_for(EventKind.REMOVED, "x/b.jpg")
    (watched.root / "x").rename(watched.root / ".x")
    watched.wait_for(EventKind.REMOVED, "x")
    (watched.root / ".x").rename(watched.root / "z")
    watched.wait_for(EventKind.RESCAN, "z")
    watched.write("z/d.jpg")


def test_names_in_any_bytes(watched: Watched) -> None:
    watched.write(os.fsdecode(b"caf\xe9.jpg"))


def test_a_marker_of_what_is_ignored_is_told(watched: Watched) -> None:
    watched.write(".crispdignore")


def test_what_marks_the_folder_of_a_program_is_told_though_it_is_hidden(watched: Watched) -> None:
    (watched.root / "thumbs").mkdir()
    watched.wait_for(EventKind.RESCAN, "thumbs")
    watched.all_events()
    watched.write("thumbs/.immich")
    (watched.root / "thumbs" / ".hidden").mkdir()
    (watched.root / "thumbs" / ".hidden" / ".immich").touch()
    assert not any(".hidden" in event.path for event in watched.all_events())


def test_what_only_a_link_shows_is_told_at_the_link(watched: Watched) -> None:
    (watched.root / ".store" / "a.jpg").write_bytes(b"x")
    watched.wait_for(EventKind.CHANGED, "shown/a.jpg")
    watched.move(".store/a.jpg", ".store/b.jpg")
    assert watched.wait_for(EventKind.MOVED, "shown/a.jpg").moved_to == "shown/b.jpg"
    (watched.root / ".store" / "sub" / "c.jpg").write_bytes(b"x")
    watched.wait_for(EventKind.CHANGED, "shown/sub/c.jpg")
    (watched.root.parent / "out" / "d.jpg").write_bytes(b"x")  # a link out of the root
    (watched.root / "late").symlink_to(".store/sub")
    watched.wait_for(EventKind.RESCAN, "late")
    (watched.root / "shown").unlink()
    told = [watched.wait_for(EventKind.REMOVED, "shown"), *watched.all_events()]
    (watched.root / ".store" / "sub" / "e.jpg").write_bytes(b"x")
    told += [watched.wait_for(EventKind.CHANGED, "late/e.jpg"), *watched.all_events()]
    assert not [event for event in told if event.path.startswith(("away", "shown/"))]


@pytest.mark.parametrize("how", ["moved", "deleted"])
def test_a_folder_that_goes_away_ends_its_watch(
    watched: Watched, how: str, request: pytest.FixtureRequest
) -> None:
    if how == "deleted":
        shutil.rmtree(watched.root)
    elif request.node.callspec.params["source"] == "observer":
        pytest.skip("watchdog's inotify observer is not told (no IN_MOVE_SELF in its mask)")
    else:
        watched.root.rename(watched.root.parent / "elsewhere")
    watched.wait_for(EventKind.RESCAN, "")
    until = time.monotonic() + 10
    while watched.watcher.alive and time.monotonic() < until:
        time.sleep(0.02)
    assert not watched.watcher.alive


def test_a_root_that_is_a_link(tmp_path: Path, source: SourceOf) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to("real")
    watched = Watched(tmp_path / "root", source, lambda _: False)
    watched.write("a.jpg")
    watched.watcher.stop()


def test_a_missing_folder_turns_into_polling_with_a_hint(tmp_path: Path, source: SourceOf) -> None:
    watcher = FolderWatcher(Root(1, str(tmp_path / "gone")), lambda _: None, source_of=source)
    watcher.start()
    assert watcher.mode is WatchMode.POLLING
    assert "cannot be watched" in str(watcher.hint)
    watcher.stop()


def test_a_program_s_folders_are_asked_of_the_disk(tmp_path: Path, source: SourceOf) -> None:
    (tmp_path / "im").mkdir()
    left_out = ExcludedFolders(str(tmp_path))
    told: queue.Queue[FileEvent] = queue.Queue()
    watcher = FolderWatcher(Root(1, str(tmp_path)), told.put, left_out=left_out, source_of=source)
    watcher.start()
    (tmp_path / "im" / "A.lrdata").mkdir()
    (tmp_path / "im" / "B").mkdir()
    event = told.get(timeout=10)
    while event != FileEvent(EventKind.RESCAN, 1, "im/B"):
        assert event.path != "im/A.lrdata"
        event = told.get(timeout=10)
    watcher.stop()


def test_nothing_stays_open(tmp_path: Path, source: SourceOf) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        watcher = FolderWatcher(Root(1, str(tmp_path)), lambda _: None, source_of=source)
        watcher.start()
        watcher.stop()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_events_that_find_no_room_turn_into_a_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observer_source, "_MOST_WAITING", 3)
    watched = Watched(tmp_path, OBSERVER, lambda _: False)
    source = watched.watcher._source
    assert isinstance(source, ObserverSource)
    for number in range(5000):
        source.on_any_event(FileModifiedEvent(str(tmp_path / f"{number}.jpg")))
    watched.wait_for(EventKind.RESCAN, "")
    assert code_of(watched.watcher.hint) == "overflow"
    assert watched.watcher.mode is WatchMode.EVENTS
    watched.watcher.stop()


def test_a_system_without_events_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchdog.observers.Observer", PollingObserver)
    watcher = FolderWatcher(Root(1, str(tmp_path)), lambda _: None, source_of=ObserverSource)
    watcher.start()
    assert watcher.mode is WatchMode.POLLING
    assert code_of(watcher.hint) == "no_events"
    watcher.stop()


def test_the_observer_of_this_system_is_native() -> None:
    observer = native_observer()
    assert isinstance(observer, Observer)  # type: ignore[arg-type]
    observer.stop()


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n"),
        (OSError(errno.EACCES, "Permission denied"), "Permission denied"),
        (RuntimeError("Cannot start fsevents stream"), "Cannot start fsevents stream"),
    ],
)
def test_what_an_observer_raises_becomes_a_hint(
    tmp_path: Path, raised: Exception, words: str
) -> None:
    class Refusing(PollingObserver):
        def start(self) -> None:
            raise raised

    watcher = FolderWatcher(
        Root(1, str(tmp_path)),
        lambda _: None,
        source_of=partial(ObserverSource, observer_of=Refusing),
    )
    watcher.start()
    assert watcher.mode is WatchMode.POLLING
    assert words in str(watcher.hint)
    watcher.stop()
