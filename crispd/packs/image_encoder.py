"""The image encoder: photos to embeddings and region tokens, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.packs.graph_choice import choose
from crispd.packs.preprocess import Normaliser
from crispd.packs.runtime import OnnxSession, expect_floats, expect_unit
from crispd.packs.token_storage import pack_tokens
from crispd.types import EncodedPhoto

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.manifest import Manifest
    from crispd.types import Floats, Pixels, Precision


class OnnxImageEncoder:
    """The coarse image encoder of a pack. Thread-safe."""

    def __init__(
        self, folder: Path, manifest: Manifest, threads: int, precision: Precision = "auto"
    ) -> None:
        self._manifest = manifest
        self._normalise = Normaliser(manifest.image)
        self._outputs = ["embedding"] if manifest.tokens is None else ["embedding", "tokens"]
        part = manifest.image
        self._session = OnnxSession(
            folder / choose(part, precision), threads, in_16_bits=part.int8_in_16_bits
        )
        self._session.require(["pixels"], self._outputs)
        self._check()

    def encode(self, pixels: Pixels) -> list[EncodedPhoto]:
        """uint8 [B, size, size, 3] -> B encoded photos, in batches the pack allows."""
        most = self._manifest.image.max_batch
        return [
            encoded
            for start in range(0, len(pixels), most)
            for encoded in self._encode(pixels[start : start + most])
        ]

    def _encode(self, pixels: Pixels) -> list[EncodedPhoto]:
        results, part = self._run(pixels), self._manifest.tokens
        # A view would keep the whole batch alive for as long as one photo of it waits.
        embeddings = [embedding.copy() for embedding in results[0]]
        if part is None:
            return [EncodedPhoto(embedding, None) for embedding in embeddings]
        return [
            EncodedPhoto(embedding, pack_tokens(tokens, part))
            for embedding, tokens in zip(embeddings, results[1], strict=True)
        ]

    def _run(self, pixels: Pixels) -> list[Floats]:
        return self._session.run(self._outputs, {"pixels": self._normalise(pixels)})

    def _check(self) -> None:
        """One run over grey: shapes and lengths are as the manifest says, and batches work."""
        manifest, size = self._manifest, self._manifest.image.input.size
        batch = min(2, manifest.image.max_batch)
        results = self._run(np.full((batch, size, size, 3), 128, np.uint8))
        expect_floats("The image encoder's embeddings", results[0], (batch, manifest.dim))
        expect_unit("The image encoder's embeddings", results[0])
        part = manifest.tokens
        if part is not None:
            shape = (batch, part.regions, part.dim)
            expect_floats("The image encoder's tokens", results[1], shape)
