"""The fine stage alone, on the coarse stage's own mistakes over the whole training set.

The towers stay as they are, so the grids of the photos and the hidden states of the texts are
computed once. Each text's list holds its photo and wrong ones drawn from the coarse stage's first
hundred: in a batch of random photos the wrong ones are too easy.
"""

from __future__ import annotations

import copy
import logging
import math
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from train import losses, metrics
from train.augment import prepared
from train.coarse import Corpus, Model, encode_all_photos, encode_all_texts, word_mask
from train.metrics import as_stored

log = logging.getLogger(__name__)

_HARDEST = 100  # the coarse ranks that wrong photos are drawn from


@dataclass(frozen=True, slots=True)
class FinePlan:
    """Texts a step, wrong photos a text, passes over all captions."""

    epochs: int = 4
    texts: int = 48
    wrong: int = 15
    rate: float = 5e-4
    ema: float = 0.995
    seed: int = 1


@dataclass(slots=True)
class Cached:
    """Features of the training photos and texts. ``owner``: the photo of each text.

    ``grids`` float16 [2, P, 49, 1280] (as is, mirrored), ``hidden`` float16 [T, 40, 384],
    ``lists`` int64 [T, 100] the nearest wrong photos, ``coarse`` float32 [T, 101] their coarse
    scores with that of the text's own photo in front.
    """

    grids: torch.Tensor
    hidden: torch.Tensor
    words: torch.Tensor
    owner: torch.Tensor
    lists: torch.Tensor
    coarse: torch.Tensor


@torch.inference_mode()
def cache(
    model: Model, corpus: Corpus, photos: list[int], rows: list[int], owner: list[int]
) -> Cached:
    """Everything the stage needs, computed once."""
    grids = torch.empty(2, len(photos), 49, 1280, dtype=torch.float16)
    for start in range(0, len(photos), 64):
        chosen = np.asarray(photos[start : start + 64])
        pixels = prepared(torch.from_numpy(corpus.pixels[chosen]))
        for side, view in enumerate((pixels, pixels.flip(3))):
            view = view.contiguous(memory_format=torch.channels_last)
            grids[side, start : start + len(chosen)] = model.image(view).half()
    hidden, words = _hidden(model, corpus, rows)
    embedding, _, _ = encode_all_photos(model, corpus.pixels, photos)
    text, _, _ = encode_all_texts(model, corpus.texts, rows)
    owners = torch.tensor(owner)
    lists, coarse = _wrong(text, embedding, owners)
    return Cached(grids, hidden, words, owners, lists, coarse)


