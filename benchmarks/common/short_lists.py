"""Shortlists of captions as a search has them, scored once and kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.captioned import encoded
from benchmarks.common.report import say

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.pack import Pack
    from crispd.types import Floats, Labels

CAPTION_HALF = 256  # dimensions of what captions taught
DEPTH = 50
RANKS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class ShortLists:
    """Of T captions the first K photos: ``coarse`` and ``fine`` float32 [T, K], ``right`` bool
    [T, K].

    ``wanted`` [T]: how many right ones count, at most ten. ``group`` [T]: captions that stand or
    fall together. ``words`` [T], ``caption_half`` [T] the length of what captions taught of the
    text's vector; ``mean`` and ``spread`` [T] of its scores over all photos.
    """

    coarse: Floats
    fine: Floats
    right: Labels
    wanted: Labels
    group: Labels
    words: Floats
    caption_half: Floats
    mean: Floats
    spread: Floats

    def hits(self, final: Floats, *, share: bool) -> Floats:
        """By caption: the share of right ones among the first ``wanted`` [T], or whether the right
        one is among the first 1, 5, 10 [T, 3].
        """
        order = np.argsort(-final, 1, kind="stable")
        found = np.take_along_axis(self.right, order, 1).cumsum(1)
        rows = np.arange(len(final))
        if share:
            return np.asarray(found[rows, self.wanted - 1] / self.wanted, np.float32)
        return np.stack([found[:, rank - 1] > 0 for rank in RANKS], 1).astype(np.float32)

    def cut(self, depth: int) -> ShortLists:
        """The same with shorter lists."""
        return ShortLists(
            self.coarse[:, :depth], self.fine[:, :depth], self.right[:, :depth], self.wanted,
            self.group, self.words, self.caption_half, self.mean, self.spread,
        )  # fmt: skip


def short_lists(folder: Path, split: str, pack: Pack, cache: Path, every: int) -> ShortLists:
    """One in ``every`` captions of a split, each distinct one once where photos share them."""
    kept = cache / f"{pack.id}_{folder.name}_{split}_lists_{every}.npz"
    if not kept.exists():
        values = _scored(folder, split, pack, cache, every)
        part = kept.with_suffix(".part.npz")
        np.savez(part, **values)
        os.replace(part, kept)  # noqa: PTH105 - a stopped run leaves no half file
    with np.load(kept) as found:
        return ShortLists(**found)


def _scored(folder: Path, split: str, pack: Pack, cache: Path, every: int) -> dict[str, np.ndarray]:
    assert pack.reranker is not None
    photos = encoded(folder, split, pack, cache)
    pairs = [(text, at) for at, texts in enumerate(photos.captions) for text in texts]
    shared = len({text for text, _ in pairs}) < 0.9 * len(pairs)
    owners: dict[str, list[int]] = {}
    for text, at in pairs:
        owners.setdefault(text, []).append(at)
    asked = [(text, owners[text]) for text in owners] if shared else [(t, [at]) for t, at in pairs]
    rows = []
    for number, (caption, right) in enumerate(asked[::every]):
        words = pack.text_encoder.encode(caption)
        scores = photos.vectors @ words.embedding
        near = np.argsort(-scores, kind="stable")[:DEPTH]
        fine = pack.reranker.score(words, [photos.tokens[at] for at in near])
        half = float(np.linalg.norm(words.embedding[:CAPTION_HALF]))
        group = number if shared else right[0]
        found = (scores[near], fine, np.isin(near, right), min(len(right), 10), group)
        rows.append((*found, words.word_mask.sum(), half, scores.mean(), scores.std()))
        if number % 500 == 0:
            say(f"{photos.name}: {number} of {len(asked[::every])} captions")
    names = ShortLists.__slots__
    return {
        name: np.stack(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
