"""Recall of the coarse order and of the cascade."""

from __future__ import annotations

import numpy as np
import torch

from train.fine.network import DeepFine, Fine

RANKS = (1, 5, 10, 50)
SURE = 0.3  # what a photo shows is taken for known where the classifier gives it more


def ranks(scores: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
    """0-based rank of each text's own photo. scores [T, P], owner int64 [T]."""
    own = scores.gather(1, owner[:, None])
    return (scores > own).sum(1)


def recall(rank: torch.Tensor) -> dict[str, float]:
    """Percent of texts whose photo is among the first 1, 5, 10, 50."""
    return {f"R@{k}": round(100 * (rank < k).float().mean().item(), 2) for k in RANKS}


def as_stored(tokens: torch.Tensor) -> torch.Tensor:
    """Tokens after the int8 storage of a pack: one float16 scale a region."""
    scale = (tokens.abs().amax(-1, keepdim=True) / 127).half().float().clamp_min(1e-8)
    return (tokens / scale).round().clamp(-127, 127) * scale


@torch.inference_mode()
def fine_over(
    fine: Fine | DeepFine,
    words: torch.Tensor,
    mask: torch.Tensor,
    regions: torch.Tensor,
    candidates: torch.Tensor,
    chunk: int = 64,
) -> torch.Tensor:
    """Fine scores [T, K] of each text's own candidates int64 [T, K]."""
    scores = torch.empty(candidates.shape)
    for rows in mask.sum(1).argsort().split(chunk):  # what pads a text costs as much as its words
        length = int(mask[rows].sum(1).max()) + 2
        scores[rows] = fine(words[rows, :length], mask[rows, :length], regions[candidates[rows]])
    return scores


def cascade_ranks(
    coarse: torch.Tensor,
    fine: torch.Tensor,
    candidates: torch.Tensor,
    owner: torch.Tensor,
    weight: float,
) -> torch.Tensor:
    """Rank of each text's photo when its candidates are re-ranked by fine + weight * coarse."""
    near = coarse.gather(1, candidates)
    final = fine + weight * near
    hit = candidates == owner[:, None]
    own = (final * hit).sum(1, keepdim=True)
    inside = (final > own).sum(1)
    return torch.where(hit.any(1), inside, ranks(coarse, owner))


def precision(right: torch.Tensor, order: torch.Tensor) -> float:
    """Percent of right photos among the first min(10, number right), mean over texts.

    right bool [T, P], order int64 [T, K] best first.
    """
    first = right.gather(1, order[:, :10])
    count = right.sum(1).clamp(max=10)
    hits = (first & (torch.arange(first.shape[1]) < count[:, None])).sum(1)
    return round(100 * (hits / count).mean().item(), 1)


def bootstrap(
    a: np.ndarray, b: np.ndarray, groups: np.ndarray, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of mean(b - a), resampling groups (photos), in the unit of ``a``."""
    rng = np.random.default_rng(seed)
    count = int(groups.max()) + 1
    sums = np.bincount(groups, b - a, count)
    sizes = np.bincount(groups, minlength=count)
    draws = rng.integers(0, count, (2000, count))
    means = sums[draws].sum(1) / sizes[draws].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
