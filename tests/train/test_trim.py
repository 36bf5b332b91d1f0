"""A trimmed graph says what it said, with fewer steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")
onnx = pytest.importorskip("onnx")

import onnxruntime as ort  # noqa: E402
from onnx import helper  # noqa: E402
from train.fine.network import REGIONS  # noqa: E402
from train.packing.trim import trim  # noqa: E402

from tests.packs.small import save_graph  # noqa: E402

_RNG = np.random.default_rng(5)


def _nodes() -> list:
    return [
        helper.make_node("ReduceMean", ["maps"], ["means"], axes=[1], keepdims=0),
        helper.make_node("ReduceMean", ["maps"], ["others"], axes=[2], keepdims=0),
        helper.make_node("ReduceL2", ["means"], ["length"], axes=[-1], keepdims=1),
        helper.make_node("Shape", ["means"], ["shape"]),
        helper.make_node("Expand", ["length", "shape"], ["grown"]),
        helper.make_node("Div", ["means", "grown"], ["unit"]),
    ]


@pytest.mark.parametrize("photos", [1, 3])
def test_it_says_the_same(tmp_path: Path, photos: int) -> None:
    path = tmp_path / "g.onnx"
    maps = {"maps": (onnx.TensorProto.FLOAT, ["B", REGIONS, 16])}
    save_graph(path, _nodes(), maps, ["unit", "means", "others"], {})
    values = {"maps": _RNG.normal(size=(photos, REGIONS, 16)).astype(np.float32)}
    before = ort.InferenceSession(str(path)).run(None, values)
    trim(path)
    for found, wanted in zip(
        ort.InferenceSession(str(path)).run(None, values), before, strict=True
    ):
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    kinds = [node.op_type for node in onnx.load(str(path)).graph.node]
    assert kinds.count("ReduceMean") == 1
    assert not {"Expand", "Shape"} & set(kinds)
