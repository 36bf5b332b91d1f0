"""A finished encoder's graph, and one that tells objects, as one graph."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, compose, helper

_PREFIX = "objects/"


def join(graph: Path, more: Path, share: float) -> None:
    """Put what ``more`` tells behind the embedding of ``graph``, in its place.

    ``more`` gives ``part`` [B, d] and takes values of ``graph``, by their names. The embedding is
    multiplied by ``share`` first, so that both together are a unit vector.
    """
    model, other = onnx.load(str(graph)), compose.add_prefix(onnx.load(str(more)), _PREFIX)
    taken = {each.name: each.name.removeprefix(_PREFIX) for each in other.graph.input}
    for node in other.graph.node:
        node.input[:] = [taken.get(name, name) for name in node.input]
    for node in model.graph.node:
        node.input[:] = ["plain" if name == "embedding" else name for name in node.input]
        node.output[:] = ["plain" if name == "embedding" else name for name in node.output]
    model.graph.node.extend(other.graph.node)
    model.graph.initializer.extend(other.graph.initializer)
    model.graph.initializer.append(helper.make_tensor("share", TensorProto.FLOAT, [], [share]))
    model.graph.node.append(helper.make_node("Mul", ["plain", "share"], ["shared"]))
    parts = ["shared", f"{_PREFIX}part"]
    model.graph.node.append(helper.make_node("Concat", parts, ["embedding"], axis=-1))
    for output in model.graph.output:
        if output.name == "embedding":
            output.type.tensor_type.shape.ClearField("dim")
            for size in ("B", None):
                output.type.tensor_type.shape.dim.add(**({"dim_param": size} if size else {}))
    known = {each.domain for each in model.opset_import}
    model.opset_import.extend(each for each in other.opset_import if each.domain not in known)
    ordered = _in_order(model)
    del model.graph.node[:]
    model.graph.node.extend(ordered)
    onnx.save(model, str(graph))


def _in_order(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """Nodes after those whose values they take."""
    known = {each.name for each in (*model.graph.input, *model.graph.initializer)} | {""}
    left, found = list(model.graph.node), []
    while left:
        ready = [node for node in left if all(name in known for name in node.input)]
        if not ready:
            raise ValueError(f"nothing makes what {left[0].name} takes")
        found += ready
        known |= {name for node in ready for name in node.output}
        left = [node for node in left if not all(name in known for name in node.output)]
    return found
