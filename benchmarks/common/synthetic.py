"""A library of random vectors and tokens in a real SQLite file, which cost what real ones cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.common.report import say
from crispd.errors import IndexCorrupt
from crispd.packs.pack import Pack
from crispd.store.database import Database
from crispd.types import CaptureTime, FileStamp, GeoPosition, PhotoMetadata
from crispd.vectors import checkpoint
from crispd.vectors.checkpoint import IndexIdentity
from crispd.vectors.index import VectorIndex
from crispd.vectors.synchronise import synchronise

ROOT = "/synthetic"
FIRST = datetime(2010, 1, 1, tzinfo=UTC)
# One photo an hour, so that a time leaves as many photos as one likes.
STEP = timedelta(hours=1)
_TYPES = ("jpeg", "jpeg", "jpeg", "heic", "png")
_CAMERAS = ("Google Pixel 8", "Apple iPhone 13", "Canon EOS R5", None)
_AT_ONCE = 1000


Description = Callable[[int, np.random.Generator], tuple[str, PhotoMetadata]]


def open_library(
    folder: Path, pack: Pack, size: int, describe: Description | None = None
) -> tuple[Database, VectorIndex]:
    """A library of ``size`` photos in ``folder``, as an earlier run kept it or a new one."""
    database = Database.open(folder / "crispd.sqlite3")
    reader = database.read().for_pack(pack.id)
    if not len(reader.live_labels(pack.id)):
        say(f"filling a library of {size}")
        fill(database, pack, size, describe=describe)
    identity = IndexIdentity(database.id, pack.id, pack.dim)
    try:
        index = checkpoint.load(folder / "index", identity)
    except IndexCorrupt:
        index = VectorIndex(pack.dim, folder=folder / "index")
    say("bringing the index up to date")
    synchronise(index, reader, pack.id)
    checkpoint.save(index, folder / "index", identity)
    return database, index


def fill(
    database: Database,
    pack: Pack,
    count: int,
    *,
    burst: int = 1,
    describe: Description | None = None,
) -> None:
    """``count`` synthetic photos, with times, places, types, cameras and folders; ``burst`` at a
    time are versions of one. ``describe``: path and metadata of each, by its number.
    """
    describe = describe or _plain
    rng = np.random.default_rng(0)
    part = pack.manifest.tokens
    assert part is not None
    for start in range(0, count, _AT_ONCE):
        vectors = rng.standard_normal((_AT_ONCE, pack.dim)).astype(np.float32)
        same = np.arange(_AT_ONCE) // burst * burst
        vectors = np.where(
            (same == np.arange(_AT_ONCE))[:, None], vectors, vectors[same] + 0.3 * vectors
        )
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        with database.write() as tx:
            root = tx.ensure_root(ROOT)
            for number, vector in enumerate(vectors[: count - start], start):
                if number % burst == 0:
                    values = rng.integers(-127, 128, part.regions * part.dim, dtype=np.int8)
                tokens = values.tobytes() + np.full(part.regions, 0.02, "<f2").tobytes()
                path, metadata = describe(number, rng)
                content = f"content {number}"
                tx.save_encoded(content, pack.id, metadata, vector, tokens)
                taken = metadata.capture_time or CaptureTime(time_of(number), "mtime")
                tx.save_photo(root, path, FileStamp(1, 1), content, taken)


def time_of(number: int) -> str:
    """When photo ``number`` was taken."""
    return (FIRST + number * STEP).replace(tzinfo=None).isoformat(timespec="seconds")


def _plain(number: int, rng: np.random.Generator) -> tuple[str, PhotoMetadata]:
    return f"{number // 5000}/{number // 100}/{number}.jpg", _metadata(number, rng)


def _metadata(number: int, rng: np.random.Generator) -> PhotoMetadata:
    place = GeoPosition(float(rng.uniform(-60, 60)), float(rng.uniform(-180, 180)))
    return PhotoMetadata(
        4000,
        3000,
        _TYPES[number % len(_TYPES)],
        CaptureTime(time_of(number), "exif"),
        _CAMERAS[number % len(_CAMERAS)],
        place=place if number % 2 else None,
        rating=number % 6 or None,
        keywords=("holiday",) if number % 10 == 0 else (),
    )
