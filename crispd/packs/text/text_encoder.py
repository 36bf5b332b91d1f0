"""The text encoder: words to an embedding and word tokens, with a cache."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from crispd.packs.constants.relevance_model import read_question
from crispd.packs.sessions.graph_choice import choose_text
from crispd.packs.sessions.runtime import OnnxSession, expect_floats, expect_unit, unit_vectors
from crispd.packs.shared_files import place_of
from crispd.packs.text.query_weights import unweighted
from crispd.packs.text.tokenizer import TextTokenizer
from crispd.types import CacheStats, EncodedText

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.manifest import Manifest
    from crispd.packs.text.tokenizer import TokenBatch
    from crispd.types import Floats, Precision

_WORDS = ["tokens", "word_mask"]


class OnnxTextEncoder:
    """The coarse text encoder of a pack. It caches the latest ``cache_size`` texts. Thread-safe."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        threads: int,
        cache_size: int,
        precision: Precision = "auto",
    ) -> None:
        self._manifest = manifest
        part = manifest.text
        self._tokenizer = TextTokenizer(place_of(folder, manifest, part.tokenizer), part)
        graph = place_of(folder, manifest, choose_text(part, precision))
        self._session = OnnxSession(graph, threads)
        self._outputs = [part.output_name, *(_WORDS if manifest.tokens is not None else ())]
        inputs = (part.ids_name, part.mask_name, *part.zeros)
        self._session.require([name for name in inputs if name], self._outputs)
        self._weights = read_question(folder, manifest)
        self._cache: OrderedDict[str, EncodedText] = OrderedDict()
        self._cache_size = cache_size
        self._lock = threading.Lock()
        self._hits = self._misses = 0
        self._check()

    def encode(self, text: str, spoken: str = "") -> EncodedText:
        """One text, from memory where it was asked before. Its arrays are read-only."""
        key = " ".join(text.split())
        with self._lock:
            known = self._cache.get(key)
            if known is not None:
                self._cache.move_to_end(key)
                self._hits += 1
                return known
            self._misses += 1
        # Outside the lock: two threads may do the same work, none waits for another's.
        encoded = self._encode(key)
        with self._lock:
            self._cache[key] = encoded
            if len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return encoded

    def other_language(self, text: str, spoken: str = "") -> str | None:
        """None: every text is read in the pack's own."""
        return None

    @property
    def use(self) -> CacheStats:
        """How often a text was remembered."""
        with self._lock:
            return CacheStats(self._hits, self._misses)

    def _encode(self, text: str) -> EncodedText:
        tokens = self._tokenizer(text)
        embedding, *words = (result[0] for result in self._run(tokens))
        if not words:
            words = [np.empty((0, 0), np.float32), np.empty(0, np.float32)]
        encoded = EncodedText(embedding, words[0], words[1], tokens.cut)
        return unweighted(encoded, text, self._manifest.pack.language, self._weights)

    def _run(self, tokens: TokenBatch) -> list[Floats]:
        part = self._manifest.text
        inputs = {part.ids_name: tokens.ids, part.mask_name: tokens.mask}
        inputs |= dict.fromkeys(part.zeros, np.zeros_like(tokens.ids))
        inputs.pop("", None)
        results = self._session.run(self._outputs, inputs)
        if part.normalise:
            results[0] = unit_vectors("The text encoder's embeddings", results[0])
        return results

    def _check(self) -> None:
        """One text: shapes and lengths are as the manifest says; it also warms the session."""
        tokens = self._tokenizer("a photo")
        results, length = self._run(tokens), tokens.ids.shape[1]
        expect_floats("The text encoder's embeddings", results[0], (1, self._manifest.dim))
        expect_unit("The text encoder's embeddings", results[0])
        part = self._manifest.tokens
        if part is not None:
            expect_floats("The text encoder's tokens", results[1], (1, length, part.dim))
            expect_floats("The text encoder's word masks", results[2], (1, length))
