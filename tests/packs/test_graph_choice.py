"""Which graph is loaded on which processor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crispd.errors import PackCorrupt, PackMissing
from crispd.packs.manifest import GraphFiles
from crispd.packs.pack import load_pack
from crispd.packs.sessions import graph_choice
from crispd.packs.sessions.graph_choice import choose
from crispd.types import Precision
from tests.packs import small

BOTH = GraphFiles(file="any.onnx", int8_file="fast.onnx")


@pytest.mark.parametrize("fast", [True, False])
def test_dot_products(monkeypatch: pytest.MonkeyPatch, fast: bool) -> None:
    monkeypatch.setattr(graph_choice, "has_dot_product", lambda: fast)
    assert choose(BOTH, "auto") == ("fast.onnx" if fast else "any.onnx")
    assert (choose(BOTH, "int8"), choose(BOTH, "float")) == ("fast.onnx", "any.onnx")
    assert choose(GraphFiles(file="any.onnx"), "int8") == "any.onnx"


@pytest.mark.parametrize(
    ("machine", "file"),
    [("x86_64", "fast.onnx"), ("AMD64", "fast.onnx"), ("aarch64", "any.onnx")],
)
def test_int8_that_fits_in_16_bits_suits_every_x86(
    monkeypatch: pytest.MonkeyPatch, machine: str, file: str
) -> None:
    monkeypatch.setattr(graph_choice, "has_dot_product", lambda: False)
    monkeypatch.setattr(graph_choice.platform, "machine", lambda: machine)
    both = GraphFiles(file="any.onnx", int8_file="fast.onnx", int8_in_16_bits=True)
    assert choose(both, "auto") == file
    assert choose(both, "float") == "any.onnx"
    assert choose(GraphFiles(file="any.onnx", int8_in_16_bits=True), "auto") == "any.onnx"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A pack whose int8 image graph gives other tokens."""
    table = small.write_pack(tmp_path)
    small.image_graph(tmp_path / "image.int8.onnx", poison=1.0)
    table["image"]["int8_file"] = "image.int8.onnx"
    small.seal(tmp_path, table)
    return tmp_path


@pytest.mark.parametrize(("precision", "poisoned"), [("float", False), ("int8", True)])
def test_the_file_that_is_asked_for_is_loaded(
    two: Path, precision: Precision, poisoned: bool
) -> None:
    plain = small_tokens(two, "float")
    found = small_tokens(two, precision)
    assert (not np.array_equal(found, plain)) is poisoned


def small_tokens(folder: Path, precision: Precision) -> np.ndarray:
    pack = load_pack(folder, index_threads=1, search_threads=1, precision=precision)
    pixels = np.full((1, small.SIZE, small.SIZE, 3), 7, np.uint8)
    return pack.image_encoder.encode(pixels)[0].embedding


@pytest.mark.parametrize(
    ("precision", "poisoned"), [("float", False), ("int8", True), ("auto", True)]
)
def test_words_are_read_in_int8_unless_float_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: Precision, poisoned: bool
) -> None:
    monkeypatch.setattr(graph_choice, "has_dot_product", lambda: False)
    table = small.write_pack(tmp_path)
    small.text_graph(tmp_path / "text.int8.onnx", mirrored=True)
    table["text"]["int8_file"] = "text.int8.onnx"
    small.seal(tmp_path, table)
    found = [
        load_pack(tmp_path, index_threads=1, search_threads=1, precision=one)
        .text_encoder.encode("red")
        .embedding
        for one in ("float", precision)
    ]
    assert (not np.array_equal(*found)) is poisoned


def test_both_files_are_checked(two: Path) -> None:
    (two / "image.int8.onnx").write_bytes(b"x")
    with pytest.raises(PackCorrupt, match=r"image\.int8\.onnx"):
        load_pack(two, index_threads=1, search_threads=1, precision="float")
    (two / "image.int8.onnx").unlink()
    with pytest.raises((PackMissing, PackCorrupt), match=r"image\.int8\.onnx"):
        load_pack(two, index_threads=1, search_threads=1, precision="float")
