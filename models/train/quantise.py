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

from train.towers import IMAGE_MEAN, IMAGE_STD

CALIBRATION = 192  # photos
_BATCH = 8
_LARGE = 1024  # elements from which a constant is worth the trouble


def store_as_half(path: Path) -> None:
    """Keep large weights as float16 with a Cast behind each: half the bytes, float32 arithmetic.

    The runtime folds the casts away when it loads the file. float16 arithmetic itself is slow on
    many ARM boards, so it is used for storage only.
    """
    model = onnx.load(str(path))
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
    onnx.save(model, str(path))


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

    Convolutions and what stands between them; pools and the class part stay float32. ``twin``
    becomes a graph that computes in float32 with the same stored weights.
    """
    with tempfile.TemporaryDirectory() as scratch, _quietly():
        plain, prepared = Path(scratch) / "plain.onnx", Path(scratch) / "prepared.onnx"
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(plain)
        ort.InferenceSession(str(full), options)
        quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared), str(out), _Photos(pixels), quant_format=QuantFormat.QDQ,
            per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv", "Add", "Clip"],
            nodes_to_exclude=_heads(prepared),
        )  # fmt: skip
        _float_twin(prepared, out, twin)
    store_as_half(out)
    store_as_half(twin)


def _float_twin(full: Path, int8: Path, out: Path) -> None:
    """``full`` with the constants that ``int8`` stores, a Cast and a Mul behind each.

    The runtime folds those away when it loads the file, which it would not do with a
    DequantizeLinear.
    """
    model, stored = onnx.load(str(full)), onnx.load(str(int8))
    constants = {tensor.name: tensor for tensor in stored.graph.initializer}
    kept, nodes = [], []
    for tensor in model.graph.initializer:
        values, scale = (constants.get(tensor.name + end) for end in ("_quantized", "_scale"))
        if scale is None:
            scale = constants.get(f"{tensor.name}_quantized_scale")
        if values is None or scale is None:
            kept.append(tensor)
            continue
        factors = numpy_helper.to_array(scale)
        if factors.ndim:
            factors = factors.reshape(-1, *[1] * (len(values.dims) - 1))
        factor, cast = f"{tensor.name}_factor", f"{tensor.name}_cast"
        kept += [values, numpy_helper.from_array(factors, factor)]
        nodes.append(helper.make_node("Cast", [values.name], [cast], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [cast, factor], [tensor.name]))
    _put(model, kept, nodes)
    onnx.save(model, str(out))


def _heads(path: Path) -> list[str]:
    """Names of additions and clips that do not belong to a map of the convolutions."""
    model = onnx.load(str(path))
    maps = {name for node in model.graph.node if node.op_type == "Conv" for name in node.output}
    excluded = []
    for node in model.graph.node:
        if node.op_type in {"Add", "Clip"}:
            if maps.intersection(node.input):
                maps.update(node.output)
            else:
                excluded.append(node.name)
    return excluded


class _Photos(CalibrationDataReader):
    """Batches of normalised photos."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._batches = self._made(pixels)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._batches, None)

    @staticmethod
    def _made(pixels: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
        for start in range(0, len(pixels), _BATCH):
            x = pixels[start : start + _BATCH].transpose(0, 3, 1, 2).astype(np.float32) / 255
            yield {"pixels": ((x - IMAGE_MEAN) / IMAGE_STD).astype(np.float32)}
