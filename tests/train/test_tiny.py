"""The smaller pack: what is taken out of a graph, and what is learnt in its place."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")
onnx = pytest.importorskip("onnx")

import onnxruntime as ort  # noqa: E402
from onnx import helper  # noqa: E402
from train.data.photos import Photo  # noqa: E402
from train.objects.parts import sides  # noqa: E402
from train.packing.join import CAPTION, KEPT, blend, join, without_added  # noqa: E402
from train.second.head import WIDTH  # noqa: E402
from train.second.make_tiny import SeenByMeans, fit_objects, objects_of, put_objects  # noqa: E402

from tests.packs.small import save_graph  # noqa: E402

_PIXELS = {"pixels": (onnx.TensorProto.FLOAT, ["B", 3])}
_RNG = np.random.default_rng(4)


def _run(path: Path, pixels: np.ndarray) -> list[np.ndarray]:
    found: list[np.ndarray] = ort.InferenceSession(str(path)).run(None, {"pixels": pixels})
    return found


def _graph(path: Path) -> None:
    """One whose caption part is its pixels at unit length, with means of the untouched branch."""
    nodes = [
        helper.make_node("LpNormalization", ["pixels"], [CAPTION], axis=-1, p=2),
        helper.make_node("MatMul", ["pixels", "wide"], [KEPT]),
        helper.make_node("Neg", [CAPTION], ["embedding"]),
        helper.make_node("Identity", [KEPT], ["tokens"]),
    ]
    wide = _RNG.normal(size=(3, WIDTH)).astype(np.float32)
    save_graph(path, nodes, _PIXELS, ["embedding", "tokens"], {"wide": wide})


def test_what_was_added_is_taken_out(tmp_path: Path) -> None:
    path, pixels = tmp_path / "image.onnx", _RNG.normal(size=(4, 3)).astype(np.float32)
    _graph(path)
    before = _run(path, pixels)
    doubled = [helper.make_node("Add", ["pixels", "pixels"], ["means"])]
    save_graph(tmp_path / "second.onnx", doubled, _PIXELS, ["means"], {})
    blend(path, tmp_path / "second.onnx", (np.eye(3), np.ones(3)), 0.5)
    told = [helper.make_node("Sigmoid", ["pixels"], ["part"])]
    save_graph(tmp_path / "objects.onnx", told, _PIXELS, ["part"], {})
    join(path, tmp_path / "objects.onnx", 0.5)
    assert _run(path, pixels)[0].shape == (4, 6)
    without_added(path)
    for found, wanted in zip(_run(path, pixels), before, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    names = {name for node in onnx.load(str(path)).graph.node for name in node.output}
    assert not any(name.startswith(("second/", "objects/")) for name in names)


def test_means_that_a_graph_has_are_mapped(tmp_path: Path) -> None:
    path, pixels = tmp_path / "image.onnx", _RNG.normal(size=(4, 3)).astype(np.float32)
    _graph(path)
    caption, means = (np.asarray(each) for each in _run(path, pixels))
    weight = _RNG.normal(size=(3, WIDTH)).astype(np.float32)
    blend(path, KEPT, (weight, np.zeros(3)), 2.0)
    told = means @ weight.T
    wanted = -caption + 2 * told / np.linalg.norm(told, axis=1, keepdims=True)
    wanted = -wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(_run(path, pixels)[0], wanted, atol=1e-4)


def test_objects_are_learnt_from_means(tmp_path: Path) -> None:
    means = torch.from_numpy(_RNG.normal(size=(60, WIDTH)).astype(np.float32))
    wanted = torch.zeros(60, 80)
    wanted[::3, 16] = 0.9
    means[::3, 5] += 8
    objects = fit_objects(means, wanted)
    part = objects(means)
    assert part.shape == (60, 80)
    assert part[::3, 16].min() > 0 > part[1::3, 16].max()
    graph = tmp_path / "image.onnx"
    _graph(graph)
    put_objects(objects, graph, tmp_path)
    pixels = _RNG.normal(size=(5, 3)).astype(np.float32)
    embedding, tokens = _run(graph, pixels)
    np.testing.assert_allclose(embedding[:, 3:], objects(torch.from_numpy(tokens)), atol=1e-5)


def test_objects_are_a_part_as_those_of_a_detector_are() -> None:
    side = sides(0.035)[0]
    weight = torch.from_numpy(_RNG.normal(size=(WIDTH, 80)).astype(np.float32))
    bias = torch.from_numpy(_RNG.normal(size=80).astype(np.float32))
    for size in (0.001, 0.02, 1.0):  # of what is told: short, and longer than the longest
        means = size * torch.from_numpy(_RNG.normal(size=(6, WIDTH)).astype(np.float32))
        found, wanted = SeenByMeans(weight, bias, side)(means), side(means @ weight + bias)
        torch.testing.assert_close(found, wanted, atol=2e-4, rtol=1e-3)


def test_how_sure_the_detector_was(tmp_path: Path) -> None:
    rows = [
        {"collection": name, "image": "b.jpg", "objects": objects}
        for name, objects in (
            ("everyday", [["dog", 0.6, 0.1], ["dog", 0.8, 0.2]]),
            ("strangers", [["cat", 0.9, 0.1]]),
        )
    ]  # fmt: skip
    (tmp_path / "objects.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    names = ("a.jpg", "b.jpg")
    photos = [Photo(tmp_path / "everyday" / "images" / name, "train", (), False) for name in names]
    found = objects_of(tmp_path, photos)
    assert found.sum() == found[1, 16] == pytest.approx(0.8)
