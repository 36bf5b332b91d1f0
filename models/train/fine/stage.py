"""The fine model, on the coarse stage's own mistakes over the whole training set.

Towers and embedding stay as they are. Batches are made of photos that the coarse stage takes for
one another; each text's list holds its photo and wrong ones from among the hardest there.
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
from train.fine.network import DeepFine
from train.measuring import metrics
from train.measuring.metrics import as_stored
from train.pools.cached import Read, Seen
from train.pools.cached_dev import Dev, joined_texts, pooled
from train.towers import losses
from train.towers.model import Corpus, Model
from train.towers.pace import follow, pace

log = logging.getLogger(__name__)

_CHUNK = 1000  # texts scored at once
_NEAR = 40  # photos that a photo's neighbours are chosen from
_WEIGHTS = [2.0 * 1.5**step for step in range(13)]  # shares of the coarse score tried on dev
_NEVER = -1e4
_SHORT_LIST = 30  # measured often


@dataclass(frozen=True, slots=True)
class FinePlan:
    """``groups`` a step of ``size`` photos that are alike; ``wrong`` photos a text, drawn from the
    ``hardest`` of the batch. ``dropped``: share of the grid's channels hidden from a photo;
    ``words``: of a text's words. ``alone``: how much it counts that fine scores win without coarse
    ones, which are better on photos trained on than on others. ``memorised``: share of photos in a
    step of which only the branch that never learned is seen; the other knows the training photos
    by heart. An epoch shows every photo once, with one text.
    """

    epochs: int = 9
    groups: int = 12
    size: int = 10
    wrong: int = 11
    hardest: int = 32
    typed: float = 0.3
    dropped: float = 0.25
    words: float = 0.1
    alone: float = 1.0
    memorised: float = 0.3
    rate: float = 5e-4
    ema: float = 0.995
    seed: int = 1


@torch.inference_mode()
def embedded(model: Model, seen: Seen) -> torch.Tensor:
    """Coarse embeddings [P, 384] of photos as they are."""
    found = []
    for start in range(0, len(seen.photos), 100):
        places = np.arange(start, min(start + 100, len(seen.photos)))
        grids, logits = seen.batch(np.zeros_like(places), places)
        found.append(model.balance.photo(pooled(model.heads, grids, logits)))
    return torch.cat(found)


@torch.inference_mode()
def embedded_texts(model: Model, texts: Read) -> torch.Tensor:
    """Coarse embeddings [T, 384] of texts."""
    places = torch.arange(len(texts.rows))
    joined = [joined_texts(model.heads, texts, some) for some in places.split(_CHUNK)]
    return model.balance.text(torch.cat(joined))


def _tokens(seeing: list[nn.Module], grids: torch.Tensor) -> torch.Tensor:
    """Tokens [B, 50, 96]; as ``Cascade.tokens`` makes them, of modules that may be an average."""
    regions, whole, norm = seeing
    return norm(torch.cat([regions(grids), whole(grids.mean(1))[:, None]], 1))


@torch.no_grad()
def _forget(layers: list[nn.Module]) -> None:
    """No weight for the branch that learned, in layers over the grid's channels."""
    regions, whole = layers
    for linear in (regions, whole.linear, whole.residual[0]):
        linear.weight[:, : linear.in_features // 2] = 0


class FineTrainer:
    """Trains the deep fine model and the tokens it reads; keeps the best average by dev."""

    def __init__(
        self, plan: FinePlan, model: Model, corpus: Corpus, train: Seen, texts: Read, dev: Dev,
        work: Path,
    ) -> None:  # fmt: skip
        self.plan, self.model, self.corpus, self.train = plan, model, corpus, train
        self.path = work / "fine.pt"
        heads = model.heads
        deep = DeepFine(copy.deepcopy(heads.fine))
        heads.image_whole.centre.copy_(heads.image_pool.whole.centre)
        heads.image_whole.spread.copy_(heads.image_pool.whole.spread)
        seeing = [heads.image_tokens, heads.image_whole, heads.image_norm]
        self.parts = nn.ModuleList([heads.text_tokens, heads.text_norm, *seeing, deep])
        if plan.memorised >= 1:
            _forget(seeing[:2])
        self.parts.requires_grad_(True)
        self.weight = nn.Parameter(heads.fine_scale.detach().clone())
        self.parameters = [*self.parts.parameters(), self.weight]
        self.optimiser = torch.optim.AdamW(
            [{"params": self.parameters, "rate": plan.rate}], lr=plan.rate, weight_decay=3e-2
        )
        self.texts = texts
        self.place_of = {row: at for at, row in enumerate(texts.rows)}
        self.photo = embedded(model, train)
        self.text = embedded_texts(model, self.texts)
        self.described = Described(corpus.photos, corpus.rows)
        self.near = self._neighbours()
        self.dev = FineDev(model, dev)
        log.info("fine stage: %d photos, %d texts", len(train.photos), len(texts.rows))

    @torch.inference_mode()
    def _neighbours(self) -> list[list[int]]:
        """For each photo the places of others that its texts are nearest to."""
        captions = self.corpus.rows.captions
        found = []
        for start in range(0, len(self.train.photos), _CHUNK):
            some = self.train.photos[start : start + _CHUNK]
            means = torch.stack(
                [self.text[[self.place_of[row] for row in captions[p]]].mean(0) for p in some]
            )
            near = (means @ self.photo.T).topk(_NEAR + 1, 1).indices.tolist()
            found += [[n for n in row if n != start + at] for at, row in enumerate(near)]
        return found

    def run(self) -> dict[str, object]:
        """Train; ``fine.pt`` in the work folder holds the best parts so far."""
        plan = self.plan
        best = self.dev.measure(self.parts)
        log.info("fine stage before: %s", json.dumps(best))
        self._keep(self.parts)
        average = copy.deepcopy(self.parts).eval()
        rng, step = random.Random(plan.seed), 0
        per_epoch = len(self.train.photos) // (plan.groups * plan.size)
        steps = plan.epochs * per_epoch
        torch.manual_seed(plan.seed)
        for epoch in range(plan.epochs):
            self.parts.train()
            total = 0.0
            for batch in self._batches(rng)[:per_epoch]:
                pace(self.optimiser, step, steps, 60)
                total += self._step(batch, rng) / per_epoch
                follow(average, self.parts, step, plan.ema)
                step += 1
            if epoch % 2 == 1 or epoch + 1 == plan.epochs:
                found = self.dev.measure(average)
                log.info("fine stage epoch %d: loss %.3f %s", epoch + 1, total, json.dumps(found))
                if found["sum"] > best["sum"]:  # type: ignore[operator]
                    best = found
                    self._keep(average)
        self._load()
        self.model.deep = self.parts[-1]
        return best

    def _batches(self, rng: random.Random) -> list[list[int]]:
        """Places of photos, those that are alike together, each photo once."""
        plan, left = self.plan, set(range(len(self.train.photos)))
        groups = []
        for seed in rng.sample(range(len(self.train.photos)), len(self.train.photos)):
            if seed in left:
                near = rng.sample(self.near[seed], len(self.near[seed]))
                group = [seed, *(n for n in near if n in left)][: plan.size]
                left.difference_update(group)
                groups.append(group)
        rng.shuffle(groups)
        flat = [place for group in groups for place in group]
        size = plan.groups * plan.size
        return [flat[at : at + size] for at in range(0, len(flat), size)]

    def _step(self, batch: list[int], rng: random.Random) -> float:
        plan, corpus = self.plan, self.corpus
        text_tokens, text_norm, *seeing, deep = self.parts
        photos = [self.train.photos[place] for place in batch]
        rows = []
        for index in photos:
            typed = corpus.rows.typed[index]
            fragment = typed and rng.random() < plan.typed
            rows.append(rng.choice(typed if fragment else corpus.rows.captions[index]))
        places = torch.tensor([self.place_of[row] for row in rows])
        near = self.text[places] @ self.photo[batch].T
        same = self.described.matrix(rows, photos)
        owner = torch.arange(len(batch))
        hard = losses.hardest(near, owner, same, plan.hardest)
        pick = torch.multinomial(torch.ones(len(batch), plan.hardest), plan.wrong) + 1
        lists = torch.cat([hard[:, :1], hard.gather(1, pick)], 1)
        coarse = near.gather(1, lists)
        right_too = same.gather(1, lists)
        right_too[:, 0] = False
        views = np.random.default_rng(rng.randrange(2**32)).integers(
            0, len(self.train.grids), len(batch)
        )
        grids, _ = self.train.batch(views, np.asarray(batch))
        grids *= (torch.rand(len(batch), 1, grids.shape[-1]) > plan.dropped) / (1 - plan.dropped)
        grids[..., : grids.shape[-1] // 2] *= torch.rand(len(batch), 1, 1) > plan.memorised
        regions = _tokens(seeing, grids)
        hidden, _, words = self.texts.batch(places)
        hidden *= (torch.rand(len(batch), 1, hidden.shape[-1]) > 0.1) / 0.9
        spared = torch.rand(words.shape) > plan.words
        words = torch.where((words * spared).sum(1, keepdim=True) > 2, words * spared, words)
        read = text_norm(text_tokens(hidden))
        # Short texts apart from long ones: what pads a text costs as much as its words.
        fine = torch.zeros(lists.shape)
        for some in words.sum(1).argsort().chunk(3):
            length = int(words[some].nonzero()[:, 1].max()) + 1
            fine[some] = deep(read[some, :length], words[some, :length], regions[lists[some]])
        fine = fine.masked_fill(right_too, _NEVER)
        loss = losses.listwise(fine, coarse, self.weight.exp() * 10, alone=plan.alone)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 3.0)
        self.optimiser.step()
        return loss.item()

    def _keep(self, parts: nn.ModuleList) -> None:
        torch.save(parts.state_dict(), self.path.with_suffix(".part"))
        self.path.with_suffix(".part").replace(self.path)

    def _load(self) -> None:
        self.parts.load_state_dict(torch.load(self.path, weights_only=True))
        self.parts.eval()


class FineDev:
    """The dev split scored as a cascade."""

    def __init__(self, model: Model, dev: Dev) -> None:
        self.plain, self.seen = dev, dev.seen
        photo = embedded(model, dev.seen)
        self.sets = []
        for at, texts in (
            (self.plain.human, self.plain.sentences),
            (self.plain.labelled, self.plain.label_texts),
        ):
            coarse = embedded_texts(model, texts) @ photo[at].T
            self.sets.append((at, texts, coarse, coarse.topk(_SHORT_LIST, 1).indices))

    @torch.inference_mode()
    def measure(self, parts: nn.ModuleList) -> dict[str, object]:
        """Recall and precision of the cascade, with the share of coarse that suits both best."""
        text_tokens, text_norm, *seeing, deep = parts
        parts.eval()
        scores = []
        for at, texts, _, near in self.sets:
            regions = []
            for start in range(0, len(at), 100):
                places = np.asarray(at[start : start + 100])
                grids, _ = self.seen.batch(np.zeros_like(places), places)
                regions.append(_tokens(seeing, grids))
            hidden, _, words = texts.batch(torch.arange(len(texts.rows)))
            words_in = text_norm(text_tokens(hidden))
            scores.append(
                metrics.fine_over(deep, words_in, words, as_stored(torch.cat(regions)), near)
            )
        found = [self._weighed(scores, weight) for weight in [*_WEIGHTS, 1e6]]
        best = max(found[:-1], key=lambda each: each["sum"])
        return {**best, "coarse": [found[-1]["recall"], found[-1]["labels"]]}

    def _weighed(self, scores: list[torch.Tensor], weight: float) -> dict[str, object]:
        (_, _, coarse, near), (_, _, labels, order) = self.sets
        ranks = metrics.cascade_ranks(coarse, scores[0], near, self.plain.owner, weight)
        recall = metrics.recall(ranks)
        final = scores[1] + weight * labels.gather(1, order)
        better = order.gather(1, final.argsort(1, descending=True))
        precision = metrics.precision(self.plain.right, better)
        total = sum(recall[f"R@{k}"] for k in (1, 5, 10)) / 3 + precision
        return {"recall": recall, "labels": precision, "weight": weight, "sum": round(total, 2)}
