"""What the graph of a large library takes to build, and what it proposes, by its settings:
``python -m benchmarks.million.graph_settings --data DATA --work FOLDER``.

Over vectors around those of real photos (``benchmarks.million.neighbourhoods``): the processor's
time to build it, of the nearest 52 of sentences and of photos how many are found by scoring 3,000
of its proposals, and the processor's time of a search. What is measured is kept after each setting.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import keep, say, table
from benchmarks.million.__main__ import texts_of
from benchmarks.million.options import made_library, parser_of
from crispd.vectors import graph as graph_module
from crispd.vectors.graph import Graph
from crispd.vectors.index import VectorIndex

if TYPE_CHECKING:
    from crispd.types import Floats, Labels

_NEAREST = 52
_AT_ONCE = 2048
_SAMPLE = 20_000


def main() -> None:
    """Measure each setting."""
    parser = parser_of(__doc__, 100_000, 100)
    parser.add_argument("--settings", nargs="+", default=["16 100", "16 50", "12 60", "8 40"],
                        help="M and ef_construction")  # fmt: skip
    given = parser.parse_args()
    pack, _, vectors = made_library(given)
    texts = texts_of(given.data, given.queries)
    sentences = np.stack([pack.text_encoder.encode(text).embedding for text in texts])
    asked = np.concatenate([sentences, vectors[:: given.size // given.queries][: given.queries]])
    right = np.stack([np.argpartition(-(vectors @ each), _NEAREST)[:_NEAREST] for each in asked])
    index = VectorIndex(pack.dim)
    index.add(np.arange(given.size), vectors)
    found = {"everything": measured(index, asked, right, given.queries)}
    for setting in given.settings:
        say(setting)
        graph_module._M, graph_module._EF_CONSTRUCTION = map(int, setting.split())
        begun = time.thread_time()
        graph = Graph(vectors[:: max(given.size // _SAMPLE, 1)])
        for start in range(0, given.size, _AT_ONCE):
            part = np.arange(start, min(start + _AT_ONCE, given.size))
            graph.add(part, vectors[part])
        built = time.thread_time() - begun
        index.adopt_graph(graph)
        found[setting] = {
            "built_s": round(built, 1), **measured(index, asked, right, given.queries)
        }  # fmt: skip
        keep("graph_settings", {"size": given.size, "settings": found})
    table(
        ["M, ef_construction", "built, s", "texts: recall, ms", "photos: recall, ms"],
        [[name, each.get("built_s", ""), each["texts"], each["photos"]]
         for name, each in found.items()],
    )  # fmt: skip


def measured(index: VectorIndex, asked: Floats, right: Labels, texts: int) -> dict[str, object]:
    """Recall, and ms of the processor at the median."""
    found: dict[str, object] = {}
    for name, part in (("texts", slice(0, texts)), ("photos", slice(texts, None))):
        hits, took = 0, []
        for query, wanted in zip(asked[part], right[part], strict=True):
            begun = time.thread_time()
            labels = index.search(query, _NEAREST).labels
            took.append(1000 * (time.thread_time() - begun))
            hits += len(np.intersect1d(labels, wanted))
        recall = hits / right[part].size
        found[name] = [round(recall, 4), round(float(np.median(took)), 1)]
    return found


if __name__ == "__main__":
    main()
