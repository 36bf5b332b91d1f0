"""Photos, from bytes to rows."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.types.arrays import Floats, Pixels
    from crispd.types.files import FileStamp


_AHEAD = timedelta(days=2)
# No date up to here is doubted for lying ahead: a board without a battery for its clock starts in
# 1970, or where it was switched off.
_WRITTEN = datetime(2027, 1, 1, tzinfo=UTC)


def latest_date() -> datetime:
    """A photo that says it was taken later is wrong, in whatever zone; with a zone itself."""
    return max(datetime.now(UTC) + _AHEAD, _WRITTEN)


Fit = Literal["stretch", "cover", "squash", "shortest"]
Interpolation = Literal["bicubic", "bilinear", "lanczos", "nearest"]
Rounding = Literal["even", "down"]


@dataclass(frozen=True, slots=True)
class ImageInput:
    """How a pack wants its pixels: a square of ``size``, filled by ``fit``.

    ``stretch`` and ``cover`` (centre crop) take what is quick to make; ``squash`` and ``shortest``
    (short side to ``resize``, then centre crop) are the same resized as Pillow does it in training,
    to the last bit. ``rounding``: where the crop begins that cannot lie in the middle.
    """

    size: int
    fit: Fit = "stretch"
    interpolation: Interpolation = "bicubic"
    resize: int = 0
    rounding: Rounding = "even"


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What a decoder may be fed: files of ``max_bytes``, pictures of ``max_pixels``, and such as
    take ``max_memory`` bytes to decode.

    ``take`` is called with those bytes before they are, and may wait until there is room.
    """

    max_pixels: int
    max_bytes: int
    take: Callable[[int], None] | None = None
    max_memory: int = 2**62


# Of what ``PhotoMetadata`` holds; raised when more is read, so that known photos are read again.
METADATA_VERSION = 4
CaptureTimeSource = Literal["exif", "xmp", "iptc", "png", "gps", "filename", "folder", "mtime"]
DatePrecision = Literal["second", "minute", "day", "month", "year"]
# What a date says, the surest first: the picture was made, it was digitized, its name was given, a
# satellite told the time (in UTC), something in the file was changed, the file was written.
DateKind = Literal["original", "digitized", "name", "satellite", "modified", "written"]
_DATE_KINDS: tuple[DateKind, ...] = get_args(DateKind)


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """A moment, RFC 3339 with an offset where one is known, and who says so.

    ``precision``: how much of it is known. The rest of ``at`` is made up: the first month, the
    first day, noon.
    """

    at: str
    source: CaptureTimeSource
    precision: DatePrecision = "second"
    kind: DateKind = field(default="original", compare=False)

    @property
    def rank(self) -> int:
        """0 for the surest kind."""
        return _DATE_KINDS.index(self.kind)


def most_reliable(*found: CaptureTime | None) -> CaptureTime | None:
    """Of those there are, the one of the surest kind; of one kind the first."""
    return min((each for each in found if each), key=lambda each: each.rank, default=None)


@dataclass(frozen=True, slots=True)
class GeoPosition:
    """Degrees, north and east positive (WGS 84); metres above the sea, where they are known."""

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """A place in words; None for what is not known. ``region``: a state or a province."""

    city: str | None = None
    region: str | None = None
    country: str | None = None
    sublocation: str | None = None

    def __bool__(self) -> bool:
        return bool(self.all())

    def all(self) -> tuple[str, ...]:
        """Those that are known: city, region, country, place within the city."""
        names = (self.city, self.region, self.country, self.sublocation)
        return tuple(name for name in names if name)


