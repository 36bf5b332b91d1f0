"""What each addend of the fine score is worth.

``python -m benchmarks.ranking.fine_parts --data DATA``.

The fine graph of a pack ends in a sum. Each addend's spread within shortlists of dev captions is
printed, and the ranking and the graph's time without it.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime as ort
from onnx.utils import Extractor

from benchmarks.common.captioned import encoded
from benchmarks.common.report import RESULTS, keep, say, table
from crispd.packs.fine.token_storage import unpack_tokens
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack

if TYPE_CHECKING:
    from crispd.types import EncodedText, Floats

_RUNS = 60
_INPUTS = ("text_tokens", "word_mask", "image_tokens")


def addends(graph: onnx.GraphProto, name: str) -> list[str]:
    """Names of what is added up to an output of a node."""
    made = next((node for node in graph.node if name in node.output), None)
    if made is None or made.op_type != "Add":
        return [name]
    return [part for each in made.input for part in addends(graph, each)]


def with_outputs(path: Path, names: list[str]) -> ort.InferenceSession:
    """The graph on one thread with these outputs, and without what only others need."""
    model = onnx.load(str(path))
    for name in names:
        model.graph.output.append(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["K"])
        )
    # onnxruntime computes what nobody asked for
    model = Extractor(model).extract_model(list(_INPUTS), names)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(model.SerializeToString(), options)


def milliseconds(session: ort.InferenceSession, inputs: dict[str, Floats]) -> tuple[float, float]:
    """Median and least of the thread's own time."""
    times = []
    for _ in range(_RUNS):
        start = time.thread_time()
        session.run(None, inputs)
        times.append(1000 * (time.thread_time() - start))
    return float(np.median(times)), min(times)


def scored(
    session: ort.InferenceSession, pack: Pack, data: Path, cache: Path, every: int
) -> tuple[Floats, Floats, Floats, dict[str, Floats]]:
    """Addends [T, N, K], coarse [T, K] and right ones [T, K] of dev sentences; last inputs."""
    assert pack.reranker is not None
    assert pack.manifest.tokens is not None
    photos = encoded(data / "flickr8k", "dev", pack, cache)
    asked = [(text, at) for at, texts in enumerate(photos.captions) for text in texts][::every]
    parts, coarse, right = [], [], []
    inputs: dict[str, Floats] = {}
    for number, (caption, own) in enumerate(asked):
        text: EncodedText = pack.text_encoder.encode(caption)
        scores = photos.vectors @ text.embedding
        near = np.argsort(-scores, kind="stable")[: pack.reranker.short_list]
        regions = unpack_tokens([photos.tokens[at] for at in near], pack.manifest.tokens)
        inputs = dict(zip(_INPUTS, (text.tokens, text.word_mask, regions), strict=True))
        parts.append(np.stack(session.run(None, inputs)))
        coarse.append(scores[near])
        right.append(near == own)
        if number % 200 == 0:
            say(f"{number} of {len(asked)} captions")
    return np.stack(parts), np.stack(coarse), np.stack(right), inputs


def recall(final: Floats, right: Floats) -> str:
    """R@1, 5, 10."""
    order = np.argsort(-final, 1, kind="stable")
    found = np.take_along_axis(right, order, 1)
    return " / ".join(f"{100 * found[:, :k].any(1).mean():.2f}" for k in (1, 5, 10))


def main() -> None:
    """Score, leave each out, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pack", default="mini")
    parser.add_argument("--cache", type=Path, default=RESULTS / "encoded")
    parser.add_argument("--every", type=int, default=4, help="one in so many sentences")
    options = parser.parse_args()
    folder = find_pack(options.pack)
    pack = load_pack(folder, index_threads=2, search_threads=1)
    assert pack.manifest.fine is not None
    file = folder / pack.manifest.fine.file
    names = addends(onnx.load(str(file)).graph, "scores")
    parts, coarse, right, inputs = scored(
        with_outputs(file, names), pack, options.data, options.cache, options.every
    )
    near = pack.manifest.fine.coarse_weight * coarse
    rows = []
    for at, name in enumerate(["", *names]):
        left = [each for each in names if each != name]
        final = near + parts[:, [names.index(each) for each in left]].sum(1)
        middle, least = milliseconds(with_outputs(file, left), inputs)
        spread = f"{parts[:, at - 1].std(1).mean():.3f}" if name else ""
        rows.append([name or "nothing", spread, recall(final, right), f"{middle:.2f}, {least:.2f}"])
    table(
        ["left out", "its spread in a list", "R@1, 5, 10", "ms of a core, median and least"], rows
    )
    keep("fine_parts", {"pack": pack.id, "captions": len(parts), "rows": rows})


if __name__ == "__main__":
    main()
