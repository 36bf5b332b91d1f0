"""A float32 twin of the int8 text tower, over the same stored weights.

``python -m train.packing.text_twin PACK`` makes it for a finished pack: of ``text.onnx``,
where that is the int8 graph, become ``text.onnx`` (float32), ``text.int8.onnx`` and
``text.weights``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper, numpy_helper

from train.packing.graph_file import read_graph, write_graph
from train.packing.shared_weights import share_weights
from train.packing.sums import write_sums
from train.running.atomic import rewrite


def float_twin(int8: Path, out: Path) -> None:
    """``int8`` with each of its integer products done in float32.

    Only the rounding of activations goes: weights are the stored ones, with a Cast and a Mul behind
    each that the runtime folds when it loads the file. So the same words come to the same vector on
    every processor, to the last digits of a float32 sum.
    """
    model = read_graph(int8)
    makers = {name: node for node in model.graph.node for name in node.output}
    nodes = list(model.graph.node)
    for product in [node for node in nodes if node.op_type == "MatMulInteger"]:
        cast = _only_user(nodes, product.output[0], "Cast")
        scaled = _only_user(nodes, cast.output[0], "Mul")
        factors = makers[next(name for name in scaled.input if name != cast.output[0])]
        source = makers[product.input[0]].input[0]
        stored = product.input[1]
        scale = next(name for name in factors.input if name == f"{_stem(stored)}_scale")
        _refuse_offset(model, product.input[3])
        floats, weights = f"{stored}_float", _stem(stored)
        place = nodes.index(scaled)
        nodes[place : place + 1] = [
            helper.make_node("Cast", [stored], [floats], to=TensorProto.FLOAT),
            helper.make_node("Mul", [floats, scale], [weights]),
            helper.make_node("MatMul", [source, weights], [scaled.output[0]], name=product.name),
        ]
    _keep_used(model, nodes)
    onnx.checker.check_model(model)
    write_graph(model, out)


def _stem(stored: str) -> str:
    return stored.removesuffix("_quantized")


def _only_user(nodes: list[onnx.NodeProto], name: str, kind: str) -> onnx.NodeProto:
    (found,) = (node for node in nodes if name in node.input)
    if found.op_type != kind:
        raise ValueError(f"{name} goes into a {found.op_type}; a {kind} is expected")
    return found


def _refuse_offset(model: onnx.ModelProto, name: str) -> None:
    """Weights are symmetric: a zero point that is not 0 would have to be taken off them."""
    (tensor,) = (item for item in model.graph.initializer if item.name == name)
    if numpy_helper.to_array(tensor).any():
        raise ValueError(f"{name} is not 0")


def _keep_used(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> None:
    """What leads to an output, and the constants that it takes."""
    wanted = {output.name for output in model.graph.output}
    kept = []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input)
    constants = [item for item in model.graph.initializer if item.name in wanted]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(reversed(kept))
    model.graph.initializer.extend(constants)


def split(folder: Path) -> None:
    """Make the twin beside ``text.int8.onnx``, both over ``text.weights``."""
    int8, plain = folder / "text.int8.onnx", folder / "text.onnx"
    float_twin(int8, plain)
    share_weights([plain, int8], folder / "text.weights")


def main(folder: Path) -> None:
    """Of a finished pack, whose manifest is brought up to date."""
    (folder / "text.onnx").rename(folder / "text.int8.onnx")
    split(folder)
    manifest = folder / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    plain = 'file = "text.onnx"\n'
    rewrite(manifest, text.replace(plain, plain + 'int8_file = "text.int8.onnx"\n'))
    write_sums(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