@dataclass(frozen=True, slots=True)
class PhotoMetadata:
    """What a photo says of itself. Dimensions are as seen, after orientation, in pixels.

    ``taken`` is local wall-clock time. ``rating`` is 1 to 5, -1 for rejected; 0 and what is not
    rated are None. ``altitude``: metres above the sea where there is no ``place``.
    ``location``: the place in words. ``keyword_paths``: keywords of a tree below their parents, as
    ``Places/Rome``; ``keywords`` has each branch by itself. ``colourfulness``: 0, grey, to 255;
    None where nobody looked at the pixels.
    """

    width: int
    height: int
    type: str
    capture_time: CaptureTime | None = None
    camera: str | None = None
    lens: str | None = None
    place: GeoPosition | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    altitude: float | None = None
    title: str | None = None
    description: str | None = None
    people: tuple[str, ...] = ()
    location: PlaceNames | None = None
    keyword_paths: tuple[str, ...] = ()
    # not compared: it is seen, not said, and what is read without the pixels lacks it
    colourfulness: int | None = field(default=None, compare=False)

    @property
    def metres(self) -> float | None:
        """Above the sea, with a place or without."""
        return self.place.altitude if self.place else self.altitude


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What XMP files beside a photo say; where they do, it goes before what the photo says."""

    capture_time: CaptureTime | None = None
    place: GeoPosition | None = None
    altitude: float | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    title: str | None = None
    description: str | None = None
    people: tuple[str, ...] = ()
    location: PlaceNames | None = None
    keyword_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A stored JPEG, for pictures with a long side of up to ``size`` pixels."""

    size: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """``pixels``: uint8 [size, size, 3], RGB, oriented. ``thumbnails``: the smallest first."""

    pixels: Pixels
    metadata: PhotoMetadata
    thumbnails: tuple[Thumbnail, ...]


@dataclass(frozen=True, slots=True)
class EncodedPhoto:
    """``embedding``: float32 [dim], unit length. ``tokens``: region tokens as stored, or None.
    ``pack``: by which pack, where that is told.
    """

    embedding: Floats
    tokens: bytes | None
    pack: str = ""


@dataclass(frozen=True, slots=True)
class EncodedText:
    """``embedding`` float32 [dim]; ``tokens`` float32 [L, token_dim]; ``word_mask`` float32 [L].

    ``cut`` is true where the text was longer than the pack reads. ``words``: how many say what is
    seen. ``share``: how many times heavier the class part of ``embedding`` was made; ``trust``:
    what a fine score counts for this text. ``gain``: what coarse scores are multiplied by before
    relevance is told.
    """

    embedding: Floats
    tokens: Floats
    word_mask: Floats
    cut: bool = False
    words: int = 1
    share: float = 1.0
    trust: float = 1.0
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class CaptureKey:
    """The moment and camera of a photo, as its file says; None for what it does not say."""

    taken_at: str | None = None
    camera: str | None = None


class PhotoState(StrEnum):
    """A row of ``photos`` is searchable or failed; what waits has no row yet."""

    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A path that SQLite knows. ``outdated``: this version reads more metadata than the one that
    stored it.

    ``content_hash``: only where the query wanted it.
    """

    stamp: FileStamp
    state: PhotoState
    outdated: bool = False
    content_hash: str | None = None


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text in a photo. ``confidence``: 0 to 1.

    ``corners``: x and y of four, shares of width and height, clockwise as the text is read from
    where it begins at the top.
    """

    text: str
    confidence: float
    corners: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PhotoText:
    """What was read in a photo. ``marks``: of each line, from which to which character words stand
    that somebody looks for. ``is_read``: whether anything has been looked for in it.
    """

    lines: tuple[TextLine, ...]
    marks: tuple[tuple[tuple[int, int], ...], ...]
    is_read: bool


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A searchable photo as stored. ``id`` is the opaque public one.

    ``online``: its folder is present, as far as the service knows. ``raws``: camera RAWs beside it
    that it stands for, ``place_names`` and ``text_lines``: where somebody has looked. ``row``: its
    number in SQLite, kept by moves.
    """

    id: str
    root_id: int
    root_path: str
    path: str
    content_hash: str
    stamp: FileStamp
    metadata: PhotoMetadata
    online: bool = True
    raws: tuple[str, ...] = ()
    row: int = 0
    place_names: PlaceNames | None = None
    text_lines: tuple[TextLine, ...] = ()

    @property
    def full_path(self) -> str:
        """Absolute path of the original."""
        return os.path.join(self.root_path, self.path)  # noqa: PTH118 - surrogate escapes


TEXT_PROBLEM = "text"


@dataclass(frozen=True, slots=True)
class IndexingProblem:
    """A file that could not be read. ``code`` is for programs, ``reason`` for people.

    Of ``TEXT_PROBLEM`` is a searchable photo whose text could not be read, or not all of it.
    """

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
