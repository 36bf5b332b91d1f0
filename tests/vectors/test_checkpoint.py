"""The saved index, and every way in which it can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crispd.errors import IndexCorrupt
from crispd.vectors.checkpoint import (
    GRAPH_FILE,
    SIDECAR_FILE,
    VECTORS_FILE,
    IndexIdentity,
    load,
    save,
)
from crispd.vectors.index import VectorIndex
from tests.vectors.test_index import DIM, VECTORS

IDENTITY = IndexIdentity("database", "mini@1", DIM)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = VectorIndex(DIM)
    index.add(np.arange(50), VECTORS[:50])
    index.remove(np.arange(0, 50, 5))
    save(index, tmp_path, IDENTITY)
    return tmp_path


def opened(folder: Path, identity: IndexIdentity = IDENTITY) -> VectorIndex:
    return load(folder, identity)


def test_a_saved_index_comes_back_with_its_deletions(folder: Path) -> None:
    index = opened(folder)
    assert index.labels().tolist() == [n for n in range(50) if n % 5]
    assert 5 not in index.search(VECTORS[5], 40).labels
    index.add(np.array([5]), VECTORS[[5]])
    assert index.search(VECTORS[5], 1).labels.tolist() == [5]
    index.add(np.arange(50, 60), VECTORS[50:])
    save(index, folder, IDENTITY)
    assert len(opened(folder)) == 51


def test_nothing_else_is_left_in_the_folder(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {VECTORS_FILE, SIDECAR_FILE}


@pytest.mark.parametrize("name", [VECTORS_FILE, SIDECAR_FILE])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(IndexCorrupt):
        opened(folder)


@pytest.mark.parametrize(
    "identity",
    [
        IndexIdentity("other", "mini@1", DIM),
        IndexIdentity("database", "mini@2", DIM),
        IndexIdentity("database", "mini@1", DIM + 1),
    ],
)
def test_an_index_of_something_else(folder: Path, identity: IndexIdentity) -> None:
    with pytest.raises(IndexCorrupt, match="another"):
        opened(folder, identity)


def test_any_damage_to_the_vectors_is_seen(folder: Path) -> None:
    whole = (folder / VECTORS_FILE).read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], b"", whole + b"x"):
        (folder / VECTORS_FILE).write_bytes(damaged)
        with pytest.raises(IndexCorrupt, match="checksum"):
            opened(folder)
    for place in range(0, len(whole), len(whole) // 20):
        flipped = bytearray(whole)
        flipped[place] ^= 1
        (folder / VECTORS_FILE).write_bytes(bytes(flipped))
        with pytest.raises(IndexCorrupt, match="checksum"):
            opened(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 1}', '{"format": 99}'])
def test_a_damaged_sidecar(folder: Path, text: str) -> None:
    (folder / SIDECAR_FILE).write_text(text)
    with pytest.raises(IndexCorrupt):
        opened(folder)


def test_a_crash_between_the_two_renames(folder: Path) -> None:
    sidecar = (folder / SIDECAR_FILE).read_text()
    index = opened(folder)
    index.add(np.arange(50, 60), VECTORS[50:])
    save(index, folder, IDENTITY)
    (folder / SIDECAR_FILE).write_text(sidecar)  # the new vectors with the old sidecar
    with pytest.raises(IndexCorrupt, match="checksum"):
        opened(folder)


def test_a_sidecar_that_counts_wrong(folder: Path) -> None:
    sidecar = json.loads((folder / SIDECAR_FILE).read_text())
    sidecar["live"] += 1
    (folder / SIDECAR_FILE).write_text(json.dumps(sidecar))
    with pytest.raises(IndexCorrupt, match="sidecar"):
        opened(folder)


def test_a_disk_that_takes_only_half_leaves_the_old_index(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(folder)
    index.remove(np.array([1]))

    def half(write: Callable[[memoryview], object]) -> int:
        write(memoryview(b"half of it"))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index, "save", half)
    with pytest.raises(OSError, match="No space"):
        save(index, folder, IDENTITY)
    assert len(opened(folder)) == 40
    assert not list(folder.glob("*.part"))


def test_an_empty_index_is_saved_too(folder: Path) -> None:
    save(VectorIndex(DIM), folder, IDENTITY)
    index = opened(folder)
    assert len(index) == 0
    index.add(np.arange(3), VECTORS[:3])
    assert len(index) == 3


def test_what_changes_after_a_start_does_not_reach_the_file(folder: Path) -> None:
    whole = (folder / VECTORS_FILE).read_bytes()
    index = opened(folder)
    index.remove(np.array([1, 2]))
    index.add(np.arange(50, 60), VECTORS[50:])
    assert index.search(VECTORS[55], 1).labels.tolist() == [55]
    assert (folder / VECTORS_FILE).read_bytes() == whole


def test_the_graph_of_an_older_version_goes(folder: Path) -> None:
    (folder / GRAPH_FILE).write_bytes(b"graph")
    (folder / SIDECAR_FILE).write_text('{"format": 1}')
    with pytest.raises(IndexCorrupt, match="version"):
        opened(folder)
    save(VectorIndex(DIM), folder, IDENTITY)
    assert not (folder / GRAPH_FILE).exists()
