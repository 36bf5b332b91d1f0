"""A text tower for other languages: it learns what the English one makes of a translation.

Knowledge distillation over parallel sentences (Reimers and Gurevych, EMNLP 2020). A bag of parts of
words (fastText) is enough: questions are short, and what a photo shows is told by words far more
than by their order.
"""

from __future__ import annotations

import functools
import itertools
import random
import unicodedata
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import gelu, normalize, pad

from crispd.packs.manifest import LanguagesPart
from crispd.packs.text.hashed_words import hashed, words_of
from train.fine.network import TOKEN_DIM

CODES = ("de", "fr", "cs")
LANGUAGES = ("en", *CODES, "")  # the last: any other
PART = LanguagesPart(
    file="languages.onnx", codes=CODES, buckets=49152, shortest=3, longest=5, max_words=32
)
WIDTH = 256


@dataclass(slots=True)
class Bag:
    """Texts as numbers: ``parts`` of the words that there are, each once, in a row, ``starts`` of
    each among them; of all words in the order of the texts ``which`` each is, its place in [B * L]
    (``places``), and its ``pairs``.
    """

    parts: torch.Tensor
    starts: torch.Tensor
    which: torch.Tensor
    places: torch.Tensor
    pairs: torch.Tensor
    length: int
    count: int


@functools.lru_cache(300_000)
def _parts(word: str) -> list[int]:
    return hashed([word], PART).parts[0].tolist()


@functools.lru_cache(1_000_000)
def _pair(before: str, word: str) -> int:
    return int(hashed([before, word], PART).pairs[1])


def bag(texts: list[str]) -> Bag:
    """Texts taken apart as the runtime does."""
    found = [words_of(text)[: PART.max_words] or [""] for text in texts]
    length = max(map(len, found))
    known: dict[str, int] = {}
    which = [known.setdefault(word, len(known)) for words in found for word in words]
    places = [row * length + at for row, words in enumerate(found) for at in range(len(words))]
    pairs = [
        number
        for words in found
        for number in (PART.buckets, *itertools.starmap(_pair, itertools.pairwise(words)))
    ]
    parts = [_parts(word) for word in known]
    starts = [0, *itertools.accumulate(map(len, parts))][:-1]
    numbers = (list(itertools.chain(*parts)), starts, which, places, pairs)
    return Bag(*map(torch.tensor, numbers), length, len(texts))


class Student(nn.Module):
    """Parts of words to an embedding [B, out], tokens [B, L, 96] and log odds of languages."""

    def __init__(self, out: int) -> None:
        super().__init__()
        none = PART.buckets
        self.table = nn.EmbeddingBag(none + 1, WIDTH, mode="sum", sparse=True, padding_idx=none)
        nn.init.normal_(self.table.weight, std=0.06)
        self.table.weight.data[none] = 0
        self.gate = nn.Linear(WIDTH, 1)
        self.up, self.down = nn.Linear(WIDTH, 1024), nn.Linear(1024, out)
        self.skip = nn.Linear(WIDTH, out, bias=False)
        self.tokens = nn.Sequential(nn.Linear(4 * WIDTH, 256), nn.GELU(), nn.Linear(256, TOKEN_DIM))
        self.norm = nn.LayerNorm(TOKEN_DIM)
        self.languages = nn.Linear(WIDTH, len(LANGUAGES))
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def words(self, texts: Bag) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Vectors of words and of pairs [B, L, 256], and where there is a word [B, L]."""
        size = texts.count * texts.length
        shape = (texts.count, texts.length)
        words = self.table(texts.parts, texts.starts)[texts.which]
        pairs = self.table(texts.pairs[:, None])
        empty = words.new_zeros(size, WIDTH)
        mask = words.new_zeros(size).index_fill(0, texts.places, 1.0).view(shape)
        return (
            empty.index_copy(0, texts.places, words).view(*shape, WIDTH),
            empty.index_copy(0, texts.places, pairs).view(*shape, WIDTH),
            mask,
        )

    def sentence(
        self, words: torch.Tensor, pairs: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """The sum of words, weighed, and of pairs: [B, 256]."""
        weights = 2 * self.gate(words).sigmoid() * mask.unsqueeze(-1)
        return (words * weights + pairs).sum(1) / mask.sum(1, keepdim=True).clamp_min(1).sqrt()

    def embed(self, sentence: torch.Tensor) -> torch.Tensor:
        """Unit vectors [B, out]."""
        return normalize(self.skip(sentence) + self.down(gelu(self.up(sentence))), dim=-1)

    def tell(self, words: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Log odds of languages [B, 5]."""
        return self.languages(words.sum(1) / mask.sum(1, keepdim=True).clamp_min(1))

    def fine(self, words: torch.Tensor, sentence: torch.Tensor) -> torch.Tensor:
        """Tokens [B, L, 96]: each word with its neighbours and the whole."""
        before, after = pad(words, (0, 0, 1, 0))[:, :-1], pad(words, (0, 0, 0, 1))[:, 1:]
        whole = sentence[:, None].expand(-1, words.shape[1], -1)
        return self.norm(self.tokens(torch.cat([words, before, after, whole], -1)))


def bare(text: str) -> str:
    """Without marks above and below letters, as people type them."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def slip(text: str, rng: random.Random) -> str:
    """One word of four letters or more with a letter lost, swapped, doubled or wrong."""
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) > 3]
    if not long:
        return text
    at = rng.choice(long)
    word, place = words[at], rng.randrange(1, len(words[at]) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    words[at] = rng.choice(
        [
            before + after,
            before + after[:1] + letter + after[1:],
            before + letter + letter + after,
            before + rng.choice("abcdefghijklmnoprstuvz") + after,
        ]
    )
    return " ".join(words)
