"""A folder is listed again when it has changed, and only then."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from crispd.ingest import directory_cache
from crispd.ingest.directory_cache import DirectoryCache

LATER = 10_000_000_000


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every folder that is listed."""
    folders: list[str] = []
    real = os.scandir

    def counted(path: str) -> object:
        folders.append(path)
        return real(path)

    monkeypatch.setattr(directory_cache.os, "scandir", counted)
    return folders


def test_pictures_and_raws_of_a_stem(tmp_path: Path) -> None:
    for name in ("IMG_1.CR2", "img_1.JPG", "img_2.jpg", "img_1.txt"):
        (tmp_path / name).touch()
    names = DirectoryCache()
    assert sorted(names.of(str(tmp_path), "")["img_1"]) == ["IMG_1.CR2", "img_1.JPG"]
    assert set(names.of(str(tmp_path), "")) == {"img_1", "img_2"}
    assert names.of(str(tmp_path), "gone") == {}


def test_a_folder_that_stays_is_listed_once(tmp_path: Path, listed: list[str]) -> None:
    (tmp_path / "a.jpg").touch()
    names = DirectoryCache(lambda: time.time_ns() + LATER)
    for _ in range(5):
        assert names.of(str(tmp_path), "")["a"] == ["a.jpg"]
    assert len(listed) == 1
    (tmp_path / "a.cr2").touch()
    assert sorted(names.of(str(tmp_path), "")["a"]) == ["a.cr2", "a.jpg"]
    assert len(listed) == 2


def test_a_folder_that_has_just_changed_is_not_believed_to_stay(
    tmp_path: Path, listed: list[str]
) -> None:
    (tmp_path / "a.jpg").touch()
    names = DirectoryCache()
    stat = tmp_path.stat()
    names.of(str(tmp_path), "")
    (tmp_path / "a.cr2").touch()
    os.utime(tmp_path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # within the same tick
    assert sorted(names.of(str(tmp_path), "")["a"]) == ["a.cr2", "a.jpg"]


def test_old_folders_are_forgotten(tmp_path: Path) -> None:
    names = DirectoryCache(lambda: time.time_ns() + LATER)
    for number in range(40):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "a.jpg").touch()
        assert names.of(str(tmp_path), f"{number}") == {"a": [f"{number}/a.jpg"]}
    assert len(names._known) <= 16
