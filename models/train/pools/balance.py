"""Photos that stand near every text are moved back.

In high dimensions some vectors are neighbours of nearly everything (hubs: Radovanovic et al.,
JMLR 2010). What a photo scores on average over a bank of texts is taken off its score, after the
inverted softmax (Smith et al., ICLR 2017) and QB-Norm (Bogolin et al., CVPR 2022); here the bank is
fixed when the pack is made, and the correction is two dimensions of the embedding, so that an index
of inner products needs to know nothing of it.
"""

from __future__ import annotations

import math
import random

import torch
from torch import nn

from train.towers.heads import JOINED_DIM

EMBEDDING_DIM = JOINED_DIM + 2
BANK = 1024
_SHARE = 0.2  # of a photo's squared length for the correction
_SHARPNESS = 20.0


class Balance(nn.Module):
    """Joined vectors [B, 382] to embeddings [B, 384], both unit vectors.

    For a photo p with height h(p) = log mean exp(20 p.b) / 20 over the bank's texts b, and a text
    t, the product of the embeddings is, but for a factor and a constant, t.p - strength * h(p).
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("bank", torch.zeros(BANK, JOINED_DIM))
        self.register_buffer("low", torch.tensor(0.0))
        self.register_buffer("span", torch.tensor(1.0))
        self.register_buffer("strength", torch.tensor(0.0))

    def height(self, joined: torch.Tensor) -> torch.Tensor:
        """How near a photo is to everything: [B, 1]."""
        near = joined @ self.bank.T * _SHARPNESS
        return (near.logsumexp(-1, keepdim=True) - math.log(BANK)) / _SHARPNESS

    def photo(self, joined: torch.Tensor) -> torch.Tensor:
        """The embedding of a photo."""
        up = ((self.height(joined) - self.low) / self.span).clamp(0, 1)
        rest = (1 - up * up).clamp_min(1e-6).sqrt()
        tail = torch.cat([up, rest], -1) * _SHARE**0.5
        return torch.cat([joined * (1 - _SHARE) ** 0.5, tail], -1)

    def text(self, joined: torch.Tensor) -> torch.Tensor:
        """The embedding of a text."""
        pull = self.strength * self.span * ((1 - _SHARE) / _SHARE) ** 0.5
        length = (1 + pull * pull).sqrt()
        empty = torch.zeros_like(joined[:, :1])
        return torch.cat([joined / length, empty - pull / length, empty], -1)

    def learn(self, bank: torch.Tensor, photos: torch.Tensor) -> None:
        """Take a bank of joined texts, and the range of heights from joined photos."""
        self.bank.copy_(bank)
        heights = self.height(photos).flatten()
        margin = 0.1 * (heights.max() - heights.min())
        self.low.copy_(heights.min() - margin)
        self.span.copy_(heights.max() - heights.min() + 2 * margin)


def choose_bank(groups: list[list[int]], shares: list[float], seed: int) -> list[int]:
    """Rows of texts, so many of each group that their shares hold."""
    rng = random.Random(seed)
    counts = [round(share * BANK) for share in shares]
    counts[0] += BANK - sum(counts)
    chosen = []
    for rows, count in zip(groups, counts, strict=True):
        chosen += rng.sample(rows, count) if count <= len(rows) else rng.choices(rows, k=count)
    return chosen
