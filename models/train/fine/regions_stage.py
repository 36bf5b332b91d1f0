"""Tokens of regions, and the fine model over them, learn from texts which photo is meant."""

from __future__ import annotations

import copy
import json
import logging
import random
import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from train.data.photos import Photo, without_template
from train.fine.network import TOKEN_DIM, Fine
from train.fine.regions import FineOverRegions, RegionTokens, Untouched
from train.towers.pace import follow, pace

log = logging.getLogger(__name__)

_NEAR = 60  # photos that a photo's neighbours are chosen from
_CHUNK = 1000
_NEVER = -1e4
_BETWEEN = re.compile(r", | and ")
_ARTICLE = re.compile(r"^(a|an|the|some) ")
_FORMS = ("{}", "a photo of a {}")
CAPTION, LABEL, NAME = range(3)


@dataclass(frozen=True, slots=True)
class RegionsPlan:
    """``groups`` a step of ``size`` photos that are alike; a text a photo, and ``wrong`` photos a
    text, drawn from the ``hardest`` of the batch.

    ``sure``: a photo whose class the untouched classifier is so sure of is asked for by its name in
    a share ``named`` of the steps; ``unlike``: what a photo has less of is no photo of that class.
    ``alone``: how much it counts that fine scores win without coarse ones. ``dropout``: share of
    channels hidden from a photo, ``hidden``: of whole networks, ``words``: of a text's words.
    ``weights``: of captions, labels and names in the loss.
    """

    steps: int = 600
    groups: int = 12
    size: int = 12
    wrong: int = 15
    hardest: int = 24
    named: float = 0.2
    sure: float = 0.3
    unlike: float = 0.02
    alone: float = 0.5
    dropout: float = 0.35
    hidden: float = 0.15
    words: float = 0.1
    weights: tuple[float, float, float] = (1.0, 0.5, 0.3)
    coarse: float = 45.0
    rate: float = 1e-3
    fine_rate: float = 3e-4
    decay: float = 0.05
    warm_up: int = 50
    ema: float = 0.99
    seed: int = 1


@dataclass(slots=True)
class Taught:
    """What there is to learn from: photos as they are ``untouched``, their ``vectors`` in a weak
    order [P, D], ``classes`` [P, 1000] as an untouched classifier has them, and ``texts`` with
    their vectors as questions [T, D], tokens [T, L, 96] and word masks [T, L].
    """

    photos: list[Photo]
    untouched: Untouched
    vectors: torch.Tensor
    classes: torch.Tensor
    names: list[str]
    texts: dict[str, int]
    asked: torch.Tensor
    words: torch.Tensor
    masks: torch.Tensor


def asked_of(photos: list[Photo], names: list[str]) -> dict[str, int]:
    """Every text that a photo may be asked for by, and its row."""
    told = [text for photo in photos for text in photo.captions]
    bare = [without_template(text) for p in photos if not p.human for text in p.captions]
    forms = [form.format(name) for form in _FORMS for name in names]
    return {text: row for row, text in enumerate(dict.fromkeys([*told, *bare, *forms]))}


def things(label: str) -> frozenset[str]:
    """What a label names: "a photo of two dogs and a car" names "two dogs" and "car"."""
    parts = _BETWEEN.split(without_template(label))
    return frozenset(_ARTICLE.sub("", part.strip()) for part in parts)


