"""What turns the towers' features into a joined embedding and tokens."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import normalize

from train.fine.network import TOKEN_DIM, Fine
from train.towers.networks import mean

GRID_DIM = 2 * 1280  # both branches of the image tower
CAPTION_DIM = 256
CLASS_DIM = 125
JOINED_DIM = CAPTION_DIM + CLASS_DIM + 1  # one slack dimension, see ``Cascade``


class Whole(nn.Module):
    """What the mean of all positions says: [B, d_in] -> [B, d_out]; nothing until it is trained.

    A classifier over the mean tells a hundred kinds of sport apart that a sum of local verdicts
    mixes up. Its input is standardised, by what the training set has, to be learnt fast.
    """

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(d_in))
        self.register_buffer("spread", torch.ones(d_in))
        self.drop = nn.Dropout(0.5)
        self.linear = nn.Linear(d_in, d_out, bias=False)
        self.residual = nn.Sequential(
            nn.Linear(d_in, d_out), nn.ReLU(), nn.Dropout(0.2), nn.Linear(d_out, d_out, bias=False)
        )
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.residual[-1].weight)

    def standardise(self, means: torch.Tensor) -> None:
        """Take centre and spread of means [N, d_in]."""
        self.centre.copy_(means.mean(0))
        self.spread.copy_(means.std(0) + 0.1 * means.std())

    def forward(self, means: torch.Tensor) -> torch.Tensor:
        x = self.drop((means - self.centre) / self.spread)
        return self.linear(x) + self.residual(x)


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
        self.whole = Whole(d_in, d_out)
        nn.init.zeros_(self.attention.weight)
        nn.init.zeros_(self.residual[-1].weight)

    def forward(self, features: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        means = features.mean(1) if mask is None else mean(features, mask)
        return normalize(self.local(features, mask) + self.whole(means), dim=-1)

    def local(self, features: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """What the positions say one by one, [B, d_out], of any length."""
        features = self.drop(features)
        x = self.linear(features) + self.residual(features)
        weights = x * self.sharpness + self.attention(features)
        if mask is not None:
            weights = weights - 1e4 * (1.0 - mask[:, :, None])
        return (weights.softmax(1) * x).sum(1)


class Gate(nn.Module):
    """How much of a text is about the classifier's classes: hidden mean [B, 384] -> [B, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.judge = nn.Sequential(nn.Linear(384, 64), nn.ReLU(), nn.Linear(64, 1))
        nn.init.zeros_(self.judge[-1].weight)
        nn.init.constant_(self.judge[-1].bias, -0.7)  # a third, as a fixed sum would take

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.judge(hidden).sigmoid()


class Cascade(nn.Module):
    """All heads. ``classes`` [1000, 125], ``basis`` [384, 125] and ``centre`` [384] are constants.

    The embedding is one unit vector of two parts: what captions teach, and a convex combination
    of class-name vectors (ConSE, Norouzi et al. 2014), brought to unit length: without that, photos
    the classifier is sure of stand before all others whatever is asked. Photos hold both parts in
    equal shares. A text says by its gate how much each matters to it; what its class part falls
    short of its share goes to a slack dimension that photos leave empty.
    """

    def __init__(self, basis: torch.Tensor, centre: torch.Tensor, classes: torch.Tensor) -> None:
        super().__init__()
        self.image_pool = Pool(GRID_DIM, CAPTION_DIM, 0.2)
        self.text_pool = Pool(384, CAPTION_DIM, 0.1)
        self.image_tokens = nn.Linear(GRID_DIM, TOKEN_DIM)
        self.image_whole = Whole(GRID_DIM, TOKEN_DIM)
        self.image_norm = nn.LayerNorm(TOKEN_DIM)
        nn.init.normal_(self.image_whole.linear.weight, std=0.02)
        self.text_tokens = nn.Linear(384, TOKEN_DIM)
        self.text_norm = nn.LayerNorm(TOKEN_DIM)
        self.sentence = nn.Linear(384, 384)
        self.gate = Gate()
        self.fine = Fine()
        self.scale = nn.Parameter(torch.tensor(3.0))
        self.fine_scale = nn.Parameter(torch.tensor(0.0))
        self.sharpness = nn.Parameter(torch.tensor(1.0))
        self.register_buffer("basis", basis)
        self.register_buffer("centre", centre)
        self.register_buffer("classes", classes)
        nn.init.eye_(self.sentence.weight)
        nn.init.zeros_(self.sentence.bias)

    def image_class_part(self, logits: torch.Tensor) -> torch.Tensor:
        """Softmax of the logits, times the class vectors, at unit length: [B, 125]."""
        return normalize((logits * self.sharpness).softmax(-1) @ self.classes, dim=-1)

    def text_class_part(self, sentence: torch.Tensor) -> torch.Tensor:
        """A sentence vector [B, 384], centred, unit, in the classes' basis: [B, 125]."""
        return normalize(sentence - self.centre, dim=-1) @ self.basis

    def encode_image(
        self, grid: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Grid [B, 49, 2560] -> embedding [B, 382], tokens [B, 50, 96]."""
        caption, part = self.image_pool(grid), self.image_class_part(logits)
        tokens = self.tokens(self.image_pool.drop(grid))
        empty = torch.zeros_like(part[:, :1])
        return torch.cat([caption * 0.5**0.5, part * 0.5**0.5, empty], -1), tokens

    def tokens(self, grid: torch.Tensor) -> torch.Tensor:
        """What the fine stage compares words with, [B, 50, 96]: each region, and all together."""
        whole = self.image_whole(grid.mean(1))[:, None]
        return self.image_norm(torch.cat([self.image_tokens(grid), whole], 1))

    def encode_text(
        self, hidden: torch.Tensor, mask: torch.Tensor, sentence: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden states [B, L, 384] -> embedding [B, 382], tokens [B, L, 96]."""
        share = self.gate(mean(hidden, mask))
        joined = self.join_text(self.text_pool(hidden, mask), self.text_class_part(sentence), share)
        tokens = self.text_norm(self.text_tokens(self.text_pool.drop(hidden)))
        return joined, tokens

    def join_text(
        self, caption: torch.Tensor, part: torch.Tensor, share: torch.Tensor
    ) -> torch.Tensor:
        """Caption part [B, 256], class part [B, 125] and the latter's share [B, 1] -> [B, 382]."""
        part = part * share.sqrt()
        slack = (share - (part * part).sum(-1, keepdim=True)).clamp_min(1e-6).sqrt()
        return torch.cat([caption * (1 - share).sqrt(), part, slack], -1)
