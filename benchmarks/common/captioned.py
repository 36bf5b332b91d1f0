"""Captioned photos as the pack sees them, encoded once and kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import say
from crispd.evaluation.dataset import read_dataset
from crispd.evaluation.encoded import encode_library
from crispd.types import DecodeLimits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crispd.packs.pack import Pack
    from crispd.types import Floats, Labels

_LIMITS = DecodeLimits(max_pixels=100_000_000, max_bytes=100_000_000)
_THUMBNAIL = 320  # long side of the preview that indexing makes of the same decode


@dataclass(frozen=True, slots=True)
class Captioned:
    """A split: ``vectors`` float32 [N, dim], ``tokens`` as stored, captions by photo."""

    name: str
    paths: tuple[Path, ...]
    captions: tuple[tuple[str, ...], ...]
    vectors: Floats
    tokens: tuple[bytes, ...]

    def part(self, first: int, step: int) -> Captioned:
        """Every ``step``-th photo from ``first`` on."""
        return self.chosen(np.arange(first, len(self.paths), step))

    def chosen(self, places: Labels) -> Captioned:
        """The photos at ``places``, in that order."""
        listed = places.tolist()
        return Captioned(
            self.name,
            tuple(self.paths[at] for at in listed),
            tuple(self.captions[at] for at in listed),
            self.vectors[places],
            tuple(self.tokens[at] for at in listed),
        )


def encoded(folder: Path, split: str, pack: Pack, cache: Path, every: int = 1) -> Captioned:
    """The photos of a split, one in ``every``; read from ``cache`` where they were encoded once."""
    photos = read_dataset(folder, split=split).photos[::every]
    paths = tuple(photo.path for photo in photos)
    name = f"{folder.name}_{split}"
    kept = cache / f"{pack.id}_{name}_{every}.npz"
    vectors, tokens = encode_files(paths, pack, kept)
    captions = tuple(photo.captions for photo in photos)
    return Captioned(name, paths, captions, vectors, tokens)


def encode_files(paths: Sequence[Path], pack: Pack, kept: Path) -> tuple[Floats, tuple[bytes, ...]]:
    """Vectors [N, dim] and stored tokens of photos, out of ``kept`` where they were made once."""
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        _encode(paths, pack, kept)
    with np.load(kept) as found:
        return found["vectors"], tuple(map(bytes, found["tokens"]))


def _encode(paths: Sequence[Path], pack: Pack, kept: Path) -> None:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if done % 200 < count:
            say(f"{done} of {len(paths)} photos encoded")

    library = encode_library(paths, pack, _LIMITS, _THUMBNAIL, advance)
    tokens = np.stack([np.frombuffer(data, np.uint8) for data in library.tokens])
    part = kept.with_suffix(".part.npz")
    np.savez(part, vectors=library.vectors, tokens=tokens)
    os.replace(part, kept)  # noqa: PTH105 - a stopped run leaves no half file
