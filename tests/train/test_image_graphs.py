"""What is done to the image graphs after the training, on small ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from train.packing.bias import correct
from train.packing.graphs import fuse_pads, of_maps
from train.packing.saturation import overrides, scales

from tests.packs.small import save_graph

_RNG = np.random.default_rng(7)
_IN = {"pixels": (onnx.TensorProto.FLOAT, ["B", 4, 9, 9])}


def _conv(name: str, source: str, groups: int = 1, **more: Any) -> onnx.NodeProto:
    inputs = [source, f"{name}_w", f"{name}_b"]
    return helper.make_node("Conv", inputs, [f"{name}_out"], name=name, group=groups, **more)


def _pad(mode: str = "constant", value: str = "nothing") -> onnx.NodeProto:
    return helper.make_node("Pad", ["pixels", "sizes", value], ["wider"], name="pad", mode=mode)


def _graph(path: Path, nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray]) -> Path:
    save_graph(path, nodes, _IN, [nodes[-1].output[0]], constants)
    return path


def _weights(*shape: int) -> dict[str, np.ndarray]:
    return {
        "conv_w": _RNG.normal(size=shape).astype(np.float32),
        "conv_b": _RNG.normal(size=shape[0]).astype(np.float32),
    }


def _run(path: Path, pixels: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found: np.ndarray = session.run(None, {"pixels": pixels})[0]
    return found


PADDED = {
    "sizes": np.array([0, 0, 0, 1, 0, 0, 2, 1], np.int64),
    "nothing": np.zeros((), np.float32),
    "one": np.ones((), np.float32),
}


def test_a_convolution_pads_by_itself(tmp_path: Path) -> None:
    nodes = [_pad(), _conv("conv", "wider", strides=[2, 2], pads=[1, 0, 0, 0])]
    path = _graph(tmp_path / "g.onnx", nodes, {**_weights(5, 4, 3, 3), **PADDED})
    pixels = _RNG.normal(size=(2, 4, 9, 9)).astype(np.float32)
    before = _run(path, pixels)
    assert fuse_pads(path) == 1
    assert [node.op_type for node in onnx.load(str(path)).graph.node] == ["Conv"]
    np.testing.assert_allclose(_run(path, pixels), before, rtol=1e-6)


@pytest.mark.parametrize(
    ("pad", "sizes"),
    [
        (_pad("edge"), [0, 0, 0, 1, 0, 0, 2, 1]),
        (_pad(value="one"), [0, 0, 0, 1, 0, 0, 2, 1]),
        (_pad(), [0, 1, 0, 1, 0, -1, 2, 1]),  # channels too
    ],
)
def test_other_padding_stays(tmp_path: Path, pad: onnx.NodeProto, sizes: list[int]) -> None:
    nodes = [pad, _conv("conv", "wider", pads=[0, 0, 0, 0])]
    constants = {**_weights(5, 4, 3, 3), **PADDED, "sizes": np.array(sizes, np.int64)}
    path = _graph(tmp_path / "g.onnx", nodes, constants)
    assert fuse_pads(path) == 0
    assert [node.op_type for node in onnx.load(str(path)).graph.node] == ["Pad", "Conv"]


@given(
    st.integers(1, 4), st.integers(1, 9), st.integers(0, 2**32 - 1), st.booleans(),
    st.sampled_from([1e-6, 1.0, 300.0]),
)  # fmt: skip
def test_no_sum_of_two_products_leaves_16_bits(
    channels: int, inner: int, seed: int, ordered: bool, size: float
) -> None:
    rng = np.random.default_rng(seed)
    weights = (rng.standard_cauchy((channels, inner)) * size).astype(np.float32)
    found = np.clip(np.rint(weights / scales(weights, ordered=ordered)[:, None]), -128, 127)
    if not ordered:
        found = np.sort(found, -1)[:, rng.permutation([*range(inner)])]
    padded = np.pad(found, ((0, 0), (0, inner % 2)))
    first, second = padded[:, ::2], padded[:, 1::2]
    for one, two in ((255, 255), (255, 0), (0, 255)):
        sums = one * first + two * second
        assert sums.max() <= 2**15 - 1
        assert sums.min() >= -(2**15)


def test_scales_waste_little() -> None:
    """As many steps as without the rule for a channel whose neighbours are of unlike signs."""
    assert scales(np.array([[1.0, -1.0]], np.float32))[0] == pytest.approx(1 / 127.5)
    assert scales(np.array([[1.0, 1.0]], np.float32))[0] == pytest.approx(2 / 127.5)


def test_depthwise_weights_keep_their_eight_bits(tmp_path: Path) -> None:
    nodes = [_conv("depth", "pixels", 4), _conv("conv", "depth_out")]
    constants = _weights(5, 4, 1, 1)
    constants |= {"depth_w": np.ones((4, 1, 3, 3), np.float32), "depth_b": np.zeros(4, np.float32)}
    path = _graph(tmp_path / "g.onnx", nodes, constants)
    assert set(overrides(onnx.load(str(path)), {"depth", "conv"})) == {"conv_w"}


def test_biases_take_back_what_rounding_shifts(tmp_path: Path) -> None:
    constants = _weights(5, 4, 1, 1)
    path = _graph(tmp_path / "g.onnx", [_conv("conv", "pixels")], constants)
    pixels = _RNG.random((3, 4, 9, 9)).astype(np.float32)
    wanted = _run(path, pixels).mean((0, 2, 3))
    rounded = np.rint(constants["conv_w"] * 2) / 2
    correct(path, {"conv_w": rounded}, [{"pixels": pixels}])
    model = onnx.load(str(path))
    for tensor in model.graph.initializer:
        if tensor.name == "conv_w":
            tensor.CopyFrom(numpy_helper.from_array(rounded, "conv_w"))
    onnx.save(model, str(path))
    np.testing.assert_allclose(_run(path, pixels).mean((0, 2, 3)), wanted, atol=1e-5)


def test_products_over_maps_are_told_from_those_of_means(tmp_path: Path) -> None:
    flat = {"shape": np.array([0, 256, -1], np.int64), "axis": np.array([1], np.int64)}
    nodes = [
        _conv("conv", "pixels"),
        helper.make_node("Clip", ["conv_out"], ["clipped"], name="clip"),
        helper.make_node("Reshape", ["clipped", "shape"], ["flat"], name="flatten"),
        helper.make_node("Transpose", ["flat"], ["grid"], name="turn", perm=[0, 2, 1]),
        helper.make_node("MatMul", ["grid", "wide"], ["read"], name="read"),
        helper.make_node("MatMul", ["grid", "narrow"], ["attention"], name="attend"),
        helper.make_node("ReduceMean", ["read"], ["mean"], name="mean", axes=[1]),
        helper.make_node("MatMul", ["mean", "wide"], ["out"], name="late"),
    ]
    wide, narrow = np.zeros((256, 256), np.float32), np.zeros((256, 1), np.float32)
    constants = {**_weights(256, 4, 1, 1), **flat, "wide": wide, "narrow": narrow}
    path = _graph(tmp_path / "g.onnx", nodes, constants)
    within, products = of_maps(onnx.load(str(path)))
    assert (within, products) == ({"clip", "flatten", "turn"}, {"read"})
