"""A cross-encoder as the fine stage of a pack: a text and a photo go into one graph together.

Of a photo are kept the features that the graph attends to, as region tokens are; or its pixels,
without loss, where the graph looks at these itself.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.errors import PackMismatch
from crispd.packs.fine.token_storage import pack_tokens, unpack_tokens
from crispd.packs.image_encoder import IDLE_SECONDS
from crispd.packs.preprocess import Normaliser
from crispd.packs.sessions.graph_choice import choose, choose_text
from crispd.packs.sessions.idle import IdleRelease
from crispd.packs.sessions.runtime import OnnxSession
from crispd.packs.sessions.sample_pictures import sample_pictures
from crispd.packs.text.tokenizer import TextTokenizer
from crispd.types import EncodedPhoto

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from crispd.packs.fine.cross_manifest import CrossManifest
    from crispd.types import Floats, ImageInput, Pixels, Precision

_ZLIB = 1  # photos hardly get smaller by more
_SAME = 1e-6
_LONGEST = 1e-12


class CrossFineModel:
    """``FineModel``. Thread-safe. Raises PackError where it is not what its manifest says."""

    def __init__(
        self, folder: Path, manifest: CrossManifest, threads: int, precision: Precision = "auto"
    ) -> None:
        self._manifest = manifest
        text = manifest.text
        self._tokenizer = TextTokenizer(folder / text.tokenizer, text)
        self._normalise = Normaliser(manifest.image)
        self._cross = OnnxSession(folder / choose_text(text, precision), threads)
        names = (text.ids_name, text.mask_name, *text.zeros)
        photos = (manifest.cross.photos_name, manifest.cross.photos_mask)
        self._cross.require([name for name in (*names, *photos) if name], [self._output])
        image = folder / choose(manifest.image, precision)
        self._features = IdleRelease(lambda: OnnxSession(image, threads), IDLE_SECONDS)
        self._check()

    @property
    def id(self) -> str:
        """Name and version."""
        return self._manifest.id

    @property
    def image_input(self) -> ImageInput:
        """How it wants its pixels."""
        return self._manifest.image.input

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of those that it reads."""
        return self._manifest.language_codes

    @property
    def at_once(self) -> int:
        """Photos in one run."""
        return self._manifest.cross.at_once

    @property
    def _output(self) -> str:
        return self._manifest.cross.output_name

    def see(self, pixels: Pixels) -> EncodedPhoto:
        """Its features, with their mean direction as a vector, or its pixels."""
        tokens = self._manifest.tokens
        if tokens is None:
            return EncodedPhoto(np.ones(1, np.float32), zlib.compress(pixels.tobytes(), _ZLIB))
        part = self._manifest.image
        with self._features.using() as session:
            inputs = {part.input_name: self._normalise(pixels[None])}
            found = session.run([part.output_name], inputs)[0].astype(np.float32)
        if found.shape != (1, tokens.regions, tokens.dim) or not np.isfinite(found).all():
            raise PackMismatch(
                f"The image encoder of {self.id} gives features {found.shape}; "
                f"(1, {tokens.regions}, {tokens.dim}) of finite numbers are expected."
            )
        mean = found[0].mean(axis=0)
        mean = mean / max(float(np.linalg.norm(mean)), _LONGEST)
        if not mean.any():
            mean = np.full(tokens.dim, tokens.dim**-0.5, np.float32)
        return EncodedPhoto(mean.astype(np.float32), pack_tokens(found[0], tokens))

    def scorer(self, text: str) -> Callable[[Sequence[EncodedPhoto]], Floats]:
        """How well photos fit: the logit of it, or the difference of the two logits."""
        part, read = self._manifest.text, self._tokenizer(text)
        words = {part.ids_name: read.ids, part.mask_name: read.mask}
        words |= dict.fromkeys(part.zeros, np.zeros_like(read.ids))
        words.pop("", None)

        def score(photos: Sequence[EncodedPhoto]) -> Floats:
            parts = [
                self._run(words, photos[start : start + self.at_once])
                for start in range(0, len(photos), self.at_once)
            ]
            return np.concatenate(parts) if parts else np.empty(0, np.float32)

        return score

    def _run(
        self, words: dict[str, npt.NDArray[np.integer]], photos: Sequence[EncodedPhoto]
    ) -> Floats:
        cross, count = self._manifest.cross, len(photos)
        times = 1 if cross.ids_once else count
        inputs: dict[str, npt.NDArray[Any]] = {
            name: np.repeat(values, times, axis=0) for name, values in words.items()
        }
        inputs[cross.photos_name] = self._photos(photos)
        if cross.photos_mask:
            regions = inputs[cross.photos_name].shape[1]
            inputs[cross.photos_mask] = np.ones((count, regions), np.int64)
        found = self._cross.run([self._output], inputs)[0].astype(np.float32)
        if found.size == 2 * count and found.shape[-1] == 2:
            both = found.reshape(count, 2)
            return np.asarray(both[:, cross.match] - both[:, 1 - cross.match], np.float32)
        if found.size != count:
            raise PackMismatch(
                f"{self.id} gives {found.shape} for {count} photos; a number each is expected."
            )
        return found.reshape(count)

    def _photos(self, photos: Sequence[EncodedPhoto]) -> npt.NDArray[Any]:
        stored = [photo.tokens or b"" for photo in photos]
        if self._manifest.tokens is not None:
            return unpack_tokens(stored, self._manifest.tokens)
        size = self._manifest.image.size
        try:
            raw = b"".join(zlib.decompress(data) for data in stored)
            pixels = np.frombuffer(raw, np.uint8).reshape(len(photos), size, size, 3)
        except (zlib.error, ValueError) as error:
            raise PackMismatch(f"Stored pixels are not those of {self.id}: {error}.") from error
        return self._normalise(pixels)

    def _check(self) -> None:
        """Two pictures and two texts: finite scores, which differ."""
        pictures = sample_pictures(self.image_input.size)[:3]
        photos = [self.see(pixels) for pixels in pictures]
        scores = np.stack([self.scorer(text)(photos) for text in ("a dog", "a red car")])
        if not np.isfinite(scores).all():
            raise PackMismatch(f"{self.id} gives scores that are no finite numbers.")
        if np.ptp(scores, axis=1).max() < _SAME:
            raise PackMismatch(f"{self.id} gives every photo the same score.")
