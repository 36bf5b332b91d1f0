"""Events of a root by inotify, and what happens at the kernel's limits. Linux only."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from crispd.types import Note
from crispd.watch.events.inotify import Inotify
from crispd.watch.events.watch_tree import WatchTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.types import FileEvent, Root
    from crispd.watch.exclusion.program_folders import ExcludedFolders

_TICK_SECONDS = 1.0
_OTHER_HALF_SECONDS = 0.2  # in which both halves of a move come, if both do


class InotifySource:
    """Watches every folder that is walked, and no other."""

    def __init__(
        self,
        root: Root,
        passed_over: Callable[[str], bool] = lambda _: False,
        left_out: ExcludedFolders | None = None,
    ) -> None:
        self._root = root
        self._passed_over = passed_over
        self._left_out = left_out
        self._kernel: Inotify | None = None
        self._tree: WatchTree | None = None
        self._overflowed = False

    @property
    def hint(self) -> str | None:
        """Which limit of the kernel was reached, and the sysctl that raises it."""
        if not self.complete:
            return _TOO_MANY
        return _OVERFLOW if self._overflowed else None

    @property
    def complete(self) -> bool:
        """False where the kernel lets no more folders be watched."""
        return self._tree is None or not self._tree.full

    @property
    def alive(self) -> bool:
        """False where the root is gone, or the thread that reads."""
        listens = self._kernel is not None and self._kernel.alive
        return listens and self._tree is not None and not self._tree.gone

    def start(self) -> None:
        """Watch the root and all below. Raises OSError where the root itself cannot be watched."""
        self._kernel = Inotify()
        self._tree = WatchTree(self._root, self._kernel, self._passed_over, self._left_out)
        self._tree.watch()

    def take(self) -> Iterator[FileEvent]:
        """What the kernel says, below the root."""
        if self._kernel is None or self._tree is None:
            return
        events = self._kernel.read(_OTHER_HALF_SECONDS if self._tree.waits else _TICK_SECONDS)
        self._overflowed |= any(event.is_queue_overflow for event in events)
        yield from self._tree.translate(events) if events else self._tree.settle()

    def wake(self) -> None:
        """End a ``take`` that waits."""
        if self._kernel is not None:
            self._kernel.wake()

    def close(self) -> None:
        """Every watch goes with it."""
        if self._kernel is not None:
            self._kernel.close()
        self._kernel = self._tree = None

    def refusal(self, error: OSError) -> str:
        """Which limit was reached, and the sysctl that raises it."""
        if error.errno == errno.ENOSPC:
            return _TOO_MANY
        if error.errno == errno.EMFILE:
            return _TOO_MANY_WATCHERS
        sentence = f"The folder cannot be watched ({error.strerror}); changes are found by rescans."
        return Note(sentence, "unwatched")


_TOO_MANY = Note(
    "The kernel's limit on watched folders is reached; changes are found by rescans. "
    "Raise it: sysctl fs.inotify.max_user_watches=524288",
    "too_many_folders",
)
_TOO_MANY_WATCHERS = Note(
    "The kernel's limit on watchers is reached; changes are found by rescans. "
    "Raise it: sysctl fs.inotify.max_user_instances=512",
    "too_many_watchers",
)
_OVERFLOW = Note(
    "More changed at once than the kernel keeps; the folder was walked instead. If that happens "
    "often: sysctl fs.inotify.max_queued_events=131072",
    "overflow",
)
