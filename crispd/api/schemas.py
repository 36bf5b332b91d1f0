"""Response schemas of the API."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from crispd.types import Note, code_of, displayable
from crispd.types.arrays import displayable_text

if TYPE_CHECKING:
    from crispd.types import (
        FolderStatus,
        IndexingProblem,
        PhotoRecord,
        PlaceNames,
        ResultPage,
        SearchHit,
        ServiceStatus,
    )


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


_PHOTO = {
    "id": "mzxw6ytboi2dimrqgeydcmjr",
    "path": "2021/07/IMG_1.jpg",
    "folder": "/srv/photos",
    "filename": "IMG_1.jpg",
    "taken_at": "2021-07-03T10:12:00",
    "taken_from": "exif",
    "taken_precision": "second",
    "width": 4032,
    "height": 3024,
    "type": "jpeg",
    "online": True,
    "thumbnail": "/photos/mzxw6ytboi2dimrqgeydcmjr/thumbnail",
    "original": "/photos/mzxw6ytboi2dimrqgeydcmjr/original",
}
_SCORES = {
    "relevance": None, "score": 0.87, "coarse_score": 0.31, "fine_score": 2.4, "people": ["Lena"],
    "place": {"name": "Kiel", "region": "Schleswig-Holstein", "country": "Germany"},
}  # fmt: skip


class ProblemDetails(BaseModel):
    """An error, after RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class PhotoBase(BaseModel):
    """What every photo has. ``path`` is relative to ``folder``; width and height as seen.

    ``taken_from`` says who tells the time: exif, xmp, iptc, a text of a png, gps, the filename, or
    the file's mtime. ``taken_precision``: how much of it is known, as second, minute, day, month or
    year; the rest of ``taken_at`` is made up.
    ``online``: the drive of its folder is there; the thumbnail is there in any case.
    """

    id: str
    path: str
    folder: str
    filename: str
    taken_at: str | None
    taken_from: str | None
    taken_precision: str | None
    width: int
    height: int
    type: str
    online: bool
    thumbnail: str
    original: str


class Place(BaseModel):
    """A place in words; null for what is not known. ``name``: a city, or a place within one where
    the city is not known; ``region``: a state or a province.
    """

    name: str | None
    region: str | None
    country: str | None


class LineOfText(BaseModel):
    """A line of text in a photo. ``confidence``: 0 to 1.

    ``corners``: x and y of four, shares of width and height, clockwise from where the text begins
    at its top.
    """

    text: str
    confidence: float
    corners: list[float]


class Photo(PhotoBase):
    """One photo with all that is known of it. Degrees and metres; ``rating`` 1 to 5, or -1.

    ``place``: as the photo itself names it, with what is left out by its position. ``text_lines``:
    what was read in it, from the top to the bottom.
    """

    model_config = _example(
        {
            **_PHOTO, "camera": "Pixel 8", "lens": None, "latitude": 54.32, "longitude": 10.13,
            "altitude": 4.0, "rating": 5, "keywords": ["beach", "Lena"], "raws": [],
            "title": "The first swim", "description": "Lena and the dog, before breakfast.",
            "people": ["Lena"],
            "place": {"name": "Kiel", "region": "Schleswig-Holstein", "country": "Germany"},
            "text_lines": [
                {"text": "OPEN 9-18", "confidence": 0.98,
                 "corners": [0.41, 0.2, 0.6, 0.2, 0.6, 0.24, 0.41, 0.24]},
            ],
            "bytes": 3145728, "modified": "2021-07-03T08:12:00Z",
        }
    )  # fmt: skip

    camera: str | None
    lens: str | None
    latitude: float | None
    longitude: float | None
    altitude: float | None
    rating: int | None
    keywords: list[str]
    title: str | None
    description: str | None
    people: list[str]
    place: Place | None
    raws: list[str]
    text_lines: list[LineOfText]
    bytes: int
    modified: str
    content_hash: str


class Matched(BaseModel):
    """A field of a file and the words of the query that stand in it.

    ``field``: name, folder, title, description, keyword, person, place, camera or text.
    """

    model_config = _example({"field": "folder", "words": ["Algarve"]})

    field: str
    words: list[str]


