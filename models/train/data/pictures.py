"""How likeness of photos becomes the probability that they show the same: ``[pictures]``.

Photos are compared by what captions taught and a fifth of the classifier's part; the last dimension
says nothing of a photo.
"""

from __future__ import annotations

import numpy as np

from train.measuring.calibrate import platt
from train.towers.heads import CAPTION_DIM, CLASS_DIM
from train.towers.model import Corpus

PARTS = ((0, CAPTION_DIM, 1.0), (CAPTION_DIM, CAPTION_DIM + CLASS_DIM, 0.2))
_NEAREST = 20  # of each photo are judged: what lies far apart would drown them


def likeness(embeddings: np.ndarray) -> np.ndarray:
    """Of unit embeddings [N, D], each with each [N, N]; 1 with itself."""
    weighed = np.zeros_like(embeddings)
    for start, stop, weight in PARTS:
        weighed[:, start:stop] = weight * embeddings[:, start:stop]
    own = (weighed * embeddings).sum(1, keepdims=True)
    found: np.ndarray = (weighed / own) @ embeddings.T
    return found


def fit(embeddings: np.ndarray, labels: list[set[str]]) -> dict[str, float]:
    """``picture_scale`` and ``picture_offset`` of the logistic curve.

    ``labels``: what each photo is told to show; a photo is the same as another with one of them.
    Photos that are alone with theirs are left out.
    """
    same = np.array([[bool(one & other) for other in labels] for one in labels])
    np.fill_diagonal(same, False)
    alike = likeness(embeddings)
    np.fill_diagonal(alike, -np.inf)
    asking = np.flatnonzero(same.any(1))
    near = np.argsort(-alike[asking], axis=1)[:, :_NEAREST]
    scale, offset = platt(alike[asking[:, None], near], same[asking[:, None], near])
    return {"picture_scale": round(scale, 4), "picture_offset": round(offset, 4)}


def labels_of(corpus: Corpus, photos: list[int]) -> list[set[str]]:
    """The captions of labelled photos."""
    return [{corpus.texts.strings[row] for row in corpus.rows.captions[at]} for at in photos]
