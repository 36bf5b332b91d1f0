"""The fine model, on the coarse stage's own mistakes over the whole training set.

Towers, embedding and region tokens stay as they are, so they are computed once, for a few crops of
each photo. Each text's list holds its photo and wrong ones drawn from the coarse stage's first
hundred: in a batch of random photos the wrong ones are too easy.
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

from train import losses, metrics
from train.augment import augmented, prepared
from train.data import MAX_TOKENS
from train.fine import REGIONS, TOKEN_DIM, DeepFine
from train.heads import JOINED_DIM
from train.metrics import as_stored
from train.model import Corpus, Model, encode_all_photos, word_mask
from train.phrases import meaning
from train.towers import mean

log = logging.getLogger(__name__)

_HARDEST = 100  # the coarse ranks that wrong photos are drawn from
_WEIGHTS = [2.0 * 1.5**step for step in range(13)]  # shares of the coarse score tried on dev


@dataclass(frozen=True, slots=True)
class FinePlan:
    """Texts a step, wrong photos a text, passes over all texts, crops of a photo.

    ``typed``: of the fragments of a photo's captions, so many.
    """

    epochs: int = 2
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

    ``tokens`` float16 [V, P, 49, 96] (as is, then crops), ``hidden`` float16 [T, 40, 384],
    ``words`` their mask, ``lists`` int64 [T, 100] the nearest wrong photos, ``coarse`` float32
    [T, 101] their coarse scores with that of the text's own photo in front.
    """

    tokens: torch.Tensor
    hidden: torch.Tensor
    words: torch.Tensor
    owner: torch.Tensor
    lists: torch.Tensor
    coarse: torch.Tensor


@torch.inference_mode()
def cache(model: Model, corpus: Corpus, photos: list[int], plan: FinePlan) -> Cached:
    """Everything the stage needs, computed once."""
    rows, owner = _texts(corpus, photos, plan)
    tokens = torch.empty(plan.views, len(photos), REGIONS, TOKEN_DIM, dtype=torch.float16)
    joined = torch.empty(len(photos), JOINED_DIM)
    generator = torch.Generator().manual_seed(plan.seed)
    for start in range(0, len(photos), 64):
        chosen = photos[start : start + 64]
        place = slice(start, start + len(chosen))
        pixels = torch.from_numpy(corpus.pixels[np.asarray(chosen)])
        may_flip = torch.tensor([corpus.photos[photo].may_flip for photo in chosen])
        joined[place], plain, _ = model.photos(prepared(pixels))
        tokens[0, place] = as_stored(plain).half()
        for view in range(1, plan.views):
            _, seen, _ = model.photos(augmented(pixels, may_flip, generator))
            tokens[view, place] = as_stored(seen).half()
    text, hidden, words = _read(model, corpus, rows)
    text, photo = model.balance.text(text), model.balance.photo(joined)
    lists, coarse = _wrong(text, photo, owner, _described(corpus, photos, rows))
    return Cached(tokens, hidden, words, owner, lists, coarse)


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


def _described(corpus: Corpus, photos: list[int], rows: list[int]) -> Callable[[int, int], bool]:
    """Whether a text (by place in ``rows``) says nothing that a photo's captions do not."""
    shown = [frozenset().union(*map(meaning, corpus.photos[p].captions)) for p in photos]
    meant = [corpus.rows.meaning[row] for row in rows]
    return lambda text, photo: meant[text] <= shown[photo]


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
    described: Callable[[int, int], bool],
) -> tuple[torch.Tensor, torch.Tensor]:
    """The nearest wrong photos of each text, and coarse scores with its own photo's in front.

    Photos that the text describes as well as its own are no mistakes and left out.
    """
    lists, coarse = [], []
    for start in range(0, len(text), 1000):
        mine = owner[start : start + 1000, None]
        sims = text[start : start + 1000] @ photo.T
        near = sims.scatter(1, mine, -2.0).topk(2 * _HARDEST, 1).indices
        kept = []
        for row, candidates in enumerate(near.tolist(), start):
            wrong = [place for place in candidates if not described(row, place)][:_HARDEST]
            kept.append((wrong or candidates) * _HARDEST)
        chosen = torch.tensor([row[:_HARDEST] for row in kept])
        lists.append(chosen)
        coarse.append(torch.cat([sims.gather(1, mine), sims.gather(1, chosen)], 1))
    return torch.cat(lists), torch.cat(coarse)


class FineTrainer:
    """Trains the deep fine model and the words it reads; keeps the best average by dev recall."""

    def __init__(self, plan: FinePlan, model: Model, corpus: Corpus, work: Path) -> None:
        self.plan, self.model, self.corpus, self.work = plan, model, corpus, work
        deep = DeepFine(copy.deepcopy(model.heads.fine))
        self.parts = nn.ModuleList([model.heads.text_tokens, model.heads.text_norm, deep])
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
        self.model.deep = self.parts[2]

    def _rate(self, step: int, steps: int) -> None:
        factor = min(1.0, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * factor

    def _step(self, cached: Cached, texts: torch.Tensor) -> float:
        text_tokens, text_norm, deep = self.parts
        pick = torch.multinomial(torch.ones(len(texts), _HARDEST), self.plan.wrong)
        lists = torch.cat([cached.owner[texts][:, None], cached.lists[texts].gather(1, pick)], 1)
        near = cached.coarse[texts]
        coarse = torch.cat([near[:, :1], near[:, 1:].gather(1, pick)], 1)
        view = torch.randint(0, self.plan.views, lists.shape)
        regions = cached.tokens[view, lists].float()
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

    def _keep(self, average: nn.ModuleList) -> None:
        torch.save(average.state_dict(), self.work / "fine.pt.part")
        (self.work / "fine.pt.part").replace(self.work / "fine.pt")

    def _load(self) -> None:
        path = self.work / "fine.pt"
        if path.exists():
            self.parts.load_state_dict(torch.load(path, weights_only=True))
        self.parts.eval()


class Dev:
    """The dev split with features that do not change, scored as a cascade."""

    def __init__(self, model: Model, corpus: Corpus) -> None:
        photos = corpus.of("dev", human=True)
        rows, self.owner = _rows(corpus, photos)
        with torch.inference_mode():
            joined, regions, _ = encode_all_photos(model, corpus.pixels, photos)
            text, self.hidden, self.words = _read(model, corpus, rows)
            self.regions = as_stored(regions)
            self.coarse = model.balance.text(text) @ model.balance.photo(joined).T
            self.near = self.coarse.topk(50, 1).indices

    @torch.inference_mode()
    def recall(self, parts: nn.ModuleList) -> dict[str, float]:
        """R@1, 5 and 10 of the cascade, with the share of the coarse score that suits it best."""
        text_tokens, text_norm, deep = parts
        deep.eval()
        words = text_norm(text_tokens(self.hidden.float()))
        scores = metrics.fine_over(deep, words, self.words, self.regions, self.near)
        found = []
        for weight in _WEIGHTS:
            ranks = metrics.cascade_ranks(self.coarse, scores, self.near, self.owner, weight)
            recall = metrics.recall(ranks)
            del recall["R@50"]
            found.append(recall)
        return max(found, key=lambda recall: sum(recall.values()))
