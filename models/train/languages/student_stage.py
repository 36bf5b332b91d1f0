"""Training of the text tower for other languages, resumable.

A finished pack's English tower is the teacher. No photo is looked at, but for what the pack makes
of three thousand training photos: a text and its translation shall bring them in the same order,
and have the same fine scores.
"""

from __future__ import annotations

import itertools
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy, kl_div, normalize, smooth_l1_loss

from train.fine.network import Fine
from train.languages.student import CODES, LANGUAGES, Read, Student, bag, bare, slip
from train.towers.heads import CAPTION_DIM, CLASS_DIM
from train.towers.pace import pace

log = logging.getLogger(__name__)

_SHARPNESS = 30.0
_RANKED, _RANKS = 45.0, 0.3  # as sharp as the pack's own calibration of coarse scores; weight
_CLASSES = slice(CAPTION_DIM, CAPTION_DIM + CLASS_DIM)
_TEMPLATES = {
    "de": ("ein Foto von {}", "Foto {}", "Bild von {}", "{} Bilder", "Fotos mit {}"),
    "fr": ("une photo de {}", "photo {}", "des photos de {}", "image de {}"),
    "cs": ("fotka {}", "obrázek {}", "foto {}", "fotky {}"),
    "en": ("a photo of {}", "photo of {}", "{} pictures"),
}


@dataclass(frozen=True, slots=True)
class StudentPlan:
    """A step: so many ``sentences`` of parallel text, ``words`` of the lexicon, and strings of
    words in ``others``; every ``fine_every``-th one fine scores of ``fine`` of them over
    ``candidates`` photos, which are half the time of a step.
    """

    steps: int = 4000
    sentences: int = 192
    words: int = 256
    others: int = 96
    fine: int = 28
    fine_every: int = 4
    candidates: int = 18
    table_rate: float = 2e-2
    rate: float = 1.5e-3
    every: int = 100
    warm_up: int = 100
    seed: int = 1


# For a tower that has learnt before, whose words are not to forget what sentences taught.
MORE = StudentPlan(
    sentences=288, words=288, others=48, table_rate=8e-3, rate=8e-4, every=50, warm_up=30
)


@dataclass(frozen=True, slots=True)
class Said:
    """A text, its language, and the rows of English texts that mean it, with their shares."""

    text: str
    language: str
    means: tuple[tuple[int, float], ...]


