"""Going on from a pack: its weights put back into the networks they were exported from.

What a pack stores in eight bits comes back with that much precision; a first hundred steps heal it.
Branches that never learn are taken from where they came from, not from the pack.
"""

from __future__ import annotations

import logging
import math
import re
import tomllib
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from train.fine.network import HEADS, Fine
from train.fine.regions import FineOverRegions
from train.languages.student_export import LEVELS, ZERO
from train.packing.graph_file import read_graph
from train.towers.model import Model

log = logging.getLogger(__name__)

_MATRIX = re.compile(r"^/(.+)/(?:MatMul|Gemm)(?:_MatMul)?(?:_quant)?$")
_UNTRAINED = re.compile(r"^(image\.(stem|shared|kept|classifier)|text\.words)\b")
_HEADS = re.compile(
    r"^(image_pool|image_tokens|image_whole|image_norm|text_pool|text_tokens|text_norm|sentence|gate)\b"
)


def load_pack(model: Model, folder: Path) -> None:
    """Put the weights of ``folder``'s graphs into ``model``; raises where one has no place."""
    values: dict[str, np.ndarray] = {}
    for file in ("image.onnx", "text.onnx", "fine.onnx"):
        values |= _weights(read_graph(folder / file))
    state = model.state_dict()
    taken = 0
    for name, value in values.items():
        if _UNTRAINED.match(name) or name not in state:
            continue
        place = state[name]
        found = torch.from_numpy(np.array(value, np.float32))
        if found.shape != place.shape:
            found = found.T if found.T.shape == place.shape else found.reshape(place.shape)
        place.copy_(found)
        taken += 1
    wanted = {
        name
        for name, p in model.named_parameters()
        if p.requires_grad and not _UNTRAINED.match(name)
    }
    missing = wanted - values.keys() - {"heads.scale", "heads.fine_scale"}
    missing = {name for name in missing if "whole." not in name}  # older packs have none
    if missing:
        raise ValueError(f"{folder} holds no {', '.join(sorted(missing))}")
    _standards(model, values)
    _scales(model, folder)
    log.info("%d weights from %s", taken, folder)


def _standards(model: Model, values: dict[str, np.ndarray]) -> None:
    """How the mean of a grid is standardised: the fine stage took it from the pool, and a graph
    holds what is equal once.
    """
    kept, pool = model.heads.image_whole, model.heads.image_pool.whole
    for name in ("centre", "spread"):
        if f"heads.image_whole.{name}" not in values:
            getattr(kept, name).copy_(getattr(pool, name))


def _scales(model: Model, folder: Path) -> None:
    """Temperatures of the losses, which no graph holds: from the constants of the pack."""
    constants = tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))
    with torch.no_grad():
        model.heads.scale.fill_(math.log(constants["calibration"]["coarse_scale"]))
        model.heads.fine_scale.fill_(math.log(constants["fine"]["coarse_weight"] / 10))


def _weights(graph: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Weights by the names of the parameters they were."""
    stored = {t.name: numpy_helper.to_array(t) for t in graph.graph.initializer}
    found: dict[str, np.ndarray] = {}
    for name in stored:
        plain = re.sub(r"_(quantized|half)$", "", name)
        if plain.startswith(("model.", "fine.")):
            found[_parameter(plain)] = _value(plain, stored)
    temperatures = []
    for node in graph.graph.node:
        matrix = _MATRIX.match(node.name)
        if matrix and len(node.input) > 1:
            plain = re.sub(r"_quantized$", "", node.input[1])
            if plain.startswith("onnx::") or plain.endswith("_Transposed"):
                path = matrix[1].replace("/", ".")
                parts = path.split(".")  # "residual/residual.0" names the sequence twice
                path = ".".join(p for at, p in enumerate(parts) if at == 0 or p != parts[at - 1])
                found[_parameter(path) + ".weight"] = _value(plain, stored).T
        if node.op_type == "Mul":
            temperatures += [
                stored[i] for i in node.input if i.startswith("onnx::Mul_") and i in stored
            ]
    if len(temperatures) == HEADS:
        found["heads.fine.temperature"] = np.array(temperatures)
    return found


def _parameter(path: str) -> str:
    path = path.removeprefix("model.")
    if path.startswith("fine."):
        # what stands below the layers of attention is the fine model that towers are trained with
        return f"heads.{path.replace('fine.first.', 'fine.', 1)}"
    return f"heads.{path}" if _HEADS.match(path) else path


def _value(name: str, stored: dict[str, np.ndarray]) -> np.ndarray:
    """A constant as float32, whichever way it is stored."""
    if name in stored:
        return stored[name].astype(np.float32)
    if name + "_half" in stored:
        return stored[name + "_half"].astype(np.float32)
    values = stored[name + "_quantized"].astype(np.float32)
    for end in ("_factor", "_factor_half", "_scale"):
        if name + end in stored:
            return values * stored[name + end].astype(np.float32)
    raise ValueError(f"{name} has no scale")


def student_of(path: Path) -> dict[str, torch.Tensor]:
    """Weights of the tower for other languages, as ``Student`` has them; its table comes back from
    four bits.
    """
    graph = read_graph(path)
    stored = {t.name: numpy_helper.to_array(t) for t in graph.graph.initializer}
    found = {
        name.removeprefix("student."): _value(name, stored)
        for name in (re.sub("_half$", "", each) for each in stored)
        if name.startswith("student.")
    }
    for node in graph.graph.node:
        layer = re.match(r"^/(.+)/MatMul$", node.name)
        # attention multiplies two values of its own
        if layer and {node.input[1], f"{node.input[1]}_half"} & stored.keys():
            path = re.sub(r"(\w+)/(?=\1\.)", "", layer[1]).replace("/", ".")
            found[f"{path}.weight"] = _value(node.input[1], stored).T
    left, right = np.divmod(stored["table"].astype(np.int32), LEVELS)
    table = np.concatenate([left, right], 1) - ZERO
    found["table.weight"] = table * _value("scale", stored)
    return {name: torch.from_numpy(np.array(value, np.float32)) for name, value in found.items()}


def fine_of(folder: Path) -> dict[str, torch.Tensor]:
    """Weights of the fine model below the layers of attention, as ``Fine`` has them."""
    return _fine(folder, Fine(), "")


def fine_model(folder: Path) -> Fine | FineOverRegions:
    """The fine model of a pack, but for layers of attention."""
    graph = read_graph(folder / "fine.onnx")
    if not any("/words/" in node.name for node in graph.graph.node):
        fine = Fine()
        fine.load_state_dict(fine_of(folder))
        return fine
    over = FineOverRegions(Fine())
    over.load_state_dict(_fine(folder, over, "first."))
    return over


def _fine(folder: Path, model: nn.Module, below: str) -> dict[str, torch.Tensor]:
    found = _weights(read_graph(folder / "fine.onnx"))
    named = (
        (name, found[f"heads.fine.{name.removeprefix(below)}"], value.shape)
        for name, value in model.state_dict().items()
    )
    return {
        name: torch.from_numpy(np.array(value, np.float32)).reshape(shape)
        for name, value, shape in named
    }