class RegionsTrainer:
    """Trains both; what it gives is their running mean."""

    def __init__(self, plan: RegionsPlan, taught: Taught, tokens: RegionTokens, fine: Fine) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.taught, self.rng = plan, taught, random.Random(plan.seed)
        self.scorer = FineOverRegions(fine)
        self.coarse = nn.Parameter(torch.tensor(plan.coarse).log())
        self.parts = nn.ModuleList([tokens, self.scorer])
        self.tokens = tokens
        self.optimiser = torch.optim.AdamW(
            [
                {"params": list(tokens.parameters()), "rate": plan.rate},
                {"params": [*self.scorer.parameters(), self.coarse], "rate": plan.fine_rate},
            ],
            weight_decay=plan.decay,
        )
        self.human = torch.tensor([photo.human for photo in taught.photos])
        self.shown = [frozenset().union(*map(things, photo.captions)) for photo in taught.photos]
        self.surest = taught.classes.max(1)
        self.near = self._neighbours()

    def _neighbours(self) -> list[list[int]]:
        """For each photo the places of those that its texts are nearest to."""
        taught = self.taught
        means = torch.stack(
            [
                taught.asked[[taught.texts[text] for text in photo.captions]].mean(0)
                if photo.captions
                else vector
                for photo, vector in zip(taught.photos, taught.vectors, strict=True)
            ]
        )
        near = min(_NEAR, len(means))
        return [
            row
            for some in means.split(_CHUNK)
            for row in (some @ taught.vectors.T).topk(near, 1).indices.tolist()
        ]

    def run(self) -> tuple[RegionTokens, FineOverRegions, float]:
        """Tokens, the fine model, and the weight of the coarse score beside its scores."""
        plan, step, total = self.plan, 0, 0.0
        average = copy.deepcopy(self.parts)
        self.parts.train()
        while step < plan.steps:
            for batch in self._batches():
                pace(self.optimiser, step, plan.steps, plan.warm_up)
                total += self._step(batch) / 20
                follow(average, self.parts, step, plan.ema)
                step += 1
                if step % 20 == 0:
                    log.info("regions %d: %s", step, json.dumps(round(total, 3)))
                    total = 0.0
                if step == plan.steps:
                    break
        tokens, scorer = average.eval().requires_grad_(False)
        return tokens, scorer, self.coarse.exp().item()  # type: ignore[return-value]

    def _batches(self) -> list[np.ndarray]:
        """Places of photos, those that are alike together, each photo once."""
        plan, left, flat = self.plan, set(range(len(self.near))), []
        groups = []
        for seed in self.rng.sample(range(len(self.near)), len(self.near)):
            if seed in left:
                near = self.rng.sample(self.near[seed], len(self.near[seed]))
                group = [seed, *(n for n in near if n in left and n != seed)][: plan.size]
                left.difference_update(group)
                groups.append(group)
        self.rng.shuffle(groups)
        flat = [place for group in groups for place in group]
        size = min(plan.groups * plan.size, len(flat))
        return [np.array(flat[at : at + size]) for at in range(0, len(flat) - size + 1, size)]

    def _ask(self, place: int) -> tuple[str, int] | None:
        """A text that a photo is asked for by, and of which kind it is."""
        plan, photo = self.plan, self.taught.photos[place]
        sure = self.surest.values[place] > plan.sure
        if sure and (not photo.captions or self.rng.random() < plan.named):
            name = self.taught.names[int(self.surest.indices[place])]
            return self.rng.choice(_FORMS).format(name), NAME
        if not photo.captions:
            return None
        text = self.rng.choice(photo.captions)
        if photo.human:
            return text, CAPTION
        return (without_template(text) if self.rng.random() < 0.5 else text), LABEL

    def _right(self, text: str, kind: int, own: int, batch: np.ndarray) -> torch.Tensor:
        """bool [B]: photos that are no wrong answers to a text. A caption is of its photo alone; of
        photos with captions nobody said which labels they lack.
        """
        if kind == CAPTION:
            return torch.from_numpy(batch == own)
        if kind == NAME:
            return self.taught.classes[batch, self.surest.indices[own]] > self.plan.unlike
        meant = things(text)
        return self.human[batch] | torch.tensor([meant <= self.shown[place] for place in batch])

    def _step(self, batch: np.ndarray) -> float:
        plan, taught = self.plan, self.taught
        asked = [(at, found) for at, p in enumerate(batch) if (found := self._ask(p)) is not None]
        own = torch.tensor([at for at, _ in asked])
        rows = torch.tensor([taught.texts[text] for _, (text, _) in asked])
        near = taught.asked[rows] @ taught.vectors[batch].T
        right = torch.stack(
            [self._right(text, kind, batch[at], batch) for at, (text, kind) in asked]
        )
        right[torch.arange(len(own)), own] = True
        hardest = min(plan.hardest, len(batch))
        hard = near.masked_fill(right, -9.0).topk(hardest, 1).indices
        pick = torch.rand(len(own), hardest).topk(min(plan.wrong, hardest), 1).indices
        lists = torch.cat([own[:, None], hard.gather(1, pick)], 1)
        right_too = right.gather(1, lists)
        right_too[:, 0] = False
        fine = self._scores(rows, self.tokens(*taught.untouched.batch(batch)), lists)
        fine = fine.masked_fill(right_too, _NEVER)
        first = torch.zeros(len(own), dtype=torch.int64)
        both = self.coarse.exp() * near.gather(1, lists) + fine
        losses = cross_entropy(both, first, reduction="none")
        losses = losses + plan.alone * cross_entropy(fine, first, reduction="none")
        counts = torch.tensor(plan.weights)[[kind for _, (_, kind) in asked]]
        loss = (losses * counts).sum() / counts.sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parts.parameters(), 3.0)
        self.optimiser.step()
        return loss.item()

    def _scores(
        self, rows: torch.Tensor, regions: torch.Tensor, lists: torch.Tensor
    ) -> torch.Tensor:
        """Fine scores [T, K]. Short texts apart from long ones: what pads a text costs as much."""
        fine, masks = torch.zeros(lists.shape), self.taught.masks[rows].float()
        for some in masks.sum(1).argsort().chunk(3):
            length = int(masks[some].nonzero()[:, 1].max()) + 1
            mask = masks[some, :length]
            spared = mask * (torch.rand(mask.shape) > self.plan.words)
            mask = torch.where(spared.sum(1, keepdim=True) > 1, spared, mask)
            words = self.taught.words[rows[some], :length].float()
            words = words * ((torch.rand(len(some), 1, TOKEN_DIM) > 0.05) / 0.95)
            fine[some] = self.scorer(words, mask, regions[lists[some]])
        return fine
