"""What the networks that nobody tuned make of the regions of photos, kept."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from train.data.photos import Photo, squeezed
from train.measuring.evaluate import as_graphs_take, session
from train.packing.graph_file import read_graph, write_graph
from train.packing.join import KEPT, LOGITS, SECOND_MEANS, SEEN
from train.running.atomic import atomic

log = logging.getLogger(__name__)

WIDTH = 1280  # channels of the last map of each network
REGIONS, CLASSES, NAMES = 49, 80, 1000
TOP = 6.0  # of what ReLU6 gives, which a byte holds 255 steps of
FEW = 1e-3  # added to how sure the detector is, before the logarithm
_BATCH = 8
_SAVED = 50  # batches, after which a run that was killed goes on


@dataclass(frozen=True, slots=True)
class Looked:
    """Of P photos: ``maps`` uint8 [P, 49, 2560], of both networks, in 255ths of ``TOP``;
    ``objects`` float16 [P, 49, 80], logarithms; ``logits`` float16 [P, 1000] of the classifier;
    ``vectors`` float32 [P, D] and ``tokens`` float16 [P, 50, 96] of the pack as it is.
    """

    maps: np.ndarray
    objects: np.ndarray
    logits: np.ndarray
    vectors: np.ndarray
    tokens: np.ndarray


def maps_of(model: onnx.ModelProto) -> list[str]:
    """What the means of both networks are means of: [B, 1280, 49]."""
    made = {name: node for node in model.graph.node for name in node.output}
    return [made[name].input[0] for name in (KEPT, SECOND_MEANS)]


def telling(pack: Path, out: Path) -> list[str]:
    """The int8 graph of photos with maps, objects and logits as outputs too; all their names."""
    model = read_graph(pack / "image.int8.onnx")
    more = [*maps_of(model), SEEN, LOGITS]
    model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in more
    )
    write_graph(model, out)
    return [*more, "embedding", "tokens"]


def look(pack: Path, photos: list[Photo], folder: Path) -> Looked:
    """All photos once, in files of ``folder``; goes on where it stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    outputs = telling(pack, folder / "telling.onnx")
    graph = session(folder / "telling.onnx", 1)
    # a graph that was joined does not say how long its vectors are
    one = as_graphs_take(squeezed(photos[0].path)[None])
    (vector,) = graph.run(["embedding"], {"pixels": one})
    names = "\n".join(f"{photo.path.parents[1].name}/{photo.path.name}" for photo in photos)
    what = {"graph": digest(pack), "photos": hashlib.sha256(names.encode()).hexdigest()}
    told = folder / "done.json"
    found = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    first = found["done"] if found.items() >= what.items() else 0
    if not first:
        told.unlink(missing_ok=True)
    kinds = {
        "maps": (np.uint8, (REGIONS, 2 * WIDTH)), "objects": (np.float16, (REGIONS, CLASSES)),
        "logits": (np.float16, (NAMES,)), "vectors": (np.float32, vector.shape[1:]),
        "tokens": (np.float16, (REGIONS + 1, 96)),
    }  # fmt: skip
    files = {
        name: np.lib.format.open_memmap(
            folder / f"{name}.npy", "r+" if first else "w+", kind, (len(photos), *shape)
        )
        for name, (kind, shape) in kinds.items()
    }
    for start in range(first, len(photos), _BATCH):
        some = photos[start : start + _BATCH]
        pixels = np.stack([squeezed(photo.path) for photo in some])
        x = as_graphs_take(pixels)
        *maps, seen, logits, vectors, tokens = graph.run(outputs, {"pixels": x})
        done = start + len(some)
        both = np.concatenate(maps, 1).transpose(0, 2, 1)
        files["maps"][start:done] = np.rint(both * (255 / TOP))
        files["objects"][start:done] = np.log(seen.max(1) + FEW)
        for name, made in (("logits", logits), ("vectors", vectors), ("tokens", tokens)):
            files[name][start:done] = made
        if done % (_BATCH * _SAVED) == 0 or done == len(photos):
            log.info("looked at %d of %d photos", done, len(photos))
            with atomic(told) as part:
                part.write_text(json.dumps({**what, "done": done}), encoding="utf-8")
    return Looked(**files)


def digest(pack: Path) -> str:
    """Of the graph of photos."""
    return hashlib.sha256((pack / "image.int8.onnx").read_bytes()).hexdigest()
