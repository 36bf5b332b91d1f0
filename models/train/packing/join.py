"""A finished encoder's graph, and one that tells more, as one graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper
from onnx.utils import Extractor

from train.packing.graph_file import read_graph, write_graph

_PREFIX = "objects/"
_SECOND = "second/"
_REGIONS = "regions/"
TOKENS_BEFORE = f"{_REGIONS}before"  # tokens that the towers make, where others came after
KEPT = "/image/ReduceMean_output_0"  # means of the untouched branch, as ``towers`` makes them
LOGITS = "/image/classifier/Gemm_output_0"  # of ImageNet's classes, of the same branch
CAPTION = "/image_pool/Div_output_0"  # the caption part, as ``heads.Pool`` makes it
SECOND_MEANS = f"{_SECOND}means"  # of the second network, as ``blend`` puts it in
SEEN = f"{_PREFIX}/seen/Sigmoid_output_0"  # how sure the detector is, by scale, region and class
_BLENDED = f"{_SECOND}caption"


def join(graph: Path, more: Path, share: float) -> None:
    """Put what ``more`` tells behind the embedding of ``graph``, in its place.

    ``more`` gives ``part`` [B, d] and takes values of ``graph``, by their names. The embedding is
    multiplied by ``share`` first, so that both together are a unit vector.
    """
    model, other = read_graph(graph), compose.add_prefix(read_graph(more), _PREFIX)
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
    write_graph(model, graph)


def taken_apart(graph: Path, more: Path) -> float | None:
    """What was put behind ``graph``, of texts, as a graph of its own, and the ``share`` of the
    rest; nothing where ``join`` never was.
    """
    model = read_graph(graph)
    shares = [each for each in model.graph.initializer if each.name == "share"]
    if not shares:
        return None
    told = f"{_PREFIX}part"
    model.graph.value_info.append(helper.make_tensor_value_info(told, TensorProto.FLOAT, None))
    part = Extractor(model).extract_model(["tokens", "word_mask"], [told])
    for node in part.graph.node:
        node.output[:] = [name.removeprefix(_PREFIX) for name in node.output]
        node.input[:] = [name.removeprefix(_PREFIX) for name in node.input]
    for each in (*part.graph.initializer, *part.graph.output, *part.graph.value_info):
        each.name = each.name.removeprefix(_PREFIX)
    write_graph(part, more)
    return float(numpy_helper.to_array(shares[0]))


def without_added(graph: Path) -> None:
    """Take out what ``blend`` and ``join`` put into the graph of photos."""
    model = read_graph(graph)
    (end,) = (node for node in model.graph.node if "embedding" in node.output)
    kept = [node for node in model.graph.node if node is not end]
    for node in kept:
        node.input[:] = [CAPTION if name == _BLENDED else name for name in node.input]
        node.output[:] = ["embedding" if name == "plain" else name for name in node.output]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    write_graph(Extractor(model).extract_model(["pixels"], ["embedding", "tokens"]), graph)


def blend(
    graph: Path, second: Path | str, head: tuple[np.ndarray, np.ndarray], weight: float
) -> None:
    """Add what ``second`` tells to the caption part of ``graph``, which stays a unit vector.

    ``second`` gives ``means`` [B, d_in] of ``pixels``, or is the name of such in ``graph``;
    ``head``: a weight [d, d_in] and a bias [d].
    """
    model, means = read_graph(graph), SECOND_MEANS
    other = onnx.ModelProto()
    if isinstance(second, str):
        means = second
    else:
        other = compose.add_prefix(read_graph(second), _SECOND)
    for node in other.graph.node:
        node.input[:] = [name.replace(f"{_SECOND}pixels", "pixels") for name in node.input]
    users = [node for node in model.graph.node if CAPTION in node.input]
    if not users:
        raise ValueError(f"{graph} has no {CAPTION}: another recipe made it.")
    for node in users:
        node.input[:] = [_BLENDED if name == CAPTION else name for name in node.input]
    model.graph.node.extend(other.graph.node)
    model.graph.initializer.extend(other.graph.initializer)
    constants = {"weight": head[0], "bias": head[1], "counts": np.array(weight)}
    for name, value in constants.items():
        tensor = numpy_helper.from_array(np.asarray(value, np.float32), _SECOND + name)
        model.graph.initializer.append(tensor)
    told, unit, weighed, both = (f"{_SECOND}{name}" for name in ("told", "unit", "weighed", "both"))
    gemm = [means, *(f"{_SECOND}{name}" for name in ("weight", "bias"))]
    model.graph.node.extend(
        [
            helper.make_node("Gemm", gemm, [told], name=told, transB=1),
            *_unit(told, unit),
            helper.make_node("Mul", [unit, f"{_SECOND}counts"], [weighed]),
            helper.make_node("Add", [CAPTION, weighed], [both]),
            *_unit(both, _BLENDED),
        ]
    )
    known = {each.domain for each in model.opset_import}
    model.opset_import.extend(each for each in other.opset_import if each.domain not in known)
    ordered = _in_order(model)
    del model.graph.node[:]
    model.graph.node.extend(ordered)
    write_graph(model, graph)


def put_tokens(graph: Path, more: Path, taken: dict[str, str]) -> None:
    """Let ``more`` make the tokens of ``graph``, which are an input of it like other values of the
    graph: ``taken`` has the name of each there by its name in ``more``.
    """
    model, other = read_graph(graph), compose.add_prefix(read_graph(more), _REGIONS)
    names = {_REGIONS + name: value for name, value in taken.items()}
    names |= {f"{_REGIONS}before": TOKENS_BEFORE, f"{_REGIONS}tokens": "tokens"}
    for node in model.graph.node:
        node.output[:] = [TOKENS_BEFORE if name == "tokens" else name for name in node.output]
    for node in other.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    model.graph.node.extend(other.graph.node)
    model.graph.initializer.extend(other.graph.initializer)
    ordered = _in_order(model)
    del model.graph.node[:]
    model.graph.node.extend(ordered)
    write_graph(model, graph)


def has_regions(graph: Path) -> bool:
    """Whether ``put_tokens`` made its tokens."""
    model = onnx.load(str(graph), load_external_data=False)
    return any(TOKENS_BEFORE in node.output for node in model.graph.node)


def _unit(vector: str, unit: str) -> list[onnx.NodeProto]:
    length = f"{unit}_length"
    return [
        helper.make_node("ReduceL2", [vector], [length], axes=[-1], keepdims=1),
        helper.make_node("Div", [vector, length], [unit]),
    ]


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
