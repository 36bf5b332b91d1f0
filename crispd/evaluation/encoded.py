"""A data set encoded by a pack, in memory."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import DatasetError, PhotoError
from crispd.images.decode import decode_photo
from crispd.images.thumbnails import indexed_sizes
from crispd.vectors.index import VectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crispd.packs.pack import Pack
    from crispd.types import DecodeLimits, Floats, Pixels

_BATCH = 8


@dataclass(frozen=True, slots=True)
class EncodedLibrary:
    """Photos by label, which is their place in the set. ``tokens`` as they are stored.

    ``vectors`` float32 [N, dim]; ``bytes_each``: of a photo's vector and tokens.
    """

    vectors: Floats
    index: VectorIndex
    tokens: list[bytes]
    bytes_each: int

    def __len__(self) -> int:
        return len(self.index)


def encode_library(
    paths: Sequence[Path],
    pack: Pack,
    limits: DecodeLimits,
    thumbnail: int,
    advance: Callable[[int], None],
) -> EncodedLibrary:
    """Decode and encode as indexing does. ``advance`` is told how many more are done.

    The pipeline makes thumbnails in the same decode, of which ``thumbnail`` is the smallest, and
    their long sides decide how far a JPEG is scaled down: without them the pixels would not be
    those that indexing sees.

    Raises DatasetError where a photo cannot be read: a figure over fewer photos than it says would
    be wrong.
    """
    sizes = indexed_sizes(thumbnail)
    vectors, tokens = np.empty((len(paths), pack.dim), np.float32), []

    def pixels(path: Path) -> Pixels:
        try:
            data = path.read_bytes()
            return decode_photo(data, pack.image_input, limits, thumbnails=sizes).pixels
        except (OSError, PhotoError) as error:
            raise DatasetError(f"{path} cannot be read: {error}") from error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), _BATCH):
            batch = np.stack(list(pool.map(pixels, paths[start : start + _BATCH])))
            for offset, photo in enumerate(pack.image_encoder.encode(batch)):
                vectors[start + offset] = photo.embedding
                tokens.append(photo.tokens or b"")
            advance(len(batch))
    index = VectorIndex(pack.dim)
    index.add(np.arange(len(paths), dtype=np.int64), vectors)
    each = vectors.itemsize * pack.dim + (len(tokens[0]) if tokens else 0)
    return EncodedLibrary(vectors, index, tokens, each)
