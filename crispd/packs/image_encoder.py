"""The image encoder: photos to embeddings and region tokens, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import NotReady
from crispd.packs.fine.token_storage import pack_tokens
from crispd.packs.preprocess import Normaliser
from crispd.packs.sessions.graph_choice import choose
from crispd.packs.sessions.idle import IdleRelease
from crispd.packs.sessions.providers import Trial, choose_provider, timed
from crispd.packs.sessions.runtime import CPU, OnnxSession, expect_floats, expect_unit, unit_vectors
from crispd.packs.sessions.sample_pictures import sample_pictures
from crispd.types import EncodedPhoto

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.packs.manifest import Manifest
    from crispd.types import Floats, Pixels, Precision


# A folder that is synchronised comes in bursts, with less than that between them.
IDLE_SECONDS = 120.0
# After a start there may be nothing to encode.
_CHECKED_SECONDS = 5.0


class OnnxImageEncoder:
    """The coarse image encoder of a pack. Thread-safe.

    Its graph is let go of after ``idle_seconds`` without a photo and read again for the next: of
    `mini` that is 77 of 154 MB, for 0.2 s of an x86-64 core. ``provider``: as of the settings.
    ``callers``: threads that call at a time; they compute, too, and are counted among ``threads``.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        threads: int,
        precision: Precision = "auto",
        idle_seconds: float = IDLE_SECONDS,
        provider: str = "cpu",
        callers: int = 1,
    ) -> None:
        self._manifest = manifest
        self._normalise = Normaliser(manifest.image)
        part = manifest.image
        self._outputs = [part.output_name, *(["tokens"] if manifest.tokens is not None else [])]
        self._path = folder / choose(part, precision)
        self._threads = threads
        self._stamp: tuple[int, ...] | None = None
        self._provider = choose_provider(provider, self._try)
        own = max(threads - callers + 1, 1)
        self._session = IdleRelease(lambda: self._open(self._provider, own), idle_seconds)
        self._check()

    @property
    def is_loaded(self) -> bool:
        """Whether its graph is in memory."""
        return self._session.is_held

    @property
    def on_processor(self) -> bool:
        """Whether the processor computes, and no other device."""
        return self._provider == CPU

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

    def _run(self, pixels: Pixels, keep: float | None = None) -> list[Floats]:
        with self._session.using(keep) as session:
            return self._run_on(session, pixels)

    def _run_on(self, session: OnnxSession, pixels: Pixels) -> list[Floats]:
        part = self._manifest.image
        results = session.run(self._outputs, {part.input_name: self._normalise(pixels)})
        if part.normalise:
            results[0] = unit_vectors("The image encoder's embeddings", results[0])
        return results

    def _try(self, provider: str) -> Trial:
        """Sample pictures by a provider of onnxruntime's, and the time."""
        part, session = self._manifest.image, self._open(provider, self._threads)
        pixels = sample_pictures(part.size)[: part.max_batch]
        return timed(lambda: self._run_on(session, pixels)[0])

    def _open(self, provider: str, threads: int) -> OnnxSession:
        part = self._manifest.image
        stamp = _stamp(self._path)
        if self._stamp not in (None, stamp):
            # vectors of another model under the name of this one would never be told apart
            raise NotReady(f"{self._path} has changed since crispd started. Restart crispd.")
        session = OnnxSession(
            self._path, threads, in_16_bits=part.int8_in_16_bits, provider=provider
        )
        session.require([part.input_name], self._outputs)
        self._stamp = stamp
        return session

    def _check(self) -> None:
        """One run over grey: shapes and lengths are as the manifest says, and batches work."""
        manifest, size = self._manifest, self._manifest.image.input.size
        batch = min(2, manifest.image.max_batch)
        results = self._run(np.full((batch, size, size, 3), 128, np.uint8), _CHECKED_SECONDS)
        expect_floats("The image encoder's embeddings", results[0], (batch, manifest.dim))
        expect_unit("The image encoder's embeddings", results[0])
        part = manifest.tokens
        if part is not None:
            shape = (batch, part.regions, part.dim)
            expect_floats("The image encoder's tokens", results[1], shape)


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:  # opening it says so
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