class Hit(PhotoBase):
    """A photo of an answer. ``score`` is a probability, 1 where only filters were given.

    ``relevance``: likely, maybe or unlikely; null where the pack cannot tell. ``coarse_score`` is
    null where nothing was compared, ``fine_score`` where the fine stage did not reach the photo.
    ``duplicates``: with ``group=duplicates``, how many photos that are nearly the same it stands
    for, else null; ``duplicate_ids``: the first 20 of them. ``matched``: why the file itself was
    found, empty where only the picture was. ``people`` and ``place``: as in ``/photos/{photo_id}``.
    """

    model_config = _example({**_PHOTO, **_SCORES})

    relevance: str | None = None
    score: FiniteFloat
    coarse_score: FiniteFloat | None
    fine_score: FiniteFloat | None
    duplicates: int | None = None
    duplicate_ids: list[str] = []
    matched: list[Matched] = []
    people: list[str] = []
    place: Place | None = None


class Interpreted(BaseModel):
    """A part of the query, from character ``start`` to ``end``, and what it was taken to mean.

    Cut out of the query, the query means the same without it. ``negated``: photos of which it holds
    are left out. ``values`` says what is meant to programs, by the names of the filters.
    """

    model_config = _example(
        {
            "written": "last summer", "start": 6, "end": 17, "field": "date",
            "meant": "2026-06-01 to 2026-08-31", "negated": False,
            "values": {"after": "2026-06-01T00:00:00", "before": "2026-09-01T00:00:00"},
        }
    )  # fmt: skip

    written: str
    start: int
    end: int
    field: str
    meant: str
    negated: bool
    values: dict[str, Any] = {}


class Remark(BaseModel):
    """A note for programs: its ``code``, what its sentence names, and the sentence itself."""

    model_config = _example(
        {
            "code": "spelling", "values": {"written": "mountians", "read": "mountains"},
            "text": "Read mountains for mountians; spelling=false searches for the words as they "
            "are written.",
        }
    )  # fmt: skip

    code: str
    values: dict[str, str] = {}
    text: str


class SearchResponse(BaseModel):
    """``considered``: contents that the filters let through; ``next``: cursor of the next page.

    ``searched``: the words searched for, those of ``query`` without filters and with slips put
    right. ``interpreted``: the parts of ``query`` that are more than words. ``likely`` and
    ``maybe`` count such contents, also those not shown; null where relevance cannot be told.
    ``closest``: where nothing may be it, the few photos that come nearest; not part of the answer.
    """

    query: str
    searched: str
    results: list[Hit]
    closest: list[Hit] = []
    considered: int
    exact: bool
    reranked: int
    next: str | None = None
    interpreted: list[Interpreted] = []
    likely: int | None = None
    maybe: int | None = None
    timings_ms: dict[str, float] = Field(
        examples=[{"text": 4.1, "filter": 0.0, "coarse": 0.8, "fine": 11.0, "total": 17.2}]
    )
    notes: list[str] = []
    remarks: list[Remark] = []


class Folder(BaseModel):
    """One watched folder. ``missing``: photos that wait for ``POST /folders/confirm``."""

    path: str
    online: bool
    watch: str
    photos: int
    failed: int
    scanning: bool
    last_scan: str | None
    lag_seconds: float
    hint: str | None
    hint_code: str | None = None
    hint_values: dict[str, str] = {}
    missing: int


class Folders(BaseModel):
    """All watched folders."""

    folders: list[Folder]


class ProblemFile(BaseModel):
    """A file that could not be read. ``code`` is for programs, ``reason`` for people."""

    path: str
    folder: str
    code: str
    reason: str
    since: str


class Problems(BaseModel):
    """A page of them; ``total`` counts all."""

    problems: list[ProblemFile]
    total: int


class Paused(BaseModel):
    """Whether somebody paused indexing."""

    paused: bool


class Started(BaseModel):
    """How many were taken on."""

    started: int


class HealthResponse(BaseModel):
    """``reasons`` says what is wrong."""

    ok: bool
    reasons: list[str]


