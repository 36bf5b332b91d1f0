"""Constants beside a graph are the same constants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from crispd.packs.foreign import write_manifest
from crispd.packs.foreign.externalise import externalise
from crispd.packs.foreign.graph_file import read_graph
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import load_pack
from crispd.packs.sessions.runtime import open_session
from tests.packs.foreign import published

TABLE = np.random.default_rng(0).standard_normal((900, 7)).astype(np.float32)
SECOND = np.arange(9000, dtype=np.int64)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source" / "graph.onnx"
    published.save(
        path,
        [helper.make_node("Gather", ["table", "second"], ["rows"]),
         helper.make_node("Gather", ["rows", "x"], ["y"])],
        {"x": ("int64", ["N"])}, {"y": ("float32", None)},
        {"small": np.ones(3, np.float32), "table": TABLE, "second": SECOND % 900},
    )  # fmt: skip
    return path


def test_the_graph_is_the_same(source: Path, tmp_path: Path) -> None:
    graph, weights = tmp_path / "graph.onnx", tmp_path / "graph.onnx.weights"
    assert externalise(source, graph, weights)
    before, after = onnx.load(source), onnx.load(graph)
    for old, new in zip(before.graph.initializer, after.graph.initializer, strict=True):
        assert old.name == new.name
        assert np.array_equal(numpy_helper.to_array(old), numpy_helper.to_array(new))
    for model in (before, after):
        del model.graph.initializer[:]
    assert before == after
    assert graph.stat().st_size < 2000
    read = read_graph(graph)
    assert read.external == {weights.name: weights.stat().st_size}
    assert read.weights == read_graph(source).weights
    x = np.array([3, 899, 8999])
    both = [open_session(path, 1).run(None, {"x": x})[0] for path in (source, graph)]
    assert np.array_equal(*both)


def test_small_ones_stay_and_nothing_is_written(tmp_path: Path) -> None:
    published.immich(tmp_path)
    graph = tmp_path / "visual/model.onnx"
    assert not externalise(graph, tmp_path / "graph.onnx", tmp_path / "weights")
    assert not (tmp_path / "weights").exists()


def test_what_is_read_is_never_written_to(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    (tmp_path / "graph.onnx").hardlink_to(source)
    externalise(source, tmp_path / "graph.onnx", tmp_path / "weights")
    assert source.read_bytes() == before


@pytest.mark.usefixtures("in_process")
def test_a_pack_has_them_beside_and_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    published.siglip(folder)
    write_manifest(folder, tmp_path / "1")
    monkeypatch.setattr("crispd.packs.foreign.externalise._LEAST", 64)
    write_manifest(folder, tmp_path / "2")
    first, second = read_manifest(tmp_path / "1"), read_manifest(tmp_path / "2")
    assert "onnx/text_model.onnx.weights" in {one.path for one in second.files}
    assert first.id == second.id
    packs = [load_pack(tmp_path / name, index_threads=1, search_threads=1) for name in ("1", "2")]
    some, same = (pack.text_encoder.encode("a dog").embedding for pack in packs)
    assert np.array_equal(some, same)
