"""Pictures to try an image encoder with, the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crispd.types import Pixels

_CLOUDS = 5


def sample_pictures(size: int) -> Pixels:
    """uint8 [8, size, size, 3]: a slope, a board, rings, and clouds with the spectrum of photos."""
    across, down = np.meshgrid(np.arange(size), np.arange(size))
    ring = np.hypot(across - size / 2, down - size / 3)
    made = [
        np.stack([across, down, size - across], -1) * 255 // size,
        ((across * 8 // size + down * 8 // size) % 2)[..., None] * np.array([200, 60, 30]),
        np.sin(ring[..., None] / np.array([5, 9, 17])) * 127 + 128,
        *(_clouds(size, np.random.default_rng(seed)) for seed in range(_CLOUDS)),
    ]
    return np.stack(made).astype(np.uint8)


def _clouds(size: int, rng: np.random.Generator) -> np.ndarray:
    """Amplitudes fall with frequency, as in photos (Field 1987); float [size, size, 3]."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])

    def plane() -> np.ndarray:
        noise = np.fft.rfft2(rng.standard_normal((size, size)))
        return np.fft.irfft2(noise / np.maximum(frequency, 1 / size), s=(size, size))

    grey = plane()
    mixed = np.stack([grey + 0.4 * plane() for _ in range(3)], -1)
    mixed = (mixed - mixed.mean((0, 1))) / mixed.std((0, 1))
    return np.asarray(np.clip(128 + 55 * mixed + rng.integers(-30, 30, 3), 0, 255))
