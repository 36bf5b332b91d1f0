"""Batches whose photos are alike, so that the wrong answers in them are hard.

In a batch of random photos a dozen are rooms; telling one kitchen from others takes a batch that is
full of them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from train.running.atomic import atomic
from train.towers.model import Corpus, Model, encode_all_photos

GROUP = 16  # human photos that are near one another
_NEAR = 200  # neighbours a photo's group is chosen from


class Groups:
    """Draws a stage's batches. Human photos come once an epoch, in groups of neighbours.

    Who is near whom is what ``model`` says as the stage begins: ``kept`` has it for a run that
    goes on with another model.
    """

    def __init__(self, corpus: Corpus, model: Model, kept: Path) -> None:
        self._human = corpus.of("train", human=True)
        self._templated = corpus.of("train", human=False)
        self._kinds: dict[str, list[int]] = defaultdict(list)
        for photo in self._templated:
            self._kinds[corpus.photos[photo].kind].append(photo)
        if not kept.exists():
            model.eval()
            joined, _, _ = encode_all_photos(model, corpus.pixels, self._human)
            near = (joined @ joined.T).topk(_NEAR + 1, 1).indices[:, 1:]
            with atomic(kept) as part:
                np.save(part, near.numpy().astype(np.int32))
        self._near: list[list[int]] = np.load(kept).tolist()

    def human(self, rng: random.Random) -> list[int]:
        """All human photos, neighbours together; groups in random order."""
        left = set(range(len(self._human)))
        groups = []
        for seed in rng.sample(range(len(self._human)), len(self._human)):
            if seed in left:
                group = [seed, *(place for place in self._near[seed] if place in left)][:GROUP]
                left.difference_update(group)
                groups.append(group)
        rng.shuffle(groups)
        return [self._human[place] for group in groups for place in group]

    def templated(self, count: int, rng: random.Random) -> list[int]:
        """Half of one set, drawn by its size; half of all."""
        kind = rng.choices(list(self._kinds), [len(found) for found in self._kinds.values()])[0]
        alike = rng.sample(self._kinds[kind], min(count // 2, len(self._kinds[kind])))
        others = [photo for photo in rng.sample(self._templated, 2 * count) if photo not in alike]
        return [*alike, *others][:count]
