"""The re-ranker: word-by-region scores of a shortlist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.packs.fine.token_storage import unpack_tokens
from crispd.packs.sessions.graph_choice import choose
from crispd.packs.sessions.runtime import OnnxSession, expect_floats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crispd.packs.manifest import FinePart, TokensPart
    from crispd.types import EncodedText, Floats, Precision

_INPUTS = ["text_tokens", "word_mask", "image_tokens"]


class OnnxReranker:
    """The fine model of a pack. Thread-safe."""

    def __init__(
        self,
        folder: Path,
        part: FinePart,
        tokens: TokensPart,
        threads: int,
        precision: Precision = "auto",
    ) -> None:
        self._part = part
        self._tokens = tokens
        self._session = OnnxSession(
            folder / choose(part, precision), threads, in_16_bits=part.int8_in_16_bits
        )
        self._session.require(_INPUTS, ["scores"])
        self._check()

    @property
    def coarse_weight(self) -> float:
        """Share of the coarse score in the final one."""
        return self._part.coarse_weight

    @property
    def short_list(self) -> int:
        """K the pack was tuned for."""
        return self._part.short_list

    def score(self, text: EncodedText, tokens: Sequence[bytes]) -> Floats:
        """Fine scores float32 [K] of K candidates' tokens, times the trust of the text in them."""
        if not tokens:
            return np.empty(0, np.float32)
        scores = self._run(text.tokens, text.word_mask, unpack_tokens(tokens, self._tokens))
        return np.asarray(np.float32(text.trust) * scores, np.float32)

    def _run(self, words: Floats, mask: Floats, regions: Floats) -> Floats:
        inputs = {"text_tokens": words, "word_mask": mask, "image_tokens": regions}
        return self._session.run(["scores"], inputs)[0]

    def _check(self) -> None:
        """One run over ones: as many scores as candidates."""
        part = self._tokens
        words, mask = np.ones((3, part.dim), np.float32), np.ones(3, np.float32)
        scores = self._run(words, mask, np.ones((2, part.regions, part.dim), np.float32))
        expect_floats("The fine model's scores of 2 candidates", scores, (2,))
