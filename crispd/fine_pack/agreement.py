"""Whether the fine pack means by words what the pack that answers does. Pure of any state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.types import EncodedPhoto, FineModel, Floats

# As of a change of the pack (decision 292): with fewer photos it is chance, and chance gives half.
AGREEMENT_PHOTOS, LEAST_AGREEMENT = 40, 0.6
_WORDS = 24
_TOP = 5


def agreement(
    model: FineModel,
    sample: Sequence[tuple[int, EncodedPhoto]],
    own_scores: Callable[[str, Sequence[int]], Floats],
    words: Sequence[str],
) -> float:
    """The share of other photos below which those score that the other pack likes best, over some
    words. ``sample``: labels of that pack, with what ``model`` made of them. Raises PackError.
    """
    labels = [label for label, _ in sample]
    photos = [made for _, made in sample]
    shares = []
    for word in words[:_WORDS]:
        score = model.scorer(word)
        found = np.concatenate(
            [
                score(photos[start : start + model.at_once])
                for start in range(0, len(photos), model.at_once)
            ]
        )
        best = np.argsort(-own_scores(word, labels), kind="stable")[:_TOP]
        others = np.delete(found, best)
        mine = found[best][:, None]
        shares.append(float(np.mean((others < mine) + 0.5 * (others == mine))))
    return float(np.mean(shares))
