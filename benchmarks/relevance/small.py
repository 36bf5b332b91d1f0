"""Libraries of few photos: what is false in an answer, and whether the one right photo is found.

Fitted here is how much likelier each photo is for the library being small: so much that an answer
has 0.3 false ``likely``, as one of some 400 photos has. ``maybe`` does not follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.relevance.answers import ask
from crispd.search.relevance.probability import RelevanceProbability, ScoreBackground

if TYPE_CHECKING:
    from benchmarks.common.captioned import Captioned
    from benchmarks.common.concepts import Asked
    from crispd.packs.pack import Pack
    from crispd.types import Floats, RelevanceModel

SIZES = (20, 50, 100, 200)
LIBRARY = 420
_FALSE_LIKELY = 0.3
_DRAWS = 3


@dataclass(frozen=True, slots=True)
class Few:
    """Probabilities of libraries of one size: ``false`` of photos that are not of what was asked,
    a library each; ``right`` of the one photo that is, in libraries that have one.
    """

    false: list[Floats]
    right: list[float]


def few(
    pack: Pack, judge: RelevanceProbability, photos: Captioned, queries: list[Asked], size: int
) -> Few:
    """Libraries of ``size`` photos drawn at random, ``_DRAWS`` a query with and without it."""
    rng = np.random.default_rng(size)
    false, right = [], []
    for query in queries:
        others, those = np.flatnonzero(~query.right), np.flatnonzero(query.right)
        for _draw in range(_DRAWS):
            drawn = rng.choice(others, min(size, len(others)), replace=False)
            false.append(_judged(pack, judge, photos, query, drawn))
            if len(those):
                drawn[0] = rng.choice(those)
                right.append(float(_judged(pack, judge, photos, query, drawn)[0]))
    return Few(false, right)


def _judged(
    pack: Pack, judge: RelevanceProbability, photos: Captioned, query: Asked, drawn: np.ndarray
) -> Floats:
    """In the order of ``drawn``."""
    marked = replace(query, right=np.arange(len(drawn)))  # where each photo stands in the answer
    scored = ask(pack, judge, photos.chosen(drawn), marked, without=False)
    found = np.empty(len(drawn), np.float32)
    found[scored.right] = judge.judge(scored.background, scored.coarse, scored.final)
    return found


def fitted(
    pack: Pack, model: RelevanceModel, photos: Captioned, queries: list[Asked]
) -> RelevanceModel:
    """``model`` with ``library`` and ``small``."""
    judge = RelevanceProbability(replace(model, library=1, small=0.0))
    pairs = []
    for size in SIZES:
        found = few(pack, judge, photos, queries, size).false
        ordered = np.sort(np.concatenate(found))[::-1].astype(np.float64)
        there = ordered[int(_FALSE_LIKELY * len(found))]
        pairs.append((np.log(LIBRARY / size), _odds(model.likely) - _odds(there)))
    far, lift = np.array(pairs).T
    return replace(model, library=LIBRARY, small=max(0.0, float(far @ lift / (far @ far))))


def _odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


HEAD = ["photos", "false likely", "false maybe", "the right one likely", "likely or maybe"]


def rows(pack: Pack, photos: Captioned, queries: list[Asked]) -> list[list[str]]:
    """A row a size: false hits an answer, and how often the one right photo is found."""
    assert pack.relevance is not None
    model, shown = pack.relevance, []
    for size in (*SIZES, 1000):
        found = few(pack, RelevanceProbability(model), photos, queries, size)
        right = np.array(found.right)
        judge = RelevanceProbability(model)
        maybe = judge.maybe_from(ScoreBackground(0.0, 1.0, lift=judge.lift(size)))
        likely = [np.count_nonzero(part >= model.likely) for part in found.false]
        least = [np.count_nonzero(part >= maybe) for part in found.false]
        shown.append([
            f"{size:,}", f"{np.mean(likely):.2f}", f"{np.mean(least) - np.mean(likely):.2f}",
            f"{np.mean(right >= model.likely):.0%}", f"{np.mean(right >= maybe):.0%}",
        ])  # fmt: skip
    return shown
