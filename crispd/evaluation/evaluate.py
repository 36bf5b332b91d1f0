"""The evaluation of one data set: ranking and speed by shortlist length."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from crispd.evaluation.arms import Arms
from crispd.evaluation.encoded import encode_library
from crispd.evaluation.latency import Latency, latencies
from crispd.evaluation.quality import (
    COARSE,
    FULL,
    RANKS,
    CaptionQuery,
    Proportion,
    caption_ranks,
    cascade_name,
    difference,
    precision,
    proportion,
)
from crispd.platform.memory import peak_mb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.evaluation.dataset import Dataset
    from crispd.evaluation.quality import CaptionRanks
    from crispd.packs.pack import Pack
    from crispd.types import DecodeLimits, Labels

SHORT_LISTS = (10, 20, 50, 100, 200)
# What a shortlist may lose against the whole library before it is called too short, in points:
# the bound of its interval, at every rank.
LOSS = 0.5
_TIMED = 200  # captions: enough for a p95
_WARM_UP = 10


class EvaluationProgress(Protocol):
    """Reports progress."""

    def begin(self, what: str, total: int) -> None:
        """A new piece of work."""

    def advance(self, count: int) -> None:
        """So many more are done."""


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One arm. ``recall`` and ``against_full`` by rank; the second is empty for the full arm."""

    name: str
    short_list: int | None
    recall: dict[int, Proportion]
    against_full: dict[int, Proportion]
    precision: float | None
    latency: Latency | None
    speed_up: float | None
    ranking_speed_up: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results. ``shortest``: the least K that loses at most ``LOSS``, None without one."""

    dataset: str
    split: str
    pack: str
    photos: int
    captions: int
    threads: int
    rows: tuple[EvaluationRow, ...]
    shortest: int | None
    bytes_each: int
    peak_memory_mb: float


def evaluate(
    dataset: Dataset,
    pack: Pack,
    limits: DecodeLimits,
    *,
    thumbnail: int,
    threads: int,
    progress: EvaluationProgress,
    most: int | None = None,
) -> Evaluation:
    """Encode, rank and time. ``most``: so many captions at most, drawn at random, seed 0.

    ``thumbnail``: long side in pixels of what indexing would make beside.
    """
    photos = [*dataset.photos, *dataset.distractors]
    progress.begin("Encoding photos", len(photos))
    paths = [photo.path for photo in photos]
    library = encode_library(paths, pack, limits, thumbnail, progress.advance)
    arms = Arms(pack, library)
    asked = _asked(dataset, most)
    short_lists = _short_lists(pack, len(photos))

    progress.begin("Ranking", len(asked))
    found = caption_ranks(asked, arms, pack.text_encoder, short_lists, progress.advance)
    precisions = _precisions(asked, arms, pack, short_lists, progress)
    texts = [item.text for item in random.Random(0).sample(asked, min(_TIMED, len(asked)))]
    latencies(texts[:_WARM_UP], arms, pack.text_encoder, short_lists, lambda _count: None)
    progress.begin("Timing", len(texts))
    times = latencies(texts, arms, pack.text_encoder, short_lists, progress.advance)

    groups = np.array([item.label for item in asked], dtype=np.int64)
    lists = {cascade_name(k): k for k in short_lists}
    rows = tuple(
        _row(name, lists.get(name), found, groups, times, precisions.get(name)) for name in found
    )
    return Evaluation(
        dataset.name,
        dataset.split,
        pack.id,
        len(photos),
        len(asked),
        threads,
        rows,
        _shortest(rows),
        library.bytes_each,
        round(peak_mb(), 1),
    )


def _asked(dataset: Dataset, most: int | None) -> list[CaptionQuery]:
    every = [
        CaptionQuery(caption, label)
        for label, photo in enumerate(dataset.photos)
        for caption in photo.captions
    ]
    return random.Random(0).sample(every, most) if most and most < len(every) else every


def _short_lists(pack: Pack, photos: int) -> list[int]:
    own = [] if pack.reranker is None else [pack.reranker.short_list]
    return sorted({k for k in (*SHORT_LISTS, *own) if k <= max(photos, min(SHORT_LISTS))})


def _precisions(
    asked: Sequence[CaptionQuery],
    arms: Arms,
    pack: Pack,
    short_lists: Sequence[int],
    progress: EvaluationProgress,
) -> dict[str, float]:
    """Precision by arm where photos share captions; nothing where every caption is one photo's."""
    distinct = list(dict.fromkeys(item.text for item in asked))
    if len(distinct) > 0.9 * len(asked):
        return {}
    progress.begin("Counting right ones", len(distinct))
    orders: dict[str, list[list[int]]] = {}
    for words in distinct:
        text = pack.text_encoder.encode(words)
        orders.setdefault(COARSE, []).append(arms.coarse(text, 10).tolist())
        if arms.has_fine:
            orders.setdefault(FULL, []).append(arms.full(text).tolist())
            for k in short_lists:
                orders.setdefault(cascade_name(k), []).append(arms.cascade(text, k)[:10])
        progress.advance(1)
    return {name: precision(asked, found) for name, found in orders.items()}


def _row(
    name: str,
    short_list: int | None,
    found: dict[str, CaptionRanks],
    groups: Labels,
    times: dict[str, Latency],
    right: float | None,
) -> EvaluationRow:
    full, time, whole = found.get(FULL), times.get(name), times.get(FULL)
    against = {}
    if full is not None and name != FULL:
        against = {k: difference(found[name] < k, full < k, groups) for k in RANKS}
    faster = ranking = None
    if time is not None and whole is not None:
        faster = round(whole.p50 / time.p50, 1)
        ranking = round(whole.ranking_p50 / time.ranking_p50, 1)
    recall = {k: proportion(found[name] < k, groups) for k in RANKS}
    return EvaluationRow(name, short_list, recall, against, right, time, faster, ranking)


def _shortest(rows: Sequence[EvaluationRow]) -> int | None:
    enough = [
        row.short_list
        for row in rows
        if row.short_list and all(lost.low >= -LOSS for lost in row.against_full.values())
    ]
    return min(enough, default=None)
