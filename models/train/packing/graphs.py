"""Graphs that compute the same with fewer passes over their maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from train.packing.graph_file import read_graph, write_graph


def fuse_pads(path: Path) -> int:
    """Let convolutions pad by themselves what a ``Pad`` of zeros pads before them; how many.

    A map is copied by a Pad, and in int8 it is unpacked before and packed again after. torch has no
    word for padding that differs from side to side, so its exporter writes a Pad; ONNX has one.
    """
    model = read_graph(path)
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    constants |= {
        node.output[0]: numpy_helper.to_array(node.attribute[0].t)
        for node in model.graph.node
        if node.op_type == "Constant" and node.attribute[0].name == "value"
    }
    made = {node.output[0]: node for node in model.graph.node}
    fused = [node for node in model.graph.node if _fuse(node, made, constants)]
    for node in fused:
        model.graph.node.remove(made[node.input[0]])
        node.input[0] = made[node.input[0]].input[0]
    write_graph(model, path)
    return len(fused)


MOVES = ("Transpose", "Concat", "Reshape")  # values change places, not their range
STAYS = ("Add", "Clip", "LeakyRelu", "MaxPool", "Resize")  # a map stays one
_LARGE = 1 << 16  # weights of a product from which int8 is worth its packing


def of_maps(model: onnx.ModelProto) -> tuple[set[str], set[str]]:
    """Names of the nodes that change or move maps of convolutions, and of products over them."""
    constants = {each.name: np.prod(each.dims) for each in model.graph.initializer}
    maps = {name for node in model.graph.node if node.op_type == "Conv" for name in node.output}
    within, products = set(), set()
    for node in model.graph.node:
        if not maps.intersection(node.input):
            continue
        if node.op_type in {*STAYS, *MOVES}:
            maps.update(node.output)
            within.add(node.name)
        elif node.op_type == "MatMul" and constants.get(node.input[1], 0) >= _LARGE:
            products.add(node.name)
    return within, products


def _fuse(
    conv: onnx.NodeProto, made: dict[str, onnx.NodeProto], constants: dict[str, np.ndarray]
) -> bool:
    """Give a convolution the padding of the Pad before it, if it has one it can take."""
    pad = made.get(conv.input[0]) if conv.op_type == "Conv" else None
    if pad is None or pad.op_type != "Pad":
        return False
    mode = [each.s for each in pad.attribute if each.name == "mode"]
    value = constants.get(pad.input[2]) if len(pad.input) > 2 and pad.input[2] else 0
    sizes = constants.get(pad.input[1])
    if mode not in ([], [b"constant"]) or sizes is None or value is None or value != 0:
        return False
    if len(sizes) != 8 or sizes[[0, 1, 4, 5]].any():
        return False
    own = next(each for each in conv.attribute if each.name == "pads")
    joined = [a + int(b) for a, b in zip(own.ints, sizes[[2, 3, 6, 7]], strict=True)]
    own.CopyFrom(helper.make_attribute("pads", joined))
    return True
