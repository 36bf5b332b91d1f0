"""What objects a photo shows, and which ones a text asks for."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from train.fine import TOKEN_DIM
from train.nanodet import CLASSES

_FEW = 0.02  # added to a probability, so that its logarithm has an end
_PEOPLE = 0.3  # weight of the class of people beside all others


class Seen(nn.Module):
    """Class logits of a detector [B, 3, 49, 80] -> [B, 80]: how much surer than for most photos the
    likeliest place is of a class, in natural logarithms.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("usual", torch.zeros(CLASSES))

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return (logits.sigmoid().amax((1, 2)) + _FEW).log() - self.usual


class Asked(nn.Module):
    """Tokens of a text [B, L, 96] and which of them are words [B, L] -> weights of the classes that
    it asks for [B, 80], about 0 for all others.

    Word by word, the surest word counts: in the mean of a sentence a single word is lost. Photos
    mostly show people, so asking for them tells least; asking for many things, each counts less.
    """

    def __init__(self, inner: int = 192) -> None:
        super().__init__()
        self.judge = nn.Sequential(
            nn.Linear(TOKEN_DIM, inner), nn.GELU(), nn.Linear(inner, CLASSES)
        )
        nn.init.constant_(self.judge[-1].bias, -3.0)
        weights = torch.ones(CLASSES)
        weights[0] = _PEOPLE
        self.register_buffer("weights", weights)

    def logits(self, words: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Log odds that a class is asked for, [B, 80]."""
        return (self.judge(words) - 1e4 * (1 - mask.unsqueeze(-1))).amax(1)

    def forward(self, words: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return weighed(self.logits(words, mask).sigmoid(), self.weights)


def weighed(asked: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Sureness of each class [B, 80] -> weights."""
    return asked * weights / asked.sum(-1, keepdim=True).clamp_min(1).sqrt()


class Side(nn.Module):
    """One side of the score in few dimensions, with a length of its own: [B, 80] -> [B, d + 2].

    ``basis`` [80, d]; ``longest``: of what is not cut short; ``share``: of the squared length of
    the embedding that this part has. Two slack dimensions, one a side, fill it up, so that scores
    of one text, and those of different texts, stay comparable.
    """

    def __init__(self, basis: torch.Tensor, longest: float, share: float, *, photo: bool) -> None:
        super().__init__()
        self.register_buffer("basis", basis)
        self.longest, self.share, self.is_photo = longest, share, photo

    def forward(self, told: torch.Tensor) -> torch.Tensor:
        part = told @ self.basis / self.longest
        part = part / part.norm(dim=-1, keepdim=True).clamp_min(1.0)
        slack = (1 - (part * part).sum(-1, keepdim=True)).clamp_min(1e-7).sqrt()
        none = torch.zeros_like(slack)
        tail = [slack, none] if self.is_photo else [none, slack]
        return functional.normalize(torch.cat([part, *tail], -1), dim=-1) * self.share**0.5


def bases(photos: torch.Tensor, texts: torch.Tensor, dim: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Of both sides, [80, dim] each: what of photos [N, 80] matters to texts [M, 80] most.

    The best low rank of all scores texts @ photos.T: by the square roots of both second moments.
    """
    of_photos, of_texts = (_root(each.T @ each / len(each)) for each in (photos, texts))
    left, strengths, right = torch.linalg.svd(of_texts @ of_photos)
    some = strengths[:dim].sqrt()
    for_texts = torch.linalg.pinv(of_texts) @ left[:, :dim] * some
    for_photos = torch.linalg.pinv(of_photos) @ right[:dim].T * some
    return for_photos, for_texts


def _root(moment: torch.Tensor) -> torch.Tensor:
    values, vectors = torch.linalg.eigh(moment)
    return vectors * values.clamp_min(0).sqrt() @ vectors.T


def share_of(weight: float, longest_photo: float, longest_text: float) -> float:
    """The share of the squared length at which the score counts ``weight`` beside the rest."""
    ratio = weight * longest_photo * longest_text
    return ratio / (1 + ratio)
