"""The scanner: it walks folders to find what events missed."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.images.formats import is_candidate
from crispd.ingest.raw_pairs import WithoutPairedRaws, pair_decision
from crispd.ingest.scan.reconcile import reconcile
from crispd.ingest.stages.jobs import Job, RelocatedChange, RemovedChange, StampedChange
from crispd.types import Note, displayable
from crispd.watch.volumes import StableStamps
from crispd.watch.walk import Walk

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping

    from crispd.ingest.raw_pairs import KnownCaptures
    from crispd.ingest.scan.reconcile import ScanPlan
    from crispd.ingest.scan.roots import Roots, RootState
    from crispd.ingest.scan.scan_requests import ScanRequests
    from crispd.ingest.stages.jobs import Change
    from crispd.ingest.stages.work_queue import WorkQueue
    from crispd.types import FoundFile, KnownFile

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.2
_LOOK_SECONDS = 2.0
_ARRIVAL_SECONDS = 5.0
_AT_ONCE = 500
_FEW = 20  # missing photos that are believed whatever share of the folder they are


class Scanner:
    """The body of the scanner thread: looks after the roots and walks them when it is time."""

    def __init__(
        self,
        roots: Roots,
        known_files: Callable[[int], Mapping[str, KnownFile]],
        captures: KnownCaptures,
        requests: ScanRequests,
        *,
        jobs: WorkQueue,
        commit: Callable[[Change], None],
        look_again: Callable[[Job, float], None],
        settle_seconds: float,
        removal_share: float,
    ) -> None:
        self._roots = roots
        self._known_files = known_files
        self._captures = captures
        self._jobs = jobs
        self._commit = commit
        self._look_again = look_again
        self._settle_seconds = settle_seconds
        self._removal_share = removal_share
        self._requests = requests
        self._volumes = StableStamps()
        self._backlog = 0
        self._found = 0
        self._walking = False
        self._next_look = 0.0
        self.first_round_done = False

    @property
    def backlog(self) -> int:
        """Files a scan has found that are not in the work queue yet."""
        return self._backlog

    @property
    def scanning(self) -> bool:
        """Whether a walk is under way or asked for."""
        return self._walking or bool(self._requests) or not self.first_round_done

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            if time.monotonic() >= self._next_look:
                self._look_after_roots(stop)
                self.first_round_done = True
            self._serve_requests(stop)

    def _look_after_roots(self, stop: threading.Event) -> None:
        for state in self._roots:
            present = self._roots.refresh(state)
            if present and time.monotonic() >= state.next_scan and not stop.is_set():
                self._scan(state, "", stop)
        self._next_look = time.monotonic() + _LOOK_SECONDS

    def _look_on(self) -> None:
        """What is present, while the backlog of one root takes hours; scans wait for its end."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _LOOK_SECONDS
            for state in self._roots:
                self._roots.refresh(state)

    def _serve_requests(self, stop: threading.Event) -> None:
        wanted = self._requests.wait(_TICK_SECONDS)
        if not wanted:
            return
        self._walking = True
        # A folder that is unpacked makes a request for each of its folders: walk the tops only.
        for root_id, folder in _tops(wanted):
            state = self._roots.get(root_id)
            if state is not None and self._roots.refresh(state):
                self._scan(state, folder, stop)
        self._walking = False

    def _scan(self, state: RootState, folder: str, stop: threading.Event) -> None:
        state.scanning = self._walking = True
        try:
            started = time.monotonic()
            plan = self._plan(state, folder)
            seconds = time.monotonic() - started
            # What was walked may be gone since, or another drive in its place.
            if (plan.fresh or plan.missing or plan.moved) and not self._roots.refresh(state):
                return
            self._send_moved(state, plan)
            self._send_stamps(state, plan)
            self._send_removed(state, plan, stop, whole=not folder)
            self._send_fresh(state, plan, stop)
            if not folder:
                changed = bool(plan.fresh or plan.missing or plan.moved)
                self._roots.scanned(state, seconds, changed=changed)
        finally:
            state.scanning = self._walking = False
            self._backlog = 0

    def _plan(self, state: RootState, folder: str) -> ScanPlan:
        others = self._roots.others(state.root)
        walk = Walk(
            state.root.path, is_candidate, folder, state.ignore, others, state.excluded_folders
        )
        known = self._known_files(state.root.id)
        once = WithoutPairedRaws(walk, known, pair_decision(self._captures, state.root.id))
        plan = reconcile(known, once, walk.unseen, folder)
        plan = replace(
            plan, stood_for=frozenset(once.stood_for), excluded_by=frozenset(walk.excluded_by)
        )
        if not folder:
            state.unlisted, state.links_outside = (
                _unlisted(walk.unseen),
                walk.links_outside.sentence(),
            )
            self._roots.report_excluded(state, walk.excluded_by)
        for unseen, reason in walk.unseen.items():
            log.warning("cannot list %r in %s: %s", unseen, state.root.path, reason)
        if plan.fresh or plan.missing or plan.moved:
            log.info(
                "%s: %d new or changed, %d moved, %d missing, %d unchanged",
                state.root.path, len(plan.fresh), len(plan.moved), len(plan.missing),
                plan.unchanged,
            )  # fmt: skip
        return plan

    def _send_moved(self, state: RootState, plan: ScanPlan) -> None:
        for start in range(0, len(plan.moved), _AT_ONCE):
            self._commit(RelocatedChange(state.root, plan.moved[start : start + _AT_ONCE]))

    def _send_stamps(self, state: RootState, plan: ScanPlan) -> None:
        """Of files that an older version has read: what it did not keep of their stamps."""
        stamps = [(file.path, self._volumes.lasting(file.stamp)) for file in plan.unstamped]
        more = [(path, stamp) for path, stamp in stamps if stamp.ctime_ns is not None]
        for start in range(0, len(more), _AT_ONCE):
            self._commit(StampedChange(state.root, tuple(more[start : start + _AT_ONCE])))

    def _send_removed(
        self, state: RootState, plan: ScanPlan, stop: threading.Event, *, whole: bool
    ) -> None:
        unwanted = [
            path for path in plan.missing if state.ignore.file(path) or plan.is_unwanted(path)
        ]
        missing = sorted(set(plan.missing).difference(unwanted))
        self._remove(state, unwanted, unwanted=True)
        if self._is_too_much(missing, plan) and not state.confirmed:
            self._roots.hold(state, len(missing))
            return
        if whole:
            state.held = 0
        self._wait_for_drive(state, missing, stop)
        self._remove(state, missing, unwanted=False)

    def _wait_for_drive(self, state: RootState, missing: list[str], stop: threading.Event) -> None:
        """What a drive that is just back misses may be on its way; the writer looks again."""
        if missing and state.returned is not None:
            stop.wait(max(state.returned + _ARRIVAL_SECONDS - time.monotonic(), 0.0))

    def _remove(self, state: RootState, paths: list[str], *, unwanted: bool) -> None:
        for start in range(0, len(paths), _AT_ONCE):
            chunk = tuple(paths[start : start + _AT_ONCE])
            self._commit(RemovedChange(state.root, chunk, unwanted, confirmed=state.confirmed))

    def _is_too_much(self, missing: list[str], plan: ScanPlan) -> bool:
        """Whether a person has to say that so many are gone on purpose."""
        return len(missing) >= _FEW and len(missing) > self._removal_share * plan.known

    def _send_fresh(self, state: RootState, plan: ScanPlan, stop: threading.Event) -> None:
        self._backlog = len(plan.fresh)
        for file in plan.fresh:
            self._look_on()
            self._send(state, file, stop)
            self._backlog -= 1
            if stop.is_set():
                return

    def _send(self, state: RootState, file: FoundFile, stop: threading.Event) -> None:
        job = Job(state.root, file.path)
        if abs(time.time() - file.stamp.mtime_ns / 1e9) < self._settle_seconds:
            self._look_again(job, 0.0)  # may still be growing: let it stand still first
            return
        while not stop.is_set() and not self._jobs.put_backlog(job, _TICK_SECONDS):
            self._look_on()


def _unlisted(unseen: Mapping[str, str]) -> Note | None:
    if not unseen:
        return None
    folder, reason = next(iter(unseen.items()))
    shown, others = displayable(folder) or ".", len(unseen) - 1
    more = f", and {others} more" if others else ""
    sentence = f"The folder {shown} cannot be listed: {reason}{more}."
    return Note(sentence, "unlisted", n=len(unseen), example=shown)


def _tops(wanted: set[tuple[int, str]]) -> list[tuple[int, str]]:
    """Requests without those below another one of the same root."""
    return [
        (root_id, folder)
        for root_id, folder in sorted(wanted)
        if not any(
            (root_id, parent) in wanted for parent in ("", *_parents(folder)) if parent != folder
        )
    ]


def _parents(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
