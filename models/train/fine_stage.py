"""The fine model, on the coarse stage's own mistakes over the whole training set.

Towers and embedding stay as they are, so their features are computed once, for a few crops of each
photo. Each text's list holds its photo and wrong ones drawn from the coarse stage's first hundred:
in a batch of random photos the wrong ones are too easy.
"""

from __future__ import annotations

import copy
import logging
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from train import losses, metrics
from train.augment import augmented, prepared
from train.data import MAX_TOKENS
from train.described import Described
from train.fine import REGIONS, DeepFine
from train.heads import GRID_DIM, JOINED_DIM
from train.metrics import as_stored
from train.model import Corpus, Model, word_mask
from train.towers import mean

log = logging.getLogger(__name__)

_CHUNK = 1000  # texts scored at once
_DROPPED = 0.1  # share of the grid's channels
_HARDEST = 100  # the coarse ranks that wrong photos are drawn from
_WEIGHTS = [2.0 * 1.5**step for step in range(13)]  # shares of the coarse score tried on dev


@dataclass(frozen=True, slots=True)
class FinePlan:
    """Texts a step, wrong photos a text, passes over all texts, crops of a photo.

    ``typed``: of the fragments of a photo's captions, so many.
    """

    epochs: int = 1
    texts: int = 48
    wrong: int = 15
    views: int = 2
    typed: int = 1
    rate: float = 4e-4
    ema: float = 0.995
    seed: int = 1


@dataclass(slots=True)
class Cached:
    """Features of the training photos and texts. ``owner``: the photo of each text.

    ``grids`` bfloat16 [V, P, 49, 2560] (as is, then crops), ``hidden`` float16 [T, 40, 384],
    ``words`` their mask, ``lists`` int64 [T, 100] the nearest wrong photos, ``coarse`` float32
    [T, 101] their coarse scores with that of the text's own photo in front.
    """

    grids: torch.Tensor
    hidden: torch.Tensor
    words: torch.Tensor
    owner: torch.Tensor
    lists: torch.Tensor
    coarse: torch.Tensor


@torch.inference_mode()
def cache(model: Model, corpus: Corpus, photos: list[int], plan: FinePlan) -> Cached:
    """Everything the stage needs, computed once."""
    rows, owner = _texts(corpus, photos, plan)
    shape = plan.views, len(photos), REGIONS, GRID_DIM
    grids = torch.empty(shape, dtype=torch.bfloat16)
    joined = torch.empty(len(photos), JOINED_DIM)
    generator = torch.Generator().manual_seed(plan.seed)
    model.image.train()  # bfloat16; nothing else differs
    for start in range(0, len(photos), 64):
        chosen = photos[start : start + 64]
        place = slice(start, start + len(chosen))
        pixels = torch.from_numpy(corpus.pixels[np.asarray(chosen)])
        may_flip = torch.tensor([corpus.photos[photo].may_flip for photo in chosen])
        plain, logits = model.image(prepared(pixels))
        joined[place], _ = model.heads.encode_image(plain, logits)
        grids[0, place] = plain.bfloat16()
        for view in range(1, plan.views):
            seen, _ = model.image(augmented(pixels, may_flip, generator))
            grids[view, place] = seen.bfloat16()
    model.image.eval()
    text, hidden, words = _read(model, corpus, rows)
    text, photo = model.balance.text(text), model.balance.photo(joined)
    described = Described(corpus.photos, corpus.rows)
    lists, coarse = _wrong(text, photo, owner, lambda some: described.matrix(rows[some], photos))
    return Cached(grids, hidden, words, owner, lists, coarse)


def _rows(corpus: Corpus, photos: list[int]) -> tuple[list[int], torch.Tensor]:
    """Rows of the captions of photos, and the place of each one's photo."""
    captions = corpus.rows.captions
    rows = [row for photo in photos for row in captions[photo]]
    return rows, torch.tensor([i for i, photo in enumerate(photos) for _ in captions[photo]])


