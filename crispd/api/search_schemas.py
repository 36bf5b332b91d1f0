"""Response schemas of a search."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, FiniteFloat

from crispd.api.schemas import (
    PHOTO_EXAMPLE,
    PhotoBase,
    Place,
    example,
    note_values,
    photo_base,
    place_values,
)
from crispd.types import code_of
from crispd.types.arrays import displayable_text

if TYPE_CHECKING:
    from crispd.types import FieldMatch, ResultPage, SearchHit

_SCORES = {
    "relevance": None, "score": 0.87, "coarse_score": 0.31, "fine_score": 2.4, "people": ["Lena"],
    "place": {"name": "Kiel", "region": "Schleswig-Holstein", "country": "Germany"},
}  # fmt: skip


class Matched(BaseModel):
    """Why a photo was found: a field of its file and the words of the query that stand in it.

    ``field``: name, folder, title, description, keyword, person, place, camera, text, date, kind or
    near. ``value``: what the field says, where that is short; of text the line, whose corners
    ``box`` has as ``text_lines`` of ``/photos/{photo_id}`` do. ``distance``: metres from where
    ``near`` is.
    """

    model_config = example(
        {"field": "place", "words": ["Lissabon"], "value": "Lisbon, Portugal", "box": None,
         "distance": None}
    )  # fmt: skip

    field: str
    words: list[str]
    value: str | None = None
    box: list[float] | None = None
    distance: FiniteFloat | None = None


class Hit(PhotoBase):
    """A photo of an answer. ``score`` is a probability, 1 where only filters were given.

    ``relevance``: likely, maybe or unlikely; null where the pack cannot tell. ``coarse_score`` is
    null where nothing was compared, ``fine_score`` where the fine stage did not reach the photo.
    ``duplicates``: with ``group=duplicates``, how many photos that are nearly the same it stands
    for, else null; ``duplicate_ids``: the first 20 of them. ``matched``: why the file itself was
    found, empty where only the picture was. ``people`` and ``place``: as in ``/photos/{photo_id}``.
    """

    model_config = example({**PHOTO_EXAMPLE, **_SCORES})

    relevance: str | None = None
    score: FiniteFloat
    coarse_score: FiniteFloat | None
    fine_score: FiniteFloat | None
    duplicates: int | None = None
    duplicate_ids: list[str] = Field([])
    matched: list[Matched] = Field([])
    people: list[str] = Field([])
    place: Place | None = None


class Interpreted(BaseModel):
    """A part of the query, from character ``start`` to ``end``, and what it was taken to mean.

    Cut out of the query, the query means the same without it. ``negated``: photos of which it holds
    are left out. ``values`` says what is meant to programs, by the names of the filters.
    """

    model_config = example(
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

    model_config = example(
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


def search_response(answer: ResultPage) -> SearchResponse:
    """An answer as its model, which says what is sent."""
    return SearchResponse.model_validate(search_values(answer))


def search_values(answer: ResultPage) -> dict[str, Any]:
    """The values of a ``SearchResponse``, ready for JSON. A model of each photo would look at what
    is known to be right, and take three times as long.
    """
    return {
        "query": displayable_text(answer.query),
        "searched": displayable_text(answer.searched),
        "results": [_hit(hit) for hit in answer.hits],
        "closest": [_hit(hit) for hit in answer.closest],
        "considered": answer.considered,
        "exact": answer.exact,
        "reranked": answer.reranked,
        "next": answer.next,
        "interpreted": [asdict(part) for part in answer.interpreted],
        "likely": answer.likely,
        "maybe": answer.maybe,
        "timings_ms": {name: round(float(took), 3) for name, took in answer.timings_ms.items()},
        "notes": [displayable_text(note) for note in answer.notes],
        "remarks": [_remark(note) for note in answer.notes],
    }


def _remark(note: str) -> dict[str, Any]:
    return {
        "code": code_of(note) or "other",
        "values": note_values(note),
        "text": displayable_text(note),
    }


def _hit(hit: SearchHit) -> dict[str, Any]:
    return photo_base(hit.photo) | {
        "relevance": hit.relevance,
        "score": _score(hit.score),
        "coarse_score": None if hit.coarse_score is None else _score(hit.coarse_score),
        "fine_score": None if hit.fine_score is None else _score(hit.fine_score),
        "duplicates": hit.duplicates,
        "duplicate_ids": hit.duplicate_ids,
        "matched": [_matched(match) for match in hit.matched],
        "people": hit.photo.metadata.people,
        "place": place_values(hit.photo.place_names),
    }


def _score(value: float) -> float:
    if not math.isfinite(value):  # JSON has no such number
        raise ValueError(f"A score is {value}.")
    return round(float(value), 6)


def _matched(match: FieldMatch) -> dict[str, Any]:
    return {
        "field": match.field,
        "words": [displayable_text(word) for word in match.words],
        "value": match.value and displayable_text(match.value),
        "box": match.box,
        "distance": match.distance,
    }
