"""The folder watcher: one thread for each root that reads its events, or polls without them."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from crispd.platform.mounts import file_system
from crispd.types import EventKind, FileEvent, Note, WatchMode
from crispd.watch.events.event_source import event_source
from crispd.watch.mounts import is_silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.types import Root
    from crispd.watch.events.event_source import EventSource, SourceOf
    from crispd.watch.exclusion.program_folders import ExcludedFolders

log = logging.getLogger(__name__)


class FolderWatcher:
    """Watches one root and hands ``FileEvent`` to ``sink``, which must not block.

    ``mode`` says polling where events cannot be had, or not of everything, and ``hint`` why and
    what to do; the caller walks more often then. ``passed_over`` and ``left_out``: folders that are
    not watched, beside those that never are.
    """

    def __init__(
        self,
        root: Root,
        sink: Callable[[FileEvent], None],
        passed_over: Callable[[str], bool] = lambda _: False,
        left_out: ExcludedFolders | None = None,
        kind_of: Callable[[str], str] = file_system,
        source_of: SourceOf = event_source,
    ) -> None:
        self.root = root
        self.mode = WatchMode.OFF
        self.hint: str | None = None
        self._sink = sink
        self._kind_of = kind_of
        self._source_of = source_of
        self._passed_over = passed_over
        self._left_out = left_out
        self._source: EventSource | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        # The scanner starts and stops it, and the end of the service may come in between.
        self._turn = threading.RLock()
        self._ended = False

    def start(self) -> None:
        """Begin to listen; never raises for what the system refuses."""
        with self._turn:
            if not self._ended:
                self._start()

    def _start(self) -> None:
        kind = self._kind_of(self.root.path)
        if is_silent(kind):
            self.mode, self.hint = WatchMode.POLLING, _silent_hint(kind)
            return
        self._source = source = self._source_of(self.root, self._passed_over, self._left_out)
        try:
            source.start()
        except OSError as error:
            self._close()
            self.mode, before, self.hint = WatchMode.POLLING, self.hint, source.refusal(error)
            if self.hint != before:  # it is tried again each minute
                log.warning("no events for %s: %s", self.root.path, self.hint)
            return
        self.mode, self.hint = WatchMode.EVENTS, None
        self._look_at(source)
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(source, self._stop),
            name=f"crispd-watch-{self.root.id}", daemon=True,
        )  # fmt: skip
        self._thread.start()

    @property
    def alive(self) -> bool:
        """False where the thread has died and events would be missed silently."""
        if self._thread is None:
            return self.mode is not WatchMode.EVENTS
        return self._thread.is_alive()

    def stop(self, deadline: float = 2.0) -> None:
        """Stop listening; waits at most ``deadline`` seconds."""
        with self._turn:
            if self._thread is not None:
                self._stop.set()
                if self._source is not None:
                    self._source.wake()
                self._thread.join(deadline)
            self._close()
            self.mode = WatchMode.OFF

    def end(self) -> None:
        """Stop for good: whoever starts it later is not heard."""
        with self._turn:
            self._ended = True
            self.stop()

    def _close(self) -> None:
        # a thread that did not end in time still reads it: better a descriptor lost than reused
        if self._source is not None and (self._thread is None or not self._thread.is_alive()):
            self._source.close()
        self._source = self._thread = None

    def _run(self, source: EventSource, stop: threading.Event) -> None:
        try:
            while not stop.is_set() and source.alive:
                for event in source.take():
                    self._send(event)
                self._look_at(source)
        except OSError as error:  # a thread's top: the caller sees that it is dead and starts anew
            log.warning("watching %s broke off: %s", self.root.path, error)
        if not stop.is_set():
            self._sink(FileEvent(EventKind.RESCAN, self.root.id))

    def _send(self, event: FileEvent) -> None:
        try:
            self._sink(event)
        except Exception:  # whatever is wrong with one event, the others have to come through
            log.exception("event lost under %s; a rescan will find it", self.root.path)
            self._sink(FileEvent(EventKind.RESCAN, self.root.id))

    def _look_at(self, source: EventSource) -> None:
        if source.hint is not None and source.hint != self.hint:
            self.hint = source.hint
            log.warning("%s: %s", self.root.path, self.hint)
        if not source.complete:
            self.mode = WatchMode.POLLING


def _silent_hint(kind: str) -> str:
    sentence = (
        f"It lies on {kind}, where nothing is told of what other machines change: it is walked now "
        "and then, more often while it changes."
    )
    return Note(sentence, "silent")
