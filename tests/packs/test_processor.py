"""Which graph is loaded on which processor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crispd.errors import PackCorrupt, PackMissing
from crispd.packs import processor
from crispd.packs.manifest import GraphFiles
from crispd.packs.pack import load_pack
from crispd.packs.processor import choose, flags
from crispd.types import Precision
from tests.packs import small

BOTH = GraphFiles("any.onnx", "fast.onnx")
# As the kernel writes them, cut to a few of each.
ICE_LAKE = "processor\t: 0\nflags\t\t: fpu sse4_2 avx2 avx512f avx512_vnni\n\nprocessor\t: 1\n"
HASWELL = "flags\t\t: fpu sse4_2 avx2 bmi2\n"
PI_4 = "processor\t: 0\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU part\t: 0xd08\n"
PI_5 = "Features\t: fp asimd evtstrm aes crc32 atomics fphp asimdhp asimddp\n"


@pytest.mark.parametrize(
    ("cpuinfo", "fast"),
    [
        (ICE_LAKE, True),
        (HASWELL, False),
        (PI_4, False),
        (PI_5, True),
        (PI_5 + "\n" + PI_4, False),  # big and little cores
        ("", False),
        ("flags", False),
    ],
)
def test_dot_products(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpuinfo: str, fast: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "cpuinfo")
    processor.has_dot_product.cache_clear()
    assert processor.has_dot_product() is fast
    assert choose(BOTH, "auto") == ("fast.onnx" if fast else "any.onnx")
    assert (choose(BOTH, "int8"), choose(BOTH, "float")) == ("fast.onnx", "any.onnx")
    assert choose(GraphFiles("any.onnx", None), "int8") == "any.onnx"
    processor.has_dot_product.cache_clear()


def test_flags_are_what_all_cores_have() -> None:
    assert flags(PI_5 + "\n" + PI_4) == {"fp", "asimd", "evtstrm", "crc32"}


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


def test_both_files_are_checked(two: Path) -> None:
    (two / "image.int8.onnx").write_bytes(b"x")
    with pytest.raises(PackCorrupt, match=r"image\.int8\.onnx"):
        load_pack(two, index_threads=1, search_threads=1, precision="float")
    (two / "image.int8.onnx").unlink()
    with pytest.raises((PackMissing, PackCorrupt), match=r"image\.int8\.onnx"):
        load_pack(two, index_threads=1, search_threads=1, precision="float")
