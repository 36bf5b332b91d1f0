"""Text to word pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from crispd.errors import PackCorrupt

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.types import Labels


@dataclass(frozen=True, slots=True)
class Tokens:
    """``ids`` and ``mask`` int64 [1, L]; ``cut``: the text was longer than the pack reads."""

    ids: Labels
    mask: Labels
    cut: bool


class TextTokenizer:
    """A Hugging Face tokenizer file. Thread-safe: encoding does not change it."""

    def __init__(self, path: Path, max_tokens: int) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:
            raise PackCorrupt(f"The tokenizer {path} cannot be read: {error}.") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._max_tokens = max_tokens

    def __call__(self, text: str) -> Tokens:
        """Word pieces of any text at all, at most ``max_tokens`` with the closing one kept."""
        # Lone surrogates are no text for Rust; NUL means nothing to anyone.
        clean = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
        ids = self._tokenizer.encode(clean).ids
        cut = len(ids) > self._max_tokens
        if cut:
            ids = [*ids[: self._max_tokens - 1], ids[-1]]
        row = np.array([ids], dtype=np.int64)
        return Tokens(row, np.ones_like(row), cut)
