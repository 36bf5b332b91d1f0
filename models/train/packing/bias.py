"""Biases that take back what rounded weights shift on average.

A rounded weight is off by a little; times an input that is never negative, that adds up to a shift
of the whole channel. It is known beforehand from the mean input, and the bias takes it off (bias
correction: Nagel et al., "Data-free quantization through weight equalization and bias correction",
ICCV 2019, section 4.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

from train.packing.graph_file import read_graph, write_graph


def correct(path: Path, weights: dict[str, np.ndarray], batches: Iterable[dict]) -> None:
    """Change the biases of the convolutions of a float graph for weights that will be rounded.

    ``weights``: what each rounded constant will stand for, by its name. ``batches``: inputs of the
    graph that the means are taken over.
    """
    model = read_graph(path)
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    convolutions = [
        node
        for node in model.graph.node
        if node.op_type == "Conv" and node.input[1] in weights and len(node.input) > 2
    ]
    means = _means(model, {node.input[0] for node in convolutions}, batches)
    changed = {}
    for node in convolutions:
        off = (weights[node.input[1]] - constants[node.input[1]]).sum((2, 3))
        shift = _shift(off, means[node.input[0]])
        changed[node.input[2]] = (constants[node.input[2]] - shift).astype(np.float32)
    for tensor in model.graph.initializer:
        if tensor.name in changed:
            tensor.CopyFrom(numpy_helper.from_array(changed[tensor.name], tensor.name))
    write_graph(model, path)


def _shift(off: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """off [C_out, C_in / groups] of the weights, mean [C_in] -> [C_out]; depthwise or one group."""
    shift: np.ndarray = off[:, 0] * mean if off.shape[1] != len(mean) else off @ mean
    return shift


def _means(
    model: onnx.ModelProto, names: set[str], batches: Iterable[dict]
) -> dict[str, np.ndarray]:
    """The mean of each channel of maps [B, C, H, W] within the graph."""
    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    given = {each.name for each in model.graph.input}
    inner = sorted(names - given)
    probed.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in inner)
    session = ort.InferenceSession(probed.SerializeToString(), providers=["CPUExecutionProvider"])
    found: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for batch in batches:
        seen = session.run(inner, batch) if inner else []  # asked for none, it would give all
        maps = dict(zip(inner, seen, strict=True)) | batch
        for name in names:
            found[name].append(maps[name].mean((0, 2, 3)))
    return {name: np.mean(rows, 0) for name, rows in found.items()}
