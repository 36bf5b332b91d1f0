"""Real events of a real folder."""

from __future__ import annotations

import ctypes
import errno
import os
import queue
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from watchdog.observers import inotify_c
from watchdog.observers.inotify_c import InotifyEvent, Mask

from crispd.types import EventKind, FileEvent, Root, WatchMode, code_of
from crispd.watch.events.inotify import OVERFLOW, Inotify
from crispd.watch.events.watch_tree import WatchTree
from crispd.watch.folder_watcher import FolderWatcher
from tests.programs import needs

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
    wait_for(events, EventKind.RESCAN, "x")
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


def test_folders_that_are_passed_over_are_not_watched(tmp_path: Path) -> None:
    for name in ("@eaDir/deep", ".hidden", "Private/sub", "2021/07"):
        (tmp_path / name).mkdir(parents=True)
    kernel = Inotify()
    tree = WatchTree(Root(1, str(tmp_path)), kernel, lambda folder: folder.startswith("Private"))
    tree.watch()
    assert len(tree) == 3  # the root, 2021 and 2021/07
    kernel.close()


def test_moves_in_and_out(root: Path, events: queue.Queue[FileEvent]) -> None:
    outside = root.parent / f"outside {root.name}"
    (outside / "x").mkdir(parents=True)
    (outside / "x" / "a.jpg").write_bytes(b"x")
    (outside / "x").rename(root / "x")
    wait_for(events, EventKind.RESCAN, "x")
    (root / "x" / "a.jpg").rename(outside / "a.jpg")
    wait_for(events, EventKind.REMOVED, "x/a.jpg")
    (root / "x" / ".part").write_bytes(b"x")
    (root / "x" / ".part").rename(root / "x" / "b.jpg")
    wait_for(events, EventKind.CHANGED, "x/b.jpg")
    (root / "x").rename(root / "y")
    wait_for(events, EventKind.FOLDER_MOVED, "x")
    (root / "y" / "c.jpg").write_bytes(b"x")  # its watch has moved with it
    wait_for(events, EventKind.CHANGED, "y/c.jpg")
    (root / "y").rename(root / ".y")
    wait_for(events, EventKind.REMOVED, "y")
    (root / ".y").rename(root / "z")
    wait_for(events, EventKind.RESCAN, "z")
    (root / "z" / "d.jpg").write_bytes(b"x")
    wait_for(events, EventKind.CHANGED, "z/d.jpg")


def test_names_in_any_bytes(root: Path, events: queue.Queue[FileEvent]) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    (root / name).write_bytes(b"x")
    wait_for(events, EventKind.CHANGED, name)


class Strained(Inotify):
    """A kernel that lets three folders be watched, and forgets what happens while it is told to."""

    forgetful = False

    def __init__(self) -> None:
        super().__init__()
        self._added = 0

    def add(self, folder: str, *, follow: bool = False) -> int:
        self._added += 1
        if self._added > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().add(folder, follow=follow)

    def read(self, timeout: float) -> list[InotifyEvent]:
        found = super().read(timeout)
        return [OVERFLOW] if found and self.forgetful else found


