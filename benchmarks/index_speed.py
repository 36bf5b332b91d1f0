"""Indexing against its bare limit: ``python -m benchmarks.index_speed [--photos 240]``.

The limit is what the same cores could do if nothing but the unavoidable were done: the DCT-scaled
decode and resize of each photo and the model's forward pass, side by side in as many processes as
there are cores, no hashing, database, index, thumbnails or queues. Photos are 12-megapixel JPEGs
made from the sample album with noise of their own; beyond ``DISTINCT`` they repeat, with other
bytes behind the end of the picture, so that every file is a content of its own.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.report import keep, machine, say, table
from crispd.config import Settings
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.service import Service

ALBUM = Path(__file__).parent.parent / "crispd" / "sample_album"
SIZE = (4000, 3000)
BATCH = 8
DISTINCT = 24


def make_photos(folder: Path, count: int) -> None:
    """12-megapixel JPEGs of about 4 MB, as a phone makes them."""
    sources = sorted(ALBUM.glob("*.jpg"))
    rng = np.random.default_rng(0)
    for number in range(min(count, DISTINCT)):
        with Image.open(sources[number % len(sources)]) as source:
            large = np.asarray(source.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC))
        noise = rng.normal(0, 9, (*large.shape[:2], 1)).astype(np.int16)
        noisy = np.clip(large + noise, 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"{number:04}.jpg", quality=90)
    for number in range(DISTINCT, count):
        picture = (folder / f"{number % DISTINCT:04}.jpg").read_bytes()
        (folder / f"{number:04}.jpg").write_bytes(picture + number.to_bytes(4, "big"))


def bare(paths: list[str]) -> float:
    """Decode scaled, resize, forward: nothing else, on one core."""
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=1)
    size = pack.image_input.size
    started = time.perf_counter()
    for start in range(0, len(paths), BATCH):
        squares = []
        for path in paths[start : start + BATCH]:
            with Image.open(io.BytesIO(Path(path).read_bytes())) as image:
                image.draft("RGB", (size, size))
                squares.append(np.asarray(image.convert("RGB").resize((size, size))))
        pack.image_encoder.encode(np.stack(squares))
    return time.perf_counter() - started


def limit_rate(paths: list[str]) -> float:
    """Photos a second of the bare limit over all cores."""
    cores = len(os.sched_getaffinity(0))
    shares = [paths[core::cores] for core in range(cores)]
    with ProcessPoolExecutor(cores) as pool:
        return len(paths) / max(pool.map(bare, shares))


def crispd_rate(folder: Path, data: Path) -> float:
    """Photos a second of the whole pipeline, from the scan to the last commit."""
    service = Service(Settings(folders=[str(folder)], data_dir=data))
    started: list[float] = []
    finished = [0.0]

    def watch(progress: object, total: int) -> None:
        started.append(time.perf_counter())

    begin = time.perf_counter()
    result = service.index_once(watch)
    finished[0] = time.perf_counter()
    # Loading the pack is not indexing: it is paid once a start, and the limit does not pay it.
    loading = started[0] - begin - 0.2 if started else 0.0
    assert result.failed == 0
    return result.encoded / (finished[0] - begin - max(loading, 0.0))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "photos"
        folder.mkdir()
        say(f"making {options.photos} photos of 12 megapixels")
        make_photos(folder, options.photos)
        paths = [str(path) for path in sorted(folder.iterdir())]
        megabytes = sum(Path(path).stat().st_size for path in paths) / len(paths) / 1e6
        rows = []
        for number in range(options.rounds):
            limit = limit_rate(paths)
            whole = crispd_rate(folder, Path(scratch) / f"data{number}")
            rows.append({"limit": limit, "crispd": whole, "share": whole / limit})
            say(f"round {number + 1}: {rows[-1]}")
    middle = sorted(rows, key=lambda row: row["share"])[len(rows) // 2]
    described = machine()
    table(
        ["12-megapixel JPEGs", "photos a second"],
        [
            [f"bare limit, {described['cores']} cores", f"{middle['limit']:.1f}"],
            ["crispd index", f"{middle['crispd']:.1f}"],
            ["share of the limit (median of rounds)", f"{100 * middle['share']:.0f} %"],
        ],
    )
    keep("index_speed", {"photos": len(paths), "megabytes_each": megabytes, "rounds": rows})


if __name__ == "__main__":
    main()
