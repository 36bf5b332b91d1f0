"""Training of what a text asks for by its tokens, for any text tower."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from train.fine.network import TOKEN_DIM
from train.objects.parts import Asked
from train.towers.pace import pace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """Steps of so many ``texts``."""

    steps: int = 2400
    texts: int = 512
    rate: float = 3e-3
    warm_up: int = 100
    every: int = 400
    seed: int = 1


@dataclass(slots=True)
class Read:
    """Texts as a tower reads them: ``tokens`` float16 [all words, 96], ``starts`` [N + 1] of each
    text among them; ``asked`` [N, 80], how surely each class is asked for.
    """

    tokens: np.ndarray
    starts: np.ndarray
    asked: np.ndarray

    @classmethod
    def of(cls, texts: list[np.ndarray], asked: np.ndarray) -> Read:
        """Of tokens [L, 96] of each text's words; texts without any have a token of zeros."""
        texts = [each if len(each) else np.zeros((1, TOKEN_DIM), np.float16) for each in texts]
        starts = np.cumsum([0, *map(len, texts)])
        return cls(np.concatenate(texts).astype(np.float16), starts, asked)

    def batch(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """words [B, L, 96], mask [B, L], asked [B, 80]."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        places = np.arange(lengths.max())
        mask = places < lengths[:, None]
        at = np.where(mask, self.starts[rows][:, None] + places, 0)
        words = torch.from_numpy(self.tokens[at].astype(np.float32))
        return words, torch.from_numpy(mask).float(), torch.from_numpy(self.asked[rows])


def train_judge(read: Read, plan: JudgePlan, often: np.ndarray | None = None) -> Asked:
    """A judge that gives what ``read`` asks for; ``often`` [80] as ``Asked`` takes it."""
    torch.manual_seed(plan.seed)
    rng = np.random.default_rng(plan.seed)
    judge = Asked(None if often is None else torch.from_numpy(often))
    optimiser = torch.optim.AdamW(
        [{"params": list(judge.parameters()), "rate": plan.rate}], weight_decay=1e-3
    )
    for step in range(plan.steps):
        pace(optimiser, step, plan.steps, plan.warm_up)
        words, mask, asked = read.batch(rng.integers(0, len(read.asked), plan.texts))
        loss = binary_cross_entropy_with_logits(judge.logits(words, mask), asked) * asked.shape[1]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if (step + 1) % plan.every == 0:
            log.info("judge %d: %s", step + 1, json.dumps(round(loss.item(), 4)))
    return judge.eval().requires_grad_(False)
