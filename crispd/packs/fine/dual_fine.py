"""A dual encoder as the fine stage of another pack: whole vectors of both sides, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackMismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.packs.pack import Pack
    from crispd.types import EncodedPhoto, Floats, ImageInput, Pixels

_UNIT_TOLERANCE = 0.02


class DualFineModel:
    """``FineModel`` of a pack with two towers, and with its own fine stage where it has one.
    Thread-safe.
    """

    at_once = 64

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    @property
    def id(self) -> str:
        """Name and version."""
        return self._pack.id

    @property
    def image_input(self) -> ImageInput:
        """How it wants its pixels."""
        return self._pack.image_input

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of those that it reads."""
        return self._pack.manifest.language_codes

    def see(self, pixels: Pixels) -> EncodedPhoto:
        """Its vector, and tokens where it has them. Raises PackError."""
        [made] = self._pack.image_encoder.encode(pixels[None])
        if not abs(float(np.linalg.norm(made.embedding)) - 1) < _UNIT_TOLERANCE:  # nan is not
            raise PackMismatch(f"{self.id} makes vectors of photos that have no length of 1.")
        return made

    def scorer(self, text: str) -> Callable[[Sequence[EncodedPhoto]], Floats]:
        """Cosines, or the final score of the pack's own cascade."""
        pack, encoded = self._pack, self._pack.text_encoder.encode(text)

        def score(photos: Sequence[EncodedPhoto]) -> Floats:
            vectors = np.stack([photo.embedding for photo in photos])
            if vectors.shape[1] != pack.dim:
                raise PackMismatch(f"Stored vectors of {self.id} have {vectors.shape[1]} numbers.")
            scores = np.asarray(vectors @ encoded.embedding, np.float32)
            tokens = [photo.tokens for photo in photos if photo.tokens is not None]
            if pack.reranker is None or len(tokens) < len(photos):
                return scores
            fine = pack.reranker.score(encoded, tokens)
            return np.asarray(fine + np.float32(pack.reranker.coarse_weight) * scores, np.float32)

        return score
