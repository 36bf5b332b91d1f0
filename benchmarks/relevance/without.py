"""Constants for packs that bring none: ``python -m benchmarks.relevance.without --data DATA``.

Parts of ``mini`` and all of it pass for four encoders without constants or a fine stage: scores of
different height and spread, one with the two kinds of vectors in cones of their own, as those of
CLIP are. Constants in units of the library (``crispd/search/relevance/library_fit.py``) are fitted
on each and tried on all, over the sets of ``benchmarks.relevance.fit``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common.captioned import Captioned
from benchmarks.common.report import RESULTS, say, table
from benchmarks.relevance.fit import (
    Answer,
    _answers,
    _chances,
    _joined,
    _judged,
    _sets,
    logistic,
)  # fmt: skip
from crispd.packs.foreign.examine import NEUTRAL_QUESTIONS
from crispd.packs.locate import find_pack
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import Pack, load_pack
from crispd.packs.text.text_encoder import OnnxTextEncoder
from crispd.search.relevance.probability import RelevanceProbability
from crispd.types import EncodedText, LogitWeights, RelevanceModel

ENCODERS = {
    "whole": ((0, 464), 0.0), "captions": ((0, 256), 0.0), "captions in cones": ((0, 256), 0.8),
    "classes": ((256, 381), 0.0),
}  # fmt: skip
_FALSE_LIKELY, _EMPTY, _MAYBE_WORDS = 0.7, 4.0, 0.5
_CUTS = [float(cut) for cut in np.geomspace(0.01, 0.9, 60)]
_NOTHING = LogitWeights(1, 0, 0, 0)
HEAD = ["fitted on", "tried on", "set", "false likely of 1,000", "a thing's likely", "there, empty"]


@dataclass(frozen=True)
class PartEncoder:
    """``dims`` of the vectors alone. ``cone``: how far texts and photos lie apart by kind."""

    own: OnnxTextEncoder
    dims: tuple[int, int]
    cone: float

    def part(self, vectors: np.ndarray, kind: int) -> np.ndarray:
        found = vectors[..., slice(*self.dims)]
        found = found / np.linalg.norm(found, axis=-1, keepdims=True)
        found[..., kind] += self.cone
        return (found / np.linalg.norm(found, axis=-1, keepdims=True)).astype(np.float32)

    def encode(self, text: str) -> EncodedText:
        made = self.own.encode(text)
        return replace(made, embedding=self.part(made.embedding, 1))


@dataclass(frozen=True)
class Arm:
    """Answers of one encoder by set, and height and width of neutral scores."""

    answers: dict[str, list[Answer]]
    usual: dict[str, tuple[float, float]]
    blank: RelevanceModel


def ask_all(pack: Pack, encoder: PartEncoder, sets: dict[str, tuple[Captioned, Any]]) -> Arm:
    stripped = replace(pack, reranker=None, text_encoder=encoder)
    dim = encoder.dims[1] - encoder.dims[0]
    reference = np.zeros((2, dim), np.float32)
    blank = RelevanceModel(_NOTHING, _NOTHING, 0.5, 0.5, 1, reference, maybe_words=_MAYBE_WORDS)
    neutral = np.stack([encoder.encode(text).embedding for text in NEUTRAL_QUESTIONS])
    answers, usual = {}, {}
    for name, (photos, queries) in sets.items():
        shown = replace(photos, vectors=encoder.part(photos.vectors, 0))
        scores = shown.vectors @ neutral.T
        usual[name] = float(np.median(scores.mean(0))), float(np.median(scores.std(0)))
        answers[name] = _answers(stripped, RelevanceProbability(blank), shown, queries)
    return Arm(answers, usual, blank)


def fit(arm: Arm) -> LogitWeights:
    rows = []
    for name, answers in arm.answers.items():
        height, width = arm.usual[name]
        for answer in answers:
            row = answer.columns.copy()
            row[:, 0] = (answer.scored.coarse - answer.columns[:, 1]) / width
            row[:, 1] = (answer.columns[:, 1] - height) / width
            row[:, 2] = answer.columns[:, 2] / width
            row[:, 4] = row[:, 6] = 0
            rows.append((row, 1 / len(answers)))
    return logistic(*_joined(rows), steep=False)


def model(found: LogitWeights, arm: Arm, name: str, likely: float, maybe: float) -> RelevanceModel:
    height, width = arm.usual[name]
    weights = LogitWeights(
        found.score / width, (found.mean - found.score) / width, found.spread / width,
        found.offset - found.mean * height / width, found.words,
    )  # fmt: skip
    return replace(arm.blank, coarse=weights, fine=weights, likely=likely, maybe=maybe)


def cuts(found: LogitWeights, arm: Arm) -> tuple[float, float]:
    def worst(likely: float, maybe: float, which: str) -> float:
        figures = []
        for name, answers in arm.answers.items():
            made = model(found, arm, name, likely, maybe)
            judged = _judged(made, _chances(made, answers))
            figures.append(float(np.mean(getattr(judged, which) or [0])))
        return max(figures)

    likely = next((one for one in _CUTS if worst(one, one, "false") <= _FALSE_LIKELY), _CUTS[-1])
    maybe = _CUTS[0]
    for one in _CUTS:
        if worst(0.99, one, "empty") > _EMPTY:
            break
        maybe = one
    return likely, min(likely, maybe)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=RESULTS / "encoded")
    options = parser.parse_args()
    folder = find_pack("mini")
    pack = load_pack(folder, index_threads=1, search_threads=1, text_cache=9999)
    manifest = read_manifest(folder)
    bare = manifest.model_copy(update={"question": None})
    own = OnnxTextEncoder(folder, bare, 1, 9999)
    sets = _sets(pack, options.data, options.cache)
    arms = {name: ask_all(pack, PartEncoder(own, *how), sets) for name, how in ENCODERS.items()}
    rows = []
    for name, arm in arms.items():
        found = fit(arm)
        limits = cuts(found, arm)
        say(f"{name}: {found}, likely {limits[0]:.3f}, maybe {limits[1]:.3f}")
        for other, there in arms.items():
            for part, answers in there.answers.items():
                made = model(found, there, part, *limits)
                judged = _judged(made, _chances(made, answers))
                figures = (judged.false, judged.likely, judged.empty)
                rows.append([name, other, part, *(f"{np.mean(one or [0]):.2f}" for one in figures)])
    table(HEAD, rows)


if __name__ == "__main__":
    main()
