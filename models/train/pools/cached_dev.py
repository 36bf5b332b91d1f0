"""The dev split over features that were computed once."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from train.measuring import metrics
from train.pools.cached import Read, Seen, read
from train.towers.model import Corpus, Model
from train.towers.networks import mean


def pooled(heads: nn.Module, grids: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
    """joined [B, 382] without the tokens."""
    caption, part = heads.image_pool(grids), heads.image_class_part(logits)
    return torch.cat([caption * 0.5**0.5, part * 0.5**0.5, torch.zeros_like(part[:, :1])], -1)


def joined_texts(heads: nn.Module, texts: Read, places: torch.Tensor) -> torch.Tensor:
    """joined [B, 382] of texts read before."""
    hidden, mask, _ = texts.batch(places)
    return heads.encode_text(hidden, mask, heads.sentence(mean(hidden, mask)))[0]


class Dev:
    """The dev split with features that do not change."""

    def __init__(self, model: Model, corpus: Corpus, seen: Seen) -> None:
        rows, self.seen = corpus.rows, seen
        kinds = [corpus.photos[p].human for p in seen.photos]
        self.human = [at for at, human in enumerate(kinds) if human]
        self.labelled = [at for at, human in enumerate(kinds) if not human]
        captions = [row for at in self.human for row in rows.captions[seen.photos[at]]]
        self.owner = torch.tensor(
            [i for i, at in enumerate(self.human) for _ in rows.captions[seen.photos[at]]]
        )
        self.sentences = read(model, corpus, captions)
        owned = torch.tensor([rows.captions[seen.photos[at]][0] for at in self.labelled])
        labels = sorted(set(owned.tolist()))
        self.right = owned[None, :] == torch.tensor(labels)[:, None]
        self.label_texts = read(model, corpus, labels)
        kind_of = {rows.captions[p][0]: corpus.photos[p].kind for p in seen.photos}
        self.kinds = [kind_of[row] for row in labels]

    @torch.inference_mode()
    def measure(self, heads: nn.Module) -> dict[str, object]:
        """Recall of sentences, precision of labels, precision by set, and what to go by."""
        heads.eval()
        texts = [self._texts(heads, each) for each in (self.sentences, self.label_texts)]
        return self.judge(self._photos(heads), *texts)

    def judge(
        self, photo: torch.Tensor, sentences: torch.Tensor, labels: torch.Tensor
    ) -> dict[str, object]:
        """The same of joined vectors of the photos, the sentences and the labels."""
        recall = metrics.recall(metrics.ranks(sentences @ photo[self.human].T, self.owner))
        order = (labels @ photo[self.labelled].T).argsort(1, descending=True)
        precision = metrics.precision(self.right, order)
        sets = {}
        for kind in ("sports", "grocery", "nyu", "voc", "animalpose", "clothing"):
            rows = [at for at, k in enumerate(self.kinds) if k == kind]
            if rows:
                sets[kind] = metrics.precision(self.right[rows], order[rows])
        total = sum(recall[f"R@{k}"] for k in (1, 5, 10)) / 3 + precision
        return {"recall": recall, "labels": precision, "sets": sets, "sum": round(total, 2)}

    def _photos(self, heads: nn.Module) -> torch.Tensor:
        found = []
        for start in range(0, len(self.seen.photos), 100):
            places = np.arange(start, min(start + 100, len(self.seen.photos)))
            grids, logits = self.seen.batch(np.zeros_like(places), places)
            found.append(pooled(heads, grids, logits))
        return torch.cat(found)

    def _texts(self, heads: nn.Module, texts: Read) -> torch.Tensor:
        places = torch.arange(len(texts.rows))
        return torch.cat([joined_texts(heads, texts, some) for some in places.split(250)])
