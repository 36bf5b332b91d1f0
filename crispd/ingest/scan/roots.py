"""Roots: the watched folders, present or offline, watched or polled."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crispd.types import FolderStatus, Note, WatchMode, code_of
from crispd.watch.exclusion.app_folders import by_owner, exclusion_sentence
from crispd.watch.exclusion.ignore_file import IgnoreRules
from crispd.watch.exclusion.program_folders import ExcludedFolders
from crispd.watch.folder_watcher import FolderWatcher
from crispd.watch.identity import is_stranger
from crispd.watch.presence import folder_id, why_absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from crispd.types import FileEvent, KnownFile, Root, RootCounts

FolderId = tuple[int, int, int]

log = logging.getLogger(__name__)

_POLLING_SECONDS = 30.0
_WALKING_FACTOR = 20
_MOST_DOUBLINGS = 4  # eight minutes, from half a minute
_RETRY_WATCH_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 30.0


@dataclass(slots=True)
class RootState:
    """What is known of one root. Written by the scanner thread, read by any.

    ``ignore`` and ``left_out``: what is not taken. ``kept_by``: folders that a walk left out since
    a program keeps them for itself, with whose they are. ``held``: photos that a scan misses and
    that wait for somebody to confirm that they are gone; ``confirmed``: somebody has.
    ``unlisted``: what a walk could not see; ``astray``: links that it did not follow; ``still``:
    how many walks in a row found nothing new. ``folder``: which one it was when it was looked at
    (see ``folder_id``), ``judged``: which one was taken for another. ``emptied``: nothing is in
    it although photos are known; ``empty_on_purpose``: somebody has said so. ``returned``: when it
    came back from being away.
    """

    root: Root
    watcher: FolderWatcher
    ignore: IgnoreRules
    excluded_folders: ExcludedFolders
    excluded_by: dict[str, str] = field(default_factory=dict)
    online: bool = False
    held: int = 0
    confirmed: bool = False
    folder: FolderId | None = None
    judged: FolderId | None = None
    emptied: bool = False
    empty_on_purpose: bool = False
    returned: float | None = None
    next_look: float = 0.0
    scanning: bool = False
    hint: str | None = None
    unlisted: str | None = None
    links_outside: str | None = None
    still: int = 0
    last_scan: str | None = None
    next_scan: float = 0.0
    retry_watch: float = 0.0


class Roots:
    """All roots. ``refresh`` belongs to the scanner thread."""

    def __init__(
        self,
        roots: list[Root],
        sink: Callable[[FileEvent], None],
        photos: Callable[[int], int],
        known_files: Callable[[int], Mapping[str, KnownFile]],
        *,
        rescan_seconds: float,
        exclude: tuple[str, ...] = (),
        watch: bool = True,
    ) -> None:
        self._states = {root.id: _state(root, sink, exclude) for root in roots}
        self._photos = photos
        self._known_files = known_files
        self._rescan_seconds = rescan_seconds
        self._watch = watch

    def __iter__(self) -> Iterator[RootState]:
        return iter(self._states.values())

    def get(self, root_id: int) -> RootState | None:
        """The state of a root, None for one that is not watched any more."""
        return self._states.get(root_id)

    def ignores(self, root_id: int, path: str) -> bool:
        """Whether a file is left alone: by a pattern, or in a folder that a program keeps."""
        state = self.get(root_id)
        if state is None:
            return False
        return state.ignore.file(path) or state.excluded_folders.file(path) is not None

    def others(self, root: Root) -> tuple[str, ...]:
        """The paths of all other roots."""
        return tuple(state.root.path for state in self if state.root.id != root.id)

    def refresh(self, state: RootState) -> bool:
        """Look whether the root is present; restart its watcher where needed. Whether it is."""
        reason = self._absence(state) or self._strangeness(state)
        if reason is not None:
            self._went_offline(state, reason)
            return False
        if state.ignore.refresh() and state.watcher.mode is not WatchMode.OFF:
            state.watcher.stop()  # other folders are to be watched now
        if not state.online:
            log.info("%s is online", state.root.path)
            if state.hint is not None:  # it was away, and is not just being looked at first
                state.returned = time.monotonic()
            state.online, state.next_scan = True, 0.0
        if self._watch and not (state.watcher.mode is WatchMode.EVENTS and state.watcher.alive):
            self._restart_watcher(state)
        state.hint = _hint_of(state)
        return True

    def _absence(self, state: RootState) -> str | None:
        photos = self._photos(state.root.id)
        state.empty_on_purpose = state.empty_on_purpose and photos > 0
        asks = photos > 0 and not state.empty_on_purpose
        reason = why_absent(state.root.path, had_photos=asks)
        emptied = code_of(reason) == "emptied"
        if emptied or state.emptied:
            state.held = photos if emptied else 0
        state.emptied = emptied
        return Note(f"{reason} {_CONFIRM}", "emptied") if emptied else reason

    def hold(self, state: RootState, missing: int) -> None:
        """A scan misses so many photos that somebody has to confirm it."""
        if state.held != missing:
            log.warning("%s: %d photos are missing; waiting for a word", state.root.path, missing)
        state.held = missing
        state.hint = _held_hint(state)

    def confirm(self, state: RootState) -> bool:
        """What is missing is gone on purpose. Whether anything waited for that word."""
        if not state.held:
            return False
        state.confirmed, state.next_look, state.next_scan = True, 0.0, 0.0
        state.empty_on_purpose = state.emptied
        return True

    def _strangeness(self, state: RootState) -> str | None:
        """Why a folder that came (back) is not taken for the one that was known.

        Asked when it was away, and when another one is there: mounted, or behind a link that leads
        elsewhere now. Files that vanish one by one from a folder that stays are deletions.
        """
        folder = folder_id(state.root.path)
        if state.confirmed or (state.online and folder == state.folder):
            return None
        if state.held and folder == state.judged and time.monotonic() < state.next_look:
            return state.hint
        state.judged, state.next_look = folder, time.monotonic() + _LOOK_AGAIN_SECONDS
        known = self._known_files(state.root.id)
        if is_stranger(state.root.path, known):
            state.held = len(known)
            return _stranger_hint(state)
        if state.online:  # it was swapped between two looks
            state.watcher.stop()
            state.next_scan = 0.0
        state.folder, state.judged, state.held = folder, None, 0
        return None

    def report_excluded(self, state: RootState, kept_by: dict[str, str]) -> None:
        """A walk left folders out; said once, not at each walk."""
        new = {path: whose for path, whose in kept_by.items() if path not in state.excluded_by}
        state.excluded_by = kept_by
        for whose, paths in by_owner(new).items():
            log.warning("%s: %s", state.root.path, exclusion_sentence(whose, paths))

    def scanned(self, state: RootState, seconds: float, *, changed: bool) -> None:
        """A scan of the root is complete, how long it took, and whether it found anything."""
        state.still = 0 if changed else state.still + 1
        if state.confirmed:
            state.confirmed, state.held = False, 0
            state.folder = folder_id(state.root.path)
        state.hint = _hint_of(state)
        state.last_scan = datetime.now(UTC).isoformat(timespec="seconds")
        state.next_scan = time.monotonic() + self._interval(state, seconds)

    def stop(self) -> None:
        """Stop every watcher for good."""
        for state in self._states.values():
            state.watcher.end()

    def _went_offline(self, state: RootState, reason: str) -> None:
        if state.online or state.hint is None:
            log.warning("%s is offline: %s", state.root.path, reason)
        state.watcher.stop()
        state.online, state.hint = False, reason

    def _restart_watcher(self, state: RootState) -> None:
        now = time.monotonic()
        if state.watcher.mode is WatchMode.POLLING and now < state.retry_watch:
            return
        before = state.watcher.mode
        state.watcher.stop()
        state.watcher.start()
        state.retry_watch = now + _RETRY_WATCH_SECONDS
        polled_on = before is WatchMode.POLLING and state.watcher.mode is WatchMode.POLLING
        if not polled_on:
            state.next_scan = 0.0  # what happened while nobody listened is found by a scan

    def _interval(self, state: RootState, seconds: float) -> float:
        """Until the next walk: soon where only walks tell, later the longer nothing has changed.

        Walks of a large share take a twentieth of the time at most.
        """
        if self._watch and state.watcher.mode is WatchMode.POLLING:
            least = max(_POLLING_SECONDS, _WALKING_FACTOR * seconds)
            return min(least * 2.0 ** min(state.still, _MOST_DOUBLINGS), self._rescan_seconds)
        return self._rescan_seconds


def _state(root: Root, sink: Callable[[FileEvent], None], exclude: tuple[str, ...]) -> RootState:
    ignore = IgnoreRules(root.path, exclude)
    left_out = ExcludedFolders(root.path, ignore.wants)
    watcher = FolderWatcher(root, sink, ignore.folder, left_out)
    return RootState(root, watcher, ignore, left_out)


_CONFIRM = "If they are gone on purpose, say so: crispd confirm, or POST /folders/confirm."


def _hint_of(state: RootState) -> str | None:
    """What a person should know of a root that is online, the most pressing first."""
    return _held_hint(state) or state.unlisted or state.watcher.hint or state.links_outside


def _held_hint(state: RootState) -> str | None:
    if not state.held:
        return None
    sentence = (
        f"A scan misses {state.held} photos; they are kept until somebody confirms. {_CONFIRM}"
    )
    return Note(sentence, "missing")


def _stranger_hint(state: RootState) -> str:
    sentence = (
        f"Hardly any of the {state.held} photos known here are in this folder: another drive may "
        f"be mounted in its place. {_CONFIRM}"
    )
    return Note(sentence, "another_drive")


def folder_status(state: RootState, counts: RootCounts, lag: float) -> FolderStatus:
    """A root as ``/folders`` shows it."""
    return FolderStatus(
        path=state.root.path,
        online=state.online,
        watch=state.watcher.mode,
        photos=counts.photos,
        failed=counts.failed,
        scanning=state.scanning,
        last_scan=state.last_scan,
        lag_seconds=round(lag, 2),
        hint=state.hint,
        missing=state.held,
    )


def unwatched_status(root: Root, counts: RootCounts) -> FolderStatus:
    """The same of a root that nobody looks after in this process."""
    reason = why_absent(root.path, had_photos=counts.photos > 0)
    return FolderStatus(
        path=root.path,
        online=reason is None,
        watch=WatchMode.OFF,
        photos=counts.photos,
        failed=counts.failed,
        scanning=False,
        last_scan=None,
        lag_seconds=0.0,
        hint=reason,
    )
