"""A house without photos behind it, for the HTTP face to stand before."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from crispd.errors import Conflict, CrispdError, NotFound, NotReady, QueryError
from crispd.query import Hemisphere
from crispd.types import (
    Bounds,
    CacheStats,
    CaptureTime,
    Completion,
    Device,
    DuplicateGroup,
    DuplicatePage,
    EncodedPhoto,
    Facets,
    FileStamp,
    Filters,
    FolderStatus,
    GeoPosition,
    HealthReport,
    ImageBytes,
    IndexingProblem,
    IngestProgress,
    Lease,
    OriginalFile,
    PackEntry,
    PackOverview,
    PackPullProgress,
    PackSwitchProgress,
    PhotoMetadata,
    PhotoRecord,
    PhotoText,
    PictureType,
    PlaceCount,
    PlaceNames,
    Query,
    Rendition,
    ResultPage,
    SearchHit,
    ServiceStatus,
    Suggestions,
    TextLine,
    TextReadingState,
    ValueCount,
    WatchMode,
)
from tests.query.fake_names import FakeNames

ID = "mzxw6ytboi2dimrqgeydcmjr"
OTHER = "a" * 24
CONTENT = bytes(range(256)) * 40
THUMBNAIL_BYTES = b"\xff\xd8thumbnail"


def record(path: str = "2021/IMG_1.jpg", root: str = "/srv/photos", **stamp: int) -> PhotoRecord:
    """A photo as stored."""
    metadata = PhotoMetadata(
        4032, 3024, "jpeg", CaptureTime("2021-07-03T10:12:00", "exif"), "Pixel 8", "24 mm",
        GeoPosition(54.32, 10.13), 4, ("beach",),
        title="First swim", description="Before breakfast", people=("Lena",),
    )  # fmt: skip
    known = FileStamp(**{"size": 3145728, "mtime_ns": 1_625_299_920_000_000_000, **stamp})
    kiel = PlaceNames("Kiel", "Schleswig-Holstein", "Germany")
    return PhotoRecord(
        ID, 1, root, path, "c0ffee" * 8, known, metadata, place_names=kiel,
        text_lines=(TextLine("OPEN", 0.98, (0.5,) * 8),),
    )  # fmt: skip


class FakeDevices:
    """Devices in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Device] = {}

    def all(self) -> list[Device]:
        return sorted(self.kept.values(), key=lambda device: device.name)

    def add(self, device: Device) -> None:
        if any(known.name == device.name for known in self.kept.values()):
            raise Conflict(f"There is a device named {device.name!r} already.")
        self.kept[device.id] = device

    def remove(self, device_id: str) -> bool:
        return self.kept.pop(device_id, None) is not None

    def used(self, times: Mapping[str, str]) -> None:
        for device_id, when in times.items():
            if device_id in self.kept:
                self.kept[device_id] = replace(self.kept[device_id], last_used=when)


