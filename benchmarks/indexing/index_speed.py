"""Indexing against its bare limit: ``python -m benchmarks.indexing.index_speed [--photos 240]``.

The limit is what the same cores could do if nothing but the unavoidable were done: the DCT-scaled
decode and resize of each photo and the model's forward pass, side by side in as many processes as
there are cores, no hashing, database, index, thumbnails or queues. Photos are 12-megapixel JPEGs
made from the sample album with noise of their own; beyond ``DISTINCT`` they repeat, with other
bytes behind the end of the picture, so that every file is a content of its own.

Limit and service take turns, each in processes of its own. Milliseconds of the processor stand
beside those of the clock: they say how much more than the limit is done for a photo, also on a
machine that has other work; whether both cores are kept busy, only the clock of a quiet one says.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from benchmarks.common.report import keep, machine, say, table
from crispd.config import Settings
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.service import Service

if TYPE_CHECKING:
    from crispd.service.live_parts import LiveParts

ALBUM = Path(__file__).parent.parent.parent / "crispd" / "sample_album"
SIZE = (4000, 3000)
BATCH = 8
DISTINCT = 24


class Rate(NamedTuple):
    """Photos, and what they took: seconds of the clock, and of all cores' processors."""

    photos: int
    clock: float
    cpu: float

    @property
    def a_second(self) -> float:
        """Photos a second."""
        return self.photos / self.clock

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the processor a photo."""
        return 1000 * self.cpu / self.photos


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


def bare(paths: list[str]) -> tuple[float, float]:
    """Decode scaled, resize, forward: nothing else, on one core. Seconds of clock and processor."""
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=1)
    size = pack.image_input.size
    started, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(paths), BATCH):
        squares = []
        for path in paths[start : start + BATCH]:
            with Image.open(io.BytesIO(Path(path).read_bytes())) as image:
                image.draft("RGB", (size, size))
                squares.append(np.asarray(image.convert("RGB").resize((size, size))))
        pack.image_encoder.encode(np.stack(squares))
    return time.perf_counter() - started, time.process_time() - cpu


def limit(paths: list[str]) -> Rate:
    """The bare limit over all cores."""
    cores = len(os.sched_getaffinity(0))
    shares = [paths[core::cores] for core in range(cores)]
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(bare, shares))
    return Rate(len(paths), max(clock for clock, _ in found), sum(cpu for _, cpu in found))


class _Service(Service):
    """Knows when it was opened: loading the pack is paid once a start, and is not indexing."""

    opened = (0.0, 0.0)

    def _open(self, *, watching: bool, at_once: bool = False) -> LiveParts:
        live = super()._open(watching=watching, at_once=at_once)
        self.opened = (time.perf_counter(), time.process_time())
        return live


def index(folder: Path, data: Path) -> Rate:
    """The whole pipeline, from the scan to the last commit and the saved index."""
    service = _Service(Settings(folders=[str(folder)], data_dir=data, pack="mini"))
    result = service.index_once()
    clock, cpu = service.opened
    assert result.failed == 0
    return Rate(result.encoded, time.perf_counter() - clock, time.process_time() - cpu)


def crispd(folder: Path, data: Path) -> Rate:
    """``index`` in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(index, folder, data).result()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="for the photos, to be used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "photos"
        if not folder.exists():
            say(f"making {options.photos} photos of 12 megapixels")
            folder.mkdir(parents=True)
            make_photos(folder, options.photos)
        paths = [str(path) for path in sorted(folder.iterdir())]
        megabytes = sum(Path(path).stat().st_size for path in paths) / len(paths) / 1e6
        rows = []
        for number in range(options.rounds):
            bound, whole = limit(paths), crispd(folder, Path(scratch) / f"data{number}")
            rows.append(
                {
                    "limit": bound.a_second, "crispd": whole.a_second,
                    "share": whole.a_second / bound.a_second,
                    "limit_ms": bound.cpu_ms, "crispd_ms": whole.cpu_ms,
                    "processor_share": bound.cpu_ms / whole.cpu_ms,
                }
            )  # fmt: skip
            say(f"round {number + 1}: {rows[-1]}")
    middle = {name: float(np.median([row[name] for row in rows])) for name in rows[0]}
    described = machine()
    table(
        ["12-megapixel JPEGs, medians", "photos a second", "ms of the processor a photo"],
        [
            [f"bare limit, {described['cores']} cores", f"{middle['limit']:.1f}",
             f"{middle['limit_ms']:.1f}"],
            ["crispd index", f"{middle['crispd']:.1f}", f"{middle['crispd_ms']:.1f}"],
            ["share of the limit", f"{100 * middle['share']:.0f} %",
             f"{100 * middle['processor_share']:.0f} %"],
        ],
    )  # fmt: skip
    load = os.getloadavg()[0]
    keep(
        "index_speed",
        {"photos": len(paths), "megabytes_each": megabytes, "load_average": load, "rounds": rows},
    )


if __name__ == "__main__":
    main()
