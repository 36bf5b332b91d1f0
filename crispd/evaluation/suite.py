"""The evaluation of many data sets: coarse, fine, cascade, as served, and with a fine pack."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.evaluation.arms import SHOWN, Arms
from crispd.evaluation.encoded import encode_library
from crispd.evaluation.quality import RANKS, Proportion, interval
from crispd.evaluation.seen_library import SeenLibrary, see_library
from crispd.evaluation.served import ServedLibrary
from crispd.fine_pack.reranker import SHORT_LIST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.evaluation.evaluate import EvaluationProgress
    from crispd.evaluation.query_sets import EvalQuery, QuerySet
    from crispd.packs.pack import Pack
    from crispd.types import DecodeLimits, FineModel

COARSE, FINE, CASCADE, SERVED = ("coarse", "fine", "cascade", "served")
FINE_PACK = "fine pack"  # as served, with another pack to re-rank
ARMS = (COARSE, FINE, CASCADE, SERVED, FINE_PACK)
# What each is measured against, over the same questions.
AGAINST = {CASCADE: COARSE, SERVED: CASCADE, FINE_PACK: SERVED}


@dataclass(frozen=True, slots=True)
class ArmResult:
    """``recall``: a right photo among the first k, by rank. ``precision``: of the first min(10,
    number right). ``against``: points of recall gained over the arm of ``AGAINST``, paired.
    """

    name: str
    recall: dict[int, Proportion]
    precision: Proportion
    against: dict[int, Proportion]


@dataclass(frozen=True, slots=True)
class SetResult:
    """The results of one set. ``empty``: percentage of queries whose results end before the right
    photo.
    """

    name: str
    split: str
    kind: str
    domain: str
    photos: int
    queries: int
    arms: tuple[ArmResult, ...]
    empty: Proportion


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The results of all sets. ``fine_pack``: the id of the pack that re-ranked; None without."""

    pack: str
    sets: tuple[SetResult, ...]
    fine_pack: str | None = None


def evaluate_sets(
    sets: Sequence[QuerySet],
    pack: Pack,
    limits: DecodeLimits,
    *,
    thumbnail: int,
    progress: EvaluationProgress,
    most: int | None = None,
    fine: bool = True,
    fine_pack: FineModel | None = None,
) -> SuiteResult:
    """Encode each library and ask. ``most``: so many questions a set, drawn at random, seed 0.

    ``fine``: the fine model over every photo as well, which takes longer than all the others.
    ``fine_pack``: another pack, which has seen all photos and re-ranks what is served.
    """
    results = []
    for one in sets:
        progress.begin(f"{one.name}: encoding photos", len(one.library))
        library = encode_library(one.library, pack, limits, thumbnail, progress.advance)
        second = None
        if fine_pack is not None:
            progress.begin(f"{one.name}: seen by {fine_pack.id}", len(one.library))
            seen = see_library(one.library, fine_pack, limits, thumbnail, progress.advance)
            second = ServedLibrary(pack, library, SeenLibrary(fine_pack, seen, SHORT_LIST))
        asker = _QueryRunner(
            pack, Arms(pack, library), ServedLibrary(pack, library), second, fine=fine
        )
        queries = list(one.queries)
        if most and most < len(queries):
            queries = random.Random(0).sample(queries, most)
        progress.begin(f"{one.name}: asking", len(queries))
        orders: dict[str, list[list[int]]] = {}
        empty = []
        for query in queries:
            for name, labels in asker.orders(query.text).items():
                orders.setdefault(name, []).append(labels)
            empty.append(asker.served.ends_empty(query.text))
            progress.advance(1)
        results.append(_result(one, queries, orders, empty))
    return SuiteResult(pack.id, tuple(results), None if fine_pack is None else fine_pack.id)


class _QueryRunner:
    """Runs one query through every arm. A pack without a fine stage has neither a fine arm nor a
    cascade. ``second``: as served with a fine pack.
    """

    def __init__(
        self,
        pack: Pack,
        arms: Arms,
        served: ServedLibrary,
        second: ServedLibrary | None,
        *,
        fine: bool,
    ) -> None:
        self._pack = pack
        self._arms = arms
        self._fine = fine
        self.served = served
        self._second = second

    def orders(self, words: str) -> dict[str, list[int]]:
        """The first labels by arm."""
        text = self._pack.text_encoder.encode(words)
        found = {COARSE: self._arms.coarse(text, SHOWN).tolist()}
        if self._pack.reranker is not None:
            if self._fine:
                found[FINE] = self._arms.full(text).tolist()
            found[CASCADE] = self._arms.cascade(text, self._pack.reranker.short_list)[:SHOWN]
        found[SERVED] = self.served.labels(words, SHOWN)
        if self._second is not None:
            found[FINE_PACK] = self._second.labels(words, SHOWN)
        return found


def _result(
    one: QuerySet,
    queries: list[EvalQuery],
    orders: dict[str, list[list[int]]],
    empty: list[bool],
) -> SetResult:
    # Questions with one right photo are drawn by it; those with several each on their own.
    groups = np.array(
        [min(query.right) if one.kind != "words" else n for n, query in enumerate(queries)],
        np.int64,
    )
    hits = {name: {k: _hits(queries, found, k) for k in RANKS} for name, found in orders.items()}
    arms = []
    for name, found in orders.items():
        other = hits.get(AGAINST.get(name, ""), {})
        arms.append(
            ArmResult(
                name,
                {k: interval(hits[name][k], groups) for k in RANKS},
                interval(_precisions(queries, found), groups),
                {k: interval(hits[name][k] - other[k], groups) for k in RANKS if k in other},
            )
        )
    return SetResult(
        one.name,
        one.split,
        one.kind,
        one.domain,
        len(one.library),
        len(queries),
        tuple(arms),
        interval(100.0 * np.array(empty, np.float64), groups),
    )


def _hits(queries: list[EvalQuery], orders: list[list[int]], k: int) -> np.ndarray:
    """100 where a right photo is among the first ``k``, else 0."""
    pairs = zip(queries, orders, strict=True)
    return np.array([100.0 * (not query.right.isdisjoint(order[:k])) for query, order in pairs])


def _precisions(queries: list[EvalQuery], orders: list[list[int]]) -> np.ndarray:
    shares = []
    for query, order in zip(queries, orders, strict=True):
        count = min(SHOWN, len(query.right))
        shares.append(100.0 * len(query.right.intersection(order[:count])) / count)
    return np.array(shares)
