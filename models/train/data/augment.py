"""Random crops, mirrors and light, for a whole batch at once."""

from __future__ import annotations

import torch
from torch.nn.functional import affine_grid, grid_sample

from train.towers.networks import IMAGE_MEAN, IMAGE_STD


def prepared(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 [B, 224, 224, 3] -> normalised float32 [B, 3, 224, 224], channels last in memory."""
    x = pixels.permute(0, 3, 1, 2).float() / 255
    return ((x - IMAGE_MEAN) / IMAGE_STD).contiguous(memory_format=torch.channels_last)


def augmented(
    pixels: torch.Tensor, may_flip: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """Prepared and jittered pixels.

    Crops keep 50 to 100 % of the area with a changed aspect: the runtime squeezes photos of any
    shape into the square, so a stretched object must be no surprise.
    """
    count = len(pixels)

    def uniform(low: float, high: float) -> torch.Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    area, aspect = uniform(0.5, 1.0).sqrt(), uniform(-0.2, 0.2).exp()
    wide, high = (area * aspect).clamp(max=1), (area / aspect).clamp(max=1)
    flip = (uniform(0, 1) < 0.5) & may_flip
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = torch.where(flip, -wide, wide)
    theta[:, 1, 1] = high
    theta[:, 0, 2] = uniform(-1, 1) * (1 - wide)
    theta[:, 1, 2] = uniform(-1, 1) * (1 - high)
    x = prepared(pixels)
    grid = affine_grid(theta, list(x.shape), align_corners=False)
    x = grid_sample(x, grid, align_corners=False, padding_mode="reflection")
    x = x * uniform(0.8, 1.2)[:, None, None, None] + uniform(-0.2, 0.2)[:, None, None, None]
    return x.contiguous(memory_format=torch.channels_last)
