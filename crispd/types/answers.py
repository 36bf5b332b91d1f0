"""Answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.types.arrays import Floats, Labels
    from crispd.types.photos import PhotoRecord
    from crispd.types.query import Interpretation

RelevanceName = Literal["likely", "maybe", "unlikely"]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One photo of an answer.

    ``coarse_score`` is None where nothing was compared, ``fine_score`` where the fine stage did not
    reach it, ``relevance`` where the pack cannot tell. ``duplicates``: how many photos that are
    nearly the same it stands for, None where nobody asked; ``duplicate_ids`` are the first of them.
    """

    photo: PhotoRecord
    score: float
    coarse_score: float | None
    fine_score: float | None
    relevance: RelevanceName | None = None
    duplicates: int | None = None
    duplicate_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """``timings_ms`` has the keys text, filter, coarse, fine, total; ``notes`` are sentences.

    ``searched``: the text that was searched for, which is ``query`` without its filters and with
    slips put right. ``next``: where the next page begins. ``likely`` and ``maybe``: how many
    contents of the library are; None where nobody counted. ``closest``: where nothing may be it,
    what comes nearest; it is not part of the answer.
    """

    query: str
    searched: str
    hits: tuple[SearchHit, ...]
    considered: int
    exact: bool
    reranked: int
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    next: str | None = None
    interpreted: tuple[Interpretation, ...] = ()
    likely: int | None = None
    maybe: int | None = None
    closest: tuple[SearchHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """How far down neighbours are wanted: all that score ``least`` or more. ``about``: how many of
    the whole library are expected to; it decides the way, not the result.
    """

    least: float
    about: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Coarse result, best first: ``labels`` int64 [k], ``scores`` float32 [k] (inner products)."""

    labels: Labels
    scores: Floats
    exact: bool
