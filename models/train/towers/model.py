"""Towers and heads as one network, and what it is fed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from train.data.augment import prepared
from train.data.photos import MAX_TOKENS, Photo
from train.data.texts import Rows, Texts
from train.fine.network import TOKEN_DIM, DeepFine, Fine
from train.pools.balance import Balance
from train.towers.arithmetic import FAST_HALF
from train.towers.heads import Cascade
from train.towers.networks import ImageTower, TextTower, mean


class Model(nn.Module):
    """Towers and heads together."""

    def __init__(
        self, shared: int, basis: torch.Tensor, centre: torch.Tensor, classes: torch.Tensor
    ):
        super().__init__()
        self.image = ImageTower(shared)
        self.text = TextTower()
        self.heads = Cascade(basis, centre, classes)
        self.balance = Balance()
        self.deep: DeepFine | None = None
        self.text.words.weight.requires_grad_(False)  # words not met here must keep their place
        self.to(memory_format=torch.channels_last)

    def photos(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """joined [B, 382], tokens [B, 50, 96], logits [B, 1000] of prepared pixels."""
        grid, logits = self.image(pixels)
        joined, tokens = self.heads.encode_image(grid, logits)
        return joined, tokens, logits

    def texts(
        self, ids: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """joined [B, 382], tokens [B, L, 96], sentence [B, 384]."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and FAST_HALF):
            hidden = self.text(ids, mask)
        hidden = hidden.float()
        sentence = self.heads.sentence(mean(hidden, mask))
        joined, tokens = self.heads.encode_text(hidden, mask, sentence)
        return joined, tokens, sentence

    @property
    def fine(self) -> Fine | DeepFine:
        """The fine model as it stands: the deep one once it is trained."""
        return self.heads.fine if self.deep is None else self.deep


def between(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> dict[str, Any]:
    """Weights half-way between two of which one was tuned from the other.

    Such means keep what either knows and are better than both on data that neither saw (Wortsman
    et al., ICML and CVPR 2022).
    """
    return {
        name: (first[name] + value) / 2 if value.is_floating_point() else value
        for name, value in second.items()
    }


def word_mask(ids: torch.Tensor) -> torch.Tensor:
    """1 where a token takes part in the fine stage: not padding, [CLS] 101 or [SEP] 102."""
    return ((ids != 0) & (ids != 101) & (ids != 102)).float()


@dataclass(slots=True)
class Corpus:
    """What a step draws from."""

    photos: list[Photo]
    pixels: np.ndarray
    texts: Texts
    rows: Rows

    def of(self, split: str, *, human: bool) -> list[int]:
        """Indices of photos of a split."""
        return [i for i, p in enumerate(self.photos) if p.split == split and p.human is human]


@torch.inference_mode()
def encode_all_photos(
    model: Model, pixels: np.ndarray, rows: list[int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """joined [P, 382], tokens [P, 50, 96] and logits [P, 1000] of some photos."""
    parts = []
    for start in range(0, len(rows), 64):
        chosen = np.asarray(rows[start : start + 64])
        parts.append(model.photos(prepared(torch.from_numpy(pixels[chosen]))))
    joined, tokens, logits = (torch.cat(column) for column in zip(*parts, strict=True))
    return joined, tokens, logits


@torch.inference_mode()
def encode_all_texts(
    model: Model, texts: Texts, rows: list[int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """joined [T, 382], tokens [T, 40, 96], word mask [T, 40]."""
    found, tokens = [], torch.zeros(len(rows), MAX_TOKENS, TOKEN_DIM)
    masks = torch.zeros(len(rows), MAX_TOKENS)
    for start in range(0, len(rows), 250):
        ids, mask, _ = texts.batch(rows[start : start + 250])
        joined, words, _ = model.texts(ids, mask)
        found.append(joined)
        tokens[start : start + len(ids), : ids.shape[1]] = words
        masks[start : start + len(ids), : ids.shape[1]] = word_mask(ids)
    return torch.cat(found), tokens, masks
