"""Fits the balance: a bank of texts of every kind, and how strongly it pulls."""

from __future__ import annotations

import logging
import random

import torch

from train.measuring import metrics
from train.pools.balance import choose_bank
from train.towers.model import Corpus, Model, encode_all_photos, encode_all_texts

log = logging.getLogger(__name__)

# What people ask for: sentences, fragments of them, labels of everyday photos, names of things.
_SHARES = [0.5, 0.2, 0.2, 0.1]
_STRENGTHS = [0.1 * step for step in range(14)]
_PHOTOS = 3000  # enough for the range of heights


def fit_balance(model: Model, corpus: Corpus, seed: int) -> None:
    """Learn the bank from the training split, then choose the strength by the dev split."""
    model.eval()
    rows = corpus.rows
    human, templated = corpus.of("train", human=True), corpus.of("train", human=False)
    groups = [
        [row for photo in human for row in rows.captions[photo]],
        [row for photo in human for row in rows.typed[photo]],
        [row for photo in templated for row in rows.captions[photo]],
        [variants[0] for variants in rows.names],
    ]
    bank, _, _ = encode_all_texts(model, corpus.texts, choose_bank(groups, _SHARES, seed))
    every = human + templated
    sample = random.Random(seed).sample(every, min(_PHOTOS, len(every)))
    photos, _, _ = encode_all_photos(model, corpus.pixels, sample)
    model.balance.learn(bank, photos)
    model.balance.strength.fill_(_best(model, corpus))
    log.info("balance: strength %.1f", model.balance.strength.item())


@torch.inference_mode()
def _best(model: Model, corpus: Corpus) -> float:
    """The strength with the best sum of recall and everyday precision."""
    sentences, everyday = _Sentences(model, corpus), _Everyday(model, corpus)
    found = []
    for strength in _STRENGTHS:
        model.balance.strength.fill_(strength)
        recall, precision = sentences.measure(model), everyday.measure(model)
        log.info("balance: strength %.1f recall %s everyday %.1f", strength, recall, precision)
        found.append((sum(list(recall.values())[:3]) / 3 + precision, strength))
    return max(found)[1]


class _Sentences:
    """Captions of the dev split against its photos."""

    def __init__(self, model: Model, corpus: Corpus) -> None:
        photos = corpus.of("dev", human=True)
        captions = corpus.rows.captions
        rows = [row for photo in photos for row in captions[photo]]
        self._owner = torch.tensor([i for i, photo in enumerate(photos) for _ in captions[photo]])
        self._text, _, _ = encode_all_texts(model, corpus.texts, rows)
        joined, _, _ = encode_all_photos(model, corpus.pixels, photos)
        self._photo = model.balance.photo(joined)

    def measure(self, model: Model) -> dict[str, float]:
        """R@1, 5, 10, 50."""
        coarse = model.balance.text(self._text) @ self._photo.T
        return metrics.recall(metrics.ranks(coarse, self._owner))


class _Everyday:
    """Everyday captions of the dev split against its photos."""

    def __init__(self, model: Model, corpus: Corpus) -> None:
        photos = corpus.of("dev", human=False)
        owned = torch.tensor([corpus.rows.captions[photo][0] for photo in photos])
        rows = sorted(set(owned.tolist()))
        self._right = owned[None, :] == torch.tensor(rows)[:, None]
        self._text, _, _ = encode_all_texts(model, corpus.texts, rows)
        joined, _, _ = encode_all_photos(model, corpus.pixels, photos)
        self._photo = model.balance.photo(joined)

    def measure(self, model: Model) -> float:
        """Precision at min(10, number right)."""
        coarse = model.balance.text(self._text) @ self._photo.T
        return metrics.precision(self._right, coarse.argsort(1, descending=True))
