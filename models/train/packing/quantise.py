"""Smaller files and faster arithmetic for finished graphs."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from train.packing.bias import correct
from train.packing.graph_file import read_graph, write_graph
from train.packing.graphs import MOVES, STAYS, fuse_pads, of_maps
from train.packing.saturation import overrides
from train.towers.networks import IMAGE_MEAN, IMAGE_STD

CALIBRATION = 192  # photos
CORRECTION = 64  # of them, whose mean maps the biases are corrected by
_BATCH = 8
_LARGE = 1024  # elements from which a constant is worth the trouble
_HUGE = 1 << 17  # and from which the weights of a product are worth a byte each


def store_as_half(path: Path) -> None:
    """Keep large weights as float16 with a Cast behind each: half the bytes, float32 arithmetic.

    The runtime folds the casts away when it loads the file. float16 arithmetic itself is slow on
    many ARM boards, so it is used for storage only.
    """
    model = read_graph(path)
    nodes, kept = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _LARGE or values.ndim < 2:
            kept.append(tensor)
            continue
        stored = numpy_helper.from_array(values.astype(np.float16), tensor.name + "_half")
        nodes.append(helper.make_node("Cast", [stored.name], [tensor.name], to=TensorProto.FLOAT))
        kept.append(stored)
    _put(model, kept, nodes)
    write_graph(model, path)


def store_as_bytes(path: Path) -> None:
    """Keep the large weights of products that are halves, or floats, as int8 with a scale for each
    output, a Cast and a Mul behind each: a quarter of float32, which they are again when the
    runtime has loaded them. Inputs stay float32, so this costs less than int8 arithmetic does.
    """
    model = read_graph(path)
    constants = {each.name: each for each in model.graph.initializer}
    casts = {node.output[0]: node for node in model.graph.node if node.op_type == "Cast"}
    for product in [node for node in model.graph.node if node.op_type in {"MatMul", "Gemm"}]:
        name = product.input[1]
        source = casts[name].input[0] if name in casts else name
        tensor = constants.get(source)
        values = np.empty(0) if tensor is None else numpy_helper.to_array(tensor)
        if values.size < _HUGE or values.ndim != 2 or values.dtype.kind != "f":
            continue
        del constants[source]  # for the first product of several
        model.graph.initializer.remove(tensor)
        if name in casts:
            model.graph.node.remove(casts[name])
        turned = any(each.name == "transB" and each.i for each in product.attribute)
        values = values.astype(np.float32)
        factor = np.maximum(np.abs(values).max(int(turned), keepdims=True) / 127, 1e-12)
        kept = {"quantized": np.rint(values / factor).astype(np.int8), "factor": factor}
        model.graph.initializer.extend(
            numpy_helper.from_array(each, f"{name}_{end}") for end, each in kept.items()
        )
        cast, quantized, factors = (f"{name}_{end}" for end in ("cast", *kept))
        floats = helper.make_node("Cast", [quantized], [cast], to=TensorProto.FLOAT)
        model.graph.node.insert(0, helper.make_node("Mul", [cast, factors], [name]))
        model.graph.node.insert(0, floats)
    write_graph(model, path)


def _put(model: onnx.ModelProto, kept: list[onnx.TensorProto], nodes: list[onnx.NodeProto]) -> None:
    nodes = [*nodes, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)


def quantise_text(full: Path, out: Path) -> None:
    """Dynamic int8 of the text tower, its vocabulary included.

    Weights take seven bits: without VNNI, x86 adds pairs of products in 16 bits, and eight would
    overflow there.
    """
    with _quietly():
        quantize_dynamic(
            str(full), str(out), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The quantiser tells the root logger of every node it passes over."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def quantise_image(full: Path, out: Path, twin: Path, pixels: np.ndarray) -> None:
    """Static int8, QDQ, a scale a channel of the weights; ranges from ``pixels`` [N, S, S, 3].

    Convolutions, what stands between them, and the large products over their maps; the rest of the
    pools and the class part stay float32. Sums of two products fit in 16 bits (``saturation``).
    ``twin`` becomes a graph that computes in float32 with the same stored weights.
    """
    with tempfile.TemporaryDirectory() as scratch, _quietly():
        prepared = Path(scratch) / "prepared.onnx"
        _prepare(full, prepared)
        _quantise(prepared, out, pixels)
        correct(prepared, stored_weights(out), _batches(pixels[:CORRECTION]))
        _quantise(prepared, out, pixels)
        _float_twin(prepared, out, twin)
    store_as_half(out)
    store_as_half(twin)


def _prepare(full: Path, prepared: Path) -> None:
    """Constants folded, shapes known, padding inside the convolutions."""
    plain = prepared.with_suffix(".plain")
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(plain)
    ort.InferenceSession(str(full), options, providers=["CPUExecutionProvider"])
    quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
    fuse_pads(prepared)


def _quantise(prepared: Path, out: Path, pixels: np.ndarray) -> None:
    model = read_graph(prepared)
    within, products = of_maps(model)
    kinds = ["Conv", *STAYS, *(["MatMul", *MOVES] if products else ["Concat"])]
    chosen = {node.name for node in model.graph.node if node.op_type == "Conv"} | products
    left = [
        node.name
        for node in model.graph.node
        if node.op_type in kinds and node.name not in chosen | within
    ]
    quantize_static(
        str(prepared), str(out), _Photos(pixels), quant_format=QuantFormat.QDQ,
        per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
        op_types_to_quantize=kinds, nodes_to_exclude=left,
        extra_options={
            "OpTypesToExcludeOutputQuantization": ["MatMul"],
            "TensorQuantOverrides": overrides(model, chosen),
        },
    )  # fmt: skip


def stored_weights(int8: Path) -> dict[str, np.ndarray]:
    """What the int8 constants of a graph stand for, by the names they had as float32."""
    model = read_graph(int8)
    constants = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    found = {}
    for node in model.graph.node:
        name = node.input[0].removesuffix("_quantized")
        values = constants.get(node.input[0])
        if node.op_type == "DequantizeLinear" and values is not None and values.dtype == np.int8:
            scale = _along(constants[node.input[1]], values.ndim, _axis(node))
            found[name] = values.astype(np.float32) * scale
    return found


def _float_twin(full: Path, int8: Path, out: Path) -> None:
    """``full`` with the constants that ``int8`` stores, a Cast and a Mul behind each.

    The runtime folds those away when it loads the file, which it would not do with a
    DequantizeLinear.
    """
    model, stored = read_graph(full), read_graph(int8)
    constants = {tensor.name: tensor for tensor in stored.graph.initializer}
    axes = {node.input[0]: _axis(node) for node in stored.graph.node}
    kept, nodes = [], []
    for tensor in model.graph.initializer:
        values, scale = (constants.get(tensor.name + end) for end in ("_quantized", "_scale"))
        if scale is None:
            scale = constants.get(f"{tensor.name}_quantized_scale")
        if values is None or scale is None:
            kept.append(tensor)
            continue
        factors = _along(numpy_helper.to_array(scale), len(values.dims), axes[values.name])
        factor, cast = f"{tensor.name}_factor", f"{tensor.name}_cast"
        kept += [values, numpy_helper.from_array(factors, factor)]
        nodes.append(helper.make_node("Cast", [values.name], [cast], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [cast, factor], [tensor.name]))
    _put(model, kept, nodes)
    write_graph(model, out)


def _along(scale: np.ndarray, ndim: int, axis: int) -> np.ndarray:
    """A scale of its own for each channel, of a shape to multiply weights with; or one for all."""
    if not scale.ndim:
        return scale
    shape = [1] * ndim
    shape[axis] = -1
    return scale.reshape(shape)


def _axis(node: onnx.NodeProto) -> int:
    """Along which a DequantizeLinear has its scales; 1 is what ONNX takes unless told."""
    return next((each.i for each in node.attribute if each.name == "axis"), 1)


class _Photos(CalibrationDataReader):
    """Batches of normalised photos."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._left = _batches(pixels)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._left, None)


def _batches(pixels: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    for start in range(0, len(pixels), _BATCH):
        x = pixels[start : start + _BATCH].transpose(0, 3, 1, 2).astype(np.float32) / 255
        yield {"pixels": ((x - IMAGE_MEAN) / IMAGE_STD).astype(np.float32)}
