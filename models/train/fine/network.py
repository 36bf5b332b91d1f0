"""Word-by-region scores of one text against many photos."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import softplus

TOKEN_DIM = 96
REGIONS = 49
TOKENS = REGIONS + 1  # of a photo: its regions and the whole
HEADS = 4


class Fine(nn.Module):
    """Word-by-region score of one text against K photos.

    Each word attends to the regions in a few heads; what it finds is compared with it dimension
    by dimension and judged by a small network, to which the best single region (ALADIN's max over
    regions) is added. Words are summed with learned weights. Some photos stand near every text;
    a term of the photo alone, learned with the rest, takes that off.
    """

    def __init__(self) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.full((HEADS,), 2.0))
        self.judge = nn.Sequential(nn.Linear(TOKEN_DIM, 64), nn.ReLU(), nn.Linear(64, 1))
        self.gather = nn.Linear(TOKEN_DIM, 1)
        self.importance = nn.Sequential(nn.Linear(TOKEN_DIM, 32), nn.ReLU(), nn.Linear(32, 1))
        self.best = nn.Parameter(torch.tensor(4.0))
        self.popularity = nn.Sequential(nn.Linear(TOKEN_DIM, 32), nn.ReLU(), nn.Linear(32, 1))
        nn.init.zeros_(self.judge[-1].weight)
        nn.init.zeros_(self.gather.weight)
        nn.init.zeros_(self.popularity[-1].weight)

    def forward(
        self, words: torch.Tensor, mask: torch.Tensor, regions: torch.Tensor
    ) -> torch.Tensor:
        """words [..., L, D], mask [..., L], regions [..., K, R, D] -> scores [..., K]."""
        importance = softplus(self.importance(words).squeeze(-1)) * mask  # [..., L]
        importance = importance / (importance.sum(-1, keepdim=True) + 1e-6)
        query = words.unsqueeze(-3)  # [..., 1, L, D]
        best = (query @ regions.transpose(-1, -2)).amax(-1) * TOKEN_DIM**-0.5  # [..., K, L]
        found = self._attend(query, regions)
        product = query * found
        verdict = (self.judge(product) + self.gather(product)).squeeze(-1)
        matched = ((verdict + self.best * best) * importance.unsqueeze(-2)).sum(-1)
        return matched + self.popularity(regions.mean(-2)).squeeze(-1)

    def _attend(self, query: torch.Tensor, regions: torch.Tensor) -> torch.Tensor:
        width = TOKEN_DIM // HEADS
        parts = []
        for head in range(HEADS):
            ours = slice(head * width, (head + 1) * width)
            keys = regions[..., ours]
            sims = query[..., ours] @ keys.transpose(-1, -2) * self.temperature[head] * width**-0.5
            parts.append(sims.softmax(-1) @ keys)
        return torch.cat(parts, -1)


class CrossLayer(nn.Module):
    """Words look at the regions of a photo, then each word thinks about what it saw.

    The projection of the keys is folded into that of the queries, and that of the values comes
    after the sum: regions are never projected, which would be most of the work.
    """

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(TOKEN_DIM, HEADS * TOKEN_DIM)
        self.value = nn.Linear(HEADS * TOKEN_DIM, TOKEN_DIM)
        self.inner = nn.Sequential(
            nn.Linear(TOKEN_DIM, 2 * TOKEN_DIM), nn.ReLU(), nn.Linear(2 * TOKEN_DIM, TOKEN_DIM)
        )
        self.norm1, self.norm2 = nn.LayerNorm(TOKEN_DIM), nn.LayerNorm(TOKEN_DIM)

    def forward(self, words: torch.Tensor, regions: torch.Tensor) -> torch.Tensor:
        """words [..., K or 1, L, D], regions [..., K, R, D] -> [..., K, L, D]."""
        query = self.query(words).unflatten(-1, (HEADS, TOKEN_DIM)).flatten(-3, -2)
        weights = (query @ regions.transpose(-1, -2) * TOKEN_DIM**-0.5).softmax(-1)
        seen = (weights @ regions).unflatten(-2, (-1, HEADS)).flatten(-2, -1)
        x = self.norm1(words + self.value(seen))
        return self.norm2(x + self.inner(x))


class Among(nn.Module):
    """Words look at one another, so that "a dog behind a man" is more than its words."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.Linear(TOKEN_DIM, 3 * TOKEN_DIM)
        self.out = nn.Linear(TOKEN_DIM, TOKEN_DIM)
        self.norm = nn.LayerNorm(TOKEN_DIM)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """x [..., K, L, D], mask [..., L] -> [..., K, L, D]."""
        query, key, value = (
            part.unflatten(-1, (HEADS, -1)).transpose(-2, -3) for part in self.parts(x).chunk(3, -1)
        )
        weights = query @ key.transpose(-1, -2) * (TOKEN_DIM // HEADS) ** -0.5
        weights = weights - 1e4 * (1 - mask[..., None, None, None, :])
        seen = (weights.softmax(-1) @ value).transpose(-2, -3).flatten(-2, -1)
        return self.norm(x + self.out(seen))


class DeepFine(nn.Module):
    """The word-by-region score, and on top of it two layers of cross-attention from the text."""

    def __init__(self, first: Fine) -> None:
        super().__init__()
        self.first = first
        self.places = nn.Parameter(torch.zeros(TOKENS, TOKEN_DIM))
        self.look, self.again = CrossLayer(), CrossLayer()
        self.among = Among()
        self.drop = nn.Dropout(0.1)
        self.weigh = nn.Linear(TOKEN_DIM, 1)
        self.verdict = nn.Sequential(
            nn.Linear(TOKEN_DIM, TOKEN_DIM), nn.ReLU(), nn.Linear(TOKEN_DIM, 1)
        )
        nn.init.zeros_(self.weigh.weight)
        nn.init.zeros_(self.verdict[-1].weight)
        nn.init.zeros_(self.verdict[-1].bias)

    def forward(
        self, words: torch.Tensor, mask: torch.Tensor, regions: torch.Tensor
    ) -> torch.Tensor:
        """words [..., L, D], mask [..., L], regions [..., K, R, D] -> scores [..., K]."""
        placed = regions + self.places
        x = self.look(words.unsqueeze(-3), placed)
        x = self.again(self.among(self.drop(x), mask), placed)
        weights = (self.weigh(x).squeeze(-1) - 1e4 * (1 - mask.unsqueeze(-2))).softmax(-1)
        judged = self.verdict((self.drop(x) * weights.unsqueeze(-1)).sum(-2)).squeeze(-1)
        return self.first(words, mask, regions) + judged
