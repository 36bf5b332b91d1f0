"""Search results."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.types.arrays import Floats, Labels
    from crispd.types.photo import GeoPosition, PhotoRecord, PlaceNames
    from crispd.types.query import Interpretation
    from crispd.types.word_match import FieldMatch

RelevanceName = Literal["likely", "maybe", "unlikely"]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One photo of a result.

    ``coarse_score`` is None where nothing was compared, ``fine_score`` where the fine stage did not
    reach it, ``relevance`` where the pack cannot tell. ``duplicates``: how many photos that are
    nearly the same it stands for, None where nobody asked; ``duplicate_ids`` are the first of them.
    ``matched``: fields of its file that have words of the query.
    """

    photo: PhotoRecord
    score: float
    coarse_score: float | None
    fine_score: float | None
    relevance: RelevanceName | None = None
    duplicates: int | None = None
    duplicate_ids: tuple[str, ...] = ()
    matched: tuple[FieldMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of results. ``timings_ms``: by stage, see ``StageTimings``; ``notes``: sentences.

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

    def after(self, **milliseconds: float) -> ResultPage:
        """The same with stages before those of the search; ``total`` has them, too."""
        total = self.timings_ms.get("total", 0.0) + sum(milliseconds.values())
        return replace(self, timings_ms={**milliseconds, **self.timings_ms, "total": total})


@dataclass(frozen=True, slots=True)
class Candidates:
    """Coarse result, best first: ``labels`` int64 [k], ``scores`` float32 [k] (inner products).

    ``complete``: the library has no more. ``penalties`` float32 [k]: what a negative prompt takes
    off the scores; the order is that of the difference.
    """

    labels: Labels
    scores: Floats
    exact: bool
    complete: bool = False
    penalties: Floats | None = None

    @property
    def ordering(self) -> Floats:
        """float32 [k]: what the order goes by."""
        return self.scores if self.penalties is None else self.scores - self.penalties


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """``photos``: the best first. ``wasted_bytes``: of all but that one."""

    photos: tuple[PhotoRecord, ...]
    wasted_bytes: int


@dataclass(frozen=True, slots=True)
class DuplicatePage:
    """``checked`` of ``total`` contents have been compared; ``complete``: all. ``next``: cursor."""

    groups: tuple[DuplicateGroup, ...]
    complete: bool
    checked: int
    total: int
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value that a filter takes, and how many photos it lets through."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A place and how many photos were taken there; ``position``: their middle, where known."""

    names: PlaceNames
    position: GeoPosition | None
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Values of filters, those of most photos first; years the latest first.

    ``folders`` are paths below a root, counted with what lies below them.
    """

    types: tuple[ValueCount, ...] = ()
    cameras: tuple[ValueCount, ...] = ()
    years: tuple[ValueCount, ...] = ()
    folders: tuple[ValueCount, ...] = ()
    people: tuple[ValueCount, ...] = ()
    places: tuple[ValueCount, ...] = ()
    keywords: tuple[ValueCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestions:
    """``words`` find something here, the surest first; ``complete``: all have been tried."""

    facets: Facets
    words: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Completion:
    """What a part of the box may become. ``kind``: word, or the filter that ``text`` is a value of;
    ``count``: of its photos, 0 where nobody counted; ``q``: the whole box with it.
    """

    text: str
    kind: str
    count: int
    q: str
