"""The watched folders as the pipeline sees them: present or offline, watched or rescanned."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crispd.types import WatchMode
from crispd.watch.events import FolderWatcher
from crispd.watch.presence import absence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.types import FileEvent, Root

log = logging.getLogger(__name__)

_POLLING_SECONDS = 30.0
_RETRY_WATCH_SECONDS = 60.0


@dataclass(slots=True)
class RootState:
    """What is known of one root. Written by the scanner thread, read by any."""

    root: Root
    watcher: FolderWatcher
    online: bool = False
    scanning: bool = False
    hint: str | None = None
    last_scan: str | None = None
    next_scan: float = 0.0
    retry_watch: float = 0.0


class Roots:
    """All roots. ``refresh`` belongs to the scanner thread."""

    def __init__(
        self,
        roots: list[Root],
        sink: Callable[[FileEvent], None],
        has_photos: Callable[[int], bool],
        *,
        rescan_seconds: float,
        watch: bool = True,
    ) -> None:
        self._states = {root.id: RootState(root, FolderWatcher(root, sink)) for root in roots}
        self._has_photos = has_photos
        self._rescan_seconds = rescan_seconds
        self._watch = watch

    def __iter__(self) -> Iterator[RootState]:
        return iter(self._states.values())

    def get(self, root_id: int) -> RootState | None:
        """The state of a root, None for one that is not watched any more."""
        return self._states.get(root_id)

    def refresh(self, state: RootState) -> bool:
        """Look whether the root is present; restart its watcher where needed. Whether it is."""
        reason = absence(state.root.path, had_photos=self._has_photos(state.root.id))
        if reason is not None:
            self._went_offline(state, reason)
            return False
        if not state.online:
            log.info("%s is online", state.root.path)
            state.online, state.next_scan = True, 0.0
        if self._watch and not (state.watcher.mode is WatchMode.EVENTS and state.watcher.alive):
            self._restart_watcher(state)
        state.hint = state.watcher.hint
        return True

    def scanned(self, state: RootState) -> None:
        """A scan of the root is complete."""
        state.last_scan = datetime.now(UTC).isoformat(timespec="seconds")
        state.next_scan = time.monotonic() + self._interval(state)

    def stop(self) -> None:
        """Stop every watcher."""
        for state in self._states.values():
            state.watcher.stop()

    def _went_offline(self, state: RootState, reason: str) -> None:
        if state.online or state.hint is None:
            log.warning("%s is offline: %s", state.root.path, reason)
        state.watcher.stop()
        state.online, state.hint = False, reason

    def _restart_watcher(self, state: RootState) -> None:
        now = time.monotonic()
        if state.watcher.mode is WatchMode.POLLING and now < state.retry_watch:
            return
        state.watcher.stop()
        state.watcher.start()
        state.retry_watch = now + _RETRY_WATCH_SECONDS
        state.next_scan = 0.0  # what happened while nobody listened is found by a scan

    def _interval(self, state: RootState) -> float:
        if self._watch and state.watcher.mode is WatchMode.POLLING:
            return min(_POLLING_SECONDS, self._rescan_seconds)
        return self._rescan_seconds
