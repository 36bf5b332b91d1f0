"""Query weights, ``[question]`` of a pack: the weight of the class part and of the fine stage.

A name ("goldfish") is known to the classes and to no caption; a sentence is the other way round. A
text's own vector tells which it is: by what its class part is long, and by how far photos in
general differ in what its caption part scores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.packs.constants.parts import LEAST_SHARE, MOST_SHARE
from crispd.packs.text.function_words import function_words

if TYPE_CHECKING:
    from crispd.packs.constants.parts import QueryPart
    from crispd.types import EncodedText, Floats

_SMALLEST = 1e-6


def content_words(text: str, language: str = "en") -> int:
    """How many words of a text say what is seen; 1 at least. "A photo of a dog" has one."""
    empty = function_words(language)
    return max(1, sum(word not in empty for word in re.findall(r"\w+", text.lower())))


@dataclass(frozen=True, slots=True)
class WeightedQuery:
    """``embedding`` float32 [dim], unit; ``share``: how many times heavier its class part became;
    ``trust``: what a fine score counts beside it.
    """

    embedding: Floats
    share: float = 1.0
    trust: float = 1.0


class QueryWeights:
    """Weighs the parts of text vectors. ``axes`` float32 [R, dim]: principal directions of photos'
    vectors, each as long as they spread along it. Pure, thread-safe.
    """

    def __init__(self, part: QueryPart, axes: Floats) -> None:
        self._part = part
        self._classes = slice(*part.classes)
        self._words = slice(*part.captions)
        self._axes = np.ascontiguousarray(axes[:, self._words])

    def __call__(self, embedding: Floats, words: int) -> WeightedQuery:
        """Of a text's vector, and how many words of content the text has."""
        part = self._part
        length = float(np.linalg.norm(embedding[self._classes]))
        spread = float(np.linalg.norm(self._axes @ embedding[self._words]))
        figures = np.log(np.maximum([words, length, spread], _SMALLEST))
        offset, *weights = part.share
        share = float(np.exp(np.clip(offset + figures @ weights, LEAST_SHARE, MOST_SHARE)))
        weighed = embedding.astype(np.float64)
        weighed[self._classes] *= share
        norm = float(np.linalg.norm(weighed))
        pivot, power, most = part.trust
        # fine scores are beside a vector that was brought to unit length
        trust = min(most, (pivot / share) ** power) / norm
        return WeightedQuery((weighed / norm).astype(np.float32), share, trust)


def unweighted(
    encoded: EncodedText, text: str, language: str, weights: QueryWeights | None
) -> EncodedText:
    """What a text tower gave, weighed as a question in a language. Its arrays are read-only: every
    later asker of this text gets the same.
    """
    words = content_words(text, language)
    found = (
        WeightedQuery(encoded.embedding) if weights is None else weights(encoded.embedding, words)
    )
    for array in (found.embedding, encoded.tokens, encoded.word_mask):
        array.setflags(write=False)
    return replace(
        encoded, embedding=found.embedding, words=words, share=found.share, trust=found.trust
    )
