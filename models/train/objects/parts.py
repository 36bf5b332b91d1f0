"""What objects a photo shows, and which ones a text asks for."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from train.fine.network import TOKEN_DIM
from train.objects.nanodet import CLASSES

LONGEST_PHOTO = 8.0  # what photos show is no longer: 7.6 at most in 3,573 of them
LONGEST_TEXT = 1.0  # nor what texts ask for, as ``weighed`` makes it
UNSEEN = (70, 78)  # toaster and hair drier: in none of 21,900 photos
FEW = 0.02  # added to a probability, so that its logarithm has an end
_PEOPLE = 0.3  # weight of the class of people beside all others
_KNOWN = 10.0  # how much less a class weighs that the captions speak of which the towers learnt


class Seen(nn.Module):
    """Class logits of a detector [B, 3, 49, 80] -> [B, 80]: how much surer than for most photos the
    likeliest place is of a class, in natural logarithms.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("usual", torch.zeros(CLASSES))

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return (logits.sigmoid().amax((1, 2)) + FEW).log() - self.usual


class Asked(nn.Module):
    """Tokens of a text [B, L, 96] and which of them are words [B, L] -> weights of the classes that
    it asks for [B, 80], about 0 for all others.

    Word by word, the surest word counts: in the mean of a sentence a single word is lost. Photos
    mostly show people, so asking for them tells least; asking for many things, each counts less.
    The towers know best what their captions speak of: ``often`` [80], in which share of them.
    """

    def __init__(self, often: torch.Tensor | None = None, inner: int = 192) -> None:
        super().__init__()
        self.judge = nn.Sequential(
            nn.Linear(TOKEN_DIM, inner), nn.GELU(), nn.Linear(inner, CLASSES)
        )
        nn.init.constant_(self.judge[-1].bias, -3.0)
        weights = 1 / (1 + _KNOWN * (torch.zeros(CLASSES) if often is None else often))
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
    """One side of the score with a length of its own: [B, 80] -> [B, 80].

    ``longest``: of what is not cut short; ``share``: of the squared length of the embedding that
    this part has. Two slack dimensions, one a side, fill it up, so that scores of one text, and
    those of different texts, stay comparable. They have the places of the two classes that
    ``UNSEEN`` leaves out: lengths of vectors stay multiples of 16, which is fast.
    """

    def __init__(self, longest: float, share: float, *, photo: bool) -> None:
        super().__init__()
        kept = [at for at in range(CLASSES) if at not in UNSEEN]
        self.register_buffer("kept", torch.tensor(kept))
        self.longest, self.share, self.is_photo = longest, share, photo

    def forward(self, told: torch.Tensor) -> torch.Tensor:
        part = told[:, self.kept] / self.longest
        part = part / part.norm(dim=-1, keepdim=True).clamp_min(1.0)
        slack = (1 - (part * part).sum(-1, keepdim=True)).clamp_min(1e-7).sqrt()
        none = torch.zeros_like(slack)
        tail = [slack, none] if self.is_photo else [none, slack]
        return functional.normalize(torch.cat([part, *tail], -1), dim=-1) * self.share**0.5


def sides(weight: float) -> tuple[Side, Side]:
    """Of photos and of texts, for a score that counts ``weight`` beside the rest."""
    share = share_of(weight, LONGEST_PHOTO, LONGEST_TEXT)
    return (
        Side(LONGEST_PHOTO, share, photo=True),
        Side(LONGEST_TEXT, share, photo=False),
    )


def share_of(weight: float, longest_photo: float, longest_text: float) -> float:
    """The share of the squared length at which the score counts ``weight`` beside the rest."""
    ratio = weight * longest_photo * longest_text
    return ratio / (1 + ratio)
