"""Values and Protocols that pass between rooms. Imports nothing of ours.

A frozen dataclass is named for what is known at that point of the way: a ``FileEvent`` knows a
path, a ``FileStamp`` what the file system says, a ``DecodedPhoto`` its pixels, an ``EncodedPhoto``
its vectors, a ``PhotoRecord`` what SQLite holds.

Paths inside a root are ``str`` as Python's ``os`` gives them: names that are not UTF-8 carry
surrogate escapes. They are stored as bytes (``os.fsencode``) and shown with ``displayable``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Precision = Literal["auto", "float", "int8"]


def displayable(path: str) -> str:
    """``path`` as valid Unicode: bytes that are not UTF-8 are shown as U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


# --- files ------------------------------------------------------------------------------------


class EventKind(StrEnum):
    """What a watcher says happened to a path."""

    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"
    RESCAN = "rescan"


@dataclass(frozen=True, slots=True)
class FileEvent:
    """Something happened under a root. ``path`` and ``moved_to`` are relative to it."""

    kind: EventKind
    root_id: int
    path: str = ""
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells a changed file without reading it: bytes and nanoseconds."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A candidate that a walk of a root came upon."""

    path: str
    stamp: FileStamp


@dataclass(frozen=True, slots=True)
class Root:
    """A watched folder. ``path`` is absolute."""

    id: int
    path: str


# --- photos -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImageInput:
    """How a pack wants its pixels: a square of ``size``, filled by ``fit``."""

    size: int
    fit: Literal["stretch", "cover"] = "stretch"
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What a decoder may be fed. ``max_pixels`` counts pixels that would be held in memory."""

    max_pixels: int
    max_bytes: int


# Of what ``PhotoMetadata`` holds; raised when more is read, so that known photos are read again.
METADATA_VERSION = 1
TakenFrom = Literal["exif", "xmp", "filename", "mtime"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A moment, RFC 3339 with an offset where one is known, and who says so."""

    at: str
    source: TakenFrom


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees, north and east positive (WGS 84); metres above the sea, where they are known."""

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True, slots=True)
class PhotoMetadata:
    """What a photo says of itself. Dimensions are as seen, after orientation, in pixels.

    ``taken`` is local wall-clock time. ``rating`` is 1 to 5, -1 for rejected; 0 and what is not
    rated are None.
    """

    width: int
    height: int
    type: str
    taken: Taken | None = None
    camera: str | None = None
    lens: str | None = None
    place: Place | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """``pixels``: uint8 [size, size, 3], RGB, oriented. ``thumbnail``: a JPEG."""

    pixels: Pixels
    metadata: PhotoMetadata
    thumbnail: bytes


@dataclass(frozen=True, slots=True)
class EncodedPhoto:
    """``embedding``: float32 [dim], unit length. ``tokens``: region tokens as stored, or None."""

    embedding: Floats
    tokens: bytes | None


@dataclass(frozen=True, slots=True)
class EncodedText:
    """``embedding`` float32 [dim]; ``tokens`` float32 [L, token_dim]; ``word_mask`` float32 [L].

    ``cut`` is true where the text was longer than the pack reads.
    """

    embedding: Floats
    tokens: Floats
    word_mask: Floats
    cut: bool = False


class PhotoState(StrEnum):
    """A row of ``photos`` is searchable or failed; what waits has no row yet."""

    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What SQLite knows of a path. ``outdated``: more is read of photos now than when it was."""

    stamp: FileStamp
    state: PhotoState
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A searchable photo as stored. ``id`` is the opaque public one."""

    id: str
    root_id: int
    root_path: str
    path: str
    content_hash: str
    stamp: FileStamp
    metadata: PhotoMetadata

    @property
    def full_path(self) -> str:
        """Absolute path of the original."""
        return os.path.join(self.root_path, self.path)  # noqa: PTH118 - surrogate escapes


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read. ``code`` is for programs, ``reason`` for people."""

    root_path: str
    path: str
    code: str
    reason: str
    since: str


