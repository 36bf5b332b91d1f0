"""The tokenizer: text to word pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from crispd.errors import PackCorrupt, PackMismatch
from crispd.packs.text.cleaning import clean
from crispd.packs.text.source_language import guess_language

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from crispd.packs.manifest import TextPart


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """``ids`` and ``mask`` [1, L], of the graph's type; ``cut``: the text was longer than the pack
    reads.
    """

    ids: npt.NDArray[np.integer]
    mask: npt.NDArray[np.integer]
    cut: bool


class TextTokenizer:
    """A Hugging Face tokenizer file, used as ``[text]`` says. Thread-safe: encoding does not change
    it.
    """

    def __init__(self, path: Path, part: TextPart) -> None:
        self._part = part
        self._languages = dict(part.language_ids)
        max_tokens = part.max_tokens
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
        part = self._part
        encoding = self._tokenizer.encode(clean(_readable(text), part.clean))
        # Nothing left of the text and no special tokens: graphs divide by the length.
        ids = encoding.ids or [0]
        if ids[0] in self._languages.values():
            ids = [self._languages[guess_language(text, tuple(self._languages))], *ids[1:]]
        mask, pads = [1] * len(ids), max(part.length - len(ids), 0)
        padding, nought = [part.pad_id] * pads, [int(part.mask_pads)] * pads
        right = part.pad_side == "right"
        ids, mask = (ids + padding, mask + nought) if right else (padding + ids, nought + mask)
        rows = np.array([[ids], [mask]], part.id_type)
        return TokenBatch(rows[0], rows[1], bool(encoding.overflowing))


def _load(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the Rust side raises plain Exception
        raise PackCorrupt(
            f"The tokenizer {path} cannot be read: {error}. Install the pack again."
        ) from error


def _readable(text: str) -> str:
    """Text that Rust takes: surrogate pairs joined, lone ones and NULs made spaces."""
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return joined.replace("\ufffd", " ").replace("\0", " ")
