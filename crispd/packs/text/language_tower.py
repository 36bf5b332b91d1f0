"""The language tower: a text encoder for further languages that also detects them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from crispd.packs.constants.relevance_model import read_question
from crispd.packs.sessions.runtime import OnnxSession, expect_floats, expect_unit
from crispd.packs.shared_files import place_of
from crispd.packs.text.hashed_words import hashed, words_of
from crispd.packs.text.query_weights import unweighted
from crispd.types import EncodedText

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.manifest import LanguagesPart, Manifest
    from crispd.packs.text.hashed_words import HashedWords
    from crispd.types import Floats

_OUTPUTS = ["embedding", "languages", "tokens", "word_mask"]
_KEPT = 256  # texts whose reading is remembered: each is asked for twice at least


@dataclass(frozen=True, slots=True)
class LanguageReading:
    """What the tower makes of a text. ``sure``: of each language, that the text is in it; what is
    left of 1 stands for languages that the pack does not know.
    """

    encoded: EncodedText
    sure: dict[str, float]


class LanguageTower:
    """One graph for all languages of ``[languages]``. Thread-safe."""

    def __init__(self, folder: Path, manifest: Manifest, part: LanguagesPart, threads: int) -> None:
        self._manifest, self._part = manifest, part
        self._session = OnnxSession(place_of(folder, manifest, part.file), threads)
        self._outputs = _OUTPUTS if manifest.tokens is not None else _OUTPUTS[:2]
        self._session.require(["parts", "pairs"], self._outputs)
        self._weights = read_question(folder, manifest)
        self._gain = 1.0 if manifest.relevance is None else manifest.relevance.languages_gain
        self._read = lru_cache(_KEPT)(self._encode)
        self._check()

    @property
    def codes(self) -> tuple[str, ...]:
        """Those of the languages that it reads besides the pack's own."""
        return self._part.codes

    def read(self, text: str) -> LanguageReading:
        """A text with at least one word. Its arrays are read-only."""
        return self._read(text)

    def _encode(self, text: str) -> LanguageReading:
        words = hashed(words_of(text), self._part)
        embedding, languages, *tokens = (result[0] for result in self._run(words))
        if not tokens:
            tokens = [embedding[:0].reshape(0, 0), embedding[:0]]
        codes = (self._manifest.pack.language, *self._part.codes)
        sure = dict(zip(codes, languages.tolist(), strict=False))
        encoded = EncodedText(embedding, tokens[0], tokens[1], words.cut, gain=self._gain)
        language = max(self._part.codes, key=lambda code: sure[code])
        return LanguageReading(unweighted(encoded, text, language, self._weights), sure)

    def _run(self, words: HashedWords) -> list[Floats]:
        return self._session.run(self._outputs, {"parts": words.parts, "pairs": words.pairs})

    def _check(self) -> None:
        """One text: shapes and lengths are as the manifest says; it also warms the session."""
        results, manifest = self._run(hashed(["two", "words"], self._part)), self._manifest
        expect_floats("The language tower's embeddings", results[0], (1, manifest.dim))
        expect_unit("The language tower's embeddings", results[0])
        # the pack's language, those of the tower, and any other
        expect_floats("The language tower's languages", results[1], (1, len(self._part.codes) + 2))
        if manifest.tokens is not None:
            expect_floats("The language tower's tokens", results[2], (1, 2, manifest.tokens.dim))
            expect_floats("The language tower's word masks", results[3], (1, 2))
