"""Response schemas of the API."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from crispd.types import Note, code_of, displayable
from crispd.types.arrays import displayable_text

if TYPE_CHECKING:
    from crispd.types import (
        FolderStatus,
        IndexingProblem,
        PhotoRecord,
        PlaceNames,
        ServiceStatus,
    )


def example(value: dict[str, Any]) -> ConfigDict:
    """What the OpenAPI shows of a model."""
    return ConfigDict(json_schema_extra={"example": value})


PHOTO_EXAMPLE = {
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


class ProblemDetails(BaseModel):
    """An error, after RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class PhotoBase(BaseModel):
    """What every photo has. ``path`` is relative to ``folder``; width and height as seen.

    ``taken_from`` says who tells the time: exif, xmp, iptc, a text of a png, gps, the filename, a
    folder, or the file's mtime. ``taken_precision``: how much of it is known, as second, minute,
    day, month or year; the rest of ``taken_at`` is made up.
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

    model_config = example(
        {
            **PHOTO_EXAMPLE, "camera": "Pixel 8", "lens": None, "latitude": 54.32,
            "longitude": 10.13,
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


def note_values(note: str | None) -> dict[str, str]:
    """What the sentence of a note names."""
    values = note.values if isinstance(note, Note) else {}
    return {name: displayable_text(str(value)) for name, value in values.items()}


def status_response(found: ServiceStatus) -> ServiceStatus:
    """As it goes out: the path in valid Unicode, the message with its code."""
    code = code_of(found.message)
    return replace(found, data_dir=displayable(found.data_dir), message_code=code)


def place_values(names: PlaceNames | None) -> dict[str, str | None] | None:
    """The values of a ``Place``."""
    if not names:
        return None
    return {
        "name": names.city or names.sublocation, "region": names.region, "country": names.country
    }  # fmt: skip


def photo_response(photo: PhotoRecord, modified: str) -> Photo:
    """A photo as JSON."""
    metadata = photo.metadata
    at, place = metadata.place, place_values(photo.place_names)
    return Photo(
        **photo_base(photo),
        camera=metadata.camera,
        lens=metadata.lens,
        latitude=at and at.latitude,
        longitude=at and at.longitude,
        altitude=photo.metadata.metres,
        rating=metadata.rating,
        keywords=list(metadata.keywords),
        title=metadata.title,
        description=metadata.description,
        people=list(metadata.people),
        place=place and Place(**place),
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
        hint_values=note_values(folder.hint),
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
