"""What the detector's files become, and two graphs as one."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")
onnx = pytest.importorskip("onnx")

import onnxruntime as ort  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402
from train.objects import add_objects, nanodet  # noqa: E402
from train.objects.asked import ObjectWords  # noqa: E402
from train.objects.judge import JudgePlan, Read, train_judge  # noqa: E402
from train.objects.parts import UNSEEN, Asked, sides, weighed  # noqa: E402
from train.packing.export import quietly  # noqa: E402
from train.packing.join import join  # noqa: E402

from crispd.packs.manifest import read_manifest  # noqa: E402
from tests.packs import small  # noqa: E402


def _graph(entries: list[tuple[str, np.ndarray]]) -> dict[str, object]:
    weights = [
        {
            "name": name, "shape": list(value.shape), "dtype": "float32",
            "quantization": {"dtype": str(value.dtype)},
        }
        for name, value in entries
    ]  # fmt: skip
    valid = {"padding": {"s": base64.b64encode(b"VALID").decode()}}
    nodes = [
        {"op": "Const", "name": "kernel"},
        {"op": "Placeholder", "name": "input_1"},
        {"op": "Pad", "name": "padded", "input": ["input_1", "pads"]},
        {"op": "Transpose", "name": "last", "input": ["padded", "perm"]},
        {
            "op": "Conv2D", "name": "conv", "input": ["last", "kernel"],
            "attr": {**valid, "strides": {"list": {"i": ["1", "2", "2", "1"]}}},
        },
        {"op": "Add", "name": "biased", "input": ["conv", "bias"]},
        {"op": "LeakyRelu", "name": "out", "input": ["biased"], "attr": {"alpha": {"f": 0.1}}},
        {"op": "Reshape", "name": "beyond", "input": ["out", "shape"]},
    ]  # fmt: skip
    return {"modelTopology": {"node": nodes}, "weightsManifest": [{"weights": weights}]}


def test_a_tensorflow_graph_runs_with_channels_first(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(3, 3, 2, 4)).astype(np.float16)
    bias = rng.normal(size=4).astype(np.float16)
    pads = np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32)
    entries = [
        ("kernel", kernel),
        ("bias", bias),
        ("pads", pads),
        ("perm", np.arange(4, dtype=np.int32)),
    ]
    (tmp_path / "w.bin").write_bytes(b"".join(value.tobytes() for _, value in entries))
    graph = _graph(entries)
    constants = nanodet.read_weights(graph, tmp_path / "w.bin")
    found = nanodet.steps(graph["modelTopology"]["node"], constants)  # type: ignore[index]
    assert [step.kind for step in found] == ["pad", "same", "conv", "bias", "leaky"]
    model = nanodet.NanoDet.__new__(nanodet.NanoDet)
    nn.Module.__init__(model)
    plain = torch.from_numpy(constants["kernel"].transpose(3, 2, 0, 1).copy())
    model.weights = nn.ParameterDict({"kernel": plain, "bias": torch.from_numpy(constants["bias"])})
    values = {"input_1": torch.randn(1, 2, 8, 8)}
    for step in found:
        values[step.makes] = model._run(step, values)
    wanted = functional.conv2d(values["input_1"], plain, model.weights["bias"], stride=2, padding=1)
    assert torch.allclose(values["out"], functional.leaky_relu(wanted, 0.1), atol=1e-5)


def test_a_file_of_another_length_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(b"12345678901")
    with pytest.raises(ValueError, match="11 bytes"):
        nanodet.read_weights(_graph([("bias", np.zeros(4, np.float16))]), tmp_path / "w.bin")


def test_a_joined_score_is_the_weighted_sum_of_both() -> None:
    torch.manual_seed(0)
    weight, (photo, text) = 0.02, sides(0.02)
    photos, asked = torch.randn(6, 80), weighed(torch.rand(4, 80), torch.ones(80))
    photos[:, UNSEEN] = 0
    assert asked.norm(dim=1).max() < 1
    one, other = photo(photos / 2), text(asked)
    assert one.shape == (6, 80)
    assert torch.allclose(one.norm(dim=1) ** 2, torch.full((6,), photo.share), atol=1e-5)
    wanted = weight * asked @ (photos / 2).T * (1 - photo.share)
    assert torch.allclose(other @ one.T, wanted, atol=1e-4)


def test_what_captions_speak_of_weighs_less() -> None:
    often = torch.zeros(80)
    often[16] = 0.25
    weights = Asked(often).weights
    assert weights[[0, 16, 17]].tolist() == pytest.approx([0.3, 1 / 3.5, 1])


def test_graphs_become_one(tmp_path: Path) -> None:
    class Plain(nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            hidden = torch.tanh(x)
            return functional.normalize(hidden, dim=-1), hidden

    plain, more = tmp_path / "plain.onnx", tmp_path / "more.onnx"
    names = {"x": {0: "B"}, "embedding": {0: "B"}, "hidden": {0: "B"}, "part": {0: "B"}}
    with quietly():
        torch.onnx.export(
            Plain(), (torch.randn(2, 4),), str(plain), dynamo=False, opset_version=17,
            input_names=["x"], output_names=["embedding", "hidden"], dynamic_axes=names,
        )  # fmt: skip
        torch.onnx.export(
            nn.Linear(4, 3), (torch.randn(2, 4),), str(more), dynamo=False, opset_version=17,
            input_names=["hidden"], output_names=["part"], dynamic_axes=names,
        )  # fmt: skip
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    before = ort.InferenceSession(str(plain)).run(None, {"x": x})
    part = ort.InferenceSession(str(more)).run(None, {"hidden": before[1]})[0]
    join(plain, more, 0.5)
    embedding, hidden = ort.InferenceSession(str(plain)).run(["embedding", "hidden"], {"x": x})
    assert embedding == pytest.approx(np.concatenate([before[0] * 0.5, part], 1), abs=1e-6)
    assert hidden == pytest.approx(before[1])


def test_a_text_asks_by_its_words() -> None:
    model = Asked().eval()
    words, mask = torch.randn(2, 5, 96), torch.ones(2, 5)
    mask[0, 3:] = 0
    longer = torch.cat([words, torch.randn(2, 2, 96)], 1)
    wider = torch.cat([mask, torch.zeros(2, 2)], 1)
    assert torch.allclose(model(words, mask), model(longer, wider), atol=1e-6)


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("A Puppy with a frisbee.", {"dog", "frisbee"}),
        ("two hot dogs", {"hot dog"}),
        ("a hot summer dog", {"dog"}),
        ("a jet ski at sunset", set()),
        ("", set()),
    ],
)
def test_words_ask_for_objects(text: str, classes: set[str]) -> None:
    lines = (add_objects.HERE / "object_words.tsv").read_text(encoding="utf-8").splitlines()[1:]
    names = [line.split("\t")[0] for line in lines]
    assert len(names) == nanodet.CLASSES + 1
    asked = ObjectWords.read().asked(text)
    assert {names[at] for at in np.flatnonzero(asked)} == classes


def test_a_judge_learns_what_tokens_ask_for() -> None:
    rng = np.random.default_rng(0)
    meaning = rng.normal(size=(3, 96))
    spoken = [rng.integers(0, 3, rng.integers(1, 5)) for _ in range(200)] + [np.empty(0, int)]
    asked = np.zeros((201, nanodet.CLASSES), np.float32)
    for row, words in enumerate(spoken):
        asked[row, words[words > 0]] = 1  # the first word asks for nothing
    read = Read.of([meaning[words] for words in spoken], asked)
    judge = train_judge(read, JudgePlan(steps=150, texts=64, warm_up=10))
    words, mask, wanted = read.batch(np.array([3, 200, 7]))
    found = judge.logits(words, mask).sigmoid()
    assert torch.allclose(found, wanted, atol=0.2)
    assert found[1].max() < 0.2


def test_a_pack_with_objects_is_told_so(tmp_path: Path) -> None:
    small.write_pack(tmp_path)
    before = read_manifest(tmp_path)
    add_objects.put_in(tmp_path, 0.2)
    found = read_manifest(tmp_path)
    assert found.dim == before.dim + 80
    assert found.question is None  # fitted anew, over a background that has objects
    assert found.fine is not None
    assert before.fine is not None
    assert found.fine.coarse_weight == pytest.approx(before.fine.coarse_weight / 0.8)
    assert found.calibration.coarse_scale == pytest.approx(before.calibration.coarse_scale / 0.8)
    assert found.calibration.scale == before.calibration.scale
