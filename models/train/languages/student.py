"""A text tower for other languages: it learns what the English one makes of a translation.

Knowledge distillation over parallel sentences (Reimers and Gurevych, EMNLP 2020). A bag of parts of
words (fastText) tells most of what a photo shows; two layers of attention between the words tell
what their order adds.
"""

from __future__ import annotations

import functools
import itertools
import random
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

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
# Of Context: how many, their inner width; words farther apart than the last are as far as it.
_LAYERS, _HEADS, _INNER, _FAR = 2, 4, 128, 6


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


class Read(NamedTuple):
    """Texts as the tower reads them: vectors of ``words`` [B, L, 256], what the others of its text
    ``added`` to each [B, L, 256], the ``whole`` of each text [B, 256], and where there is a word
    [B, L].
    """

    words: torch.Tensor
    added: torch.Tensor
    whole: torch.Tensor
    mask: torch.Tensor


class Context(nn.Module):
    """What a word means beside the others: one layer of a transformer (Vaswani et al. 2017), with
    a learnt weight for each distance between words (Raffel et al. 2020) in the place of positions.

    Vectors [B, L, 256] and a mask [B, L] of words give what is added to each, [B, L, 256]: nothing,
    before it has learnt.
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.wide = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.asked, self.heard = nn.Linear(WIDTH, 3 * _INNER), nn.Linear(_INNER, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 384), nn.Linear(384, WIDTH)
        self.distances = nn.Parameter(torch.zeros(_HEADS, 2 * _FAR + 1))
        self.drop = nn.Dropout(0.1)
        for layer in (self.heard, self.down):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, words: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        heads = self.asked(self.norm(words)).unflatten(-1, (3, _HEADS, _INNER // _HEADS))
        asking, key, value = heads.permute(2, 0, 3, 1, 4)
        places = torch.arange(words.shape[1])
        far = (places[:, None] - places).clamp(-_FAR, _FAR) + _FAR
        scores = asking @ key.transpose(-1, -2) * (_HEADS / _INNER) ** 0.5
        scores = scores + self.distances[:, far] + (mask[:, None, None] - 1) * 1e4
        heard = (self.drop(scores.softmax(-1)) @ value).transpose(1, 2).flatten(2)
        added = self.drop(self.heard(heard))
        return added + self.drop(self.down(gelu(self.up(self.wide(words + added)))))


class Student(nn.Module):
    """Parts of words to an embedding [B, out], tokens [B, L, 96] and log odds of languages."""

    def __init__(self, out: int) -> None:
        super().__init__()
        none = PART.buckets
        self.table = nn.EmbeddingBag(none + 1, WIDTH, mode="sum", sparse=True, padding_idx=none)
        nn.init.normal_(self.table.weight, std=0.06)
        self.table.weight.data[none] = 0
        self.contexts = nn.ModuleList(Context() for _ in range(_LAYERS))
        self.gate = nn.Linear(WIDTH, 1)
        self.up, self.down = nn.Linear(WIDTH, 1024), nn.Linear(1024, out)
        self.skip = nn.Linear(WIDTH, out, bias=False)
        self.tokens = nn.Sequential(nn.Linear(5 * WIDTH, 256), nn.GELU(), nn.Linear(256, TOKEN_DIM))
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

    def read(self, words: torch.Tensor, pairs: torch.Tensor, mask: torch.Tensor) -> Read:
        """Words in their context, weighed, and pairs are summed up to the whole."""
        added = torch.zeros_like(words)
        for context in self.contexts:
            added = added + context(words + added, mask)
        weights = 2 * self.gate(words).sigmoid() * mask.unsqueeze(-1)
        total = ((words + added) * weights + pairs).sum(1)
        return Read(words, added, total / mask.sum(1, keepdim=True).clamp_min(1).sqrt(), mask)

    def embed(self, read: Read) -> torch.Tensor:
        """Unit vectors [B, out]."""
        return normalize(self.skip(read.whole) + self.down(gelu(self.up(read.whole))), dim=-1)

    def tell(self, read: Read) -> torch.Tensor:
        """Log odds of languages [B, 5]."""
        return self.languages(read.words.sum(1) / read.mask.sum(1, keepdim=True).clamp_min(1))

    def fine(self, read: Read) -> torch.Tensor:
        """Tokens [B, L, 96]: each word with its neighbours, its context and the whole."""
        words = read.words
        before, after = pad(words, (0, 0, 1, 0))[:, :-1], pad(words, (0, 0, 0, 1))[:, 1:]
        whole = read.whole[:, None].expand(-1, words.shape[1], -1)
        return self.norm(self.tokens(torch.cat([words, before, after, whole, read.added], -1)))


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
