"""A coarse order of the training photos that has the mistakes it makes with photos of strangers.

Towers and maps know the photos that they were trained on by heart: the photo asked for comes first
two times of three, with strangers one time of five. So what captions teach of a training photo is
told anew, from what untouched networks make of it, by a map that was fitted to other photos.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import normalize

from train.fine.regions import solved
from train.towers.heads import CAPTION_DIM, CLASS_DIM

PARTS = 3  # that photos are dealt into; each is told by a map of the others
_RIDGE = 1.0


def weak_vectors(
    means: np.ndarray, vectors: np.ndarray, texts: torch.Tensor, told: list[list[int]]
) -> torch.Tensor:
    """float32 [P, D] of photos: ``vectors`` with another caption part, and without the part that
    takes off what a photo scores with any text.

    ``means`` [P, M]; ``texts`` [T, D]; ``told``: of each photo the rows of its texts.
    """
    x = torch.from_numpy(means)
    x = (x - x.mean(0)) / (x.std(0) + 0.1 * x.std())
    captions = normalize(texts[:, :CAPTION_DIM], dim=-1)
    has = torch.tensor([len(rows) > 0 for rows in told])
    wanted = torch.stack(
        [captions[rows].mean(0) if rows else torch.zeros(CAPTION_DIM) for rows in told]
    )
    centre = wanted[has].mean(0)
    wanted = wanted - centre
    part = torch.arange(len(x)) % PARTS
    sums = []
    for at in range(PARTS):
        mine = (part == at) & has
        sums.append((x[mine].T @ x[mine], x[mine].T @ wanted[mine]))
    found = torch.from_numpy(np.array(vectors))
    length = found[:, :CAPTION_DIM].norm(dim=-1, keepdim=True)
    for at in range(PARTS):
        others = [sums[other] for other in range(PARTS) if other != at]
        square, product = (torch.stack(each).sum(0) for each in zip(*others, strict=True))
        mine = part == at
        told_anew = x[mine] @ solved(square, product, _RIDGE) + 0.5 * centre
        found[mine, :CAPTION_DIM] = normalize(told_anew, dim=-1)
    found[:, :CAPTION_DIM] *= length
    found[:, CAPTION_DIM + CLASS_DIM : CAPTION_DIM + CLASS_DIM + 3] = 0
    return found
