"""The pools, long enough for labels, over towers that stand still.

End to end, a labelled photo is seen a few times, which is too little for a hundred kinds of sport
of which there are a dozen photos each: a linear classifier over the very same features finds 87 %
of them where the pools found 49 %. Here every photo is told from all labels at once, not only from
those that happen to be in its batch.
"""

from __future__ import annotations

import copy
import json
import logging
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from train.data.described import Described
from train.pools.cached import Read, Seen
from train.pools.cached_dev import Dev, joined_texts, pooled
from train.towers import losses
from train.towers.model import Corpus, Model
from train.towers.pace import follow, pace

log = logging.getLogger(__name__)

_ALIKE = 8.0  # sharpness of the target over labels that share words


@dataclass(frozen=True, slots=True)
class HeadsPlan:
    """``human`` photos a step with two captions and, by ``typed``, a fragment; ``templated`` with
    one text each; ``inventories``: long labels of single photos that stand as wrong ones in a step.
    ``dropped``: share of the grid's channels hidden from a photo. An epoch is a pass over the
    human photos.
    """

    epochs: int = 12
    human: int = 256
    templated: int = 256
    inventories: int = 360
    typed: float = 0.4
    dropped: float = 0.3
    labels: float = 1.0
    rate: float = 6e-4
    ema: float = 0.99
    seed: int = 3


