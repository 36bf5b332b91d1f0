"""Events of a root, whatever the system: a protocol, and the choice of an implementation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.types import FileEvent, Root
    from crispd.watch.exclusion.program_folders import ExcludedFolders

    SourceOf = Callable[[Root, Callable[[str], bool], ExcludedFolders | None], "EventSource"]


class EventSource(Protocol):
    """Events of one root. ``take`` belongs to one thread, all else to the one that started it."""

    @property
    def hint(self) -> str | None:
        """Why some changes may not be told of, and what to do; None where all are."""

    @property
    def complete(self) -> bool:
        """False where some folders are not watched."""

    @property
    def alive(self) -> bool:
        """False where nothing comes any more: the root is gone, or a thread has died."""

    def start(self) -> None:
        """Listen to the root and all below. Raises OSError where nothing can be had."""

    def take(self) -> Iterator[FileEvent]:
        """What happened meanwhile; waits a moment where nothing did. Raises OSError."""

    def wake(self) -> None:
        """End a ``take`` that waits, from another thread."""

    def close(self) -> None:
        """Listen no more. ``take`` has ended."""

    def refusal(self, error: OSError) -> str:
        """Why ``start`` failed and what to do, for people."""


def event_source(
    root: Root, passed_over: Callable[[str], bool], left_out: ExcludedFolders | None
) -> EventSource:
    """The source of this system; it does not listen yet."""
    if sys.platform.startswith("linux"):
        from crispd.watch.events.inotify_source import InotifySource

        return InotifySource(root, passed_over, left_out)
    from crispd.watch.events.observer_source import ObserverSource

    return ObserverSource(root, passed_over, left_out)


def watch_limits() -> tuple[int | None, int | None]:
    """Folders and roots that this system lets be watched; None where it has no such limit."""
    if sys.platform.startswith("linux"):
        from crispd.watch.events.inotify_limits import inotify_limits

        return inotify_limits()
    return None, None
