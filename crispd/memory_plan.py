"""The memory plan: how much memory there is, and the share of each part of the service.

Megabytes are 2**20 bytes. Figures without a source were measured with the pack ``mini``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from crispd.platform.memory import present_mb

MB = 2**20
_SHARE = 0.5  # of the memory present, where the settings name no limit
_MOST_MB = 2048
_BASE_MB = 230  # Python, libraries and models, with batches of one and small photos: 223
_FLOATS_MB = 90  # more where the words' model computes in float32
_TEXT_MB = 250  # more at most while text in photos is read (benchmarks.finding.text_reading)
_LEAST_BESIDE_TEXT_MB = 250  # for pictures, as 512 MB have it without: a HEIC of 50 megapixels
_BATCH_MB = 5  # more for every photo of a batch: 3 to 5
_A_VECTOR_BYTES = 1500  # and what filters and words keep of a photo
_LEAST_MB = 64  # for pictures: one of 5 megapixels in any format, or a JPEG of 24
_A_THREAD_MB = 48
_DATABASE_SHARE, _DATABASE_MOST_MB = 0.07, 128
_FILES_SHARE = 0.25
_BATCHES_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """``limit_mb`` is the whole. ``picture_bytes`` and ``file_bytes`` are what pictures and files
    in hand may take together; a picture that needs more has both for itself. ``max_pixels`` and
    ``max_bytes`` are what one may be.

    ``enough`` is false where the limit is below what the service needs at all. ``reads_text``: text
    in photos is to be read, and there is room for it.
    """

    limit_mb: int
    decode_threads: int
    batch_size: int
    picture_bytes: int
    file_bytes: int
    max_pixels: int
    max_bytes: int
    database_mb: float
    enough: bool
    reads_text: bool = False

    def __str__(self) -> str:
        return (
            f"{self.limit_mb} MB: {self.decode_threads} decoders, batches of {self.batch_size}, "
            f"{(self.picture_bytes + self.file_bytes) // MB} MB for photos in hand"
        )


def plan_memory(
    limit_mb: int, *, vectors: int, decode_threads: int, batch_size: int, max_pixels: int,
    max_bytes: int, floats: bool = False, text: bool = False, models_mb: float = 0,
) -> MemoryPlan:  # fmt: skip
    """What fits ``limit_mb``; the other values are the most that is wanted of each.

    ``floats``: every model is to compute in float32; ``text``: text in photos is to be read;
    ``models_mb``: what models take beyond those of ``mini``.
    """
    reads_text = text and limit_mb >= least_for_text_mb(vectors, floats=floats) + models_mb
    left = limit_mb - _fixed_mb(vectors, floats=floats) - models_mb - _TEXT_MB * reads_text
    batch = max(1, min(batch_size, int(left * _BATCHES_SHARE / _BATCH_MB)))
    left -= batch * _BATCH_MB
    enough = left >= _LEAST_MB
    left = max(left, _LEAST_MB)
    database = min(left * _DATABASE_SHARE, _DATABASE_MOST_MB)
    threads = max(1, min(decode_threads, int((left - database) / _A_THREAD_MB)))
    photos = int((left - database) * MB)
    files = int(photos * _FILES_SHARE)
    return MemoryPlan(
        limit_mb,
        threads,
        batch,
        photos - files,
        files,
        max_pixels,
        min(max_bytes, photos),
        database,
        enough,
        reads_text,
    )


def least_for_text_mb(vectors: int, *, floats: bool = False) -> int:
    """The least limit with which text in photos is read."""
    return math.ceil(_fixed_mb(vectors, floats=floats)) + _TEXT_MB + _LEAST_BESIDE_TEXT_MB


def _fixed_mb(vectors: int, *, floats: bool) -> float:
    return _BASE_MB + _FLOATS_MB * floats + photos_mb(vectors)


def photos_mb(photos: int) -> float:
    """What so many photos take while the service runs: vectors, filters and words."""
    return photos * _A_VECTOR_BYTES / MB


def default_limit_mb() -> int:
    """Half of the memory of this machine or of this container, at most 2 GB."""
    present = present_mb()
    return _MOST_MB if present is None else int(min(present * _SHARE, _MOST_MB))
