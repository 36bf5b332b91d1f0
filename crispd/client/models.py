"""Responses as frozen dataclasses. ``raw`` holds fields that only later versions know."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


def _list_of(kind: type[Any]) -> Any:
    return field(metadata={"of": kind})


@dataclass(frozen=True, kw_only=True)
class Model:
    """Base of all responses. ``raw``: the JSON as it came, for fields that this version does not
    know.
    """

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class PhotoBase(Model):
    """What every photo has. ``path`` is relative to ``folder``; width and height in pixels.

    ``taken_precision``: how much of ``taken_at`` is known: second, minute, day, month or year.
    """

    id: str
    path: str
    folder: str
    filename: str = ""
    taken_at: str | None = None
    taken_from: str | None = None
    taken_precision: str | None = None
    width: int = 0
    height: int = 0
    type: str = ""
    online: bool = True
    thumbnail: str = ""
    original: str = ""


@dataclass(frozen=True, kw_only=True)
class Matched(Model):
    """A field of a file, and the words of the query in it. ``value``: what the field says, of text
    the line, which lies in ``box``: x and y of four corners; ``distance``: metres from ``near``.
    """

    field: str
    words: tuple[str, ...] = ()
    value: str | None = None
    box: tuple[float, ...] | None = None
    distance: float | None = None


@dataclass(frozen=True, kw_only=True)
class Place(Model):
    """A place in words: a city, a state or province, a country; None for what is not known."""

    name: str | None = None
    region: str | None = None
    country: str | None = None


@dataclass(frozen=True, kw_only=True)
class Hit(PhotoBase):
    """A photo of the results. ``score``: probability that it is relevant, 0 to 1.

    ``duplicates``: with ``group="duplicates"``, how many photos it stands for.
    """

    score: float
    coarse_score: float | None = None
    fine_score: float | None = None
    relevance: str | None = None
    duplicates: int | None = None
    duplicate_ids: tuple[str, ...] = ()
    matched: tuple[Matched, ...] = field(default=(), metadata={"of": Matched})
    people: tuple[str, ...] = ()
    place: Place | None = field(default=None, metadata={"one": Place})


@dataclass(frozen=True, kw_only=True)
class LineOfText(Model):
    """A line of text in a photo. ``confidence``: 0 to 1; ``corners``: x and y of four."""

    text: str
    confidence: float = 0.0
    corners: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MarkedLine(LineOfText):
    """``marks``: from which to which character words stand that were asked for."""

    marks: tuple[list[int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class TextOfPhoto(Model):
    """What was read in a photo. ``read``: whether it was looked at yet; ``text``: all lines."""

    read: bool
    text: str
    lines: tuple[MarkedLine, ...] = field(default=(), metadata={"of": MarkedLine})


@dataclass(frozen=True, kw_only=True)
class TextReading(Model):
    """Whether text in photos is read: ``state`` is on, off or forgotten. ``photos``: contents with
    text; ``pending``: photos not read yet.
    """

    state: str
    photos: int = 0
    pending: int | None = None


@dataclass(frozen=True, kw_only=True)
class Photo(PhotoBase):
    """All that is known of a photo. Degrees, metres, bytes; ``rating`` 1 to 5, or -1."""

    camera: str | None = None
    lens: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    title: str | None = None
    description: str | None = None
    people: tuple[str, ...] = ()
    place: Place | None = field(default=None, metadata={"one": Place})
    raws: tuple[str, ...] = ()
    text_lines: tuple[LineOfText, ...] = field(default=(), metadata={"of": LineOfText})
    bytes: int = 0
    modified: str = ""
    content_hash: str = ""


@dataclass(frozen=True, kw_only=True)
class Interpreted(Model):
    """A part of the query that is more than words: ``written``, at ``start`` to ``end``."""

    written: str
    start: int
    end: int
    field: str
    meant: str
    negated: bool = False


@dataclass(frozen=True, kw_only=True)
class SearchResults(Model):
    """A page of results. ``next``: cursor of the next one.

    ``asked_again``: the cursor had expired, so this page comes from a new search, without photos of
    earlier pages. ``closest``: without any relevant photo, the nearest ones.
    """

    results: tuple[Hit, ...] = _list_of(Hit)
    closest: tuple[Hit, ...] = field(default=(), metadata={"of": Hit})
    query: str = ""
    searched: str = ""
    considered: int = 0
    exact: bool = False
    reranked: int = 0
    next: str | None = None
    interpreted: tuple[Interpreted, ...] = field(default=(), metadata={"of": Interpreted})
    likely: int | None = None
    maybe: int | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    asked_again: bool = False


@dataclass(frozen=True, kw_only=True)
class Folder(Model):
    """One watched folder. ``lag_seconds``: age of the oldest change that waits."""

    path: str
    online: bool
    watch: str = ""
    photos: int = 0
    failed: int = 0
    scanning: bool = False
    last_scan: str | None = None
    lag_seconds: float = 0.0
    hint: str | None = None
    missing: int = 0


@dataclass(frozen=True, kw_only=True)
class Folders(Model):
    """All watched folders."""

    folders: tuple[Folder, ...] = _list_of(Folder)


@dataclass(frozen=True, kw_only=True)
class ProblemFile(Model):
    """A file that could not be read. ``code`` is for programs, ``reason`` for people."""

    path: str
    folder: str
    code: str
    reason: str
    since: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonCount(Model):
    """Somebody's name, and how many photos have it."""

    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class People(Model):
    """A page of them; ``total`` counts all."""

    people: tuple[PersonCount, ...] = _list_of(PersonCount)
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class PlaceFacet(Place):
    """``latitude``, ``longitude``: the middle of its photos in degrees, None where not known."""

    count: int
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, kw_only=True)
class Places(Model):
    """A page of them; ``total`` counts all."""

    places: tuple[PlaceFacet, ...] = _list_of(PlaceFacet)
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class Completion(Model):
    """``kind``: word, or the filter that ``text`` is a value of; ``q``: the whole box with it."""

    text: str
    kind: str
    q: str
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Completions(Model):
    """The best first."""

    completions: tuple[Completion, ...] = _list_of(Completion)


