"""A thread a root that listens to the kernel, and what to do where that cannot be had."""

from __future__ import annotations

import errno
import logging
import threading
from typing import TYPE_CHECKING

from crispd.types import EventKind, FileEvent, Note, WatchMode
from crispd.watch.inotify import OVERFLOW, Inotify
from crispd.watch.mounts import file_system, is_silent
from crispd.watch.watch_tree import WatchTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.types import Root
    from crispd.watch.exclusion.program_folders import ExcludedFolders

log = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
_OTHER_HALF_SECONDS = 0.2  # in which both halves of a move come, if both do


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
    ) -> None:
        self.root = root
        self.mode = WatchMode.OFF
        self.hint: str | None = None
        self._sink = sink
        self._passed_over = passed_over
        self._left_out = left_out
        self._kind_of = kind_of
        self._kernel: Inotify | None = None
        self._tree: WatchTree | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        # The scanner starts and stops it, and the end of the service may come in between.
        self._turn = threading.RLock()
        self._ended = False

    def start(self) -> None:
        """Begin to listen; never raises for what the kernel refuses."""
        with self._turn:
            if not self._ended:
                self._start()

    def _start(self) -> None:
        kind = self._kind_of(self.root.path)
        if is_silent(kind):
            self.mode, self.hint = WatchMode.POLLING, _silent_hint(kind)
            return
        try:
            self._kernel = Inotify()
            self._tree = WatchTree(self.root, self._kernel, self._passed_over, self._left_out)
            self._tree.watch()
        except OSError as error:
            self._close()
            self.mode, self.hint = WatchMode.POLLING, _hint(error)
            log.warning("no events for %s: %s", self.root.path, self.hint)
            return
        self.mode, self.hint = WatchMode.EVENTS, None
        self._look_at_limit()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._kernel, self._tree, self._stop),
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
                if self._kernel is not None:
                    self._kernel.wake()
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
        if self._kernel is not None and (self._thread is None or not self._thread.is_alive()):
            self._kernel.close()
        self._kernel = self._tree = self._thread = None

    def _run(self, kernel: Inotify, tree: WatchTree, stop: threading.Event) -> None:
        try:
            while not stop.is_set() and not tree.gone:
                self._listen(kernel, tree)
        except OSError as error:  # a thread's top: the caller sees that it is dead and starts anew
            log.warning("watching %s broke off: %s", self.root.path, error)
        if not stop.is_set():
            self._sink(FileEvent(EventKind.RESCAN, self.root.id))

    def _listen(self, kernel: Inotify, tree: WatchTree) -> None:
        events = kernel.read(_OTHER_HALF_SECONDS if tree.waits else _TICK_SECONDS)
        if not events:
            for event in tree.settle():
                self._send(event)
            return
        if any(event.mask & OVERFLOW for event in events):
            log.warning("more happened in %s than the kernel keeps", self.root.path)
            self.hint = _OVERFLOW
        for event in tree.translate(events):
            self._send(event)
        self._look_at_limit()

    def _send(self, event: FileEvent) -> None:
        try:
            self._sink(event)
        except Exception:  # whatever is wrong with one event, the others have to come through
            log.exception("event lost under %s; a rescan will find it", self.root.path)
            self._sink(FileEvent(EventKind.RESCAN, self.root.id))

    def _look_at_limit(self) -> None:
        if self._tree is not None and self._tree.full and self.mode is WatchMode.EVENTS:
            self.mode, self.hint = WatchMode.POLLING, _TOO_MANY
            log.warning("%s: %s", self.root.path, self.hint)


_TOO_MANY = Note(
    "The kernel's limit on watched folders is reached; changes are found by rescans. "
    "Raise it: sysctl fs.inotify.max_user_watches=524288",
    "too_many_folders",
)
_OVERFLOW = Note(
    "More changed at once than the kernel keeps; the folder was walked instead. If that happens "
    "often: sysctl fs.inotify.max_queued_events=131072",
    "overflow",
)


def _silent_hint(kind: str) -> str:
    sentence = (
        f"It lies on {kind}, where nothing is told of what other machines change: it is walked now "
        "and then, more often while it changes."
    )
    return Note(sentence, "silent")


def _hint(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return _TOO_MANY
    if error.errno == errno.EMFILE:
        return (
            "The kernel's limit on watchers is reached; changes are found by rescans. "
            "Raise it: sysctl fs.inotify.max_user_instances=512"
        )
    return f"The folder cannot be watched ({error.strerror}); changes are found by rescans."
