"""A second network put into a finished image graph, and what its head learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")
onnx = pytest.importorskip("onnx")

import onnxruntime as ort  # noqa: E402
from onnx import helper  # noqa: E402
from torch.nn.functional import normalize  # noqa: E402
from train.packing.join import CAPTION, blend  # noqa: E402
from train.packing.quantise import store_as_bytes, store_as_half  # noqa: E402
from train.second.head import WIDTH, Head, SecondPlan, Taught, train_head  # noqa: E402

from tests.packs.small import save_graph  # noqa: E402

_PIXELS = {"pixels": (onnx.TensorProto.FLOAT, ["B", 3])}
_RNG = np.random.default_rng(3)


def _run(path: Path, pixels: np.ndarray) -> np.ndarray:
    found: np.ndarray = ort.InferenceSession(str(path)).run(None, {"pixels": pixels})[0]
    return found


def test_the_second_network_is_added_to_the_caption_part(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("LpNormalization", ["pixels"], [CAPTION], axis=-1, p=2),
        helper.make_node("Neg", [CAPTION], ["embedding"]),
    ]
    save_graph(tmp_path / "image.onnx", nodes, _PIXELS, ["embedding"], {})
    doubled = [helper.make_node("Add", ["pixels", "pixels"], ["means"])]
    save_graph(tmp_path / "second.onnx", doubled, _PIXELS, ["means"], {})
    weight, bias = (_RNG.normal(size=shape).astype(np.float32) for shape in ((3, 3), (3,)))
    blend(tmp_path / "image.onnx", tmp_path / "second.onnx", (weight, bias), 0.5)

    pixels = _RNG.normal(size=(4, 3)).astype(np.float32)
    told = 2 * pixels @ weight.T + bias
    unit = pixels / np.linalg.norm(pixels, axis=1, keepdims=True)
    wanted = unit + 0.5 * told / np.linalg.norm(told, axis=1, keepdims=True)
    wanted = -wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(_run(tmp_path / "image.onnx", pixels), wanted, atol=1e-5)


def test_a_graph_of_another_recipe_is_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("Neg", ["pixels"], ["embedding"])]
    for name, output in (("image.onnx", "embedding"), ("second.onnx", "embedding")):
        save_graph(tmp_path / name, nodes, _PIXELS, [output], {})
    with pytest.raises(ValueError, match="another recipe"):
        blend(tmp_path / "image.onnx", tmp_path / "second.onnx", (np.eye(3), np.zeros(3)), 0.5)


@pytest.mark.parametrize("halves", [True, False])
def test_large_weights_of_products_are_bytes(tmp_path: Path, halves: bool) -> None:
    path = tmp_path / "g.onnx"
    constants = {
        "a": _RNG.normal(size=(3, 65536)).astype(np.float32),
        "b": _RNG.normal(size=(2, 65536)).astype(np.float32),
        "c": _RNG.normal(size=(2,)).astype(np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["pixels", "a"], ["wide"]),
        helper.make_node("Gemm", ["wide", "b", "c"], ["out"], transB=1),
    ]
    save_graph(path, nodes, _PIXELS, ["out"], constants)
    pixels = _RNG.normal(size=(5, 3)).astype(np.float32)
    before = _run(path, pixels)
    if halves:
        store_as_half(path)
    store_as_bytes(path)
    assert path.stat().st_size < 65536 * 5 * 1.2 + 65536 * 4
    error = np.abs(_run(path, pixels) - before).max() / np.abs(before).max()
    assert error < 0.05


def _taught(photos: int = 96, kinds: int = 6) -> Taught:
    """Photos of a few kinds, half of them with a caption, half labelled; texts stand apart."""
    generator = torch.Generator().manual_seed(0)
    kind = [at % kinds for at in range(photos)]
    centres = torch.randn(kinds, WIDTH, generator=generator)
    means = centres[kind] + 0.1 * torch.randn(photos, WIDTH, generator=generator)
    classes = torch.full((photos, 1000), 1e-5)
    classes[torch.arange(photos), torch.tensor(kind)] = 0.99
    texts = normalize(torch.randn(1000, 256, generator=generator), dim=-1)
    human = [at < photos // 2 for at in range(photos)]
    names = torch.arange(1000).repeat(2, 1)
    return Taught(means, classes, [[each] for each in kind], human, texts, names)


def test_the_head_puts_photos_where_their_texts_are() -> None:
    taught = _taught()
    plan = replace(SecondPlan(), steps=60, captions=24, labels=24, named=24, warm_up=5)
    head = train_head(taught, plan)
    scores = head(taught.means) @ taught.texts[:6].T
    right = torch.tensor([rows[0] for rows in taught.told])
    assert (scores.argmax(1) == right).float().mean() > 0.95


def test_photos_without_words_and_a_recipe_without_labels_are_no_hindrance() -> None:
    taught = _taught()
    taught.human = [True] * len(taught.human)
    taught.told[0] = []
    train_head(taught, replace(SecondPlan(), steps=2, captions=24, named=24))


def test_the_folded_head_is_the_head() -> None:
    torch.manual_seed(0)
    means = torch.rand(20, WIDTH)
    head = Head(means).eval()
    weight, bias = head.folded()
    told = means.numpy() @ weight.T + bias
    unit = told / np.linalg.norm(told, axis=1, keepdims=True)
    np.testing.assert_allclose(head(means).detach().numpy(), unit, atol=1e-5)