@dataclass(frozen=True, kw_only=True)
class Problems(Model):
    """A page of them; ``total`` counts all."""

    problems: tuple[ProblemFile, ...] = _list_of(ProblemFile)
    total: int = 0


@dataclass(frozen=True, kw_only=True)
class Status(Model):
    """Flat counters; ``raw`` has those that are not fields."""

    state: str
    photos: int
    pending: int = 0
    failed: int = 0
    images_per_second: float = 0.0
    eta_seconds: float | None = None
    text_pending: int | None = None
    fine_pack: str | None = None
    fine_vectors: int = 0
    fine_pending: int | None = None
    fine_pack_problem: str | None = None
    pack: str = ""
    pack_change: str = "idle"
    pack_target: str | None = None
    pack_done: int = 0
    pack_total: int = 0
    pack_download: str = "idle"
    version: str = ""
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Started(Model):
    """How many photos or folders were started."""

    started: int


@dataclass(frozen=True, kw_only=True)
class Paused(Model):
    """Whether somebody paused indexing."""

    paused: bool


@dataclass(frozen=True, kw_only=True)
class Health(Model):
    """``reasons`` says what is wrong."""

    ok: bool
    reasons: tuple[str, ...] = ()


def read(kind: type[T], data: Any) -> T:
    """``data`` as a ``kind``. Raises ValueError where it cannot be one."""
    if not isinstance(data, dict):
        raise ValueError(f"an object was expected, not {type(data).__name__}")
    known: Any = kind
    given = {
        part.name: _value(part.metadata, data[part.name])
        for part in fields(known)
        if part.name in data and part.name != "raw"
    }
    try:
        return known(**given, raw=data)  # type: ignore[no-any-return]
    except TypeError as error:
        raise ValueError(str(error)) from error


def _value(kinds: Mapping[str, type[Any]], value: Any) -> Any:
    """``kinds``: ``of`` what a list is of, or what ``one`` object is, where it is any."""
    one, kind = kinds.get("one"), kinds.get("of")
    if one is not None:
        return None if value is None else read(one, value)
    if not isinstance(value, list):
        if kind is not None:
            raise ValueError(f"a list was expected, not {type(value).__name__}")
        return value
    return tuple(value) if kind is None else tuple(read(kind, item) for item in value)
