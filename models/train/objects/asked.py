"""Which objects a text asks for by its words, in English: what a judge of tokens learns.

``object_words.tsv``: a line a class of the detector, in its order, with the words that ask for it;
``hot_dog`` is two words, which then ask for nothing by themselves. The line ``-`` holds such pairs
that ask for no object at all.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from train.data.classes import read_names
from train.data.photos import load_photos
from train.objects.nanodet import CLASSES

HERE = Path(__file__).parent
_SENTENCES = 40_000  # without photos, of those there are
_OF_WORDS = 40  # texts for each word of the list
_FORMS = ("{}", "a {}", "the {}", "a photo of a {}", "two {}", "{} outside", "many {}")
_BEHIND = ("{} with a {}", "{} and a {}", "{} near {}", "{}, {}")
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ObjectWords:
    """``classes``: of each word, or of two joined by ``_``."""

    classes: dict[str, tuple[int, ...]]

    @classmethod
    def read(cls, path: Path = HERE / "object_words.tsv") -> ObjectWords:
        """Of the list beside this file."""
        found: dict[str, tuple[int, ...]] = {}
        for index, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:]):
            name, words = line.split("\t")
            for word in words.split():
                found[word] = (*found.get(word, ()), *([] if name == "-" else [index]))
        return cls(found)

    def asked(self, text: str) -> np.ndarray:
        """float32 [80]: 1 for each class that a word of the text asks for."""
        words, found, at = _WORD.findall(text.lower()), np.zeros(CLASSES, np.float32), 0
        while at < len(words):
            pair = "_".join(words[at : at + 2])
            known = pair if pair in self.classes else words[at]
            found[list(self.classes.get(known, ()))] = 1
            at += 2 if known == pair and at + 1 < len(words) else 1
        return found


def english_texts(data: Path, words: Sequence[str], listed: ObjectWords, seed: int) -> list[str]:
    """Captions, sentences and names to learn from; each of ``words`` alone, and those of the list
    alone, in short phrases, and behind sentences.
    """
    rng = random.Random(seed)
    found = [
        caption
        for name in ("flickr8k", "everyday")
        for photo in load_photos(data / name, human=name == "flickr8k")
        if photo.split == "train"
        for caption in photo.captions
    ]
    lines = (data / "sentences" / "flickr30k.jsonl").read_text(encoding="utf-8").splitlines()
    sentences = [text for line in lines for text in json.loads(line)["captions"]]
    found += rng.sample(sentences, min(_SENTENCES, len(sentences)))
    found = list(dict.fromkeys(found))
    plain = found[:]
    found += [*words, *read_names(data / "imagenet" / "classes.tsv")]
    for word in listed.classes:
        said = word.replace("_", " ")
        found += [form.format(said) for form in _FORMS]
        behind = (rng.choice(_BEHIND) for _ in range(_OF_WORDS))
        found += [form.format(rng.choice(plain).rstrip(" ."), said) for form in behind]
    return found
