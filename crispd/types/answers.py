"""Questions and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.types.arrays import Floats, Labels
    from crispd.types.photos import PhotoRecord


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
