"""The state of the house."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from crispd.types.files import FileStamp


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


State = Literal["starting", "ready", "indexing", "paused", "degraded", "stopping"]


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Flat counters for dashboards: ``/status`` and ``crispd status``.

    ``memory_mb``: what the process has; ``memory_limit_mb``: what it keeps within.
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
    memory_mb: float | None = None
    memory_limit_mb: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """``ok`` is false where a part that must live is dead; ``reasons`` names it."""

    ok: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """An encoded picture to send. ``etag`` is unquoted."""

    data: bytes
    media_type: str
    etag: str


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
