"""A disk that fills up, as statvfs tells it."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from crispd.store.data_dir.free_space import FreeSpace
from crispd.thumbnails.cache import ThumbnailCache

MB = 2**20


@pytest.mark.parametrize(
    ("whole", "free", "waits"),
    [
        # a large disk keeps 64 MB and wants 96 before it goes on
        (100_000 * MB, [65, 63, 80, 95, 97, 65], [False, True, True, True, False, False]),
        # of a small one a twentieth
        (100 * MB, [6, 4, 6, 8], [False, True, True, False]),
    ],
)
def test_a_reserve_with_some_slack(
    monkeypatch: pytest.MonkeyPatch, whole: int, free: list[int], waits: list[bool]
) -> None:
    space, left = FreeSpace(Path("/data")), iter(free)

    def statvfs(_path: object) -> object:
        return SimpleNamespace(f_bavail=next(left) * MB, f_frsize=1, f_blocks=whole)

    monkeypatch.setattr(os, "statvfs", statvfs)
    assert [space.scarcity() is not None for _ in free] == waits


def test_a_folder_that_is_not_there() -> None:
    assert FreeSpace(Path("/nowhere/at/all")).scarcity() is None


def test_thumbnails_that_cannot_be_kept_are_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "thumbnails").write_text("a file where the folder should be")
    cache = ThumbnailCache(tmp_path / "thumbnails", [320])
    for number in range(5):
        cache.put(f"{number}" * 64, 320, b"jpeg")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