@dataclass(frozen=True, slots=True)
class RootCounts:
    """Photos and failures of one root."""

    photos: int
    failed: int


# --- answers ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the engine takes it. ``text`` is not empty; ``limit`` is 1 to 200.

    ``spelling``: slips of the finger are put right.
    """

    text: str
    limit: int = 30
    rerank: bool = True
    spelling: bool = True


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One photo of an answer. ``fine_score`` is None where the fine stage did not reach it."""

    photo: PhotoRecord
    score: float
    coarse_score: float
    fine_score: float | None


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """``timings_ms`` has the keys text, coarse, fine, total; ``notes`` are sentences.

    ``searched``: the text that was searched for, which is ``query`` but for slips put right.
    """

    query: str
    searched: str
    hits: tuple[SearchHit, ...]
    considered: int
    exact: bool
    reranked: int
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Coarse result, best first: ``labels`` int64 [k], ``scores`` float32 [k] (inner products)."""

    labels: Labels
    scores: Floats
    exact: bool


# --- what rooms ask of each other ---------------------------------------------------------------


class ImageEncoder(Protocol):
    """Pixels to vectors; called from the one encoder thread."""

    def encode(self, pixels: Pixels) -> list[EncodedPhoto]:
        """``pixels`` uint8 [B, size, size, 3] -> B encoded photos."""


class TextEncoder(Protocol):
    """Words to vectors; called from search threads."""

    def encode(self, text: str) -> EncodedText:
        """One text, not batched: a query is always one sentence."""


class Reranker(Protocol):
    """The fine stage of a pack."""

    @property
    def coarse_weight(self) -> float:
        """Share of the coarse score in the final one."""

    @property
    def short_list(self) -> int:
        """K the pack was tuned for."""

    def score(self, text: EncodedText, tokens: Sequence[bytes]) -> Floats:
        """Fine scores float32 [K] of K candidates' stored tokens."""


class Calibration(Protocol):
    """Raw scores to probabilities."""

    def final(self, score: float) -> float:
        """Probability of a re-ranked photo, 0..1."""

    def coarse(self, score: float) -> float:
        """Probability where only the coarse score is known, 0..1."""


class CoarseIndex(Protocol):
    """Nearest neighbours by inner product. ``search`` may run beside anything."""

    def search(self, vector: Floats, k: int) -> Neighbours:
        """At most ``k`` live neighbours, best first; fewer where the index holds fewer."""

    def __len__(self) -> int:
        """Live vectors."""


class PhotoReader(Protocol):
    """What a search reads from SQLite."""

    def photos_of(self, labels: Sequence[int]) -> dict[int, list[PhotoRecord]]:
        """Ready photos by embedding label; a copy shares its label with its original."""

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        """Stored region tokens by embedding label."""


class VectorSource(Protocol):
    """What an index is rebuilt from."""

    def live_labels(self, pack: str) -> Labels:
        """Labels of every embedding that a ready photo refers to, ascending."""

    def vectors(self, pack: str, labels: Labels) -> Iterator[tuple[Labels, Floats]]:
        """Chunks of (labels [n], vectors [n, dim]) for the given labels."""


# --- the state of the house ---------------------------------------------------------------------


class WatchMode(StrEnum):
    """How changes under a root are noticed."""

    EVENTS = "events"
    POLLING = "polling"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """One root as ``/folders`` shows it. ``lag_seconds``: age of the oldest change that waits."""

    path: str
    online: bool
    watch: WatchMode
    photos: int
    failed: int
    scanning: bool
    last_scan: str | None
    lag_seconds: float
    hint: str | None = None


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
class ServiceStatus:
    """Flat counters for dashboards: ``/status`` and ``crispd status``."""

    state: Literal["starting", "ready", "indexing", "degraded", "stopping"]
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
    data_dir: str
    message: str | None = None


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
    """An original to send as it is. ``path`` is absolute and was checked to lie in its root."""

    path: str
    media_type: str
    etag: str
    filename: str
    stamp: FileStamp
