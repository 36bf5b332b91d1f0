"""What every stage does with a step: its rate, and the running mean of its weights."""

from __future__ import annotations

import math

import torch
from torch import nn


def pace(optimiser: torch.optim.Optimizer, step: int, steps: int, warm_up: int) -> None:
    """Set each group's ``lr`` to its ``rate``: up in a line, then down in half a cosine."""
    factor = min(1.0, (step + 1) / warm_up) * 0.5 * (1 + math.cos(math.pi * step / steps))
    for group in optimiser.param_groups:
        group["lr"] = group["rate"] * factor


@torch.no_grad()
def follow(average: nn.Module, now: nn.Module, step: int, slowness: float) -> None:
    """Move ``average`` towards what learns; fast at first, so that beginnings count little."""
    decay = min(slowness, (step + 1) / (step + 10))
    for kept, learnt in zip(average.parameters(), now.parameters(), strict=True):
        if learnt.requires_grad:
            kept.lerp_(learnt, 1 - decay)
