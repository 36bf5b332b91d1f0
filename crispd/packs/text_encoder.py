"""Words to an embedding and word tokens, remembered for the next time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackMismatch
from crispd.packs.runtime import Session
from crispd.packs.tokenizer import TextTokenizer
from crispd.types import EncodedText

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.manifest import Manifest

_OUTPUTS = ["embedding", "tokens", "word_mask"]
_UNIT_TOLERANCE = 1e-2


class OnnxTextEncoder:
    """The coarse text encoder of a pack, with the latest ``cache_size`` texts kept. Thread-safe."""

    def __init__(self, folder: Path, manifest: Manifest, threads: int, cache_size: int) -> None:
        self._manifest = manifest
        self._tokenizer = TextTokenizer(folder / manifest.text.tokenizer, manifest.text.max_tokens)
        self._session = Session(folder / manifest.text.file, threads)
        self._outputs = _OUTPUTS if manifest.tokens is not None else _OUTPUTS[:1]
        self._session.require(["input_ids", "attention_mask"], self._outputs)
        self._cache: OrderedDict[str, EncodedText] = OrderedDict()
        self._cache_size = cache_size
        self._lock = threading.Lock()
        self._check()

    def encode(self, text: str) -> EncodedText:
        """One text, from memory where it was asked before."""
        key = " ".join(text.split())
        with self._lock:
            known = self._cache.get(key)
            if known is not None:
                self._cache.move_to_end(key)
                return known
        encoded = self._encode(key)
        with self._lock:
            self._cache[key] = encoded
            if len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return encoded

    def _encode(self, text: str) -> EncodedText:
        tokens = self._tokenizer(text)
        inputs = {"input_ids": tokens.ids, "attention_mask": tokens.mask}
        embedding, *words = (result[0] for result in self._session.run(self._outputs, inputs))
        if not words:
            empty = np.empty((0, 0), np.float32)
            return EncodedText(embedding, empty, np.empty(0, np.float32), tokens.cut)
        return EncodedText(embedding, words[0], words[1], tokens.cut)

    def _check(self) -> None:
        """One text: shapes and unit length are as the manifest says; it also warms the session."""
        encoded = self._encode("a photo")
        if encoded.embedding.shape != (self._manifest.dim,):
            raise PackMismatch(
                f"The text encoder's embedding has the shape {encoded.embedding.shape}."
            )
        if abs(float(np.linalg.norm(encoded.embedding)) - 1) > _UNIT_TOLERANCE:
            raise PackMismatch("The text encoder's embedding is not a unit vector.")
        part = self._manifest.tokens
        if part is not None and encoded.tokens.shape[1:] != (part.dim,):
            raise PackMismatch(f"The text encoder's tokens have the shape {encoded.tokens.shape}.")
