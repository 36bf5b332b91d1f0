"""One photo through the image graphs and one text through the text graph, on one thread.

``python -m benchmarks.indexing.encoders``. Each round runs every graph once, so that drift hits all
alike. ``--beside GRAPH``: another image graph in the same rounds (``models/train/towers/plain.py``
makes one of the plain network), since milliseconds mean little from one machine to the next.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack

ROUNDS = 80
TEXT = "two children play with a brown dog in the snow"


def main() -> None:
    """Print medians and minima in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="an ONNX graph of one photo")
    beside = parser.parse_args().beside
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
    if beside is not None:
        ways[f"image pass, {beside.name}, float"] = plain(beside, size)
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


def plain(graph: Path, size: int) -> Callable[[int], object]:
    """A run of a graph with one input, [1, 3, size, size], on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(graph), options)
    pixels = np.random.default_rng(0).random((1, 3, size, size), np.float32)
    name = session.get_inputs()[0].name
    return lambda _round: session.run(None, {name: pixels})


if __name__ == "__main__":
    main()
