"""Files that are not those the manifest names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crispd.errors import PackCorrupt, PackMissing
from crispd.packs.integrity import verify
from crispd.packs.manifest import read_manifest
from tests.packs import small

if TYPE_CHECKING:
    from pathlib import Path


def test_a_whole_pack(small_folder: Path) -> None:
    verify(small_folder, read_manifest(small_folder))


def test_a_missing_file(folder: Path) -> None:
    (folder / "text.onnx").unlink()
    with pytest.raises(PackMissing, match=r"text\.onnx is missing. Install the pack again"):
        verify(folder, read_manifest(folder))


def test_a_flipped_bit(folder: Path) -> None:
    data = bytearray((folder / "image.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "image.onnx").write_bytes(data)
    with pytest.raises(PackCorrupt, match=r"image\.onnx is damaged .* checksum does not hold"):
        verify(folder, read_manifest(folder))


def test_a_file_cut_short(folder: Path) -> None:
    data = (folder / "fine.onnx").read_bytes()
    (folder / "fine.onnx").write_bytes(data[:-7])
    size = len(data)
    with pytest.raises(PackCorrupt, match=rf"fine\.onnx .* {size - 7} bytes instead of {size}"):
        verify(folder, read_manifest(folder))


def test_a_folder_in_place_of_a_file(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").mkdir()
    with pytest.raises(PackCorrupt, match=r"tokenizer\.json cannot be read"):
        verify(folder, read_manifest(folder))


def test_a_file_without_a_checksum(folder: Path) -> None:
    table = small.manifest_table()
    table["text"]["file"] = "other.onnx"
    small.seal(folder, table)
    with pytest.raises(PackCorrupt, match=r"no checksum for other\.onnx"):
        verify(folder, read_manifest(folder))
