"""Both towers and all heads, end to end."""

from __future__ import annotations

import copy
import json
import logging
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from train.data.augment import augmented
from train.data.described import Described
from train.measuring.dev import evaluate
from train.towers import losses
from train.towers.arithmetic import FAST_HALF
from train.towers.groups import Groups
from train.towers.model import Corpus, Model, word_mask
from train.towers.pace import follow, pace

log = logging.getLogger(__name__)

HARD = 15  # wrong photos in each fine list, from the batch
CLASS_TEXTS = 24  # class names a step
_MASK_TOKEN = 103


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast.

    ``human`` photos a step have two captions and, in a share ``typed`` of cases, a fragment as
    people type it; ``templated`` photos have one text. ``masked``: share of words hidden.
    ``alike``: batches are made of photos that are alike.
    """

    stage: str = "coarse"
    epochs: int = 8
    human: int = 72
    templated: int = 56
    typed: float = 0.4
    masked: float = 0.1
    image_rate: float = 1.5e-4
    text_rate: float = 4e-5
    head_rate: float = 8e-4
    warm_up: int = 80
    ema: float = 0.997
    shared_blocks: int = 5
    alike: bool = False
    measured: int = 2  # epochs between measurements on dev
    seed: int = 1


# After a first round among random photos, a second one among photos that are alike.
ALIKE = Plan(
    stage="alike", epochs=5, human=64, templated=64, image_rate=7e-5, text_rate=2e-5,
    head_rate=3e-4, warm_up=40, alike=True, seed=2,
)  # fmt: skip


class Trainer:
    """Steps, averages, checkpoints. ``work`` holds a file named for the stage after each epoch."""

    def __init__(self, plan: Plan, corpus: Corpus, model: Model, work: Path) -> None:
        self.plan, self.corpus, self.model, self.work = plan, corpus, model, work
        self.average = copy.deepcopy(model).eval().requires_grad_(False)
        heads = list(model.heads.parameters())
        text = [p for p in model.text.parameters() if p.requires_grad]
        self.rates = [
            {"params": model.image.trained(), "rate": plan.image_rate, "weight_decay": 1e-4},
            {"params": text, "rate": plan.text_rate, "weight_decay": 1e-2},
            {"params": heads, "rate": plan.head_rate, "weight_decay": 1e-2},
        ]
        self.optimiser = torch.optim.AdamW(self.rates, lr=1e-3, betas=(0.9, 0.98))
        self.human = corpus.of("train", human=True)
        self.templated = corpus.of("train", human=False)
        self.per_epoch = len(self.human) // plan.human
        self.step_number = 0
        self.described = Described(corpus.photos, corpus.rows)
        self.alike: Groups | None = None
        self.path = work / f"{plan.stage}.pt"

    def run(self) -> None:
        """Train from where the checkpoint left off to the planned end."""
        self._resume()
        last = self.plan.epochs * self.per_epoch
        if self.plan.alike and self.step_number < last:
            kept = self.work / f"{self.plan.stage}.near.npy"
            self.alike = Groups(self.corpus, self.average, kept)
        while self.step_number < last:
            epoch = self.step_number // self.per_epoch
            self._epoch(epoch)
            self._save()
            if (epoch + 1) % self.plan.measured == 0 or epoch + 1 == self.plan.epochs:
                found = evaluate(self.average, self.corpus)
                log.info("%s epoch %d: %s", self.plan.stage, epoch + 1, json.dumps(found))

    def _epoch(self, epoch: int) -> None:
        rng = random.Random(self.plan.seed * 1000 + epoch)
        generator = torch.Generator().manual_seed(self.plan.seed * 1000 + epoch)
        torch.manual_seed(self.plan.seed * 1000 + epoch)
        human = self._human(rng)
        self.model.train()
        seen, started = {}, time.monotonic()
        for step in range(self.per_epoch):
            at = step * self.plan.human
            batch = human[at : at + self.plan.human] + self._templated(rng)
            parts = self._step(batch, rng, generator)
            for name, value in parts.items():
                seen[name] = seen.get(name, 0.0) + value
            if step % 15 == 14 or step == self.per_epoch - 1:
                shown = {name: round(value / (step + 1), 3) for name, value in seen.items()}
                pace = (time.monotonic() - started) / (step + 1)
                log.info(
                    "epoch %d step %d/%d %.2f s/step %s",
                    epoch + 1,
                    step + 1,
                    self.per_epoch,
                    pace,
                    shown,
                )

    def _human(self, rng: random.Random) -> list[int]:
        if self.alike is not None:
            return self.alike.human(rng)
        return rng.sample(self.human, len(self.human))

    def _templated(self, rng: random.Random) -> list[int]:
        if self.alike is not None:
            return self.alike.templated(self.plan.templated, rng)
        return rng.sample(self.templated, self.plan.templated)

    def _draw(self, batch: list[int], rng: random.Random) -> tuple[list[int], list[int]]:
        """Text rows and the position in the batch that each belongs to."""
        rows, owner = [], []
        for position, photo in enumerate(batch):
            captions, typed = self.corpus.rows.captions[photo], self.corpus.rows.typed[photo]
            chosen = rng.sample(captions, 2) if typed else [rng.choice(captions)]
            if typed and rng.random() < self.plan.typed:
                chosen.append(rng.choice(typed))
            rows += chosen
            owner += [position] * len(chosen)
        return rows, owner

    def _names(self, logits: torch.Tensor, rng: random.Random) -> tuple[list[int], torch.Tensor]:
        """Rows of names of classes seen in the batch, and each class's share in every photo."""
        shares = logits.softmax(-1)
        drawn = torch.multinomial(shares, 1).squeeze(1).tolist()
        classes = rng.sample(sorted(set(drawn)), min(CLASS_TEXTS, len(set(drawn))))
        return [rng.choice(self.corpus.rows.names[c]) for c in classes], shares[:, classes].T

    def _hide(self, ids: torch.Tensor, rows: int) -> torch.Tensor:
        """Some words of the first ``rows`` texts replaced by the mask token."""
        hidden = (torch.rand(ids.shape) < self.plan.masked) & (word_mask(ids) > 0)
        hidden[rows:] = False
        hidden[(word_mask(ids).sum(1) < 4)] = False  # a short question would lose its only word
        return ids.masked_fill(hidden, _MASK_TOKEN)

    def _step(
        self, batch: list[int], rng: random.Random, generator: torch.Generator
    ) -> dict[str, float]:
        corpus, model = self.corpus, self.model
        rows, owners = self._draw(batch, rng)
        owner, same = torch.tensor(owners), self.described.matrix(rows, batch)
        may_flip = torch.tensor([corpus.photos[p].may_flip for p in batch])
        pixels = torch.from_numpy(corpus.pixels[np.asarray(batch)])
        photo, regions, logits = model.photos(augmented(pixels, may_flip, generator))
        names, shares = self._names(logits, rng)
        ids, mask, sentences = corpus.texts.batch(rows + names)
        text, words, sentence = model.texts(self._hide(ids, len(rows)), mask)

        count, scale = len(rows), self.model.heads.scale.exp().clamp(max=100)
        sims = text[:count] @ photo.T
        coarse = losses.contrastive(sims * scale, owner, same)
        lists = losses.hardest(sims, owner, same, HARD)
        near = sims.detach().gather(1, lists)
        with torch.autocast("cpu", torch.bfloat16, enabled=FAST_HALF):
            fine = model.heads.fine(words[:count], word_mask(ids[:count]), regions[lists])
        ranked = losses.listwise(fine.float(), near, model.heads.fine_scale.exp() * 10)
        known = losses.named(text[count:] @ photo.T * scale, shares)
        said = losses.kept_sentences(sentence, sentences)
        self._descend(coarse + 0.5 * ranked + 0.2 * known + 2.0 * said)
        parts = {"coarse": coarse, "fine": ranked, "names": known, "sentence": said}
        return {name: value.item() for name, value in parts.items()}

    def _descend(self, loss: torch.Tensor) -> None:
        plan, step = self.plan, self.step_number
        total = plan.epochs * self.per_epoch
        pace(self.optimiser, step, total, plan.warm_up)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([p for g in self.rates for p in g["params"]], 3.0)
        self.optimiser.step()
        follow(self.average, self.model, step, plan.ema)
        self.step_number += 1

    def _save(self) -> None:
        state = {
            "step": self.step_number,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        partial = self.path.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(self.path)

    def _resume(self) -> None:
        if self.path.exists():
            state = torch.load(self.path, weights_only=True)
            self.step_number = state["step"]
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            log.info("resumed at step %d", self.step_number)