def search_response(answer: ResultPage) -> SearchResponse:
    """An answer as JSON."""
    return SearchResponse(
        query=displayable_text(answer.query),
        searched=displayable_text(answer.searched),
        results=[_hit(hit) for hit in answer.hits],
        closest=[_hit(hit) for hit in answer.closest],
        considered=answer.considered,
        exact=answer.exact,
        reranked=answer.reranked,
        timings_ms={name: round(float(took), 3) for name, took in answer.timings_ms.items()},
        notes=[displayable_text(note) for note in answer.notes],
        remarks=[_remark(note) for note in answer.notes],
        next=answer.next,
        interpreted=[Interpreted(**asdict(part)) for part in answer.interpreted],
        likely=answer.likely,
        maybe=answer.maybe,
    )


def _remark(note: str) -> Remark:
    return Remark(
        code=code_of(note) or "other", values=_note_values(note), text=displayable_text(note)
    )


def _note_values(note: str | None) -> dict[str, str]:
    values = note.values if isinstance(note, Note) else {}
    return {name: displayable_text(str(value)) for name, value in values.items()}


def status_response(found: ServiceStatus) -> ServiceStatus:
    """As it goes out: the path in valid Unicode, the message with its code."""
    code = code_of(found.message)
    return replace(found, data_dir=displayable(found.data_dir), message_code=code)


def place_response(names: PlaceNames | None) -> Place | None:
    """The names of a place as JSON."""
    if not names:
        return None
    return Place(name=names.city or names.sublocation, region=names.region, country=names.country)


def photo_response(photo: PhotoRecord, modified: str) -> Photo:
    """A photo as JSON."""
    metadata = photo.metadata
    place = metadata.place
    return Photo(
        **photo_base(photo),
        camera=metadata.camera,
        lens=metadata.lens,
        latitude=place and place.latitude,
        longitude=place and place.longitude,
        altitude=photo.metadata.metres,
        rating=metadata.rating,
        keywords=list(metadata.keywords),
        title=metadata.title,
        description=metadata.description,
        people=list(metadata.people),
        place=place_response(photo.place_names),
        raws=[displayable(path) for path in photo.raws],
        text_lines=[LineOfText(**asdict(line)) for line in photo.text_lines],
        bytes=photo.stamp.size,
        modified=modified,
        content_hash=photo.content_hash,
    )


def folder_response(folder: FolderStatus) -> Folder:
    """A root as JSON."""
    return Folder(
        path=displayable(folder.path),
        online=folder.online,
        watch=folder.watch.value,
        photos=folder.photos,
        failed=folder.failed,
        scanning=folder.scanning,
        last_scan=folder.last_scan,
        lag_seconds=folder.lag_seconds,
        hint=folder.hint,
        hint_code=code_of(folder.hint),
        hint_values=_note_values(folder.hint),
        missing=folder.missing,
    )


def problem_response(problem: IndexingProblem) -> ProblemFile:
    """A failed file as JSON."""
    return ProblemFile(
        path=displayable(problem.path),
        folder=displayable(problem.root_path),
        code=problem.code,
        reason=problem.reason,
        since=problem.since,
    )


def _hit(hit: SearchHit) -> Hit:
    return Hit(
        **photo_base(hit.photo),
        score=round(float(hit.score), 6),
        relevance=hit.relevance,
        duplicates=hit.duplicates,
        duplicate_ids=list(hit.duplicate_ids),
        matched=[
            Matched(field=each.field, words=[displayable_text(word) for word in each.words])
            for each in hit.matched
        ],
        people=list(hit.photo.metadata.people),
        place=place_response(hit.photo.place_names),
        coarse_score=None if hit.coarse_score is None else round(float(hit.coarse_score), 6),
        fine_score=None if hit.fine_score is None else round(float(hit.fine_score), 6),
    )


def photo_base(photo: PhotoRecord) -> dict[str, Any]:
    """The fields of ``PhotoBase``."""
    path, taken = displayable(photo.path), photo.metadata.capture_time
    return {
        "id": photo.id,
        "path": path,
        "folder": displayable(photo.root_path),
        "filename": path.rpartition("/")[2],
        "taken_at": taken and taken.at,
        "taken_from": taken and taken.source,
        "taken_precision": taken and taken.precision,
        "width": photo.metadata.width,
        "height": photo.metadata.height,
        "type": photo.metadata.type,
        "online": photo.online,
        "thumbnail": f"/photos/{photo.id}/thumbnail",
        "original": f"/photos/{photo.id}/original",
    }
