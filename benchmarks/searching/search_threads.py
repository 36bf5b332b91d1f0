"""What a second thread does for the models of a search.

``python -m benchmarks.searching.search_threads``.

The same new texts and the same shortlist of 20, by models of one thread and of two, in turns:
milliseconds of the processor and of the clock.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.common.report import keep, table
from benchmarks.searching.query_speed import WORDS
from crispd.packs.fine.reranker import OnnxReranker
from crispd.packs.fine.token_storage import pack_tokens
from crispd.packs.locate import find_pack
from crispd.packs.manifest import TokensPart, read_manifest
from crispd.packs.text.text_encoder import OnnxTextEncoder

_SHORTLIST = 20


def shortlist(part: TokensPart) -> list[bytes]:
    """Tokens of made-up photos."""
    rng = np.random.default_rng(0)
    shape = (part.regions, part.dim)
    made = (rng.standard_normal(shape).astype(np.float32) for _ in range(_SHORTLIST))
    return [pack_tokens(tokens, part) for tokens in made]


def models(threads: int) -> tuple[OnnxTextEncoder, OnnxReranker]:
    """Those of the bundled pack."""
    folder = find_pack("mini")
    manifest = read_manifest(folder)
    assert manifest.fine is not None
    assert manifest.tokens is not None
    return (
        OnnxTextEncoder(folder, manifest, threads, cache_size=1),
        OnnxReranker(folder, manifest.fine, manifest.tokens, threads),
    )


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of the processor and of the clock."""
    clock, processor = time.perf_counter(), time.process_time()
    call()
    return 1000 * (time.process_time() - processor), 1000 * (time.perf_counter() - clock)


def measure(threads: list[int], count: int) -> dict[tuple[str, int], list[tuple[float, float]]]:
    """Times of ``count`` runs, by what is done and threads."""
    tokens = read_manifest(find_pack("mini")).tokens
    assert tokens is not None
    rng, stored, every = (
        np.random.default_rng(1),
        shortlist(tokens),
        {n: models(n) for n in threads},
    )
    found: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for number in range(count + 20):
        text = " ".join(rng.choice(WORDS, 6)) + f" {number}"
        for own, (encoder, reranker) in every.items():
            took = {"a text": timed(partial(encoder.encode, text))}
            encoded = encoder.encode(text)
            took[f"{_SHORTLIST} candidates"] = timed(partial(reranker.score, encoded, stored))
            for what, times in took.items() if number >= 20 else ():  # the first ones warm up
                found.setdefault((what, own), []).append(times)
    return dict(sorted(found.items()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--count", type=int, default=150)
    given = parser.parse_args()
    rows, kept = [], []
    for (what, threads), values in measure(given.threads, given.count).items():
        low, quarter, half = np.percentile(values, [5, 25, 50], axis=0).round(2).tolist()
        rows.append([what, threads, *(f"{a} / {b}" for a, b in (low, quarter, half))])
        kept.append({"what": what, "threads": threads, "p5": low, "p25": quarter, "p50": half})
    table(["processor / clock, ms", "threads", "p5", "p25", "p50"], rows)
    keep("search_threads", {"load_average": os.getloadavg()[0], "rows": kept})


if __name__ == "__main__":
    main()
