"""Packs that share files with another one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from crispd.errors import PackCorrupt, PackMissing
from crispd.pack_manager.inventory import entry_of
from crispd.packs import locate
from crispd.packs.integrity import verify
from crispd.packs.manifest import read_manifest
from crispd.packs.pack import Pack, load_pack
from crispd.packs.shared_files import copy_pack

SHARED = ("text.onnx", "tokenizer.json", "fine.onnx")


@pytest.fixture
def other(folder: Path) -> Path:
    """A pack beside ``small`` that has its words and its fine stage from there."""
    other = shutil.copytree(folder, folder.parent / "other")
    manifest = other / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    for name in SHARED:
        (other / name).unlink()
        text = text.replace(f'path = "{name}"', f'path = "{name}"\npack = "small"')
    manifest.write_text(text, encoding="utf-8")
    return other


def _same(one: Path, pack: Pack) -> None:
    found = load_pack(one, index_threads=1, search_threads=1)
    text = found.text_encoder.encode("dog")
    assert np.array_equal(text.embedding, pack.text_encoder.encode("dog").embedding)
    assert found.reranker is not None


def test_a_file_of_the_pack_beside_it(other: Path, pack: Pack) -> None:
    verify(other, read_manifest(other))
    _same(other, pack)
    here = {path.name for path in other.iterdir()}
    size = sum((other / name).stat().st_size for name in here - {"pack.toml"})
    assert entry_of("other", other).download_mb == round(size / 2**20)


def test_a_file_of_a_pack_that_ships(
    other: Path, pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locate, "_PLACES", (other.parent,))
    _same(shutil.copytree(other, tmp_path / "elsewhere" / "other"), pack)


def test_a_file_of_its_own_goes_before(other: Path, folder: Path) -> None:
    shutil.copyfile(folder / "fine.onnx", other / "fine.onnx")
    (folder / "fine.onnx").write_bytes(b"another version")
    verify(other, read_manifest(other))


def test_a_copy_needs_no_other(other: Path, pack: Pack, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "other"
    copy_pack(other, alone, shutil.copyfile)
    shutil.rmtree(tmp_path / "small")
    _same(alone, pack)


def test_the_other_pack_is_gone(other: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    with pytest.raises(PackMissing, match=r"\.onnx is missing, and there is no pack small that"):
        verify(other, read_manifest(other))


def test_the_other_pack_is_of_another_version(other: Path, folder: Path) -> None:
    data = (folder / "text.onnx").read_bytes()
    (folder / "text.onnx").write_bytes(data[:-1] + b"\0")
    with pytest.raises(PackCorrupt, match=re.escape(f"{folder / 'text.onnx'} is damaged")):
        verify(other, read_manifest(other))


@pytest.mark.parametrize("name", ["../small", "", ".small", "a/b"])
def test_a_name_that_leads_elsewhere(other: Path, name: str) -> None:
    manifest = other / "pack.toml"
    text = manifest.read_text(encoding="utf-8").replace('pack = "small"', f'pack = "{name}"')
    manifest.write_text(text, encoding="utf-8")
    with pytest.raises(PackCorrupt, match="the name of another pack is expected"):
        read_manifest(other)
