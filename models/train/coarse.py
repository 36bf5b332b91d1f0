"""Both towers and all heads, end to end."""

from __future__ import annotations

import copy
import json
import logging
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from train import losses, metrics
from train.augment import augmented, prepared
from train.data import Photo
from train.heads import Cascade
from train.texts import Texts
from train.towers import ImageTower, TextTower

log = logging.getLogger(__name__)

HARD = 15  # wrong photos in each fine list, from the batch
CLASS_TEXTS = 16  # class names a step that keep the sentence head honest


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast. ``human`` photos a step have two captions, ``templated`` one."""

    epochs: int = 12
    human: int = 80
    templated: int = 32
    image_rate: float = 1.5e-4
    text_rate: float = 4e-5
    head_rate: float = 8e-4
    warm_up: int = 80
    ema: float = 0.997
    frozen_blocks: int = 5
    seed: int = 1


class Model(nn.Module):
    """Towers and heads together."""

    def __init__(
        self, plan: Plan, basis: torch.Tensor, centre: torch.Tensor, classes: torch.Tensor
    ):
        super().__init__()
        self.image = ImageTower(plan.frozen_blocks)
        self.text = TextTower()
        self.heads = Cascade(basis, centre, classes)
        self.text.words.weight.requires_grad_(False)  # words not met here must keep their place
        frozen = [self.image.stem, *self.image.blocks[: plan.frozen_blocks]]
        for module in frozen:
            module.requires_grad_(False)
        self.to(memory_format=torch.channels_last)

    def photos(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """embedding [B, 384], tokens [B, 49, 96], logits [B, 1000] of prepared pixels."""
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            early = self.image.early(pixels)
        grid = self.image.late(early.float())
        logits = self.image.classify(grid)
        embedding, tokens = self.heads.encode_image(grid, logits)
        return embedding, tokens, logits

    def texts(
        self, ids: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """embedding [B, 384], tokens [B, L, 96], sentence [B, 384]."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            hidden = self.text(ids, mask)
        hidden = hidden.float()
        weights = mask[:, :, None]
        sentence = self.heads.sentence((hidden * weights).sum(1) / weights.sum(1))
        embedding, tokens = self.heads.encode_text(hidden, mask, sentence)
        return embedding, tokens, sentence


def word_mask(ids: torch.Tensor) -> torch.Tensor:
    """1 where a token takes part in the fine stage: not padding, [CLS] 101 or [SEP] 102."""
    return ((ids != 0) & (ids != 101) & (ids != 102)).float()


@dataclass(slots=True)
class Corpus:
    """What a step draws from. ``teacher_logits`` float16 [N, 2, 1000]: as is, mirrored."""

    photos: list[Photo]
    pixels: np.ndarray
    texts: Texts
    rows: list[list[int]]
    class_rows: list[int]
    teacher_logits: np.ndarray

    def of(self, split: str, *, human: bool) -> list[int]:
        """Indices of photos of a split."""
        return [i for i, p in enumerate(self.photos) if p.split == split and p.human is human]