def _texts(corpus: Corpus, photos: list[int], plan: FinePlan) -> tuple[list[int], torch.Tensor]:
    """Rows of every kind of text: captions, some fragments, and one form of each label."""
    rng = random.Random(plan.seed)
    rows, owner = [], []
    for place, photo in enumerate(photos):
        captions, typed = corpus.rows.captions[photo], corpus.rows.typed[photo]
        chosen = [*captions, *rng.sample(typed, plan.typed)] if typed else [rng.choice(captions)]
        rows += chosen
        owner += [place] * len(chosen)
    return rows, torch.tensor(owner)


def _read(
    model: Model, corpus: Corpus, rows: list[int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """joined [T, 382], hidden states float16 [T, 40, 384], word mask [T, 40]."""
    hidden = torch.zeros(len(rows), MAX_TOKENS, 384, dtype=torch.float16)
    words = torch.zeros(len(rows), MAX_TOKENS)
    joined = torch.empty(len(rows), JOINED_DIM)
    for start in range(0, len(rows), 250):
        ids, mask, _ = corpus.texts.batch(rows[start : start + 250])
        states = model.text(ids, mask)
        place, length = slice(start, start + len(ids)), ids.shape[1]
        sentence = model.heads.sentence(mean(states, mask))
        joined[place], _ = model.heads.encode_text(states, mask, sentence)
        hidden[place, :length], words[place, :length] = states.half(), word_mask(ids)
    return joined, hidden, words


def _wrong(
    text: torch.Tensor,
    photo: torch.Tensor,
    owner: torch.Tensor,
    described: Callable[[slice], torch.Tensor],
) -> tuple[torch.Tensor, torch.Tensor]:
    """The nearest wrong photos of each text, and coarse scores with its own photo's in front.

    Photos that the text describes as well as its own are no mistakes and left out.
    """
    lists, coarse = [], []
    for start in range(0, len(text), _CHUNK):
        some = slice(start, start + _CHUNK)
        mine = owner[some, None]
        sims = text[some] @ photo.T
        wrong = sims.masked_fill(described(some), -2.0).scatter(1, mine, -2.0)
        near = wrong.topk(_HARDEST, 1)
        lists.append(near.indices)
        coarse.append(torch.cat([sims.gather(1, mine), near.values], 1))
    return torch.cat(lists), torch.cat(coarse)


class FineTrainer:
    """Trains the deep fine model and the tokens it reads; keeps the best average by dev recall."""

    def __init__(self, plan: FinePlan, model: Model, corpus: Corpus, work: Path) -> None:
        self.plan, self.model, self.corpus, self.work = plan, model, corpus, work
        heads = model.heads
        deep = DeepFine(copy.deepcopy(heads.fine))
        tokens = [heads.text_tokens, heads.text_norm, heads.image_tokens, heads.image_norm]
        self.parts = nn.ModuleList([*tokens, deep])
        self.parts.requires_grad_(True)
        self.weight = nn.Parameter(model.heads.fine_scale.detach().clone())
        parameters = [*self.parts.parameters(), self.weight]
        self.optimiser = torch.optim.AdamW(parameters, lr=plan.rate, weight_decay=2e-2)
        self.drop = nn.Dropout(0.15)

    def run(self) -> None:
        """Train; ``fine.pt`` in ``work`` holds the best heads so far."""
        photos = self.corpus.of("train", human=True) + self.corpus.of("train", human=False)
        self.model.eval()
        cached = cache(self.model, self.corpus, photos, self.plan)
        texts = len(cached.owner)
        log.info("fine stage: %d photos, %d texts cached", len(photos), texts)
        dev = Dev(self.model, self.corpus)
        best = dev.recall(self.parts)
        log.info("fine stage before: %s", best)
        self._keep(self.parts)
        average = copy.deepcopy(self.parts).eval()
        steps = self.plan.epochs * (texts // self.plan.texts)
        rng, step = random.Random(self.plan.seed), 0
        torch.manual_seed(self.plan.seed)
        for epoch in range(self.plan.epochs):
            order = rng.sample(range(texts), texts)
            seen = 0.0
            self.parts.train()
            for start in range(0, texts - self.plan.texts + 1, self.plan.texts):
                if step % 100 == 99:
                    log.info("fine stage step %d of %d", step + 1, steps)
                self._rate(step, steps)
                seen += self._step(cached, torch.tensor(order[start : start + self.plan.texts]))
                self._follow(average, min(self.plan.ema, (step + 1) / (step + 10)))
                step += 1
            now = dev.recall(average)
            loss = seen * self.plan.texts / texts
            log.info("fine stage epoch %d: loss %.3f %s", epoch + 1, loss, now)
            if sum(now.values()) > sum(best.values()):
                best = now
                self._keep(average)
        self._load()
        self.model.deep = self.parts[-1]

    def _rate(self, step: int, steps: int) -> None:
        factor = min(1.0, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * factor

    def _step(self, cached: Cached, texts: torch.Tensor) -> float:
        text_tokens, text_norm, image_tokens, image_norm, deep = self.parts
        pick = torch.multinomial(torch.ones(len(texts), _HARDEST), self.plan.wrong)
        lists = torch.cat([cached.owner[texts][:, None], cached.lists[texts].gather(1, pick)], 1)
        near = cached.coarse[texts]
        coarse = torch.cat([near[:, :1], near[:, 1:].gather(1, pick)], 1)
        view = torch.randint(0, self.plan.views, lists.shape)
        # Channels are dropped for the whole step: the same as masking columns of the weights.
        alive = (torch.rand(GRID_DIM) > _DROPPED) / (1 - _DROPPED)
        grids = cached.grids[view, lists]
        with torch.autocast("cpu", torch.bfloat16):
            regions = functional.linear(grids, image_tokens.weight * alive, image_tokens.bias)
        regions = image_norm(regions.float())
        length = int(cached.words[texts].sum(1).max()) + 2
        hidden = cached.hidden[texts, :length].float()
        words = text_norm(text_tokens(self.drop(hidden)))
        with torch.autocast("cpu", torch.bfloat16):
            fine = deep(words, cached.words[texts, :length], regions)
        loss = losses.listwise(fine.float(), coarse, self.weight.exp() * 10)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([*self.parts.parameters(), self.weight], 3.0)
        self.optimiser.step()
        return loss.item()

    def _follow(self, average: nn.ModuleList, decay: float) -> None:
        with torch.no_grad():
            for followed, now in zip(average.parameters(), self.parts.parameters(), strict=True):
                followed.lerp_(now, 1 - decay)

    def _keep(self, parts: nn.ModuleList) -> None:
        torch.save(parts.state_dict(), self.work / "fine.pt.part")
        (self.work / "fine.pt.part").replace(self.work / "fine.pt")

    def _load(self) -> None:
        self.parts.load_state_dict(torch.load(self.work / "fine.pt", weights_only=True))
        self.parts.eval()


class Dev:
    """The dev split with features that do not change, scored as a cascade."""

    def __init__(self, model: Model, corpus: Corpus) -> None:
        photos = corpus.of("dev", human=True)
        rows, self.owner = _rows(corpus, photos)
        with torch.inference_mode():
            parts = []
            for start in range(0, len(photos), 64):
                pixels = corpus.pixels[np.asarray(photos[start : start + 64])]
                grid, logits = model.image(prepared(torch.from_numpy(pixels)))
                parts.append((model.heads.encode_image(grid, logits)[0], grid.bfloat16()))
            joined, self.grids = (torch.cat(column) for column in zip(*parts, strict=True))
            text, self.hidden, self.words = _read(model, corpus, rows)
            self.coarse = model.balance.text(text) @ model.balance.photo(joined).T
            self.near = self.coarse.topk(50, 1).indices

    @torch.inference_mode()
    def recall(self, parts: nn.ModuleList) -> dict[str, float]:
        """R@1, 5 and 10 of the cascade, with the share of the coarse score that suits it best."""
        text_tokens, text_norm, image_tokens, image_norm, deep = parts
        deep.eval()
        words = text_norm(text_tokens(self.hidden.float()))
        regions = torch.cat([image_norm(image_tokens(g.float())) for g in self.grids.split(100)])
        scores = metrics.fine_over(deep, words, self.words, as_stored(regions), self.near)
        found = []
        for weight in _WEIGHTS:
            ranks = metrics.cascade_ranks(self.coarse, scores, self.near, self.owner, weight)
            recall = metrics.recall(ranks)
            del recall["R@50"]
            found.append(recall)
        return max(found, key=lambda recall: sum(recall.values()))
