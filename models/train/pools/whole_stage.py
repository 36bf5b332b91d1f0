"""The part of the pools that looks at the whole: thousands of steps over means of features.

Everything else stands still, so a step is cheap, and every labelled photo can be told from all
labels as often as a linear classifier would be shown it. Sentences gain nothing here, and learn
their photos by heart (dev R@1 fell from 29.1 to 27.7): they are held to what they scored before.
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
from torch.nn.functional import normalize

from train.data.described import Described
from train.pools.cached import Read, Seen
from train.pools.cached_dev import Dev
from train.pools.heads_stage import Labels
from train.towers import losses
from train.towers.heads import Cascade
from train.towers.model import Corpus, Model
from train.towers.networks import mean
from train.towers.pace import follow, pace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WholePlan:
    """Steps of so many photos of either kind; see ``HeadsPlan``. ``held``: how much it counts that
    sentences score as before.
    """

    steps: int = 600
    human: int = 256
    templated: int = 384
    inventories: int = 500
    typed: float = 0.4
    labels: float = 1.0
    held: float = 2.0
    rate: float = 8e-4
    decay: float = 0.1
    ema: float = 0.995
    measured: int = 150
    seed: int = 4


@dataclass(slots=True)
class Photos:
    """Of V views of P photos: means [V, P, 2560], local part [V, P, 256], class part, logits."""

    means: torch.Tensor
    local: torch.Tensor
    part: torch.Tensor
    logits: torch.Tensor

    @classmethod
    @torch.inference_mode()
    def of(cls, heads: Cascade, seen: Seen) -> Photos:
        """Computed once; ``heads`` in evaluation mode."""
        shape = seen.grids.shape[:2]
        widths = (seen.grids.shape[-1], heads.image_pool.linear.out_features)
        found = cls(
            *(torch.empty(*shape, width) for width in (*widths, heads.classes.shape[1])),
            torch.from_numpy(np.array(seen.logits)),
        )
        for view in range(shape[0]):
            for start in range(0, shape[1], 128):
                places = np.arange(start, min(start + 128, shape[1]))
                grids, logits = seen.batch(np.full_like(places, view), places)
                found.means[view, places] = grids.mean(1)
                found.local[view, places] = heads.image_pool.local(grids)
                found.part[view, places] = heads.image_class_part(logits)
        return found

    def joined(self, heads: Cascade, views: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """joined [B, 382] of views of photos."""
        whole = heads.image_pool.whole(self.means[views, places])
        caption = normalize(self.local[views, places] + whole, dim=-1)
        part = self.part[views, places]
        return torch.cat([caption * 0.5**0.5, part * 0.5**0.5, torch.zeros_like(part[:, :1])], -1)


@dataclass(slots=True)
class Sentences:
    """Of T texts: mean hidden states [T, 384], local part [T, 256], class part [T, 125]."""

    means: torch.Tensor
    local: torch.Tensor
    part: torch.Tensor

    @classmethod
    @torch.inference_mode()
    def of(cls, heads: Cascade, texts: Read) -> Sentences:
        """Computed once; texts of a length go together."""
        count = len(texts.rows)
        widths = (384, heads.text_pool.linear.out_features, heads.classes.shape[1])
        found = cls(*(torch.empty(count, width) for width in widths))
        for some in (texts.ids != 0).sum(1).argsort().split(500):
            hidden, mask, _ = texts.batch(some)
            means = mean(hidden, mask)
            found.means[some], found.local[some] = means, heads.text_pool.local(hidden, mask)
            found.part[some] = heads.text_class_part(heads.sentence(means))
        return found

    def joined(self, heads: Cascade, places: torch.Tensor) -> torch.Tensor:
        """joined [B, 382] of texts."""
        means = self.means[places]
        caption = normalize(self.local[places] + heads.text_pool.whole(means), dim=-1)
        return heads.join_text(caption, self.part[places], heads.gate(means))


class WholeTrainer:
    """Trains ``whole`` of both pools and the gate; keeps the best average by dev."""

    def __init__(
        self, plan: WholePlan, model: Model, corpus: Corpus, train: Seen, texts: Read, dev: Dev,
        work: Path,
    ) -> None:  # fmt: skip
        heads = model.heads.eval()
        self.plan, self.heads, self.corpus, self.train, self.dev = plan, heads, corpus, train, dev
        self.path = work / "whole.pt"
        self.photos, self.texts = Photos.of(heads, train), Sentences.of(heads, texts)
        self.dev_photos = Photos.of(heads, dev.seen)
        self.dev_texts = [Sentences.of(heads, each) for each in (dev.sentences, dev.label_texts)]
        log.info("whole: %d photos, %d texts", len(train.photos), len(texts.rows))
        if not heads.image_pool.whole.linear.weight.any():
            heads.image_pool.whole.standardise(self.photos.means.flatten(0, 1))
            heads.text_pool.whole.standardise(self.texts.means)
        self.place_of = {row: at for at, row in enumerate(texts.rows)}
        self.labels = Labels(corpus, train.photos, plan.inventories)
        self.described = Described(corpus.photos, corpus.rows)
        self.human = [i for i, p in enumerate(train.photos) if corpus.photos[p].human]
        self.templated = [i for i, p in enumerate(train.photos) if not corpus.photos[p].human]
        self.before = copy.deepcopy(heads).requires_grad_(False)
        self.parts = nn.ModuleList([heads.image_pool.whole, heads.text_pool.whole, heads.gate])
        self.parameters = [*self.parts.parameters(), heads.scale]
        self.optimiser = torch.optim.AdamW(
            [{"params": self.parameters, "rate": plan.rate}],
            lr=plan.rate,
            weight_decay=plan.decay,
            betas=(0.9, 0.98),
        )

    def run(self) -> dict[str, object]:
        """Train and put the best average into the model; what it reached on dev."""
        plan, heads = self.plan, self.heads
        heads.requires_grad_(False)
        for parameter in self.parameters:
            parameter.requires_grad_(True)
        best = self._measure(heads)
        log.info("whole before: %s", json.dumps(best))
        average, kept = copy.deepcopy(heads), copy.deepcopy(heads.state_dict())
        rng = random.Random(plan.seed)
        torch.manual_seed(plan.seed)
        seen: dict[str, float] = {}
        for step in range(plan.steps):
            pace(self.optimiser, step, plan.steps, 50)
            heads.train()
            for name, value in self._step(rng).items():
                seen[name] = seen.get(name, 0.0) + value / plan.measured
            follow(average, heads, step, plan.ema)
            if step % plan.measured == plan.measured - 1:
                found = self._measure(average)
                shown = {name: round(value, 3) for name, value in seen.items()}
                log.info("whole step %d: %s %s", step + 1, shown, json.dumps(found))
                seen = {}
                if found["sum"] > best["sum"]:  # type: ignore[operator]
                    best, kept = found, copy.deepcopy(average.state_dict())
                    torch.save(kept, self.path)
        heads.load_state_dict(kept)
        heads.eval()
        return best

    @torch.inference_mode()
    def _measure(self, heads: Cascade) -> dict[str, object]:
        heads.eval()
        count = self.dev_photos.means.shape[1]
        as_is = torch.zeros(count, dtype=torch.long)
        photo = self.dev_photos.joined(heads, as_is, torch.arange(count))
        texts = [each.joined(heads, torch.arange(len(each.means))) for each in self.dev_texts]
        return self.dev.judge(photo, *texts)

    def _step(self, rng: random.Random) -> dict[str, float]:
        plan, heads, corpus = self.plan, self.heads, self.corpus
        places = rng.sample(self.human, plan.human) + rng.sample(self.templated, plan.templated)
        index = [self.train.photos[place] for place in places]
        views = torch.randint(0, len(self.photos.means), (len(places),))
        at = torch.tensor(places)
        photo = self.photos.joined(heads, views, at)
        rows, owners = [], []
        for position in range(plan.human, len(index)):
            rows.append(rng.choice(corpus.rows.captions[index[position]]))
            owners.append(position)
        sentences = []
        for number in index[: plan.human]:
            typed = corpus.rows.typed[number]
            fragment = rng.random() < plan.typed
            sentences.append(rng.choice(typed if fragment else corpus.rows.captions[number]))
        labels, target = self.labels.draw(index[plan.human :], rng)
        shares = self.photos.logits[views, at].float().softmax(-1)
        drawn = sorted(set(torch.multinomial(shares, 1).squeeze(1).tolist()))
        classes = rng.sample(drawn, min(96, len(drawn)))
        asked = [self.place_of[row] for row in (*sentences, *rows)]
        asked += [self.place_of[self.labels.rows[label]] for label in labels.tolist()]
        asked += [self.place_of[rng.choice(corpus.rows.names[c])] for c in classes]
        asked_at = torch.tensor(asked)
        text = self.texts.joined(heads, asked_at)
        scale = heads.scale.exp().clamp(max=100)
        said, count = len(sentences), len(sentences) + len(rows)
        end = count + len(labels)
        owner, same = torch.tensor(owners), self.described.matrix(rows, index)
        coarse = losses.contrastive(text[said:count] @ photo.T * scale, owner, same)
        told = photo[plan.human :] @ text[count:end].T * scale
        known = -(target * told.log_softmax(-1)).sum(-1).mean()
        named = losses.named(text[end:] @ photo.T * scale, shares[:, classes].T)
        with torch.no_grad():
            taught = self.texts.joined(self.before, asked_at[:said])
            taught = taught @ self.photos.joined(self.before, views, at).T
        held = losses.held(text[:said] @ photo.T, taught, self.before.scale.exp())
        self.optimiser.zero_grad(set_to_none=True)
        (0.5 * coarse + plan.labels * known + 0.2 * named + plan.held * held).backward()
        nn.utils.clip_grad_norm_(self.parameters, 3.0)
        self.optimiser.step()
        found = {"coarse": coarse, "labels": known, "names": named, "held": held}
        return {name: value.item() for name, value in found.items()}