@dataclass(slots=True)
class Teacher:
    """What the pack's English tower makes of texts, and photos to compare fine scores over.

    ``vectors`` [T, out], ``tokens`` float16 [T, 40, 96], ``lengths`` [T] with the special ones;
    ``photos`` [P, out], ``regions`` [P, 50, 96].
    """

    vectors: torch.Tensor
    tokens: torch.Tensor
    lengths: torch.Tensor
    photos: torch.Tensor
    regions: torch.Tensor
    fine: Fine

    def meant(self, said: list[Said]) -> torch.Tensor:
        """The vectors that texts shall have, [B, out]."""
        found = [sum(self.vectors[row] * share for row, share in one.means) for one in said]
        return normalize(torch.stack(found), dim=-1)

    def words(self, rows: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens [B, L, 96] and word masks [B, L] of English texts."""
        longest = int(self.lengths[rows].max())
        places = torch.arange(longest)
        mask = (places > 0) & (places < self.lengths[rows][:, None] - 1)
        return self.tokens[rows, :longest].float(), mask.float()


class StudentTrainer:
    """Learns from ``sentences`` (each in all languages), a ``lexicon`` with weights, and
    ``others``: words of languages that the tower shall not take for its own.
    """

    def __init__(
        self, plan: StudentPlan, teacher: Teacher, sentences: list[Mapping[str, Said]],
        lexicon: list[tuple[Said, float]], others: list[list[str]], work: Path,
    ) -> None:  # fmt: skip
        torch.manual_seed(plan.seed)
        self.plan, self.teacher, self.path = plan, teacher, work / "student.pt"
        self.sentences, self.others = sentences, others
        self.lexicon = [said for said, _ in lexicon]
        self.weights = list(itertools.accumulate(weight for _, weight in lexicon))
        self.student = Student(teacher.vectors.shape[1])
        table = [self.student.table.weight]
        self.rest = [p for p in self.student.parameters() if p is not table[0]]
        self.optimisers = (
            torch.optim.SparseAdam([{"params": table, "rate": plan.table_rate}]),
            torch.optim.AdamW([{"params": self.rest, "rate": plan.rate}], weight_decay=1e-2),
        )
        self.done = 0

    def run(self) -> Student:
        """Every step that is left; a checkpoint every so many."""
        self._resume()
        for step in range(self.done, self.plan.steps):
            for optimiser in self.optimisers:
                pace(optimiser, step, self.plan.steps, self.plan.warm_up)
            torch.manual_seed(self.plan.seed * 1_000_003 + step)
            losses = self._step(random.Random(self.plan.seed * 1_000_003 + step), step)
            if (step + 1) % self.plan.every == 0:
                log.info("student %d: %s", step + 1, json.dumps(losses))
                self._keep(step + 1)
        return self.student.eval()

    def _step(self, rng: random.Random, step: int) -> dict[str, float]:
        plan, teacher, student = self.plan, self.teacher, self.student
        said = [self._sentence(rng) for _ in range(plan.sentences)]
        said += [
            self._word(one, rng)
            for one in rng.choices(self.lexicon, cum_weights=self.weights, k=plan.words)
        ]
        texts = [one.text for one in said]
        spoken = [LANGUAGES.index(one.language) for one in said]
        for _ in range(plan.others if self.others else 0):
            words = rng.choice(self.others)
            texts.append(" ".join(rng.choice(words) for _ in range(rng.randint(1, 5))))
            spoken.append(LANGUAGES.index(""))
        # By themselves, since a batch is as long as its longest text.
        parts = texts[: plan.sentences], texts[plan.sentences :]
        groups = [student.read(*student.words(bag(each))) for each in parts]
        found = torch.cat(list(map(student.embed, groups)))[: len(said)]
        wanted = teacher.meant(said)
        first, other = found[: plan.sentences], wanted[: plan.sentences]
        rows = torch.tensor([one.means[0][0] for one in said[: plan.sentences]])
        same = (rows[:, None] == rows).fill_diagonal_(False)
        scores = (first @ other.T * _SHARPNESS).masked_fill(same, -1e4)
        told = torch.cat(list(map(student.tell, groups)))
        losses = {
            "near": 2 * (1 - (found * wanted).sum(1)).mean(),
            "apart": 0.3 * cross_entropy(scores, torch.arange(plan.sentences)),
            "classes": self._classes(found, wanted),
            "photos": self._photos(found - wanted),
            "ranked": self._ranked(found, wanted),
            "language": 0.2 * cross_entropy(told, torch.tensor(spoken), label_smoothing=0.02),
        }
        if (step + 1) % plan.fine_every == 0:
            meant = said[: plan.sentences], said[plan.sentences :]
            both = [self._fine(*each, rng) for each in zip(groups, meant, strict=True)]
            losses["fine"] = sum(both, torch.zeros(())) / 2
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        sum(losses.values(), torch.zeros(())).backward()
        nn.utils.clip_grad_norm_(self.rest, 5.0)
        for optimiser in self.optimisers:
            optimiser.step()
        return {name: round(loss.item(), 4) for name, loss in losses.items()}

    def _classes(self, found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """The class part by itself: a tenth of a text's length, and all that tells a name."""
        first, other = found[:, _CLASSES], wanted[:, _CLASSES]
        turned = 1 - (normalize(first, dim=1) * normalize(other, dim=1)).sum(1).mean()
        return 0.7 * turned + 4 * ((first - other) ** 2).sum(1).mean()

    def _photos(self, off: torch.Tensor) -> torch.Tensor:
        """How far scores of photos are off: what no photo differs in does not matter."""
        photos = self.teacher.photos - self.teacher.photos.mean(0)
        return 200 * ((off @ photos[::3].T) ** 2).mean()

    def _ranked(self, found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """How far the order of photos is off for sentences and words, the first ones most:
        divergence of what the scores say of which photo is meant (ListNet, Cao et al. 2007).
        """
        photos = self.teacher.photos.T
        said = (wanted @ photos * _RANKED).softmax(1)
        found = (found @ photos * _RANKED).log_softmax(1)
        return _RANKS * kl_div(found, said, reduction="batchmean")

    def _fine(self, read: Read, said: list[Said], rng: random.Random) -> torch.Tensor:
        """How far the fine scores of some texts are from those of the English ones, each less its
        mean.
        """
        clear = [at for at, one in enumerate(said) if len(one.means) == 1]
        some = rng.sample(clear, min(self.plan.fine // 2, len(clear)))
        if not some:
            return torch.zeros(())
        teacher, rows = self.teacher, [said[at].means[0][0] for at in some]
        read = Read(*(each[some] for each in read))
        with torch.no_grad():
            near = (teacher.vectors[rows] @ teacher.photos.T).topk(self.plan.candidates * 2 // 3)
            rest = self.plan.candidates - near.indices.shape[1]
            any_photo = torch.randint(len(teacher.photos), (len(rows), rest))
            regions = teacher.regions[torch.cat([near.indices, any_photo], 1)]
            wanted = teacher.fine(*teacher.words(rows), regions)
        length = int(read.mask.sum(1).max())
        tokens = self.student.fine(read)[:, :length]
        found = teacher.fine(tokens, read.mask[:, :length], regions)
        return smooth_l1_loss(
            found - found.mean(1, keepdim=True), wanted - wanted.mean(1, keepdim=True)
        )

    def _sentence(self, rng: random.Random) -> Said:
        one = rng.choice(self.sentences)[rng.choice((*CODES, *CODES, "en"))]
        draw = rng.random()
        if draw < 0.1 and one.language != "en":
            return Said(bare(one.text), one.language, one.means)
        return Said(slip(one.text, rng), one.language, one.means) if draw < 0.25 else one

    def _word(self, one: Said, rng: random.Random) -> Said:
        draw, text = rng.random(), one.text
        text = bare(text) if draw < 0.1 else slip(text, rng) if draw < 0.18 else text
        if rng.random() < 0.12:
            text = rng.choice(_TEMPLATES[one.language]).format(text)
        return Said(text, one.language, one.means)

    def _keep(self, done: int) -> None:
        state = {"student": self.student.state_dict(), "done": done}
        state["optimisers"] = [optimiser.state_dict() for optimiser in self.optimisers]
        torch.save(state, self.path.with_suffix(".tmp"))
        self.path.with_suffix(".tmp").replace(self.path)

    def _resume(self) -> None:
        if not self.path.exists():
            return
        state = torch.load(self.path, weights_only=True)
        self.student.load_state_dict(state["student"])
        for optimiser, kept in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        self.done = state["done"]
        log.info("student taken up at step %d", self.done)
