"""What a pack takes on this machine, measured."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.packs.pack import load_pack
from crispd.packs.sessions.speed import photos_a_second
from crispd.platform.memory import resident_mb
from crispd.platform.processor import usable_cores

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.types import Precision

_PHOTOS, _QUERIES = 5, 9
_QUERY = "a dog that runs along the beach at sunset"


@dataclass(frozen=True, slots=True)
class PackMeasurement:
    """``photos_per_second``: one after the other, without decoding; ``query_ms``: the median;
    ``memory_mb``: of the process, by which loading and running it made it grow.
    """

    pack: str
    photos_per_second: float
    query_ms: float
    memory_mb: float | None
    dimensions: int


def measure_pack(folder: Path, threads: int = 0, precision: Precision = "auto") -> PackMeasurement:
    """Load and time it. Raises PackError."""
    before = resident_mb()
    cores = threads or usable_cores()
    pack = load_pack(
        folder, index_threads=cores, search_threads=min(cores, 4), precision=precision, text_cache=0
    )
    speed = photos_a_second(pack.image_encoder, pack.image_input.size, _PHOTOS)
    times = []
    for number in range(_QUERIES):
        began = time.perf_counter()
        pack.text_encoder.encode(f"{_QUERY} {number}")
        times.append(time.perf_counter() - began)
    after = resident_mb()
    grown = None if before is None or after is None else round(after - before, 1)
    median = 1000 * float(np.median(times))
    return PackMeasurement(pack.id, round(speed, 2), round(median, 2), grown, pack.dim)
