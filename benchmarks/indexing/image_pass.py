"""Image graphs beside one another: ``python -m benchmarks.indexing.image_pass GRAPH OTHER ...``.

One photo on one thread, graphs in turns, each round in an order of its own, so that what else the
machine does hits all alike. Time on the processor; ratios are to the first graph, of medians, of
the lower quarters and of the least, and the median of the ratio within a round, with its interval
of 95 % by 2,000 draws of rounds. Graphs of an earlier pack:
``git archive COMMIT models/mini | tar x``.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort

from benchmarks.common.report import keep, table

_DRAWS = 2000


def measure(graphs: list[Path], rounds: int) -> np.ndarray:
    """Milliseconds [graph, round]."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    sessions = [ort.InferenceSession(str(graph), options) for graph in graphs]
    rng = np.random.default_rng(0)
    taken = np.zeros((len(graphs), rounds))
    for number in range(-5, rounds):
        for at in rng.permutation(len(graphs)):
            (told,) = sessions[at].get_inputs()
            pixels = rng.random((1, *told.shape[1:]), np.float32)
            began = time.thread_time()
            sessions[at].run(None, {told.name: pixels})
            if number >= 0:
                taken[at, number] = 1e3 * (time.thread_time() - began)
    return taken


def report(graphs: list[Path], taken: np.ndarray) -> None:
    """A row a graph."""
    rows = []
    draws = np.random.default_rng(1).integers(0, taken.shape[1], (_DRAWS, taken.shape[1]))
    levels = {"median": 50, "lower quarter": 25, "least": 0}
    for graph, values in zip(graphs, taken, strict=True):
        row = [f"{graph.parent.name}/{graph.name}"]
        for level in levels.values():
            found, first = (np.percentile(each, level) for each in (values, taken[0]))
            row.append(f"{found:.2f} ({found / first:.3f})")
        ratio = values / taken[0]
        low, high = np.percentile(np.median(ratio[draws], 1), [2.5, 97.5])
        rows.append([*row, f"{np.median(ratio):.3f} ({low:.3f} to {high:.3f})"])
    table(["graph", *(f"{name}, ms (times the first)" for name in levels), "within rounds"], rows)
    keep("image_pass", {"rounds": taken.shape[1], "rows": rows})


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graphs", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=300)
    given = parser.parse_args()
    report(given.graphs, measure(given.graphs, given.rounds))


if __name__ == "__main__":
    main()
