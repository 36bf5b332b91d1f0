"""Whether the coarse score's share should follow the question:
``python -m benchmarks.ranking.coarse_share --data DATA``.

Final scores are fine + share * coarse with one share for every question. Here the share is
``exp(a + b * x)`` of something that is known of a question, fitted to dev by likelihood, four-fold
over photos and captions, and compared with the pack's own; then longer and shorter lists.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import RESULTS, keep, table
from benchmarks.common.short_lists import ShortLists, short_lists
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.types import Floats

HEAD = ["share", "sentences R@1, 5, 10", "everyday", "gain, mean R (95 %)", "gain, everyday"]
_FOLDS = 4
_STEPS, _RATE = 120, 0.05
# What is known of a question before or while its shortlist is looked at.
KNOWN: dict[str, Callable[[ShortLists], Floats]] = {
    "first less tenth coarse score": lambda s: np.log(s.coarse[:, 0] - s.coarse[:, 9]),
    "spread of coarse scores": lambda s: np.log(s.coarse.std(1)),
    "first less second": lambda s: np.log(s.coarse[:, 0] - s.coarse[:, 1] + 0.002),
    "first coarse score": lambda s: s.coarse[:, 0],
    "the same, standardised": lambda s: (s.coarse[:, 0] - s.mean) / s.spread,
    "spread of fine scores": lambda s: np.log(s.fine.std(1)),
    "words": lambda s: np.log(s.words),
    "gate: length of the caption half": lambda s: s.caption_half,
}


class Shares:
    """Fits and judges shares over sentences and labels, which count alike."""

    def __init__(self, sets: tuple[ShortLists, ShortLists], share: float) -> None:
        self.sets, self.share = sets, share
        rng = np.random.default_rng(0)
        self.fold = [rng.integers(0, _FOLDS, one.group.max() + 1)[one.group] for one in sets]

    def standard(self, known: list[str]) -> list[Floats]:
        """[T, 1 + N] of both sets: ones, then what is known at mean 0 and spread 1, within 3."""
        found = []
        raw = [[KNOWN[name](one) for name in known] for one in self.sets]
        for values in raw:
            columns = [np.ones_like(self.sets[len(found)].words)]
            for at, column in enumerate(values):
                both = np.concatenate([each[at] for each in raw])
                columns.append(np.clip((column - both.mean()) / both.std(), -3, 3))
            found.append(np.stack(columns, 1))
        return found

    def final(self, at: int, known: Floats, weights: Floats) -> Floats:
        """Final scores [T, K] of a set."""
        one = self.sets[at]
        share = self.share * np.exp(known @ weights)
        return np.asarray(one.fine + share[:, None] * one.coarse)

    def fit(self, known: list[Floats], left_out: int | None) -> Floats:
        """Weights by likelihood of the right photos, without one fold; by Adam."""
        weights, heat = np.zeros(known[0].shape[1]), np.log(0.5)
        state = np.zeros((2, len(weights) + 1))
        for step in range(1, _STEPS + 1):
            slope = np.zeros(len(weights) + 1)
            for at, one in enumerate(self.sets):
                used = one.right.any(1)
                if left_out is not None:
                    used &= self.fold[at] != left_out
                x, coarse, right = known[at][used], one.coarse[used], one.right[used]
                final = self.final(at, known[at], weights)[used]
                scaled = np.exp(heat) * (final - final.max(1, keepdims=True))
                chance = np.exp(scaled) / np.exp(scaled).sum(1, keepdims=True)
                wrong = (chance - right / right.sum(1, keepdims=True)) / len(x)
                share = self.share * np.exp(x @ weights)
                by_share = np.exp(heat) * (wrong * coarse).sum(1) * share
                slope += [*(by_share @ x), (wrong * scaled).sum()]
            state[0] = 0.9 * state[0] + 0.1 * slope
            state[1] = 0.99 * state[1] + 0.01 * slope**2
            first, second = state[0] / (1 - 0.9**step), state[1] / (1 - 0.99**step)
            change = _RATE * first / (np.sqrt(second) + 1e-9)
            weights, heat = weights - change[:-1], heat - change[-1]
        return weights

    def crossed(self, known: list[str]) -> list[Floats]:
        """Hits of both sets, each fold with weights that were fitted without it."""
        values = self.standard(known)
        found: list[Floats] = []
        fits = [self.fit(values, fold) for fold in range(_FOLDS)]
        for at, one in enumerate(self.sets):
            every = [one.hits(self.final(at, values[at], w), share=at == 1) for w in fits]
            found.append(np.stack(every)[self.fold[at], np.arange(len(one.words))])
        return found

    def constant(self, share: float) -> list[Floats]:
        """Hits of both sets with one share."""
        return [one.hits(one.fine + share * one.coarse, share=at == 1)
                for at, one in enumerate(self.sets)]  # fmt: skip


def _row(name: str, found: list[Floats], usual: list[Floats]) -> list[str]:
    sentences = " / ".join(f"{100 * each:.2f}" for each in found[0].mean(0))
    cells = [name, sentences, f"{100 * found[1].mean():.2f}"]
    for one, other in zip(found, usual, strict=True):
        gain = (one - other).reshape(len(one), -1).mean(1)
        error = 1.96 * gain.std() / len(gain) ** 0.5
        cells.append(f"{100 * gain.mean():+.2f} (± {100 * error:.2f})")
    return cells


def main() -> None:
    """Score, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    parser.add_argument("--cache", type=Path, default=RESULTS / "encoded")
    parser.add_argument("--every", type=int, default=2, help="one in so many sentences of dev")
    options = parser.parse_args()
    pack = load_pack(find_pack(options.pack), index_threads=2, search_threads=2)
    assert pack.reranker is not None
    share, length = pack.reranker.coarse_weight, pack.reranker.short_list
    folders = ("flickr8k", options.every), ("everyday", 1)
    whole = [short_lists(options.data / name, "dev", pack, options.cache, n) for name, n in folders]
    shares = Shares((whole[0].cut(length), whole[1].cut(length)), share)
    usual = shares.constant(share)
    rows = [_row(f"as it ships, {share:.0f} for every question", usual, usual)]
    rows.append(_row("coarse order", shares.constant(1e6), usual))
    rows.append(_row("one share, fitted", shares.crossed([]), usual))
    rows += [_row(name, shares.crossed([name]), usual) for name in KNOWN]
    rows.append(_row("all of them", shares.crossed(list(KNOWN)), usual))
    for depth in (10, 30, 50):
        longer = Shares((whole[0].cut(depth), whole[1].cut(depth)), share)
        rows.append(_row(f"as it ships, shortlist of {depth}", longer.constant(share), usual))
    table(
        ["share", "sentences R@1, 5, 10", "everyday", "gain, mean R (95 %)", "gain, everyday"], rows
    )
    keep("coarse_share", {"pack": pack.id, "rows": rows})


if __name__ == "__main__":
    main()
