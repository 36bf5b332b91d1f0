"""Where a large matrix lies."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from crispd.vectors.exact import ExactScorer
from crispd.vectors.matrix_storage import allocate_matrix


def test_a_large_matrix_is_a_file_without_a_name(tmp_path: Path) -> None:
    room = allocate_matrix(40_000, 64, tmp_path / "index")
    room[-1] = 1
    assert room[-1].sum() == 64
    assert list((tmp_path / "index").iterdir()) == []
    assert str(tmp_path) in Path("/proc/self/maps").read_text()


def test_a_disk_without_room_costs_nothing_but_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert allocate_matrix(40_000, 64, tmp_path).shape == (40_000, 64)
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()


def test_growing_into_the_file_keeps_every_vector(tmp_path: Path) -> None:
    scorer = ExactScorer(64, tmp_path)
    vectors = np.random.default_rng(0).standard_normal((70_000, 64), dtype=np.float32)
    for start in range(0, 70_000, 10_000):
        part = slice(start, start + 10_000)
        scorer.add(np.arange(70_000)[part], vectors[part])
    np.testing.assert_array_equal(scorer.vectors_of(np.arange(70_000)), vectors)
