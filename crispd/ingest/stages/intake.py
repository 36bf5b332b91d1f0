"""The intake: events come in, bounded and debounced, and become jobs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from crispd.images.formats import EXTENSIONS, is_candidate
from crispd.ingest.stages.debounce import Debouncer
from crispd.ingest.stages.intake_queue import CAPACITY
from crispd.ingest.stages.jobs import (
    Job,
    MovedChange,
    MovedFolderChange,
    RelocatedChange,
    RemovedChange,
)
from crispd.types import EventKind
from crispd.watch.exclusion.app_folders import MARKERS
from crispd.watch.exclusion.ignore_file import NAME as IGNORE_FILE
from crispd.watch.sidecars import is_sidecar, photos_beside
from crispd.watch.walk import stamp_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from crispd.ingest.stages.intake_queue import IntakeQueue
    from crispd.ingest.stages.jobs import Change
    from crispd.ingest.stages.work_queue import WorkQueue
    from crispd.types import FileEvent, FileStamp, Root

_TICK_SECONDS = 0.1
_NO_ROOM_SECONDS = 1.0
_MOVES_AT_ONCE = 500


class Intake:
    """The body of the intake thread: it passes on files that have stopped changing."""

    def __init__(
        self,
        roots: dict[int, Root],
        events: IntakeQueue,
        *,
        settle_seconds: float,
        jobs: WorkQueue,
        commit: Callable[[Change], None],
        request_scan: Callable[[int, str], None],
        ignored: Callable[[int, str], bool],
    ) -> None:
        self._roots = roots
        self._jobs = jobs
        self._commit = commit
        self._request_scan = request_scan
        self._ignored = ignored
        self._events = events
        self._debouncer = Debouncer(settle_seconds, _look)
        self._busy = False
        self._oldest: dict[Job, float] = {}
        self._moves: dict[Root, list[tuple[str, str]]] = {}

    def __len__(self) -> int:
        return len(self._events) + len(self._debouncer) + self._busy

    def lag(self, root_id: int) -> float:
        """Age in seconds of the oldest change under a root that has not been passed on."""
        noted = [at for job, at in list(self._oldest.items()) if job.root.id == root_id]
        return max(time.monotonic() - min(noted), 0.0) if noted else 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            self._take_events()
            self._pass_on()
            while self._events.overflowed:
                self._request_scan(self._events.overflowed.pop(), "")

    def _take_events(self) -> None:
        """What has come in; waits a tick for the first, so that jobs fall due in time."""
        timeout = _TICK_SECONDS
        for _ in range(CAPACITY):
            event = self._events.take(timeout)
            if event is None:
                break
            timeout = 0.0
            self._busy = True
            if not self._is_move(event):
                self._pass_moves_on()
            self._handle(event)
        self._pass_moves_on()
        self._busy = False

    def _is_move(self, event: FileEvent | tuple[Job, float]) -> bool:
        return not isinstance(event, tuple) and event.kind is EventKind.MOVED

    def _pass_moves_on(self) -> None:
        """Files that were moved one after the other, in one change a root."""
        moves, self._moves = self._moves, {}
        for root, pairs in moves.items():
            self._commit(RelocatedChange(root, tuple(pairs)))

    def _handle(self, event: FileEvent | tuple[Job, float]) -> None:
        if isinstance(event, tuple):
            self._note(*event)
            return
        root = self._roots.get(event.root_id)
        if root is None:
            return
        match event.kind:
            case EventKind.CHANGED:
                if self._wants(root, event.path):
                    self._note(Job(root, event.path), 0.0)
                elif event.path == IGNORE_FILE:
                    self._request_scan(root.id, "")
                elif _name(event.path) in MARKERS:  # what is known of that folder leaves
                    self._request_scan(root.id, event.path.rpartition("/")[0])
                self._note_photos_of(root, event.path)
            case EventKind.REMOVED:
                if event.path == IGNORE_FILE:
                    self._request_scan(root.id, "")
                self._drop(Job(root, event.path))
                self._commit(RemovedChange(root, (event.path,)))
                self._note_photos_of(root, event.path)
            case EventKind.MOVED:
                self._moved(root, event.path, event.moved_to or event.path)
            case EventKind.FOLDER_MOVED:
                self._commit(MovedFolderChange(root, event.path, event.moved_to or event.path))
            case EventKind.RESCAN:
                self._request_scan(root.id, event.path)

    def _moved(self, root: Root, old: str, new: str) -> None:
        self._drop(Job(root, old))
        if IGNORE_FILE in {old, new}:
            self._request_scan(root.id, "")
        if not self._wants(root, new):
            self._commit(RemovedChange(root, (old,)))
        elif self._wants(root, old):
            self._pass_move_on(root, old, new)
        else:  # a temporary name became a real one: how careful programs save
            self._note(Job(root, new), 0.0)
        self._note_photos_of(root, old)
        self._note_photos_of(root, new)

    def _note_photos_of(self, root: Root, path: str) -> None:
        """An XMP file has come, changed or gone: the photos that it may belong to."""
        if is_sidecar(_name(path)):
            for photo in photos_beside(root.path, path, EXTENSIONS):
                if self._wants(root, photo):
                    self._note(Job(root, photo), 0.0)

    def _pass_move_on(self, root: Root, old: str, new: str) -> None:
        if _name(old) != _name(new):  # a name may tell another time
            self._pass_moves_on()
            self._commit(MovedChange(root, old, new))
            return
        pairs = self._moves.setdefault(root, [])
        pairs.append((old, new))
        if len(pairs) >= _MOVES_AT_ONCE:
            self._pass_moves_on()

    def _wants(self, root: Root, path: str) -> bool:
        return is_candidate(_name(path)) and not self._ignored(root.id, path)

    def _note(self, job: Job, delay: float) -> None:
        now = time.monotonic()
        if self._debouncer.note(job, now, delay):
            self._oldest[job] = now

    def _drop(self, job: Job) -> None:
        self._debouncer.forget(job)
        self._oldest.pop(job, None)

    def _pass_on(self) -> None:
        now = time.monotonic()
        for job in self._debouncer.due(now):
            if self._jobs.put_urgent(job):
                self._oldest.pop(job, None)
            else:
                self._debouncer.note(job, now, _NO_ROOM_SECONDS)


def _look(job: Job) -> FileStamp | None:
    return stamp_of(job.root.path, job.path)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
