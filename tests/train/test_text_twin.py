"""The float twin of an int8 text tower says what the int8 one means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from train.packing.text_twin import float_twin, split

WIDE = 32


def tower(path: Path) -> np.ndarray:
    """Two products with a Relu between, as a text tower has them; its weights in float32."""
    chance = np.random.default_rng(3)
    first, second = (chance.normal(size=(WIDE, WIDE)).astype(np.float32) for _ in range(2))
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "first"], ["a"], name="first"),
            helper.make_node("Relu", ["a"], ["b"], name="relu"),
            helper.make_node("MatMul", ["b", "second"], ["y"], name="second"),
        ],
        "tower",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["L", WIDE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["L", WIDE])],
        [numpy_helper.from_array(first, "first"), numpy_helper.from_array(second, "second")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, str(path.with_suffix(".full")))
    quantize_dynamic(
        str(path.with_suffix(".full")), str(path), weight_type=QuantType.QInt8, per_channel=True,
        reduce_range=True,
    )  # fmt: skip
    return first


def run(path: Path, x: np.ndarray) -> np.ndarray:
    found: np.ndarray = ort.InferenceSession(str(path)).run(["y"], {"x": x})[0]
    return found


def test_the_twin_computes_in_float_with_the_stored_weights(tmp_path: Path) -> None:
    int8, twin = tmp_path / "text.int8.onnx", tmp_path / "text.onnx"
    tower(int8)
    float_twin(int8, twin)
    stored = {item.name: numpy_helper.to_array(item) for item in onnx.load(int8).graph.initializer}
    first, second = (
        stored[f"{name}_quantized"].astype(np.float32) * stored[f"{name}_scale"]
        for name in ("first", "second")
    )
    x = np.random.default_rng(4).normal(size=(5, WIDE)).astype(np.float32)
    wanted = np.maximum(x @ first, 0) @ second
    np.testing.assert_allclose(run(twin, x), wanted, rtol=1e-4, atol=1e-4)
    assert np.abs(run(int8, x) - wanted).max() > 1e-2  # it rounds what it is given
    kinds = {node.op_type for node in onnx.load(twin).graph.node}
    assert kinds == {"Cast", "Mul", "MatMul", "Relu"}


def test_both_take_their_weights_from_one_file(tmp_path: Path) -> None:
    tower(tmp_path / "text.int8.onnx")
    x = np.random.default_rng(5).normal(size=(3, WIDE)).astype(np.float32)
    before = run(tmp_path / "text.int8.onnx", x)
    split(tmp_path)
    assert np.array_equal(run(tmp_path / "text.int8.onnx", x), before)
    assert 2 * WIDE * WIDE <= (tmp_path / "text.weights").stat().st_size < 3 * WIDE * WIDE
