"""Calibration: raw scores to probabilities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.packs.constants.parts import CalibrationPart


class LogisticCalibration:
    """Platt scaling (Platt 1999): 1 / (1 + exp(-(scale * score + offset)))."""

    def __init__(self, part: CalibrationPart) -> None:
        self._part = part

    def final(self, score: float) -> float:
        """Probability of a re-ranked photo, 0..1."""
        return _logistic(self._part.scale * score + self._part.offset)

    def coarse(self, score: float) -> float:
        """Probability where only the coarse score is known, 0..1."""
        return _logistic(self._part.coarse_scale * score + self._part.coarse_offset)


def _logistic(x: float) -> float:
    # exp of a large positive number overflows; of a large negative one it is 0
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    power = math.exp(x)
    return power / (1 + power)
