"""Events of a root through watchdog's ``Observer``: macOS, BSD, and whatever else it knows."""

from __future__ import annotations

import errno
import os
import time
import warnings
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)

from crispd.types import EventKind, FileEvent, Note
from crispd.watch.events.event_buffer import EventBuffer
from crispd.watch.events.folder_selection import FolderSelection
from crispd.watch.events.observer_events import ObserverEvents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watchdog.observers.api import BaseObserver

    from crispd.types import Root
    from crispd.watch.exclusion.program_folders import ExcludedFolders

_WANTED: list[type[FileSystemEvent]] = [
    FileCreatedEvent, FileModifiedEvent, FileAttribEvent, FileClosedEvent, FileDeletedEvent,
    FileMovedEvent, DirCreatedEvent, DirDeletedEvent, DirMovedEvent,
]  # fmt: skip
_MOST_WAITING = 32768
_TICK_SECONDS = 1.0
_TOGETHER_SECONDS = 0.1  # without an event: what came until then happened together
_LONGEST_SECONDS = 2.0


def native_observer() -> BaseObserver:
    """Of this system. Raises OSError where there is none.

    watchdog would poll then: the whole folder each second, while crispd's own walks take care.
    """
    # Of what watchdog falls back to. Not by ``catch_warnings``: what that restores belongs to all
    # threads, and FastAPI silences its own with it at the same time.
    warnings.filterwarnings("ignore", module=r"watchdog\.observers")
    from watchdog.observers import Observer
    from watchdog.observers.polling import PollingObserver

    if Observer is PollingObserver:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    return Observer()


class ObserverSource(FileSystemEventHandler):
    """watchdog watches the whole root; what is not walked is dropped as it comes."""

    def __init__(
        self,
        root: Root,
        passed_over: Callable[[str], bool] = lambda _: False,
        left_out: ExcludedFolders | None = None,
        observer_of: Callable[[], BaseObserver] = native_observer,
    ) -> None:
        self._root = root
        self._folders = FolderSelection(root.path, passed_over, left_out)
        self._observer_of = observer_of
        self._observer: BaseObserver | None = None
        self._buffer: EventBuffer[FileSystemEvent | None] = EventBuffer(_MOST_WAITING, None)
        self._meaning: ObserverEvents | None = None
        self._lost = False

    @property
    def hint(self) -> str | None:
        """Whether events were lost on their way to crispd."""
        return _LOST if self._lost else None

    @property
    def complete(self) -> bool:
        """The whole tree or nothing."""
        return True

    @property
    def alive(self) -> bool:
        """False where the root is gone, or a thread of watchdog."""
        if self._observer is None or self._meaning is None or self._meaning.gone:
            return False
        threads = [self._observer, *self._observer.emitters]
        return all(thread.is_alive() for thread in threads)

    def start(self) -> None:
        """Watch the root and all below. Raises OSError where that cannot be had."""
        top = os.path.realpath(self._root.path)
        self._meaning = ObserverEvents(self._root, top, self._folders)
        self._folders.inside("")  # some observers take a folder that is not there
        self._observer = self._observer_of()
        try:
            self._observer.schedule(self, top, recursive=True, event_filter=_WANTED)
            self._observer.start()
        except OSError:
            raise
        except Exception as error:  # of the system's own interface: SystemError, RuntimeError
            raise OSError(errno.EIO, str(error)) from error
        self._meaning.find_links()

    def take(self) -> Iterator[FileEvent]:
        """What happened together, of a folder that moved one event."""
        if self._meaning is None:
            return
        events = self._buffer.take(_TICK_SECONDS)
        until = time.monotonic() + _LONGEST_SECONDS
        while events and time.monotonic() < until:
            more = self._buffer.take(_TOGETHER_SECONDS)
            if not more:
                break
            events += more
        yield from self._meaning.translate([event for event in events if event is not None])
        if None in events:
            self._lost = True
            self._meaning.find_links()
            yield FileEvent(EventKind.RESCAN, self._root.id)

    def wake(self) -> None:
        """End a ``take`` that waits."""
        self._buffer.wake()

    def close(self) -> None:
        """End watchdog's threads."""
        if self._observer is not None:
            self._observer.stop()
            if self._observer.is_alive():
                self._observer.join()
        self._observer = self._meaning = None

    def refusal(self, error: OSError) -> str:
        """Why ``start`` failed and what to do."""
        if error.errno == errno.ENOSYS:
            return Note("This system tells of no changes; they are found by rescans.", "no_events")
        if error.errno == errno.EMFILE:  # kqueue opens every file
            return _TOO_MANY_FILES
        sentence = f"The folder cannot be watched ({error.strerror}); changes are found by rescans."
        return Note(sentence, "unwatched")

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Of watchdog's thread, which must not be held up."""
        self._buffer.put(event)


_TOO_MANY_FILES = Note(
    "Too many files are open to watch the folder; changes are found by rescans. "
    "Raise the limit: ulimit -n",
    "too_many_files",
)
_LOST = Note(
    "More changed at once than crispd keeps; the folder was walked instead.",
    "overflow",
)
