"""Folders that lie, are damaged, or mean harm: refused with the reason, and nothing is left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from crispd.errors import PackError
from crispd.packs.foreign import describe, examine, write_manifest
from crispd.packs.foreign.graph_file import read_graph
from tests.packs.foreign import published
from tests.packs.foreign.published import CONTEXT, SIZE


def _external(folder: Path, location: str, length: int | None = None) -> None:
    """Constants of the text encoder elsewhere."""
    path = folder / "textual/model.onnx"
    model = onnx.load(path)
    tensor = next(one for one in model.graph.initializer if one.name == "table")
    onnx.external_data_helper.set_external_data(tensor, location, 0, length or len(tensor.raw_data))
    tensor.ClearField("raw_data")
    path.write_bytes(model.SerializeToString())


def _settings(folder: Path, name: str, change: dict[str, object]) -> None:
    path = folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


def _short(folder: Path) -> None:
    _external(folder, "some")
    (folder / "textual/some").write_bytes(b"1")


def _written(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text) and None


def _cut(folder: Path) -> None:
    path = folder / "visual/model.onnx"
    path.write_bytes(path.read_bytes()[:-40])


def _image(**more: object) -> Callable[[Path], None]:
    given = {"name": "image", "batch": 1, "output": "embedding", **more}
    return lambda folder: published.image_graph(folder / "visual/model.onnx", **given)


def _text(**more: object) -> Callable[[Path], None]:
    given = {"name": "text", "kind": "int32", "length": CONTEXT, "output": "embedding", **more}
    return lambda folder: published.text_graph(folder / "textual/model.onnx", **given)


def _operator(folder: Path) -> None:
    node = helper.make_node("Steal", ["image"], ["embedding"], domain="evil.example")
    published.save(
        folder / "visual/model.onnx", [node], {"image": ("float32", [1, 3, SIZE, SIZE])},
        {"embedding": ("float32", [1, 8])}, {}, domains=("", "evil.example"),
    )  # fmt: skip


def _hidden_operator(folder: Path) -> None:
    """The same inside of a branch."""
    inner = helper.make_graph(
        [helper.make_node("Steal", ["image"], ["stolen"], domain="evil.example")], "inner", [],
        [helper.make_tensor_value_info("stolen", TensorProto.FLOAT, None)],
    )  # fmt: skip
    node = helper.make_node("If", ["yes"], ["embedding"], then_branch=inner, else_branch=inner)
    published.save(
        folder / "visual/model.onnx", [node], {"image": ("float32", [1, 3, SIZE, SIZE])},
        {"embedding": ("float32", [1, 8])}, {"yes": np.array(True)}, domains=("", "evil.example"),
    )  # fmt: skip


LIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "constants outside": (lambda folder: _external(folder, "../../secret"), "outside of its"),
    "constants at a root": (lambda folder: _external(folder, "/etc/passwd"), "outside of its"),
    "constants missing": (lambda folder: _external(folder, "gone"), "'gone' with its constants"),
    "constants short": (_short, "too short"),
    "constants shrunk": (lambda folder: _external(folder, "config", 4), "of 192 bytes has 4"),
    "cut off": (_cut, "damaged, or no ONNX file"),
    "empty": (_written("visual/model.onnx", ""), "is empty"),
    "text": (_written("visual/model.onnx", "<html>"), "no ONNX"),
    "an operator": (_operator, "'evil.example', which onnxruntime does not have"),
    "an operator inside": (_hidden_operator, "'evil.example'"),
    "sizes": (_image(dim=5), "vectors of 5 numbers and the text encoder of 8"),
    "no squares": (
        lambda folder: _settings(folder, "visual/preprocess_cfg.json", {"size": [16, 32]}),
        "32 x 16 are no squares",
    ),
    "another size": (
        lambda folder: _settings(folder, "visual/preprocess_cfg.json", {"size": 224}),
        "takes 16 pixels, and the settings say 224",
    ),
    "a fit": (
        lambda folder: _settings(folder, "visual/preprocess_cfg.json", {"resize_mode": "zoom"}),
        "resize_mode 'zoom' is not known",
    ),
    "a billion tokens": (_text(length=10**9), "1000000000 tokens a text; crispd takes 3 to 4096"),
    "no vector": (_text(pool="none"), "no graph that crispd can take for the text encoder"),
    "settings": (_written("config.json", "[" * 100_000), "cannot be read"),
    "no tokenizer": (
        lambda folder: (folder / "textual/tokenizer.json").unlink(), "holds no tokenizer",
    ),
    "a tokenizer": (_written("textual/tokenizer.json", '{"model": {}}'), "no tokenizer that"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_nothing_has_to_run_to_refuse(tmp_path: Path, name: str) -> None:
    spoil, reason = LIES[name]
    published.immich(tmp_path)
    spoil(tmp_path)
    with pytest.raises(PackError, match=reason):
        describe(tmp_path)
    with pytest.raises(PackError, match=reason):
        write_manifest(tmp_path, tmp_path / "pack")
    assert not list(tmp_path.rglob("pack.toml"))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_image(poison=float("nan")), "not all vectors of finite numbers"),
        (_image(to_dim=np.zeros((12, 8), np.float32)), "have the length 0"),
        (_image(poison=1e30), "the same vector whatever it is given"),
        (_text(length=CONTEXT - 1), None),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("in_process")
def test_what_only_a_run_tells(
    tmp_path: Path, spoil: Callable[[Path], None], reason: str | None
) -> None:
    published.immich(tmp_path)
    spoil(tmp_path)
    if reason is None:  # the graph knows how long texts are
        write_manifest(tmp_path, tmp_path)
        return
    with pytest.raises(PackError, match=reason):
        write_manifest(tmp_path, tmp_path)
    assert not list(tmp_path.rglob("pack.toml"))


def _endless(folder: Path) -> None:
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["on"]),
         helper.make_node("Add", ["state", "state"], ["next"])],
        "body",
        [helper.make_tensor_value_info("round", TensorProto.INT64, []),
         helper.make_tensor_value_info("going", TensorProto.BOOL, []),
         helper.make_tensor_value_info("state", TensorProto.FLOAT, ["B", 8])],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, []),
         helper.make_tensor_value_info("next", TensorProto.FLOAT, ["B", 8])],
    )  # fmt: skip
    node = helper.make_node
    nodes = [node("Flatten", ["image"], ["flat"]), node("MatMul", ["flat", "to_dim"], ["first"]),
             node("Loop", ["rounds", "yes", "first"], ["embedding"], body=body)]  # fmt: skip
    published.save(
        folder / "visual/model.onnx", nodes, {"image": ("float32", [1, 3, SIZE, SIZE])},
        {"embedding": ("float32", [1, 8])},
        {"rounds": np.array(2**62), "yes": np.array(True),
         "to_dim": np.ones((3 * SIZE * SIZE, 8), np.float32)},
    )  # fmt: skip


def _greedy(folder: Path) -> None:
    node = helper.make_node
    fill = helper.make_tensor("value", TensorProto.FLOAT, [1], [1.0])
    nodes = [node("ConstantOfShape", ["huge"], ["ones"], value=fill),
             node("ReduceSum", ["ones"], ["sum"], keepdims=0),
             node("Flatten", ["image"], ["flat"]), node("MatMul", ["flat", "to_dim"], ["first"]),
             node("Add", ["first", "sum"], ["embedding"])]  # fmt: skip
    published.save(
        folder / "visual/model.onnx", nodes, {"image": ("float32", [1, 3, SIZE, SIZE])},
        {"embedding": ("float32", [1, 8])},
        {"huge": np.array([10**12]), "to_dim": np.ones((3 * SIZE * SIZE, 8), np.float32)},
    )  # fmt: skip


def test_a_graph_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine, "_BASE_SECONDS", 2)
    published.immich(tmp_path)
    _endless(tmp_path)
    with pytest.raises(PackError, match=r"did not come to an end|crash onnxruntime"):
        write_manifest(tmp_path, tmp_path)
    assert not list(tmp_path.rglob("pack.toml"))


def test_a_graph_that_wants_all_memory(tmp_path: Path) -> None:
    published.immich(tmp_path)
    _greedy(tmp_path)
    with pytest.raises(
        PackError, match=r"bad_alloc|bad allocation|memory|crash|Failed to allocate"
    ):
        write_manifest(tmp_path, tmp_path)


def test_a_process_of_its_own_says_the_same(tmp_path: Path) -> None:
    published.siglip(tmp_path)
    found = describe(tmp_path)
    seen = examine.examine(tmp_path, found.table, found.bytes)
    assert (seen.dim, seen.length, seen.int8_agrees) == (8, CONTEXT, None)
    assert np.linalg.norm(seen.neutral.astype(np.float32), axis=1) == pytest.approx(1, abs=1e-2)


@pytest.mark.parametrize(
    "said",
    ["", "null", "[]", '{"dim": 8}', '{"error": "no"}',
     '{"dim": 8, "max_batch": 1, "length": 0, "int8_agrees": null, "image_ms": 1, "text_ms": 1,'
     ' "memory_mb": 1, "neutral": [[1]]}'],
)  # fmt: skip
def test_what_no_honest_process_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """A graph that takes the process over could write anything at all."""

    class Done:
        stdout = said.encode()
        returncode = -11

    monkeypatch.setattr(examine.subprocess, "run", lambda *_, **__: Done)
    with pytest.raises(PackError, match=r"cannot be used|crash onnxruntime"):
        examine.examine(tmp_path, {}, 1)


def test_a_file_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    """Constants beside a graph are looked at by their size alone."""
    published.immich_next(tmp_path)
    path = tmp_path / "visual/model.onnx"
    model = onnx.load(path, load_external_data=False)
    tensor = next(one for one in model.graph.initializer if one.name == "to_dim")
    tensor.dims[:] = [3 * 2**30 // 8, 8]
    entry = next(one for one in tensor.external_data if one.key == "length")
    entry.value = str(12 * 2**30)
    path.write_bytes(model.SerializeToString())
    with (tmp_path / "visual/model.onnx.data").open("r+b") as stream:
        stream.truncate(13 * 2**30)  # sparse
    assert read_graph(path).bytes > 12 * 2**30
