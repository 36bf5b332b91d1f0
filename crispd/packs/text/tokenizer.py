"""The tokenizer: text to word pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from crispd.errors import PackCorrupt, PackMismatch

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.types import Labels


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """``ids`` and ``mask`` int64 [1, L]; ``cut``: the text was longer than the pack reads."""

    ids: Labels
    mask: Labels
    cut: bool


class TextTokenizer:
    """A Hugging Face tokenizer file. Thread-safe: encoding does not change it."""

    def __init__(self, path: Path, max_tokens: int) -> None:
        self._tokenizer = _load(path)
        self._tokenizer.no_padding()
        special = self._tokenizer.num_special_tokens_to_add(False)
        # With no room for a word the library would quietly stop cutting.
        if max_tokens <= special:
            raise PackMismatch(
                f"pack.toml [text]: max_tokens is {max_tokens}, and the tokenizer adds {special} "
                "special ones; there is no room for a word."
            )
        # Cuts before the special tokens are added, so that the closing one stays.
        self._tokenizer.enable_truncation(max_tokens)

    def __call__(self, text: str) -> TokenBatch:
        """Word pieces of any text at all, at most ``max_tokens`` and at least one."""
        encoding = self._tokenizer.encode(_clean(text))
        # Nothing left of the text and no special tokens: graphs divide by the length.
        row = np.array([encoding.ids or [0]], dtype=np.int64)
        return TokenBatch(row, np.ones_like(row), bool(encoding.overflowing))


def _load(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the Rust side raises plain Exception
        raise PackCorrupt(
            f"The tokenizer {path} cannot be read: {error}. Install the pack again."
        ) from error


def _clean(text: str) -> str:
    """Text that Rust takes: surrogate pairs joined, lone ones and NULs made spaces."""
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return joined.replace("\ufffd", " ").replace("\0", " ")
