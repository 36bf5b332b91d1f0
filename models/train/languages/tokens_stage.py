"""Word tokens of the tower for other languages, long enough, into a finished pack:
``python -m train.languages.tokens_stage --data DATA --pack PACK --work WORK``.

While the whole tower learns, every fourth step has fine scores, of a few texts: the fine stage
gains less in other languages than in English. Here all but the tokens' own layers stands still, and
every step has fine scores of many sentences. What captions and classes teach of an embedding stays
what it is; which objects a text asks for is judged from its tokens, and is held to what it was.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from onnx import numpy_helper
from torch import nn
from torch.nn.functional import smooth_l1_loss

from train.data.photos import load_photos
from train.languages.add_languages import PHOTOS, English, sentences, teach
from train.languages.student import CODES, PART, Read, Student, bag, bare, slip
from train.languages.student_export import export_student, share_tower
from train.languages.student_stage import Said, Teacher
from train.packing.graph_file import read_graph
from train.packing.join import join, taken_apart
from train.packing.sums import write_sums
from train.towers.pace import pace
from train.towers.warm import student_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TokensPlan:
    """A step: fine scores of ``sentences`` over the ``near``-est photos and ``rest`` others.

    ``held``: how much it counts what the judge of objects makes of the words.
    """

    steps: int = 600
    sentences: int = 64
    near: int = 12
    rest: int = 6
    held: float = 1.0
    rate: float = 1e-3
    every: int = 50
    warm_up: int = 20
    seed: int = 1


class TokensTrainer:
    """Teaches the layers of a ``student``'s tokens what the fine stage makes of translations."""

    def __init__(
        self, plan: TokensPlan, teacher: Teacher, told: list[Mapping[str, Said]], student: Student,
        judge: nn.Module | None = None,
    ) -> None:  # fmt: skip
        torch.manual_seed(plan.seed)
        self.judge, self.before = judge, copy.deepcopy(student).eval().requires_grad_(False)
        self.plan, self.teacher, self.told, self.student = plan, teacher, told, student
        student.requires_grad_(False)
        self.parts = nn.ModuleList([student.tokens, student.norm]).requires_grad_(True)
        self.optimiser = torch.optim.AdamW(
            [{"params": list(self.parts.parameters()), "rate": plan.rate}], weight_decay=1e-2
        )

    def run(self) -> Student:
        """Every step."""
        plan, total = self.plan, 0.0
        for step in range(plan.steps):
            pace(self.optimiser, step, plan.steps, plan.warm_up)
            loss = self._step(random.Random(plan.seed * 1_000_003 + step))
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
            total += loss.item() / plan.every
            if (step + 1) % plan.every == 0:
                log.info("tokens %d: %.4f", step + 1, total)
                total = 0.0
        return self.student.eval()

    def _step(self, rng: random.Random) -> torch.Tensor:
        """How far fine scores are from those of the English, each list less its mean."""
        plan, teacher, student = self.plan, self.teacher, self.student
        said = [rng.choice(self.told)[rng.choice(CODES)] for _ in range(plan.sentences)]
        rows = [one.means[0][0] for one in said]
        with torch.no_grad():
            read = student.read(*student.words(bag([_typed(one.text, rng) for one in said])))
            near = (teacher.vectors[rows] @ teacher.photos.T).topk(plan.near).indices
            rest = torch.randint(len(teacher.photos), (len(rows), plan.rest))
            regions = teacher.regions[torch.cat([near, rest], 1)].float()
            wanted = teacher.fine(*teacher.words(rows), regions)
        tokens = student.fine(read)
        found = teacher.fine(tokens, read.mask, regions)
        loss = smooth_l1_loss(
            found - found.mean(1, keepdim=True), wanted - wanted.mean(1, keepdim=True)
        )
        return loss if self.judge is None else loss + plan.held * self._held(tokens, read)

    def _held(self, tokens: torch.Tensor, read: Read) -> torch.Tensor:
        """How far the judge's verdicts on words are from those before, summed over classes."""
        assert self.judge is not None
        with torch.no_grad():
            said = self.judge(self.before.fine(read)).sigmoid()
        off = ((self.judge(tokens).sigmoid() - said) ** 2).sum(-1)
        return (off * read.mask).sum() / read.mask.sum()


def judge_of(graph: Path) -> nn.Sequential:
    """The judge of objects, word by word: tokens [..., 96] -> log odds [..., 80]."""
    stored = {
        each.name: numpy_helper.to_array(each) for each in read_graph(graph).graph.initializer
    }
    weights = [value for value in stored.values() if value.ndim == 2]
    biases = [stored[f"asked.judge.{at}.bias"] for at in (0, 2)]
    judge = nn.Sequential(*(nn.Linear(*each.shape) for each in weights))
    judge.insert(1, nn.GELU())
    for layer, weight, bias in zip((judge[0], judge[2]), weights, biases, strict=True):
        layer.weight.data.copy_(torch.from_numpy(weight.T.copy()))
        layer.bias.data.copy_(torch.from_numpy(bias.copy()))
    return judge.eval().requires_grad_(False)


def _typed(text: str, rng: random.Random) -> str:
    """As people type: now and then without marks, or with a slip."""
    draw = rng.random()
    return bare(text) if draw < 0.08 else slip(text, rng) if draw < 0.16 else text


def teach_tokens(data: Path, pack: Path, work: Path, plan: TokensPlan) -> None:
    """The tower of a finished pack has new tokens; its embeddings stay."""
    english = English()
    told = sentences(data / "sentences" / "parallel.jsonl", english)
    photos = load_photos(data / "flickr8k", human=True)
    paths = [photo.path for photo in photos if photo.split == "train"]
    some = random.Random(plan.seed).sample(paths, min(PHOTOS, len(paths)))
    teacher = teach(pack, list(english.rows), some, work / "tokens_teacher.pt")
    tower, judge = pack / PART.file, work / "judge.onnx"
    student = Student(teacher.vectors.shape[1])
    student.load_state_dict(student_of(tower))
    share = taken_apart(tower, judge)
    known = None if share is None else judge_of(judge)
    export_student(TokensTrainer(plan, teacher, told, student, known).run(), tower)
    if share is not None:
        join(tower, judge, share)
    share_tower(tower)
    write_sums(pack)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "pack", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=TokensPlan().steps)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    chosen.work.mkdir(parents=True, exist_ok=True)
    plan = dataclasses.replace(TokensPlan(), steps=chosen.steps)
    log.info("%s", json.dumps(dataclasses.asdict(plan)))
    teach_tokens(chosen.data, chosen.pack, chosen.work, plan)


if __name__ == "__main__":
    main()
