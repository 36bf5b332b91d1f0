"""One photo through the image graphs and one text through the text graph, on one thread.

``python -m benchmarks.encoders``. Each round runs every graph once, so that drift hits all alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack

ROUNDS = 80
TEXT = "two children play with a brown dog in the snow"


def main() -> None:
    """Print medians and minima in milliseconds."""
    folder = find_pack("mini")
    packs = {
        name: load_pack(folder, index_threads=1, search_threads=1, text_cache=1, precision=name)
        for name in ("float", "int8", "auto")
    }
    size = packs["float"].image_input.size
    pixels = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), np.uint8)
    ways: dict[str, Callable[[int], object]] = {
        f"image pass, {name}": lambda _round, pack=pack: pack.image_encoder.encode(pixels)
        for name, pack in packs.items()
        if name != "auto"
    }
    # every text is new, or the cache would answer
    ways["text"] = lambda number: packs["auto"].text_encoder.encode(f"{TEXT} {number}")
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name, way in ways.items():
            started = time.perf_counter()
            way(number)
            taken[name].append((time.perf_counter() - started) * 1000)
    for name, values in taken.items():
        print(f"{name}: median {np.median(values):.1f} ms, least {min(values):.1f} ms")


if __name__ == "__main__":
    main()
