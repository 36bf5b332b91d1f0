"""Finished graphs without what takes time and changes nothing; the recipe's are as they are made.
Those of a pack that was made before: ``python -m train.packing.trim PACK``.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from train.fine.network import REGIONS
from train.packing.graph_file import read_graph, write_graph
from train.packing.shared_weights import share_weights
from train.packing.sums import write_sums

GRAPHS = ("image.onnx", "image.int8.onnx")


def trim(path: Path) -> None:
    """Means over a photo's regions as products, and divisions by lengths without an Expand."""
    model = read_graph(path)
    _means_as_products(model)
    _without_expand(model)
    write_graph(model, path)


def _means_as_products(model: onnx.ModelProto) -> None:
    """A mean over the second of three dimensions takes onnxruntime a tenth of a millisecond and
    more, since it walks across the rows; a product with as many equal shares takes a tenth of that.
    """
    graph, made = model.graph, []
    for node in graph.node:
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        if node.op_type != "ReduceMean" or list(attributes.get("axes", ())) != [1]:
            made.append(node)
            continue
        shares, axis, kept = (f"{node.output[0]}_{end}" for end in ("shares", "axis", "kept"))
        even = np.full((1, REGIONS), 1 / REGIONS, np.float32)
        graph.initializer.append(numpy_helper.from_array(even, shares))
        graph.initializer.append(numpy_helper.from_array(np.array([1]), axis))
        made.append(helper.make_node("MatMul", [shares, node.input[0]], [kept], name=kept))
        made.append(helper.make_node("Squeeze", [kept, axis], list(node.output), name=node.name))
    del graph.node[:]
    graph.node.extend(made)


def _without_expand(model: onnx.ModelProto) -> None:
    """``x / Expand(length, Shape(x))`` is ``x / length``."""
    graph = model.graph
    made_by = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        grown = made_by.get(node.input[1]) if node.op_type == "Div" else None
        if grown is not None and grown.op_type == "Expand":
            shape = made_by.get(grown.input[1])
            if shape is not None and shape.op_type == "Shape" and shape.input[0] == node.input[0]:
                node.input[1] = grown.input[0]
    _drop_unused(graph)


def _drop_unused(graph: onnx.GraphProto) -> None:
    """Nodes that nobody takes a value of, and those that only they took values of."""
    ends = {each.name for each in graph.output}
    while True:
        used = Counter(name for node in graph.node for name in node.input)
        kept = [
            node for node in graph.node if any(used[name] or name in ends for name in node.output)
        ]
        if len(kept) == len(graph.node):
            return
        del graph.node[:]
        graph.node.extend(kept)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    pack = parser.parse_args().pack
    graphs = [pack / name for name in GRAPHS]
    for graph in graphs:
        trim(graph)
    share_weights(graphs, pack / "image.weights")
    write_sums(pack)


if __name__ == "__main__":
    main()
