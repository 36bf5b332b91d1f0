"""inotify through watchdog's ``InotifyFD``: one watch a folder. Linux only.

Other systems use ``crispd.watch.events.observer_source``.
"""

from __future__ import annotations

import errno
import itertools
import os

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)

from crispd.watch.events.event_buffer import EventBuffer

# Opened and closed-without-writing are left out: our own reading of every photo would answer them.
_WANTED = (
    InotifyConstants.IN_MODIFY
    | InotifyConstants.IN_ATTRIB
    | InotifyConstants.IN_CLOSE_WRITE
    | InotifyConstants.IN_MOVE
    | InotifyConstants.IN_CREATE
    | InotifyConstants.IN_DELETE
    | InotifyConstants.IN_DELETE_SELF
    | InotifyConstants.IN_MOVE_SELF
    | InotifyConstants.IN_ONLYDIR
    | InotifyConstants.IN_EXCL_UNLINK
)
_MOST_WAITING = 32768  # twice what the kernel keeps by default
OVERFLOW = InotifyEvent(WatchDescriptor(-1), InotifyConstants.IN_Q_OVERFLOW, 0, b"")


class Inotify(WatchCallback):
    """Belongs to one thread, but for ``wake``, ``close`` and what watchdog's thread calls.

    Raises OSError: of what the kernel refuses, ENOSPC of its limit on watches too.
    """

    def __init__(self) -> None:
        self._buffer = EventBuffer(_MOST_WAITING, OVERFLOW)
        self._ids = itertools.count()
        self._id_of: dict[int, CallbackId] = {}
        self._last: InotifyEvent | None = None
        self._reader = InotifyFD()
        self._reader.name = "crispd-inotify"
        self._reader.start()

    @property
    def alive(self) -> bool:
        """False where watchdog's thread has died and nothing is read any more."""
        return self._reader.is_alive()

    def add(self, folder: str, *, follow: bool = False) -> int:
        """Watch a folder; its number. One that is watched already keeps its number."""
        mask = Mask(_WANTED if follow else _WANTED | InotifyConstants.IN_DONT_FOLLOW)
        # A new id each time: the same one for the same folder makes watchdog warn.
        id_ = CallbackId(next(self._ids))
        watch = self._reader.add_callback(os.fsencode(folder), mask, self, id_)
        if watch == -1:  # EACCES, of which watchdog 7.1.0 says nothing (``_raise_error``)
            self._reader.remove_callbacks([(watch, id_)])
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
        self.remove(watch)  # only the older id, where there is one
        self._id_of[watch] = id_
        return watch

    def remove(self, watch: int) -> None:
        """Watch no more; a number that is gone is ignored."""
        id_ = self._id_of.pop(watch, None)
        if id_ is not None:
            self._reader.remove_callbacks([(WatchDescriptor(watch), id_)])

    def read(self, timeout: float) -> list[InotifyEvent]:
        """What happened, in order; empty after ``timeout`` seconds or when woken."""
        events = self._buffer.take(timeout)
        for event in events:
            if event.is_ignored:
                self._id_of.pop(event.wd, None)
        return events

    def wake(self) -> None:
        """End a ``read`` that waits, from another thread."""
        self._buffer.wake()

    def close(self) -> None:
        """Every watch goes with it."""
        self._reader.stop()
        self._reader.join()

    def on_event(self, event: InotifyEvent) -> None:
        """Of watchdog's thread. A folder that is added anew has two ids for a moment."""
        if event is not self._last:
            self._last = event
            self._buffer.put(event)

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """Of watchdog's thread: the kernel watches this folder no more."""
        self._buffer.put(InotifyEvent(wd, InotifyConstants.IN_IGNORED, 0, b""))

    def on_queue_overflow(self) -> None:
        """Of watchdog's thread: the kernel has lost events."""
        self._buffer.put(OVERFLOW)
