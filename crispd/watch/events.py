"""Events of one root through watchdog."""

from __future__ import annotations

import errno
import logging
import os
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from crispd.types import EventKind, FileEvent, WatchMode
from crispd.watch.exclusions import in_excluded_folder
from crispd.watch.ignore import NAME as IGNORE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchdog.observers.api import BaseObserver

    from crispd.types import Root

log = logging.getLogger(__name__)

# Opened and closed-without-writing are left out: our own reading of every photo would answer them.
_WANTED: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileClosedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]


class FolderWatcher:
    """Watches one root and hands ``FileEvent`` to ``sink``, which must not block nor raise.

    Where events cannot be had (the kernel's limit on watches), ``mode`` says polling and ``hint``
    what to do; the caller rescans more often then.
    """

    def __init__(self, root: Root, sink: Callable[[FileEvent], None]) -> None:
        self.root = root
        self.mode = WatchMode.OFF
        self.hint: str | None = None
        self._sink = sink
        self._observer: BaseObserver | None = None

    def start(self) -> None:
        """Begin to listen; never raises for what the kernel refuses."""
        observer = Observer()
        handler = _Handler(self.root, self._sink)
        try:
            observer.schedule(handler, self.root.path, recursive=True, event_filter=_WANTED)
            observer.name = f"crispd-watch-{self.root.id}"
            observer.start()
        except OSError as error:
            self.mode, self.hint = WatchMode.POLLING, _hint(error)
            log.warning("no events for %s: %s", self.root.path, self.hint)
            return
        self._observer, self.mode, self.hint = observer, WatchMode.EVENTS, None

    @property
    def alive(self) -> bool:
        """False where the observer has died and events would be missed silently."""
        if self._observer is None:
            return self.mode is not WatchMode.EVENTS
        return self._observer.is_alive() and all(
            emitter.is_alive() for emitter in self._observer.emitters
        )

    def stop(self, deadline: float = 2.0) -> None:
        """Stop listening; waits at most ``deadline`` seconds."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(deadline)
        self._observer, self.mode = None, WatchMode.OFF


class _Handler(FileSystemEventHandler):
    """Translates watchdog's events. An exception here would kill the observer: none leaves."""

    def __init__(self, root: Root, sink: Callable[[FileEvent], None]) -> None:
        self._root = root
        self._sink = sink

    def on_any_event(self, event: FileSystemEvent) -> None:
        try:
            self._translate(event)
        except Exception:  # the observer thread's top: see the class
            log.exception("event lost under %s; a rescan will find it", self._root.path)
            self._sink(FileEvent(EventKind.RESCAN, self._root.id))

    def _translate(self, event: FileSystemEvent) -> None:
        path = self._relative(event.src_path)
        if event.event_type == "moved":
            self._moved(event, path, self._relative(event.dest_path))
        elif path is None:
            return
        elif event.event_type == "deleted":
            self._send(EventKind.REMOVED, path)
        elif event.is_directory:
            if event.event_type == "created":  # files may have come before the watch on it did
                self._send(EventKind.RESCAN, path)
        else:
            self._send(EventKind.CHANGED, path)

    def _moved(self, event: FileSystemEvent, old: str | None, new: str | None) -> None:
        if event.is_synthetic:  # of what a folder took with it, and the folder has moved already
            return
        if event.is_directory and old is not None and new is not None:
            self._send(EventKind.FOLDER_MOVED, old, new)
        elif event.is_directory and new is not None:
            self._send(EventKind.RESCAN, new)
        elif old is not None and new is not None:
            self._send(EventKind.MOVED, old, new)
        elif old is not None:
            self._send(EventKind.REMOVED, old)
        elif new is not None:
            self._send(EventKind.CHANGED, new)

    def _send(self, kind: EventKind, path: str, moved_to: str | None = None) -> None:
        self._sink(FileEvent(kind, self._root.id, path, moved_to))

    def _relative(self, path: bytes | str) -> str | None:
        """``path`` below the root; None for the root itself, outside, or an excluded folder."""
        text = os.fsdecode(path)
        prefix = self._root.path.rstrip("/") + "/"
        if not text.startswith(prefix):
            return None
        relative = text[len(prefix) :]
        if not relative or (relative != IGNORE_FILE and in_excluded_folder(relative + "/")):
            return None
        return relative


def _hint(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return (
            "The kernel's limit on watched folders is reached; changes are found by rescans. "
            "Raise it: sysctl fs.inotify.max_user_watches=524288"
        )
    if error.errno == errno.EMFILE:
        return (
            "The kernel's limit on watchers is reached; changes are found by rescans. "
            "Raise it: sysctl fs.inotify.max_user_instances=512"
        )
    return f"The folder cannot be watched ({error.strerror}); changes are found by rescans."
