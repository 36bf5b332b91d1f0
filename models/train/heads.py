"""What turns the towers' features into a coarse embedding, tokens, and fine scores."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import normalize, softplus

CAPTION_DIM = 256
CLASS_DIM = 126
EMBEDDING_DIM = CAPTION_DIM + CLASS_DIM + 2  # two slack dimensions, see ``Cascade``
TOKEN_DIM = 96
HEADS = 4


class Pool(nn.Module):
    """Learned-weight pooling: features [B, N, d_in], mask [B, N] -> [B, d_out].

    Each output dimension weighs its own positions by a softmax of learned sharpness, from the
    mean (sharpness 0) towards the maximum; a second, shared attention says which positions count.
    """

    def __init__(self, d_in: int, d_out: int, dropout: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.linear = nn.Linear(d_in, d_out)
        self.residual = nn.Sequential(
            nn.Linear(d_in, d_out), nn.ReLU(), nn.Dropout(dropout), nn.Linear(d_out, d_out)
        )
        self.attention = nn.Linear(d_in, 1)
        self.sharpness = nn.Parameter(torch.ones(d_out))
        nn.init.zeros_(self.attention.weight)
        nn.init.zeros_(self.residual[-1].weight)

    def forward(self, features: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        features = self.drop(features)
        x = self.linear(features) + self.residual(features)
        weights = x * self.sharpness + self.attention(features)
        if mask is not None:
            weights = weights - 1e4 * (1.0 - mask[:, :, None])
        return normalize((weights.softmax(1) * x).sum(1), dim=-1)


class Fine(nn.Module):
    """Word-by-region score of one text against K photos.

    Each word attends to the regions in a few heads; what it finds is compared with it dimension
    by dimension and judged by a small network, to which the best single region (ALADIN's max over
    regions) is added. Words are summed with learned weights.
    """

    def __init__(self) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.full((HEADS,), 2.0))
        self.judge = nn.Sequential(nn.Linear(TOKEN_DIM, 64), nn.ReLU(), nn.Linear(64, 1))
        self.gather = nn.Linear(TOKEN_DIM, 1)
        self.importance = nn.Sequential(nn.Linear(TOKEN_DIM, 32), nn.ReLU(), nn.Linear(32, 1))
        self.best = nn.Parameter(torch.tensor(4.0))
        nn.init.zeros_(self.judge[-1].weight)
        nn.init.zeros_(self.gather.weight)

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
        return ((verdict + self.best * best) * importance.unsqueeze(-2)).sum(-1)

    def _attend(self, query: torch.Tensor, regions: torch.Tensor) -> torch.Tensor:
        width = TOKEN_DIM // HEADS
        parts = []
        for head in range(HEADS):
            ours = slice(head * width, (head + 1) * width)
            keys = regions[..., ours]
            sims = query[..., ours] @ keys.transpose(-1, -2) * self.temperature[head] * width**-0.5
            parts.append(sims.softmax(-1) @ keys)
        return torch.cat(parts, -1)


class Cascade(nn.Module):
    """All heads. ``classes`` [1000, 126] and ``basis`` [384, 126], ``centre`` [384] are constants.

    The embedding is one unit vector of two parts: what captions teach, and a convex combination
    of class-name vectors (ConSE, Norouzi et al. 2014). The second part of a text is shorter the
    less the text is about any class; two slack dimensions, one used by photos and one by texts,
    keep both vectors at unit length without touching their product.
    """

    def __init__(self, basis: torch.Tensor, centre: torch.Tensor, classes: torch.Tensor) -> None:
        super().__init__()
        self.image_pool = Pool(1280, CAPTION_DIM, 0.2)
        self.text_pool = Pool(384, CAPTION_DIM, 0.1)
        self.image_tokens = nn.Linear(1280, TOKEN_DIM)
        self.image_norm = nn.LayerNorm(TOKEN_DIM)
        self.text_tokens = nn.Linear(384, TOKEN_DIM)
        self.text_norm = nn.LayerNorm(TOKEN_DIM)
        self.sentence = nn.Linear(384, 384)
        self.fine = Fine()
        self.scale = nn.Parameter(torch.tensor(3.0))
        self.fine_scale = nn.Parameter(torch.tensor(0.0))
        self.register_buffer("basis", basis)
        self.register_buffer("centre", centre)
        self.register_buffer("classes", classes)
        self.register_buffer("class_weight", torch.tensor(0.33))
        nn.init.eye_(self.sentence.weight)
        nn.init.zeros_(self.sentence.bias)

    def image_class_part(self, logits: torch.Tensor) -> torch.Tensor:
        """Softmax at temperature 2, times the class vectors: [B, 126], at most unit length."""
        return (logits / 2).softmax(-1) @ self.classes

    def text_class_part(self, sentence: torch.Tensor) -> torch.Tensor:
        """A sentence vector [B, 384], centred, unit, in the classes' basis: [B, 126]."""
        return normalize(sentence - self.centre, dim=-1) @ self.basis

    def join(self, caption: torch.Tensor, of_class: torch.Tensor, slot: int) -> torch.Tensor:
        """One unit vector [B, 384] of both parts; ``slot`` 0 for photos, 1 for texts."""
        w = self.class_weight
        part = of_class * w.sqrt()
        slack = (w - (part * part).sum(-1, keepdim=True)).clamp_min(0).sqrt()
        empty = torch.zeros_like(slack)
        tail = [slack, empty] if slot == 0 else [empty, slack]
        return torch.cat([caption * (1 - w).sqrt(), part, *tail], -1)

    def encode_image(
        self, grid: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Grid [B, 49, 1280] -> embedding [B, 384], tokens [B, 49, 96]."""
        part = self.image_class_part(logits)
        tokens = self.image_norm(self.image_tokens(self.image_pool.drop(grid)))
        return self.join(self.image_pool(grid), part, 0), tokens

    def encode_text(
        self, hidden: torch.Tensor, mask: torch.Tensor, sentence: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden states [B, L, 384] -> embedding [B, 384], tokens [B, L, 96]."""
        part = self.text_class_part(sentence)
        tokens = self.text_norm(self.text_tokens(self.text_pool.drop(hidden)))
        return self.join(self.text_pool(hidden, mask), part, 1), tokens