def test_too_many_folders(
    tmp_path: Path, events: queue.Queue[FileEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crispd.watch.events.inotify_source.Inotify", Strained)
    (tmp_path / "a" / "b").mkdir(parents=True)
    watcher = FolderWatcher(Root(1, str(tmp_path)), events.put)
    watcher.start()
    assert watcher.mode is WatchMode.EVENTS
    (tmp_path / "a" / "b" / "c").mkdir()  # one too many, while it runs
    wait_for(events, EventKind.RESCAN, "a/b/c")
    (tmp_path / "photo.jpg").write_bytes(b"x")
    wait_for(events, EventKind.CHANGED, "photo.jpg")  # what is watched still tells
    assert watcher.mode is WatchMode.POLLING
    assert "max_user_watches" in str(watcher.hint)
    watcher.stop()


def test_more_than_the_kernel_keeps(
    tmp_path: Path, events: queue.Queue[FileEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crispd.watch.events.inotify_source.Inotify", Strained)
    watcher = FolderWatcher(Root(1, str(tmp_path)), events.put)
    watcher.start()
    monkeypatch.setattr(Strained, "forgetful", True)
    (tmp_path / "a").mkdir()
    wait_for(events, EventKind.RESCAN, "")
    assert "max_queued_events" in str(watcher.hint)
    monkeypatch.setattr(Strained, "forgetful", False)
    (tmp_path / "a" / "photo.jpg").write_bytes(b"x")  # the new folder is watched all the same
    wait_for(events, EventKind.CHANGED, "a/photo.jpg")
    watcher.stop()


def test_the_kernel_itself_loses_events(
    tmp_path: Path, events: queue.Queue[FileEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    stalled = threading.Event()
    on_event = Inotify.on_event

    def slowly(kernel: Inotify, event: InotifyEvent) -> None:
        stalled.wait(30)  # the thread that reads; what happens meanwhile waits in the kernel
        on_event(kernel, event)

    monkeypatch.setattr(Inotify, "on_event", slowly)
    watcher = FolderWatcher(Root(1, str(tmp_path)), events.put)
    watcher.start()
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "b.jpg").write_bytes(b"x")
    kept = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(kept + 4096):  # and what one read takes away; equal ones are one
        os.utime(tmp_path / ("a.jpg" if number % 2 else "b.jpg"))
    (tmp_path / "late").mkdir()  # nobody is told of it
    stalled.set()
    wait_for(events, EventKind.RESCAN, "")
    assert code_of(watcher.hint) == "overflow"
    assert watcher.mode is WatchMode.EVENTS
    (tmp_path / "late" / "photo.jpg").write_bytes(b"x")  # it is watched all the same
    wait_for(events, EventKind.CHANGED, "late/photo.jpg")
    watcher.stop()


@needs("unshare")
@pytest.mark.parametrize("most", [0, 3])
def test_the_kernels_own_limit_on_folders(tmp_path: Path, most: int) -> None:
    """In a namespace of its own, where the limit may be set: watchdog hands ENOSPC on."""
    for name in ("a", "b", "c", "d"):
        (tmp_path / name).mkdir()
    watch = (
        "import sys\n"
        "from crispd.types import Root, code_of\n"
        "from crispd.watch.folder_watcher import FolderWatcher\n"
        "watcher = FolderWatcher(Root(1, sys.argv[1]), lambda event: None)\n"
        "watcher.start()\n"
        "print(watcher.mode, code_of(watcher.hint), 'max_user_watches' in watcher.hint)\n"
        "watcher.stop()\n"
    )
    script = f'echo {most} > /proc/sys/user/max_inotify_watches && exec "$0" -c "$1" "$2"'
    command = ["unshare", "-Ur", "sh", "-c", script, sys.executable, watch, str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "unshare" in done.stderr or "max_inotify_watches:" in done.stderr:
        pytest.skip("namespaces are not allowed here")
    assert done.stdout.split() == ["polling", "too_many_folders", "True"], done.stderr


def test_a_folder_that_may_not_be_read_is_not_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """watchdog passes EACCES over and gives -1 for a number."""
    add = inotify_c.inotify_add_watch

    def refuse(descriptor: int, path: bytes, mask: int) -> int:
        if b"closed" not in path:
            return add(descriptor, path, Mask(mask))
        ctypes.set_errno(errno.EACCES)  # the tests may run as root, whom nothing is closed to
        return -1

    monkeypatch.setattr(inotify_c, "inotify_add_watch", refuse)
    for name in ("closed", "closed too", "open"):
        (tmp_path / name).mkdir()
    kernel = Inotify()
    for name in ("closed", "closed too"):
        with pytest.raises(PermissionError):
            kernel.add(str(tmp_path / name))
    tree = WatchTree(Root(1, str(tmp_path)), kernel)
    tree.watch()
    assert len(tree) == 2
    assert not tree.full
    kernel.close()


def test_a_folder_that_is_watched_anew_tells_once(tmp_path: Path) -> None:
    kernel = Inotify()
    number = kernel.add(str(tmp_path))
    assert kernel.add(str(tmp_path)) == number
    (tmp_path / "x").mkdir()
    told = kernel.read(5)
    assert [event.name for event in told] == [b"x"]
    kernel.on_event(told[0])  # as of two ids, for the moment that there are two
    kernel.on_event(told[0])
    assert kernel.read(0.1) == []
    kernel.remove(number)
    (tmp_path / "y").mkdir()
    assert kernel.read(0.1) == []
    kernel.close()
    assert not kernel.alive


def test_a_reader_that_dies_is_noticed(
    tmp_path: Path, events: queue.Queue[FileEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = FolderWatcher(Root(1, str(tmp_path)), events.put)
    watcher.start()
    monkeypatch.setattr(Inotify, "alive", property(lambda _: False))
    (tmp_path / "photo.jpg").write_bytes(b"x")
    wait_for(events, EventKind.RESCAN, "")
    for _ in range(100):
        if not watcher.alive:
            break
        time.sleep(0.02)
    assert not watcher.alive
    watcher.stop()


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_shares_are_walked(tmp_path: Path, kind: str) -> None:
    watcher = FolderWatcher(Root(1, str(tmp_path)), lambda event: None, kind_of=lambda _: kind)
    watcher.start()
    assert watcher.mode is WatchMode.POLLING
    assert kind in str(watcher.hint)
    assert watcher.alive
    watcher.stop()


def test_a_folder_that_goes_away_ends_its_watch(
    tmp_path: Path, events: queue.Queue[FileEvent]
) -> None:
    (tmp_path / "x").mkdir()
    watcher = FolderWatcher(Root(1, str(tmp_path / "x")), events.put)
    watcher.start()
    (tmp_path / "x").rename(tmp_path / "y")
    wait_for(events, EventKind.RESCAN, "")
    for _ in range(100):
        if not watcher.alive:
            break
        time.sleep(0.02)
    assert not watcher.alive
    watcher.stop()


def test_nothing_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        watcher = FolderWatcher(Root(1, str(tmp_path)), lambda event: None)
        watcher.start()
        watcher.stop()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_two_threads_stop_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The service ends while the scanner finds the watcher's thread dead and wants to begin anew.
    close, closed = Inotify.close, []

    def slowly(kernel: Inotify) -> None:
        closed.append(kernel)
        time.sleep(0.2)
        close(kernel)

    monkeypatch.setattr(Inotify, "close", slowly)
    watcher = FolderWatcher(Root(1, str(tmp_path)), lambda _: None)
    watcher.start()
    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(watcher.stop) for _ in range(2)]:
            done.result()
    assert len(closed) == 1


def test_one_that_was_ended_does_not_start_again(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    watcher = FolderWatcher(Root(1, str(tmp_path)), lambda _: None)
    watcher.start()
    watcher.end()
    watcher.start()
    assert watcher.mode is WatchMode.OFF
    assert len(list(Path("/proc/self/fd").iterdir())) == before
