"""Photos to embeddings and region tokens, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackMismatch
from crispd.packs.quantise import pack_tokens
from crispd.packs.runtime import Session
from crispd.types import EncodedPhoto

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.manifest import Manifest
    from crispd.types import Floats, Pixels

_UNIT_TOLERANCE = 1e-2


class OnnxImageEncoder:
    """The coarse image encoder of a pack."""

    def __init__(self, folder: Path, manifest: Manifest, threads: int) -> None:
        part = manifest.image
        self._manifest = manifest
        self._outputs = ["embedding"] if manifest.tokens is None else ["embedding", "tokens"]
        self._session = Session(folder / part.file, threads)
        self._session.require(["pixels"], self._outputs)
        # (x/255 - mean) / std as one multiplication and one addition
        std = np.array(part.std, np.float32)
        self._gain = (1 / (255 * std)).astype(np.float32)
        self._bias = (-np.array(part.mean, np.float32) / std).astype(np.float32)
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
        results = self._session.run(self._outputs, {"pixels": self.prepare(pixels)})
        embeddings, part = results[0], self._manifest.tokens
        if part is None:
            return [EncodedPhoto(embedding, None) for embedding in embeddings]
        return [
            EncodedPhoto(embedding, pack_tokens(tokens, part))
            for embedding, tokens in zip(embeddings, results[1], strict=True)
        ]

    def prepare(self, pixels: Pixels) -> Floats:
        """uint8 [B, S, S, 3] -> normalised float32 [B, 3, S, S]."""
        planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)
        planes *= self._gain[:, None, None]
        planes += self._bias[:, None, None]
        return planes

    def _check(self) -> None:
        """One run over grey: shapes and unit length are as the manifest says."""
        size = self._manifest.image.input.size
        grey = np.full((1, size, size, 3), 128, np.uint8)
        results = self._session.run(self._outputs, {"pixels": self.prepare(grey)})
        if results[0].shape != (1, self._manifest.dim):
            raise PackMismatch(f"The image encoder's embedding has the shape {results[0].shape}.")
        if abs(float(np.linalg.norm(results[0])) - 1) > _UNIT_TOLERANCE:
            raise PackMismatch("The image encoder's embedding is not a unit vector.")
        part = self._manifest.tokens
        if part is not None and results[1].shape != (1, part.regions, part.dim):
            raise PackMismatch(f"The image encoder's tokens have the shape {results[1].shape}.")
