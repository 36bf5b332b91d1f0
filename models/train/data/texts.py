"""Every text of the training set, tokenised, with what the untouched MiniLM makes of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from train.data import phrases
from train.data.photos import MAX_TOKENS, Photo, as_people_type
from train.running.atomic import atomic
from train.towers.networks import TextTower, mean_pooled, text_folder

VARIANTS = 3  # of a templated caption
TYPED = 5  # fragments of the captions of a photo


@dataclass(slots=True)
class Texts:
    """``ids`` int64 [N, 40] padded with 0; ``teacher`` float32 [N, 384] unit sentence vectors."""

    strings: list[str]
    ids: np.ndarray
    teacher: np.ndarray

    def batch(self, rows: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """ids, mask and teacher of some rows, cut to the longest of them."""
        ids = self.ids[rows]
        length = int((ids != 0).sum(1).max())
        cut = torch.from_numpy(ids[:, :length])
        return cut, (cut != 0).float(), torch.from_numpy(self.teacher[rows])


def tokenizer() -> Tokenizer:
    """MiniLM's tokenizer without padding; texts are cut to 40 word pieces."""
    found = Tokenizer.from_file(str(text_folder() / "tokenizer.json"))
    found.no_padding()
    found.enable_truncation(MAX_TOKENS)
    return found


def tokenise(strings: list[str]) -> np.ndarray:
    """int64 [N, 40], 0 where a text has ended."""
    ids = np.zeros((len(strings), MAX_TOKENS), np.int64)
    for row, encoding in enumerate(tokenizer().encode_batch(strings)):
        ids[row, : len(encoding.ids)] = encoding.ids
    return ids


def teach(tower: TextTower, ids: np.ndarray, batch: int = 256) -> np.ndarray:
    """Unit sentence vectors float32 [N, 384]; texts of a length go together."""
    lengths = (ids != 0).sum(1)
    vectors = np.empty((len(ids), 384), np.float32)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        cut = torch.from_numpy(ids[rows, : lengths[rows].max()])
        with torch.inference_mode():
            mask = (cut != 0).float()
            vectors[rows] = mean_pooled(tower(cut, mask), mask).numpy()
    return vectors


@dataclass(slots=True)
class Rows:
    """Rows of texts. ``captions`` and ``typed``: by photo; ``names``: by class, the plain first.

    ``meaning`` holds, by row, the stems a photo must have in its captions to be described by it.
    """

    captions: list[list[int]]
    typed: list[list[int]]
    names: list[list[int]]
    meaning: list[frozenset[str]]


def collect(photos: list[Photo], names: list[str], cache: Path, seed: int) -> tuple[Texts, Rows]:
    """All texts, and where each is."""
    rng = random.Random(seed)
    rows_of: dict[str, int] = {}
    meanings: list[frozenset[str]] = []

    def row(text: str, said: str | None = None) -> int:
        if text not in rows_of:
            rows_of[text] = len(rows_of)
            meanings.append(phrases.meaning(said or text))
        return rows_of[text]

    captions, typed = [], []
    for photo in photos:
        texts, short = list(photo.captions), []
        if photo.split == "train" and photo.human:
            for _ in range(TYPED):
                sentence = rng.choice(photo.captions)
                short.append(row(*phrases.as_typed(sentence, rng)))
            sentence = rng.choice(photo.captions)
            short.append(row(phrases.misspelt(sentence, rng), sentence))
        elif photo.split == "train":
            texts += [as_people_type(photo.captions[0], rng) for _ in range(VARIANTS)]
        captions.append([row(text) for text in texts])
        typed.append(short)
    named = [[row(text) for text in phrases.names_of(name)] for name in names]
    strings = list(rows_of)
    ids = tokenise(strings)
    if not (cache.exists() and len(teacher := np.load(cache)) == len(strings)):
        teacher = teach(TextTower().eval(), ids)
        with atomic(cache) as part:
            np.save(part, teacher)
    for variants in named:  # however a class is asked for, it is the class that is meant
        teacher[variants[1:]] = teacher[variants[0]]
    return Texts(strings, ids, teacher), Rows(captions, typed, named, meanings)