class Trainer:
    """Steps, averages, checkpoints. ``work`` holds ``coarse.pt`` after each epoch."""

    def __init__(self, plan: Plan, corpus: Corpus, model: Model, work: Path) -> None:
        self.plan, self.corpus, self.model, self.work = plan, corpus, model, work
        self.average = copy.deepcopy(model).eval().requires_grad_(False)
        heads = [*model.heads.parameters(), *model.image.classifier.parameters()]
        text = [p for p in model.text.parameters() if p.requires_grad]
        self.groups = [
            {"params": model.image.trained(), "rate": plan.image_rate, "weight_decay": 1e-4},
            {"params": text, "rate": plan.text_rate, "weight_decay": 1e-2},
            {"params": heads, "rate": plan.head_rate, "weight_decay": 1e-2},
        ]
        self.optimiser = torch.optim.AdamW(self.groups, lr=1e-3, betas=(0.9, 0.98))
        self.human = corpus.of("train", human=True)
        self.templated = corpus.of("train", human=False)
        self.per_epoch = len(self.human) // plan.human
        self.step_number = 0
        self.describes = [set(rows) for rows in corpus.rows]

    def run(self) -> None:
        """Train from where the checkpoint left off to the planned end."""
        self._resume()
        while self.step_number < self.plan.epochs * self.per_epoch:
            epoch = self.step_number // self.per_epoch
            self._epoch(epoch)
            self._save()
            log.info(
                "epoch %d: %s", epoch + 1, json.dumps(evaluate(self.average, self.corpus, "dev"))
            )

    def _epoch(self, epoch: int) -> None:
        rng = random.Random(self.plan.seed * 1000 + epoch)
        generator = torch.Generator().manual_seed(self.plan.seed * 1000 + epoch)
        torch.manual_seed(self.plan.seed * 1000 + epoch)
        human = rng.sample(self.human, len(self.human))
        self.model.train()
        seen, started = {}, time.monotonic()
        for step in range(self.per_epoch):
            at = step * self.plan.human
            batch = human[at : at + self.plan.human] + rng.sample(
                self.templated, self.plan.templated
            )
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

    def _draw(self, batch: list[int], rng: random.Random) -> tuple[list[int], list[int]]:
        """Text rows and the position in the batch that each belongs to."""
        rows, owner = [], []
        for position, photo in enumerate(batch):
            ours = self.corpus.rows[photo]
            chosen = rng.sample(ours, 2) if self.corpus.photos[photo].human else [rng.choice(ours)]
            rows += chosen
            owner += [position] * len(chosen)
        return rows, owner

    def _step(
        self, batch: list[int], rng: random.Random, generator: torch.Generator
    ) -> dict[str, float]:
        corpus, model = self.corpus, self.model
        rows, owners = self._draw(batch, rng)
        owner = torch.tensor(owners)
        same = torch.tensor([[r in self.describes[p] for p in batch] for r in rows])
        may_flip = torch.tensor([corpus.photos[p].may_flip for p in batch])
        order = np.asarray(batch)
        pixels, flipped = augmented(torch.from_numpy(corpus.pixels[order]), may_flip, generator)
        teacher = torch.from_numpy(corpus.teacher_logits[order, flipped.long().numpy()]).float()
        extra = rng.sample(corpus.class_rows, CLASS_TEXTS)
        ids, mask, sentences = corpus.texts.batch(rows + extra)

        photo, regions, logits = model.photos(pixels)
        text, words, sentence = model.texts(ids, mask)
        count = len(rows)
        sims = text[:count] @ photo.T
        coarse = losses.contrastive(sims * self.model.heads.scale.exp().clamp(max=100), owner, same)
        lists = losses.hardest(sims, owner, same, HARD)
        near = sims.detach().gather(1, lists)
        fine = model.heads.fine(words[:count], word_mask(ids[:count]), regions[lists])
        ranked = losses.listwise(fine, near, model.heads.fine_scale.exp() * 10)
        kept = losses.kept_classifier(logits, teacher)
        said = losses.kept_sentences(sentence, sentences)
        loss = coarse + 0.5 * ranked + 1.0 * kept + 2.0 * said
        self._descend(loss)
        named = {"coarse": coarse, "fine": ranked, "class": kept, "sentence": said}
        return {name: value.item() for name, value in named.items()}

    def _descend(self, loss: torch.Tensor) -> None:
        plan, step = self.plan, self.step_number
        total = plan.epochs * self.per_epoch
        factor = min(1.0, (step + 1) / plan.warm_up) * (
            0.5 * (1 + math.cos(math.pi * step / total))
        )
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * factor
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([p for g in self.groups for p in g["params"]], 3.0)
        self.optimiser.step()
        decay = min(plan.ema, (step + 1) / (step + 10))
        with torch.no_grad():
            for mean, now in zip(self.average.parameters(), self.model.parameters(), strict=True):
                if now.requires_grad:
                    mean.lerp_(now, 1 - decay)
        self.step_number += 1

    def _save(self) -> None:
        state = {
            "step": self.step_number,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        partial = self.work / "coarse.pt.part"
        torch.save(state, partial)
        partial.replace(self.work / "coarse.pt")

    def _resume(self) -> None:
        path = self.work / "coarse.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.step_number = state["step"]
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            log.info("resumed at step %d", self.step_number)


@torch.inference_mode()
def encode_all_photos(
    model: Model, pixels: np.ndarray, rows: list[int]
) -> tuple[torch.Tensor, ...]:
    """embeddings, tokens and logits of some photos."""
    parts = []
    for start in range(0, len(rows), 64):
        chosen = np.asarray(rows[start : start + 64])
        parts.append(model.photos(prepared(torch.from_numpy(pixels[chosen]))))
    return tuple(torch.cat(column) for column in zip(*parts, strict=True))


@torch.inference_mode()
def encode_all_texts(model: Model, texts: Texts, rows: list[int]) -> tuple[torch.Tensor, ...]:
    """embeddings [T, 384], tokens [T, 40, 96], word mask [T, 40]."""
    embeddings, tokens, masks = [], torch.zeros(len(rows), 40, 96), torch.zeros(len(rows), 40)
    for start in range(0, len(rows), 250):
        ids, mask, _ = texts.batch(rows[start : start + 250])
        embedding, words, _ = model.texts(ids, mask)
        embeddings.append(embedding)
        tokens[start : start + len(ids), : ids.shape[1]] = words
        masks[start : start + len(ids), : ids.shape[1]] = word_mask(ids)
    return torch.cat(embeddings), tokens, masks


@torch.inference_mode()
def evaluate(model: Model, corpus: Corpus, split: str) -> dict[str, object]:
    """Recall on the human photos of a split, precision on the templated ones, classes kept."""
    model.eval()
    photos = corpus.of(split, human=True)
    rows = [row for photo in photos for row in corpus.rows[photo]]
    owner = torch.tensor([i for i, photo in enumerate(photos) for _ in corpus.rows[photo]])
    embedding, regions, logits = encode_all_photos(model, corpus.pixels, photos)
    text, words, mask = encode_all_texts(model, corpus.texts, rows)
    coarse = text @ embedding.T
    near = coarse.topk(100, 1).indices
    fine = metrics.fine_over(model.heads.fine, words, mask, metrics.as_stored(regions), near)
    weight = (model.heads.fine_scale.exp() * 10).item()
    both = metrics.cascade_ranks(coarse, fine, near, owner, weight)
    alone = metrics.cascade_ranks(coarse, fine, near, owner, 0.0)
    teacher = torch.from_numpy(corpus.teacher_logits[np.asarray(photos), 0]).float().argmax(1)
    return {
        "coarse": metrics.recall(metrics.ranks(coarse, owner)),
        "cascade": metrics.recall(both),
        "fine": metrics.recall(alone),
        "weight": round(weight, 2),
        "classes_kept": round(100 * (logits.argmax(1) == teacher).float().mean().item(), 1),
    }
