"""What is minimised."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy, log_softmax, normalize


def contrastive(sims: torch.Tensor, owner: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Symmetric InfoNCE. sims [T, P]; owner [T]; same bool [T, P]: pairs that are not negatives.

    ``same`` is true for a text and every photo it describes as well as its own; those pairs are
    left out, but for the text's own photo.
    """
    own = torch.zeros_like(same).scatter(1, owner[:, None], True)
    masked = sims.masked_fill(same & ~own, -1e4)
    to_photo = cross_entropy(masked, owner)
    # For a photo, its other texts are no negatives either: only the text at hand is in the sum.
    columns = sims.masked_fill(same, -1e4).T[owner]  # [T, T'], row t: photo of t against all texts
    positive = sims.gather(1, owner[:, None])
    to_text = -(positive - torch.logsumexp(torch.cat([positive, columns], 1), 1, True)).mean()
    return (to_photo + to_text) / 2


def hardest(sims: torch.Tensor, owner: torch.Tensor, same: torch.Tensor, k: int) -> torch.Tensor:
    """int64 [T, k + 1]: each text's photo first, then its k nearest wrong ones."""
    wrong = sims.detach().masked_fill(same, -1e4).scatter(1, owner[:, None], -1e4)
    return torch.cat([owner[:, None], wrong.topk(k, 1).indices], 1)


def listwise(
    fine: torch.Tensor, coarse: torch.Tensor, weight: torch.Tensor, alone: float = 0.3
) -> torch.Tensor:
    """The true photo stands first in every list [T, K]; fine has to win with and without coarse."""
    target = torch.zeros(len(fine), dtype=torch.long)
    both = cross_entropy(fine + weight * coarse, target)
    return both + alone * cross_entropy(fine, target)


def held(sims: torch.Tensor, before: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Texts choose among photos, and photos among texts, as they did before: both [T, P]."""
    parts = []
    for now, then in ((sims, before), (sims.T, before.T)):
        target = (then * scale).log_softmax(-1)
        parts.append((target.exp() * (target - (now * scale).log_softmax(-1))).sum(-1).mean())
    return (parts[0] + parts[1]) / 2


def named(sims: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """Photos stand for a class name in the order of the classifier's belief.

    sims [C, P] of names and photos, shares [C, P]: probability of the class in each photo.
    """
    target = shares / shares.sum(1, keepdim=True)
    return -(target * log_softmax(sims, -1)).sum(1).mean()


def kept_sentences(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """One minus the cosine between new and original sentence vectors."""
    return 1 - (normalize(student, dim=-1) * teacher).sum(-1).mean()
