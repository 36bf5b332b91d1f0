"""Packs are changed without harm to a service that has a second name for their files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper
from train.packing.graph_file import read_graph, write_graph
from train.packing.shared_weights import share_weights
from train.running.atomic import copied, rewrite

from tests.packs.small import save_graph

_LARGE = np.arange(4000, dtype=np.float32).reshape(40, 100)


@pytest.fixture
def served(tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """A pack of one graph with its constants beside it, and another name for each of its files."""
    pack, kept = tmp_path / "pack", tmp_path / "kept"
    pack.mkdir()
    kept.mkdir()
    nodes = [helper.make_node("MatMul", ["x", "large"], ["y"])]
    save_graph(
        pack / "a.onnx", nodes, {"x": (TensorProto.FLOAT, ["B", 40])}, ["y"], {"large": _LARGE}
    )
    share_weights([pack / "a.onnx"], pack / "a.weights")
    (pack / "pack.toml").write_text("before")
    for path in pack.iterdir():
        os.link(path, kept / path.name)
    return pack, {path.name: path.read_bytes() for path in kept.iterdir()}


def _large(graph: Path) -> np.ndarray:
    (found,) = read_graph(graph).graph.initializer
    return np.asarray(numpy_helper.to_array(found))


def test_a_graph_is_read_whose_constants_have_another_name(
    served: tuple[Path, dict[str, bytes]],
) -> None:
    pack, _ = served
    np.testing.assert_array_equal(_large(pack / "a.onnx"), _LARGE)


def test_what_a_service_keeps_stays_when_its_pack_is_changed(
    served: tuple[Path, dict[str, bytes]],
) -> None:
    pack, kept = served
    model = read_graph(pack / "a.onnx")
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(2 * _LARGE, "large"))
    write_graph(model, pack / "a.onnx")
    share_weights([pack / "a.onnx"], pack / "a.weights")
    copied(pack / "a.onnx", pack / "pack.toml")
    rewrite(pack / "pack.toml", "after")
    np.testing.assert_array_equal(_large(pack / "a.onnx"), 2 * _LARGE)
    folder = pack.parent / "kept"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
    assert sorted(path.name for path in pack.iterdir()) == ["a.onnx", "a.weights", "pack.toml"]


def test_a_finished_pack_is_put_beside_what_a_service_keeps(
    served: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason="the recipe's requirements are not installed")
    from train.packing.pack import swap_in

    pack, kept = served
    made = tmp_path / "made"
    made.mkdir()
    for name in kept:
        (made / name).write_bytes(b"new")
    swap_in(made, pack)
    assert {path.read_bytes() for path in pack.iterdir()} == {b"new"}
    folder = pack.parent / "kept"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