class Labels:
    """All distinct labels of the training photos, and how much they have in common."""

    def __init__(self, corpus: Corpus, photos: list[int], inventories: int) -> None:
        rows = corpus.rows
        self.of_photo = {p: rows.captions[p][0] for p in photos if not corpus.photos[p].human}
        self.rows = sorted(set(self.of_photo.values()))
        self.place = {row: at for at, row in enumerate(self.rows)}
        owners: dict[int, int] = {}
        for row in self.of_photo.values():
            owners[row] = owners.get(row, 0) + 1
        # An inventory belongs to one photo and is long; there are more of them than of all others.
        long = {row for row in self.rows if owners[row] == 1 and len(rows.meaning[row]) > 3}
        self._always = [self.place[row] for row in self.rows if row not in long]
        self._long = [self.place[row] for row in long]
        self._count = inventories
        meanings = [rows.meaning[row] for row in self.rows]
        stems = {stem: at for at, stem in enumerate(sorted(frozenset().union(*meanings)))}
        has = torch.zeros(len(self.rows), len(stems))
        for at, words in enumerate(meanings):
            has[at, [stems[word] for word in words]] = 1
        both = has @ has.T
        size = has.sum(1)
        self.common = both / (size[:, None] + size - both).clamp_min(1)  # Jaccard
        self.common.fill_diagonal_(1)

    def draw(self, photos: list[int], rng: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
        """Places of labels int64 [N], and the target [P, N] of labelled photos over them."""
        own = [self.place[self.of_photo[photo]] for photo in photos]
        some = rng.sample(self._long, min(self._count, len(self._long)))
        chosen = torch.tensor(sorted({*self._always, *some, *own}))
        return chosen, (self.common[own][:, chosen] * _ALIKE).softmax(-1)


class HeadsTrainer:
    """Trains the pools and the gate; keeps the best average by dev."""

    def __init__(
        self, plan: HeadsPlan, model: Model, corpus: Corpus, train: Seen, texts: Read, dev: Dev,
        work: Path,
    ) -> None:  # fmt: skip
        self.plan, self.model, self.corpus, self.train = plan, model, corpus, train
        self.path = work / "heads.pt"
        rows = corpus.rows
        self.texts, self.dev = texts, dev
        self.place_of = {row: at for at, row in enumerate(texts.rows)}
        self.labels = Labels(corpus, train.photos, plan.inventories)
        self.described = Described(corpus.photos, rows)
        self.human = [i for i, p in enumerate(train.photos) if corpus.photos[p].human]
        self.templated = [i for i, p in enumerate(train.photos) if not corpus.photos[p].human]
        heads = model.heads
        self.parts = nn.ModuleList([heads.image_pool, heads.text_pool, heads.gate])
        self.parameters = [*self.parts.parameters(), heads.scale]
        self.optimiser = torch.optim.AdamW(
            [{"params": self.parameters, "rate": plan.rate}], lr=plan.rate, weight_decay=3e-2
        )

    def run(self) -> dict[str, object]:
        """Train and put the best average into the model; what it reached on dev."""
        plan = self.plan
        heads = self.model.heads.requires_grad_(False)
        self.parts.requires_grad_(True)
        heads.scale.requires_grad_(True)
        best = self.dev.measure(heads)
        log.info("heads before: %s", json.dumps(best))
        average = copy.deepcopy(heads).eval()
        kept = copy.deepcopy(heads.state_dict())
        per_epoch = len(self.human) // plan.human
        steps, step = plan.epochs * per_epoch, 0
        rng, generator = random.Random(plan.seed), np.random.default_rng(plan.seed)
        torch.manual_seed(plan.seed)
        for epoch in range(plan.epochs):
            order = rng.sample(self.human, len(self.human))
            heads.train()
            heads.image_pool.drop.p = 0.0  # whole channels are dropped instead
            seen: dict[str, float] = {}
            for at in range(per_epoch):
                pace(self.optimiser, step, steps, 30)
                places = order[at * plan.human : (at + 1) * plan.human]
                places = places + rng.sample(self.templated, plan.templated)
                for name, value in self._step(places, rng, generator).items():
                    seen[name] = seen.get(name, 0.0) + value / per_epoch
                follow(average, heads, step, plan.ema)
                step += 1
            now = self.dev.measure(average)
            shown = {name: round(value, 3) for name, value in seen.items()}
            log.info("heads epoch %d: %s %s", epoch + 1, shown, json.dumps(now))
            if now["sum"] > best["sum"]:  # type: ignore[operator]
                best, kept = now, copy.deepcopy(average.state_dict())
                torch.save(kept, self.path)
        heads.load_state_dict(kept)
        heads.eval()
        return best

    def _step(
        self, places: list[int], rng: random.Random, generator: np.random.Generator
    ) -> dict[str, float]:
        plan, heads, corpus = self.plan, self.model.heads, self.corpus
        photos = [self.train.photos[place] for place in places]
        views = generator.integers(0, len(self.train.grids), len(places))
        grids, logits = self.train.batch(views, np.asarray(places))
        alive = torch.rand(len(places), 1, grids.shape[-1]) > plan.dropped
        grids *= alive / (1 - plan.dropped)
        photo = pooled(heads, grids, logits)
        rows, owners = [], []
        for position, index in enumerate(photos):
            captions, typed = corpus.rows.captions[index], corpus.rows.typed[index]
            chosen = rng.sample(captions, 2) if typed else [rng.choice(captions)]
            if typed and rng.random() < plan.typed:
                chosen.append(rng.choice(typed))
            rows += chosen
            owners += [position] * len(chosen)
        labels, target = self.labels.draw(photos[plan.human :], rng)
        asked = [self.place_of[row] for row in rows]
        asked += [self.place_of[self.labels.rows[at]] for at in labels.tolist()]
        names, shares = self._names(logits, rng)
        asked += [self.place_of[row] for row in names]
        text = joined_texts(heads, self.texts, torch.tensor(asked))
        scale = heads.scale.exp().clamp(max=100)
        count, end = len(rows), len(rows) + len(labels)
        owner, same = torch.tensor(owners), self.described.matrix(rows, photos)
        coarse = losses.contrastive(text[:count] @ photo.T * scale, owner, same)
        told = photo[plan.human :] @ text[count:end].T * scale
        known = -(target * told.log_softmax(-1)).sum(-1).mean()
        named = losses.named(text[end:] @ photo.T * scale, shares)
        loss = coarse + plan.labels * known + 0.2 * named
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 3.0)
        self.optimiser.step()
        return {"coarse": coarse.item(), "labels": known.item(), "names": named.item()}

    def _names(self, logits: torch.Tensor, rng: random.Random) -> tuple[list[int], torch.Tensor]:
        """Names of some classes seen in the batch, and each class's share in every photo."""
        shares = logits.softmax(-1)
        drawn = sorted(set(torch.multinomial(shares, 1).squeeze(1).tolist()))
        classes = rng.sample(drawn, min(64, len(drawn)))
        return [rng.choice(self.corpus.rows.names[c]) for c in classes], shares[:, classes].T