def _hidden(model: Model, corpus: Corpus, rows: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    hidden = torch.zeros(len(rows), 40, 384, dtype=torch.float16)
    words = torch.zeros(len(rows), 40)
    for start in range(0, len(rows), 250):
        ids, mask, _ = corpus.texts.batch(rows[start : start + 250])
        hidden[start : start + len(ids), : ids.shape[1]] = model.text(ids, mask).half()
        words[start : start + len(ids), : ids.shape[1]] = word_mask(ids)
    return hidden, words


def _wrong(
    text: torch.Tensor, embedding: torch.Tensor, owner: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The nearest wrong photos of each text, and coarse scores with its own photo's in front."""
    lists, coarse = [], []
    for start in range(0, len(text), 1000):
        mine = owner[start : start + 1000, None]
        sims = text[start : start + 1000] @ embedding.T
        own = sims.gather(1, mine)
        near = sims.scatter(1, mine, -2.0).topk(_HARDEST, 1)
        lists.append(near.indices)
        coarse.append(torch.cat([own, near.values], 1))
    return torch.cat(lists), torch.cat(coarse)


class FineTrainer:
    """Trains the token projections and the fine model; keeps the best average by dev recall."""

    def __init__(self, plan: FinePlan, model: Model, corpus: Corpus, work: Path) -> None:
        self.plan, self.model, self.corpus, self.work = plan, model, corpus, work
        heads = model.heads
        self.parts = nn.ModuleList(
            [heads.image_tokens, heads.image_norm, heads.text_tokens, heads.text_norm, heads.fine]
        )
        self.weight = heads.fine_scale
        parameters = [*self.parts.parameters(), self.weight]
        self.optimiser = torch.optim.AdamW(parameters, lr=plan.rate, weight_decay=1e-2)
        self.drop = nn.Dropout(0.15)

    def run(self) -> None:
        """Train; ``fine.pt`` in ``work`` holds the best heads so far."""
        photos = self.corpus.of("train", human=True)
        rows, owner = [], []
        for position, photo in enumerate(photos):
            rows += self.corpus.rows[photo]
            owner += [position] * len(self.corpus.rows[photo])
        self.model.eval()
        cached = cache(self.model, self.corpus, photos, rows, owner)
        log.info("fine stage: %d photos, %d texts cached", len(photos), len(rows))
        dev = Dev(self.model, self.corpus)
        best = dev.recall(self.parts, self.weight)
        log.info("fine stage before: %s", best)
        average = copy.deepcopy(self.parts)
        steps = self.plan.epochs * (len(rows) // self.plan.texts)
        rng, step = random.Random(self.plan.seed), 0
        torch.manual_seed(self.plan.seed)
        for epoch in range(self.plan.epochs):
            order = rng.sample(range(len(rows)), len(rows))
            seen = 0.0
            for start in range(0, len(order) - self.plan.texts + 1, self.plan.texts):
                self._rate(step, steps)
                seen += self._step(cached, torch.tensor(order[start : start + self.plan.texts]))
                self._follow(average, min(self.plan.ema, (step + 1) / (step + 10)))
                step += 1
            now = dev.recall(average, self.weight)
            log.info(
                "fine stage epoch %d: loss %.3f %s",
                epoch + 1,
                seen * self.plan.texts / len(rows),
                now,
            )
            if sum(now.values()) > sum(best.values()):
                best = now
                self._keep(average)
        self._load()

    def _rate(self, step: int, steps: int) -> None:
        factor = min(1.0, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * factor

    def _step(self, cached: Cached, texts: torch.Tensor) -> float:
        heads = self.model.heads
        pick = torch.multinomial(torch.ones(len(texts), _HARDEST), self.plan.wrong)
        lists = torch.cat([cached.owner[texts][:, None], cached.lists[texts].gather(1, pick)], 1)
        near = cached.coarse[texts]
        coarse = torch.cat([near[:, :1], near[:, 1:].gather(1, pick)], 1)
        distinct, place = lists.unique(return_inverse=True)
        side = torch.randint(0, 2, (len(distinct),))
        grids = cached.grids[side, distinct].float()
        regions = heads.image_norm(heads.image_tokens(self.drop(grids)))
        length = int(cached.words[texts].sum(1).max()) + 2
        hidden = cached.hidden[texts, :length].float()
        words = heads.text_norm(heads.text_tokens(self.drop(hidden)))
        mask = cached.words[texts, :length]
        fine = heads.fine(words, mask, regions[place])
        loss = losses.listwise(fine, coarse, self.weight.exp() * 10)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([*self.parts.parameters(), self.weight], 3.0)
        self.optimiser.step()
        return loss.item()

    def _follow(self, average: nn.ModuleList, decay: float) -> None:
        with torch.no_grad():
            for mean, now in zip(average.parameters(), self.parts.parameters(), strict=True):
                mean.lerp_(now, 1 - decay)

    def _keep(self, average: nn.ModuleList) -> None:
        state = {"parts": average.state_dict(), "weight": self.weight.detach().clone()}
        torch.save(state, self.work / "fine.pt.part")
        (self.work / "fine.pt.part").replace(self.work / "fine.pt")

    def _load(self) -> None:
        path = self.work / "fine.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.parts.load_state_dict(state["parts"])
            self.weight.data = state["weight"]


class Dev:
    """The dev split with features that do not change, scored as a cascade."""

    def __init__(self, model: Model, corpus: Corpus) -> None:
        photos = corpus.of("dev", human=True)
        rows = [row for photo in photos for row in corpus.rows[photo]]
        self.owner = torch.tensor([i for i, photo in enumerate(photos) for _ in corpus.rows[photo]])
        with torch.inference_mode():
            embedding, _, _ = encode_all_photos(model, corpus.pixels, photos)
            text, _, _ = encode_all_texts(model, corpus.texts, rows)
            self.hidden, self.words = _hidden(model, corpus, rows)
            self.grids = torch.cat(
                [
                    model.image(
                        prepared(torch.from_numpy(corpus.pixels[np.asarray(photos[s : s + 64])]))
                    )
                    for s in range(0, len(photos), 64)
                ]
            )
            self.coarse = text @ embedding.T
            self.near = self.coarse.topk(100, 1).indices

    @torch.inference_mode()
    def recall(self, parts: nn.ModuleList, weight: torch.Tensor) -> dict[str, float]:
        """R@1, 5 and 10 of the cascade with tokens as they are stored."""
        image_tokens, image_norm, text_tokens, text_norm, fine = parts
        regions = as_stored(image_norm(image_tokens(self.grids)))
        words = text_norm(text_tokens(self.hidden.float()))
        scores = metrics.fine_over(fine, words, self.words, regions, self.near)
        ranks = metrics.cascade_ranks(
            self.coarse, scores, self.near, self.owner, (weight.exp() * 10).item()
        )
        return {name: value for name, value in metrics.recall(ranks).items() if name != "R@50"}
