"""A folder that another one takes the place of while it is walked."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from crispd.ingest.scan.roots import Roots
from crispd.ingest.scan.scan_requests import ScanRequests
from crispd.ingest.scan.scanner import Scanner
from crispd.ingest.stages.jobs import Change, Job
from crispd.ingest.stages.work_queue import WorkQueue
from crispd.types import CaptureKey, FileStamp, KnownFile, PhotoState, Root
from crispd.watch.walk import stamp_of

PHOTOS = [f"photo {number}.jpg" for number in range(6)]


class NoCaptures:
    def captures(self, root_id: int, paths: Sequence[str]) -> Mapping[str, CaptureKey]:
        return {}

    def paired_raws(self, root_id: int) -> Mapping[str, tuple[FileStamp, CaptureKey]]:
        return {}


class SwappedDrive:
    """Six known photos in ``folder``. The walk begins there, and meets another drive's."""

    def __init__(self, folder: Path) -> None:
        self.right, self.wrong = folder / "photos", folder / "other"
        for path in (self.right, self.wrong):
            path.mkdir()
        for name in PHOTOS:
            (self.right / name).write_bytes(b"known")
            (self.wrong / f"other {name}").write_bytes(b"unknown to crispd")
        stamps = {name: stamp_of(str(self.right), name) for name in PHOTOS}
        self._known = {
            name: KnownFile(stamp, PhotoState.READY) for name, stamp in stamps.items() if stamp
        }
        self._asked = 0

    def known_files(self, root_id: int) -> Mapping[str, KnownFile]:
        """Asked for when the folder is judged, and when its walk begins."""
        self._asked += 1
        if self._asked == 2:
            self.right.rename(self.right.with_name("away"))
            self.wrong.rename(self.right)
        return self._known


def test_nothing_of_another_drive_is_taken_that_comes_while_it_is_walked(tmp_path: Path) -> None:
    drive, root = SwappedDrive(tmp_path), Root(1, str(tmp_path / "photos"))
    roots = Roots(
        [root], lambda _: None, lambda _: len(PHOTOS), drive.known_files,
        rescan_seconds=1000.0, watch=False,
    )  # fmt: skip
    taken: list[Job | Change] = []
    jobs = WorkQueue()
    scanner = Scanner(
        roots, drive.known_files, NoCaptures(), ScanRequests(),
        jobs=jobs, commit=taken.append, look_again=lambda job, _: taken.append(job),
        settle_seconds=0.0, removal_share=0.5,
    )  # fmt: skip
    scanner._look_after_roots(threading.Event())
    assert (len(jobs), taken) == (0, [])
    [state] = roots
    assert not state.online
    assert "another drive" in str(state.hint)
