"""Platt scaling: raw scores to the probability that a photo is the one meant."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize


def platt(scores: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """scale and offset of 1 / (1 + exp(-(scale * score + offset))) by maximum likelihood."""
    x, y = scores.ravel().astype(np.float64), right.ravel().astype(np.float64)
    centre, spread = x.mean(), x.std()
    z = (x - centre) / spread

    def loss(p: np.ndarray) -> float:
        logits = p[0] * z + p[1]
        return float((np.logaddexp(0, logits) - y * logits).mean())

    slope, intercept = minimize(loss, np.array([1.0, -3.0]), method="BFGS").x
    return float(slope / spread), float(intercept - slope * centre / spread)
