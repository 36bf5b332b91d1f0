"""Libraries of few photos: what is false in an answer, and whether the one right photo is found.

Fitted here is how much likelier each photo is for the library being small: so much that an answer
has 0.3 false ``likely``, as one of some 400 photos has. ``maybe`` does not follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.relevance.answers import ask
from crispd.search.relevance.probability import RelevanceProbability

if TYPE_CHECKING:
    from benchmarks.common.captioned import Captioned
    from benchmarks.common.concepts import Asked
    from crispd.packs.pack import Pack
    from crispd.types import Floats, Labels, RelevanceModel

SIZES = (20, 50, 100, 200)
LIBRARY = 420
_FALSE_LIKELY = 0.3
_DRAWS = 3
_SEVERAL = (0, 1, 3, 8)  # photos that are of what is asked, of all of a library


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer: ``probabilities`` of photos in the order they were drawn in, and ``classes``, 0 of
    likely ones and 1 of those that may be.
    """

    probabilities: Floats
    classes: Labels


@dataclass(frozen=True, slots=True)
class Few:
    """Answers of libraries of one size: ``false`` where no photo is of what was asked, ``right``
    where the first is.
    """

    false: list[Judged]
    right: list[Judged]


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
                right.append(_judged(pack, judge, photos, query, drawn))
    return Few(false, right)


def _judged(
    pack: Pack, judge: RelevanceProbability, photos: Captioned, query: Asked, drawn: np.ndarray
) -> Judged:
    marked = replace(query, right=np.arange(len(drawn)))  # where each photo stands in the answer
    scored = ask(pack, judge, photos.chosen(drawn), marked, without=False)
    found, classes = np.empty(len(drawn), np.float32), np.empty(len(drawn), np.int64)
    found[scored.right] = judge.judge(scored.background, scored.coarse, scored.final)
    classes[scored.right] = judge.classes(found[scored.right], scored.background)
    return Judged(found, classes)


SEVERAL_HEAD = ["photos", "of the thing", "answers", "false likely", "right ones likely"]


def several(pack: Pack, photos: Captioned, queries: list[Asked]) -> list[list[str]]:
    """A row a size and number of right photos: likely ones that are false, an answer, and how many
    of the right ones are likely.
    """
    assert pack.relevance is not None
    judge, shown = RelevanceProbability(pack.relevance), []
    for size in SIZES:
        rng = np.random.default_rng(size)
        for count in _SEVERAL:
            answers, false, right = 0, 0, 0
            for query in queries:
                others, those = np.flatnonzero(~query.right), np.flatnonzero(query.right)
                if len(those) < count:
                    continue
                for _draw in range(_DRAWS):
                    drawn = rng.choice(others, min(size, len(others)), replace=False)
                    drawn[:count] = rng.choice(those, count, replace=False)
                    likely = _judged(pack, judge, photos, query, drawn).classes == 0
                    answers += 1
                    right += int(np.count_nonzero(likely[:count]))
                    false += int(np.count_nonzero(likely[count:]))
            shown.append([
                f"{size:,}", f"{count}", f"{answers:,}", f"{false / answers:.2f}",
                f"{right / (count * answers):.0%}" if count else "-",
            ])  # fmt: skip
    return shown


def fitted(
    pack: Pack, model: RelevanceModel, photos: Captioned, queries: list[Asked]
) -> RelevanceModel:
    """``model`` with ``library`` and ``small``."""
    judge = RelevanceProbability(replace(model, library=1, small=0.0))
    pairs = []
    for size in SIZES:
        found = few(pack, judge, photos, queries, size).false
        every = np.concatenate([answer.probabilities for answer in found])
        ordered = np.sort(every)[::-1].astype(np.float64)
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
    judge, shown = RelevanceProbability(pack.relevance), []
    for size in (*SIZES, 1000):
        found = few(pack, judge, photos, queries, size)
        false = [np.bincount(answer.classes, minlength=3) for answer in found.false]
        right = np.array([answer.classes[0] for answer in found.right])
        likely, maybe, _ = np.mean(false, axis=0)
        shown.append([
            f"{size:,}", f"{likely:.2f}", f"{maybe:.2f}",
            f"{np.mean(right == 0):.0%}", f"{np.mean(right <= 1):.0%}",
        ])  # fmt: skip
    return shown
