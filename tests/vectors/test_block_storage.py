"""Where blocks of vectors lie."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from crispd.vectors.block_storage import ROWS, allocate_block
from crispd.vectors.matrix import QuantisedMatrix


def test_a_block_is_a_file_without_a_name(tmp_path: Path) -> None:
    block = allocate_block(64, tmp_path / "index")
    block.residual[-1] = 1
    assert block.coarse.shape == (ROWS, 64)
    assert block.residual[-1].sum() == 64
    assert list((tmp_path / "index").iterdir()) == []
    assert str(tmp_path) in Path("/proc/self/maps").read_text()


def test_a_disk_without_room_costs_nothing_but_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert allocate_block(64, tmp_path).coarse.shape == (ROWS, 64)
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()


def test_growing_over_blocks_keeps_every_vector(tmp_path: Path) -> None:
    matrix = QuantisedMatrix(8, tmp_path)
    vectors = np.random.default_rng(0).standard_normal((3 * ROWS, 8), dtype=np.float32)
    for start in range(0, len(vectors), 10_000):
        part = slice(start, start + 10_000)
        matrix.add(np.arange(len(vectors))[part], vectors[part])
    shuffled = np.random.default_rng(1).permutation(len(vectors))
    np.testing.assert_allclose(matrix.vectors_of(shuffled), vectors[shuffled], atol=1e-4)
    matrix.remove(5)  # the last of the third block takes its place
    np.testing.assert_allclose(
        matrix.vectors_of(np.array([len(vectors) - 1])), vectors[-1:], atol=1e-4
    )
    assert len(matrix) == len(vectors) - 1
