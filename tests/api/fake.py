"""A house behind the same Protocol, with two photos."""

from __future__ import annotations

from pathlib import Path

from crispd.errors import CrispdError, NotFound
from crispd.types import (
    FileStamp,
    FolderStatus,
    Health,
    ImageBytes,
    IngestProgress,
    OriginalFile,
    PhotoMetadata,
    PhotoRecord,
    Problem,
    Query,
    SearchAnswer,
    SearchHit,
    ServiceStatus,
    WatchMode,
)

ID = "mzxw6ytboi2dimrqgeydcmjr"


class FakeHouse:
    """Answers at once. ``fails`` is raised by every call where it is set."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path("/p")
        self.fails: Exception | None = None
        self.well = True
        self.started = self.stopped = False
        self.asked: list[Query] = []
        metadata = PhotoMetadata(4, 3, "jpeg", "2021-07-03T10:12:00", "Pixel 8")
        self.record = PhotoRecord(
            ID, 1, str(self.folder), "2021/caf\udce9.jpg", "c" * 64, FileStamp(5, 10**18), metadata
        )

    def _maybe_fail(self) -> None:
        if self.fails is not None:
            raise self.fails

    def start(self) -> None:
        self._maybe_fail()
        self.started = True

    def stop(self) -> None:
        self.stopped = True

    def search(self, query: Query) -> SearchAnswer:
        self._maybe_fail()
        self.asked.append(query)
        times = {"text": 1.0, "coarse": 2.0, "fine": 3.0, "total": 7.0}
        hits = (SearchHit(self.record, 0.5, 0.31, 2.4), SearchHit(self.record, 0.4, 0.3, None))
        return SearchAnswer(query.text, hits, 2, True, 1, times, ("A note.",))

    def photo(self, photo_id: str) -> PhotoRecord:
        self._maybe_fail()
        if photo_id != ID:
            raise NotFound(f"There is no photo with the id {photo_id!r}.")
        return self.record

    def thumbnail(self, photo_id: str, size: int | None) -> ImageBytes:
        self.photo(photo_id)
        return ImageBytes(b"jpeg" * 10, "image/jpeg", f"etag-{size}")

    def original(self, photo_id: str) -> OriginalFile:
        self.photo(photo_id)
        path = self.folder / "a.jpg"
        stamp = FileStamp(path.stat().st_size, path.stat().st_mtime_ns)
        return OriginalFile(str(path), "image/jpeg", "original-etag", "caf\udce9 \u2603.jpg", stamp)

    def folders(self) -> list[FolderStatus]:
        self._maybe_fail()
        return [FolderStatus("/p", True, WatchMode.EVENTS, 2, 0, False, None, 0.0)]

    def rescan(self) -> int:
        return 1

    def problems(self, limit: int, offset: int) -> tuple[list[Problem], int]:
        problem = Problem("/p", "b.jpg", "empty", "The file is empty.", "2026-01-01T00:00:00")
        return [problem][offset : offset + limit], 1

    def retry_problems(self) -> int:
        return 1

    def status(self) -> ServiceStatus:
        self._maybe_fail()
        return ServiceStatus(
            state="ready", photos=2, pending=0, failed=0, encoded=2, linked=0, removed=0, moved=0,
            images_per_second=1.5, eta_seconds=None, scanning=False, pack="mini@1", version="0",
            uptime_seconds=1.0, folders=1, folders_online=1, index_vectors=2, data_dir="/d",
        )  # fmt: skip

    def progress(self) -> IngestProgress:
        return IngestProgress()

    def health(self) -> Health:
        return Health(self.well, () if self.well else ("thread crispd-writer is dead",))

    def readiness(self) -> Health:
        ready = self.started and self.well
        return Health(ready, () if ready else ("crispd is starting",))


class Broken(CrispdError):
    """An error without an outcome of its own."""
