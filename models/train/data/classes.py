"""The classifier's thousand class names as vectors: the second part of the embedding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import normalize

from train.towers.heads import CLASS_DIM


def read_names(table: Path) -> list[str]:
    """Names in the order of the classifier's outputs, from ``index, wnid, name`` lines."""
    with table.open(encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t")[2] for line in lines if line.strip()]


def class_space(vectors: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """basis [384, 125], centre [384], classes [1000, 125] of unit class vectors [1000, 384].

    The basis holds the leading principal directions of the centred unit vectors.
    """
    raw = torch.from_numpy(vectors)
    centre = raw.mean(0)
    unit = normalize(raw - centre, dim=-1)
    basis = torch.linalg.svd(unit, full_matrices=False).Vh[:CLASS_DIM].T.contiguous()
    return basis, centre, unit @ basis
