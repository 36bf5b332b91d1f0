"""Indexing of a sample, into a folder that goes away."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import CrispdError, PhotoError
from crispd.images.decode import decode_photo
from crispd.images.read import content_hash, read_file
from crispd.images.thumbnails import LARGE, indexed_sizes, make_thumbnail
from crispd.library.limits import decode_limits
from crispd.library.opening import open_to_read
from crispd.library.pack_choice import load_chosen_pack, pack_folder
from crispd.platform.memory import peak_mb
from crispd.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.config import Settings
    from crispd.packs.pack import Pack
    from crispd.types import IngestProgress

_STAGED = 12  # photos that are taken through one stage after the other
_BATCH = 4
_EMPTY_BYTES = 320_000  # what a database without photos takes


@dataclass(frozen=True, slots=True)
class IndexingFigures:
    """``stages_ms``: of a photo, on one core and by itself. ``disk_bytes``: that one takes in the
    data folder. ``memory_mb``: the most that the process has had.
    """

    photos: int
    failed: int
    photos_per_second: float
    stages_ms: dict[str, float]
    disk_bytes: float
    memory_mb: float
    pack: str


def measure_indexing(
    settings: Settings, tell: Callable[[IngestProgress, int], None]
) -> IndexingFigures:
    """Index the folder of ``settings`` into its data folder, which is empty. Raises CrispdError
    where no photo can be indexed.
    """
    service = Service(settings)
    result = service.index_once(tell)
    seconds = time.monotonic() - service.opened_at
    if not result.encoded:
        raise CrispdError(
            f"None of {result.failed} photos could be indexed, so there is nothing to measure. "
            "Name a folder of photos that can be: crispd bench FOLDER"
        )
    memory = peak_mb()
    kept = sum(path.stat().st_size for path in settings.data_dir.rglob("*") if path.is_file())
    pack = load_chosen_pack(chosen_pack(settings), settings)
    stages, ahead = _stages(settings, pack)
    return IndexingFigures(
        result.encoded,
        result.failed,
        round(result.encoded / seconds, 2),
        {name: round(value, 2) for name, value in stages.items()},
        round(max(kept - _EMPTY_BYTES, 0) / result.encoded + ahead),
        round(memory, 1),
        pack.id,
    )


def chosen_pack(settings: Settings) -> Path:
    """Folder of the pack that answers in a data folder which has a database."""
    database, _ = open_to_read(settings)
    try:
        return pack_folder(settings, database, writing=False, at_once=False)
    finally:
        database.close()


def _stages(settings: Settings, pack: Pack) -> tuple[dict[str, float], float]:
    """Milliseconds by stage, and bytes of a thumbnail that is made behind indexing."""
    limits, sizes = decode_limits(settings), indexed_sizes(settings.thumbnail_size)
    times: dict[str, list[float]] = {"hash": [], "decode": []}
    ahead, pixels = [], []
    for path in sorted(Path(settings.folders[0]).iterdir())[:_STAGED]:
        with contextlib.suppress(PhotoError):  # indexing has counted it
            data, _ = read_file(str(path), limits)
            began = time.perf_counter()
            content_hash(data)
            hashed = time.perf_counter()
            photo = decode_photo(data, pack.image_input, limits, thumbnails=sizes)
            times["decode"].append(time.perf_counter() - hashed)
            times["hash"].append(hashed - began)
            pixels.append(photo.pixels)
            if settings.thumbnails_ahead and LARGE not in {each.size for each in photo.thumbnails}:
                ahead.append(len(make_thumbnail(data, LARGE, limits)))
    began = time.perf_counter()
    for start in range(0, len(pixels), _BATCH):
        pack.image_encoder.encode(np.stack(pixels[start : start + _BATCH]))
    encoded = (time.perf_counter() - began) / max(len(pixels), 1)
    found = {name: 1000 * float(np.median(each or [0])) for name, each in times.items()}
    return {**found, "encode": 1000 * encoded}, float(np.mean(ahead or [0]))
