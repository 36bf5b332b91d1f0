"""The service's status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from crispd.types.packs import PullState, SwitchState  # noqa: TC001 - pydantic reads them

if TYPE_CHECKING:
    from crispd.types.files import FileStamp
    from crispd.types.photo import PhotoRecord


class WatchMode(StrEnum):
    """How changes under a root are noticed."""

    EVENTS = "events"
    POLLING = "polling"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """One root as ``/folders`` shows it. ``lag_seconds``: age of the oldest change that waits.

    ``missing``: photos that wait for somebody to confirm that they are gone.
    """

    path: str
    online: bool
    watch: WatchMode
    photos: int
    failed: int
    scanning: bool
    last_scan: str | None
    lag_seconds: float
    hint: str | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """What the pipeline has done since the process started, and what waits.

    ``encoded`` counts inferences; ``linked`` counts photos that needed none because their content
    was known. ``images_per_second`` is measured over the last minute of work.
    """

    pending: int = 0
    scanning: bool = False
    encoded: int = 0
    linked: int = 0
    failed: int = 0
    removed: int = 0
    moved: int = 0
    images_per_second: float = 0.0
    eta_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TextProgress:
    """How far reading of text in photos is; ``text_pending``: None before its first look.

    ``text_read``: photos since the start; ``text_images_per_second``: over the last minute.
    """

    text_pending: int | None = None
    text_read: int = 0
    text_images_per_second: float = 0.0
    text_eta_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PackActivity:
    """A change of the pack: ``pack_done`` of ``pack_total`` photos have vectors of
    ``pack_target``; and a download, in bytes. As ``PackSwitchProgress`` and ``PackPullProgress``.
    """

    pack_change: SwitchState = "idle"
    pack_target: str | None = None
    pack_done: int = 0
    pack_total: int = 0
    pack_images_per_second: float = 0.0
    pack_eta_seconds: float | None = None
    pack_download: PullState = "idle"
    pack_download_name: str | None = None
    pack_download_bytes: int = 0
    pack_download_total_bytes: int = 0
    pack_download_eta_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class FineProgress:
    """The pack of the setting ``fine_pack``. ``fine_pack``: its id once it re-ranks, else None and
    ``fine_pack_problem`` says why, if it is not just being loaded. ``fine_vectors``: photos that it
    has seen; ``fine_pending``: those that came up in shortlists and wait, None where none are seen.
    """

    fine_pack: str | None = None
    fine_vectors: int = 0
    fine_pending: int | None = None
    fine_pack_problem: str | None = None


State = Literal["starting", "ready", "indexing", "paused", "degraded", "stopping"]


@dataclass(frozen=True, slots=True)
class TextReadingState:
    """Whether text in photos is read. ``photos``: contents in which some was found; ``pending``:
    photos that were not read yet, None where nobody has looked.
    """

    state: Literal["on", "off", "forgotten"]
    photos: int
    pending: int | None


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Flat counters for dashboards: ``/status`` and ``crispd status``.

    ``memory_mb``: what the process has; ``memory_limit_mb``: what it keeps within.
    ``message_code``: what ``message`` says, for programs; None where it has no code, and
    until it is told (``api``).
    ``pack_why``: why ``auto`` chose the pack that answers, as a sentence; else None.
    ``thumbnails_mb`` and ``thumbnail_cache_mb``: the same of thumbnails on the disk.
    ``thumbnails_pending``: photos whose larger ones are still looked after; None before that.
    ``words_pending``: photos whose words are still to be indexed anew after an upgrade.
    ``text_pending`` and what follows: as ``TextProgress``, where text in photos is read.
    ``pack_change`` and what follows: as ``PackActivity``; ``fine_pack`` and so on: as
    ``FineProgress``.
    """

    state: State
    photos: int
    pending: int
    failed: int
    encoded: int
    linked: int
    removed: int
    moved: int
    images_per_second: float
    eta_seconds: float | None
    scanning: bool
    pack: str
    version: str
    uptime_seconds: float
    folders: int
    folders_online: int
    index_vectors: int
    missing: int
    data_dir: str
    message: str | None = None
    message_code: str | None = None
    pack_why: str | None = None
    memory_mb: float | None = None
    memory_limit_mb: int = 0
    thumbnails_mb: float | None = None
    thumbnail_cache_mb: int = 0
    thumbnails_pending: int | None = None
    words_pending: int = 0
    text_pending: int | None = None
    text_read: int = 0
    text_images_per_second: float = 0.0
    text_eta_seconds: float | None = None
    pack_change: SwitchState = "idle"
    pack_target: str | None = None
    pack_done: int = 0
    pack_total: int = 0
    pack_images_per_second: float = 0.0
    pack_eta_seconds: float | None = None
    pack_download: PullState = "idle"
    pack_download_name: str | None = None
    pack_download_bytes: int = 0
    pack_download_total_bytes: int = 0
    pack_download_eta_seconds: float | None = None
    fine_pack: str | None = None
    fine_vectors: int = 0
    fine_pending: int | None = None
    fine_pack_problem: str | None = None


@dataclass(frozen=True, slots=True)
class CacheStats:
    """How often something was found in a cache since the start, and how often it was made."""

    hits: int = 0
    misses: int = 0


@dataclass(frozen=True, slots=True)
class HealthReport:
    """``ok`` is false where a part that must live is dead; ``reasons`` names it."""

    ok: bool
    reasons: tuple[str, ...] = ()


PictureType = Literal["image/jpeg", "image/webp"]


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture of a photo, named before it is made; ``size`` is the most its long side may have.

    ``tag`` tells content, size and type apart, and says nothing of single bytes: what is made again
    by another version, or of a larger picture, looks the same and is not the same to the byte.
    """

    photo: PhotoRecord
    size: int
    media_type: PictureType = "image/jpeg"

    @property
    def tag(self) -> str:
        """Opaque, of what may stand in an ETag."""
        kind = "w" if self.media_type == "image/webp" else ""
        return f"{self.photo.content_hash[:32]}-{self.size}{kind}"


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """An encoded picture to send. ``etag`` is unquoted and stands for these very bytes.

    ``final`` is false for one that is smaller than it was asked for, because there is no better.
    """

    data: bytes
    media_type: str
    etag: str
    final: bool = True


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """An original to send as it is. ``path`` is absolute and was checked to lie in its root.

    ``root``: checked once more when the file is open, since links may be put in its way.
    """

    path: str
    root: str
    media_type: str
    etag: str
    filename: str
    stamp: FileStamp
