"""What a pack makes of words as people use them: single ones, plurals, slips of the finger, counts.

Asked of the test split. A photo is right for a word when one of its captions has it; captions do
not mention everything, so the true share is higher, and the rows are there to be compared.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import numpy as np

from train.data import phrases
from train.data.texts import Texts, tokenise
from train.measuring.evaluate import Graphs, human_split, recalls, score
from train.towers.model import Corpus

_LEAST = 10  # photos that a word must be right for
_FIRST = 10
_SWAPS = {"two": "three", "three": "two", "left": "right", "right": "left"}


def probe(graphs: Graphs, corpus: Corpus, weight: float, short_list: int, seed: int) -> list[str]:
    """Rows of a table: what was asked, how many, and how it went."""
    photos, rows, owner = human_split(corpus, "test")
    captions = [corpus.texts.strings[row] for row in rows]
    seen = graphs.photos(corpus.pixels[np.asarray(photos)])

    def order(texts: list[str]) -> np.ndarray:
        """int64 [T, K]: the cascade's order of each text's short list."""
        asked = Texts(texts, tokenise(texts), np.empty((0, 0), np.float32))
        scored = score(graphs, seen, graphs.texts(asked, list(range(len(texts)))), short_list)
        return np.take_along_axis(scored.near, np.argsort(-scored.final(weight), 1), 1)

    return [
        *_words(order, captions, owner, random.Random(seed)),
        *_slips(order, captions, owner, random.Random(seed)),
        *_swapped(order, captions),
    ]


def _words(
    order: Callable[[list[str]], np.ndarray],
    captions: list[str],
    owner: np.ndarray,
    rng: random.Random,
) -> list[str]:
    """Precision at ten of single words in several guises."""
    forms: dict[str, Counter[str]] = {}
    right: dict[str, set[int]] = {}
    for caption, photo in zip(captions, owner.tolist(), strict=True):
        for word in phrases.words(caption):
            stem = phrases.stem(word)
            if phrases.meaning(word) and word.isalpha():
                forms.setdefault(stem, Counter())[word] += 1
                right.setdefault(stem, set()).add(photo)
    stems = sorted(stem for stem, found in right.items() if len(found) >= _LEAST)
    plain = {stem: forms[stem].most_common(1)[0][0] for stem in stems}
    guises = {
        "single words of captions": plain,
        "the same in the other number": {s: _other_number(w, s) for s, w in plain.items()},
        "the same with a slip of the finger": {
            s: phrases.misspelt(w, rng) for s, w in plain.items() if len(w) > 3
        },
        "words of the other English": {
            s: phrases.across(w) for s, w in plain.items() if phrases.across(w) != w
        },
    }
    found = []
    for name, asked in guises.items():
        if not asked:  # captions of one's own may hold none
            continue
        got = order(list(asked.values()))[:, :_FIRST].tolist()
        shares = [len(right[stem].intersection(first)) / _FIRST
                  for stem, first in zip(asked, got, strict=True)]  # fmt: skip
        found.append(f"{name} ({len(asked)}) | precision at 10: {100 * np.mean(shares):.1f}")
    return found


def _other_number(word: str, stem: str) -> str:
    """Plural of a singular, and the other way round; as rough as the stems."""
    if word != stem:
        return stem
    return f"{word}es" if word[-1] in "sxzh" else f"{word}s"


def _slips(
    order: Callable[[list[str]], np.ndarray],
    captions: list[str],
    owner: np.ndarray,
    rng: random.Random,
) -> list[str]:
    bent = [phrases.misspelt(caption, rng) for caption in captions]
    hits = order(bent) == owner[:, None]
    place = np.where(hits.any(1), hits.argmax(1), hits.shape[1])
    values = " / ".join(map(str, recalls(place)))
    return [f"captions with one slip of the finger ({len(bent)}) | R@1, 5, 10: {values}"]


def _swapped(order: Callable[[list[str]], np.ndarray], captions: list[str]) -> list[str]:
    """How often the first answer stays although the question says something else."""
    found = []
    for said, instead in _SWAPS.items():
        asked = [caption.split(" ") for caption in captions if said in caption.split(" ")]
        if not asked:
            continue
        other = [" ".join(instead if w == said else w for w in words) for words in asked]
        same = order([" ".join(words) for words in asked])[:, 0] == order(other)[:, 0]
        found.append(
            f'"{said}" made "{instead}" ({len(asked)}) | first answer unchanged: '
            f"{100 * same.mean():.0f} %"
        )
    return found