class FakePacks:
    """One pack, and what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.made: list[EncodedPhoto] = []

    def overview(self, languages: Sequence[str] = ()) -> PackOverview:
        pack = PackEntry("mini", "active", "mini@5", "mini", ("en",))
        return PackOverview((pack,), PackSwitchProgress(), PackPullProgress())

    def pull(self, wanted: str, precision: str | None = None) -> None:
        self.asked.append(f"pull {wanted}" + (f" in {precision}" if precision else ""))

    def cancel_pull(self) -> None:
        self.asked.append("cancel")

    def use(self, name: str) -> None:
        if name == "mini":
            raise Conflict("mini@5 answers already.")
        self.asked.append(f"use {name}")

    def back(self) -> None:
        self.asked.append("back")

    def remove(self, name: str) -> None:
        self.asked.append(f"remove {name}")

    def lend(self, worker: str, pack: str, seconds: float) -> tuple[str | None, Lease | None]:
        pixels = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
        return "mini@5", Lease("lease", pack, pixels) if pack == "mini@5" else None

    def keep_lease(self, worker: str, lease: str) -> None:
        if lease != "lease":
            raise NotFound("This lease has ended.")

    def take_back(self, worker: str, lease: str, made: Sequence[EncodedPhoto]) -> None:
        self.made = list(made)

    def hint(self) -> str | None:
        return None


@dataclass
class FakeService:
    """What a test sets is what it says. ``original_file`` is sent as the original of ``ID``."""

    original_file: Path | None = None
    filename: str = "IMG 1ü.jpg"
    photo_record: PhotoRecord = field(default_factory=record)
    start_error: Exception | None = None
    stop_error: Exception | None = None
    search_error: Exception | None = None
    start_gate: threading.Event | None = None
    search_gate: threading.Event | None = None
    healthy: HealthReport = field(default_factory=lambda: HealthReport(True))
    state: IngestProgress = field(default_factory=IngestProgress)
    photos: int = 3
    failed: int = 0
    data_dir: str = "/data"
    fine_score: float | None = 2.4000001
    started: bool = False
    stopped: bool = False
    paused: bool = False
    text_forgotten: bool = False
    sent: list[bytes] = field(default_factory=list)
    packs: FakePacks = field(default_factory=FakePacks)
    queries: list[Query] = field(default_factory=list)
    confirmed: list[str | None] = field(default_factory=list)
    reread_photos: list[str] = field(default_factory=list)
    sizes: list[int | None] = field(default_factory=list)
    made: list[Rendition] = field(default_factory=list)
    picture_error: CrispdError | None = None
    final: bool = True
    half: Hemisphere = "north"
    filtered: list[Filters] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    chosen: list[tuple[str, Bounds | None]] = field(default_factory=list)
    pages: list[tuple[int, int]] = field(default_factory=list)
    devices: FakeDevices = field(default_factory=FakeDevices)

    def start(self) -> None:
        if self.start_gate is not None:
            assert self.start_gate.wait(10)
        if self.start_error is not None:
            raise self.start_error
        assert not self.stopped
        self.started = True

    def stop(self) -> None:
        self.stopped = True
        if self.stop_error is not None:
            raise self.stop_error

    def _must_run(self) -> None:
        if not self.started:
            raise NotReady("crispd is starting. Ask again in a moment.")

    def search(self, query: Query) -> ResultPage:
        self._must_run()
        self.queries.append(query)
        if self.search_gate is not None:
            assert self.search_gate.wait(10)
        if self.search_error is not None:
            raise self.search_error
        hit = SearchHit(self.photo_record, 0.87654321, 0.31, self.fine_score)
        times = {"text": 4.10001, "coarse": 0.8, "fine": 11.0, "total": 17.2}
        return ResultPage(query.text, query.text, (hit,), 10412, False, 100, times, ("A note.",))

    def duplicates(self, limit: int, cursor: str | None) -> DuplicatePage:
        self._must_run()
        if cursor == "bad":
            raise QueryError("cursor is not one of crispd's.")
        photos = (self.photo_record, self.photo_record)
        return DuplicatePage((DuplicateGroup(photos, 3145728),), False, limit, 1000, "7")

    def hemisphere(self) -> Hemisphere:
        return self.half

    def known_names(self) -> FakeNames:
        return FakeNames()

    def encoded(self, data: bytes) -> EncodedPhoto:
        self._must_run()
        self.sent.append(data)
        if self.picture_error is not None:
            raise self.picture_error
        return EncodedPhoto(np.ones(4, np.float32), None)

    def completions(self, q: str, at: int, language: str = "") -> list[Completion]:
        self._must_run()
        self.spoken.append(language)
        return [Completion(f"at {at}\udce9", "place", 3, q), Completion("sea", "word", 0, "sea")]

    def people(self, filters: Filters, part: str = "") -> list[ValueCount]:
        self._must_run()
        self.filtered.append(filters)
        return [ValueCount(f"Anna{part}\udce9", 3), ValueCount("Ben", 1)]

    def places(
        self, filters: Filters, part: str = "", bounds: Bounds | None = None
    ) -> list[PlaceCount]:
        self._must_run()
        self.filtered.append(filters)
        self.chosen.append((part, bounds))
        kiel = PlaceNames("Kiel", "Schleswig-Holstein", "Germany")
        hut = PlaceNames("Hut\udce9")
        return [PlaceCount(kiel, GeoPosition(54.32, 10.13), 3), PlaceCount(hut, None, 1)]

    def suggestions(self) -> Suggestions:
        self._must_run()
        one = (ValueCount("jpeg", 3),)
        facets = Facets(one, (ValueCount("Pixel 8", 3),), (ValueCount("2021", 3),), ())
        return Suggestions(facets, ("dog",), complete=False)

    def photo(self, photo_id: str) -> PhotoRecord:
        self._must_run()
        if photo_id != ID:
            raise NotFound(f"There is no photo with the id {photo_id!r}.")
        return self.photo_record

    def photo_text(self, photo_id: str, words: str) -> PhotoText:
        lines = self.photo(photo_id).text_lines
        marks = [((0, len(line.text)),) if line.text == words else () for line in lines]
        return PhotoText(lines, tuple(marks), is_read=True)

    def text_reading(self) -> TextReadingState:
        return TextReadingState("forgotten" if self.text_forgotten else "on", 1, 0)

    def forget_text(self) -> int:
        self.text_forgotten = True
        return 1

    def read_text_again(self) -> None:
        self.text_forgotten = False

    def thumbnail(self, photo_id: str, size: int | None, media_type: PictureType) -> Rendition:
        self.sizes.append(size)
        return Rendition(self.photo(photo_id), size or 320, media_type)

    def preview(self, photo_id: str, size: int | None) -> Rendition:
        self.sizes.append(size)
        return Rendition(self.photo(photo_id), size or 2048)

    def cached_picture(self, wanted: Rendition) -> ImageBytes | None:
        return self.picture(wanted) if wanted.size == 320 else None

    def picture(self, wanted: Rendition) -> ImageBytes:
        if self.picture_error is not None:
            raise self.picture_error
        self.made.append(wanted)
        tag = wanted.tag if self.final else f"{wanted.tag[:32]}-480"
        return ImageBytes(THUMBNAIL_BYTES, wanted.media_type, f"{tag}.c0de", self.final)

    def original(self, photo_id: str) -> OriginalFile:
        photo = self.photo(photo_id)
        if self.original_file is None:
            raise NotFound("The file of this photo is gone.")
        return OriginalFile(
            str(self.original_file),
            str(self.original_file.parent),
            "image/jpeg",
            "original-tag",
            self.filename,
            photo.stamp,
        )

    def folders(self) -> list[FolderStatus]:
        self._must_run()
        events = WatchMode.EVENTS
        return [FolderStatus("/srv/caf\udce9", True, events, 3, 1, False, None, 0.0, "A hint.")]

    def rescan(self) -> int:
        self._must_run()
        return 2

    def reread(self, path: str | None, photo_id: str | None) -> int:
        if path == "/nowhere":
            raise NotFound("/nowhere lies in no folder that is watched.")
        self.reread_photos.append(path or photo_id or "")
        return 3

    def confirm_missing(self, path: str | None) -> int:
        self._must_run()
        if path == "/nowhere":
            raise NotFound(f"{path} is not watched.")
        self.confirmed.append(path)
        return 1

    def pause(self, *, paused: bool) -> None:
        self._must_run()
        self.paused = paused

    def problems(self, limit: int, offset: int) -> tuple[list[IndexingProblem], int]:
        self._must_run()
        self.pages.append((limit, offset))
        since = "2024-01-01T00:00:00Z"
        return [IndexingProblem("/srv/photos", "bad.jpg", "truncated", "It is cut off.", since)], 7

    def retry_problems(self) -> int:
        self._must_run()
        return 7

    def status(self) -> ServiceStatus:
        self._must_run()
        return ServiceStatus(
            "ready", self.photos, self.state.pending, self.failed, 3, 0, 0, 0, 9.5, None, False,
            "mini-1", "0.1.0", 12.5, 1, 1, 3, 0, self.data_dir,
        )  # fmt: skip

    def caches(self) -> dict[str, CacheStats]:
        self._must_run()
        return {"texts": CacheStats(5, 2), "thumbnails": CacheStats(70, 3)}

    def progress(self) -> IngestProgress:
        return self.state

    def health(self) -> HealthReport:
        return self.healthy

    def readiness(self) -> HealthReport:
        return self.healthy if self.started else HealthReport(False, ("crispd is starting",))


def error_named(name: str) -> CrispdError:
    """An error of ``crispd.errors`` by its name."""
    from crispd import errors

    kind: type[CrispdError] = getattr(errors, name)
    return kind(f"a sentence about {name}")
