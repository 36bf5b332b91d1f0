"""Reading files of every kind of trouble."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from crispd.errors import PhotoTooLarge, PhotoUnreadable, PhotoUnsupported, PhotoVanished
from crispd.images.formats import is_candidate
from crispd.images.read import content_hash, read_file
from crispd.types import DecodeLimits

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = DecodeLimits(max_pixels=1, max_bytes=1000)


def test_bytes_and_stamp(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x" * 1000)
    data, stamp = read_file(str(path), LIMITS)
    assert data == b"x" * 1000
    assert (stamp.size, stamp.mtime_ns) == (1000, path.stat().st_mtime_ns)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with pytest.raises(PhotoUnreadable, match="empty") as caught:
        read_file(str(tmp_path / "a.jpg"), LIMITS)
    assert caught.value.code == "empty"


def test_a_file_beyond_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x" * 1001)
    with pytest.raises(PhotoTooLarge, match="max_file_mb"):
        read_file(str(tmp_path / "a.jpg"), LIMITS)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(PhotoVanished):
        read_file(str(tmp_path / "a.jpg"), LIMITS)


def test_a_pipe_and_a_folder_do_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    for name in ("pipe.jpg", "folder.jpg"):
        with pytest.raises(PhotoUnsupported, match="not a file"):
            read_file(str(tmp_path / name), LIMITS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(PhotoUnreadable, match="permission") as caught:
        read_file(str(path), LIMITS)
    assert caught.value.code == "permission"


def test_a_drive_that_fails() -> None:
    # Reading another process's memory at offset 0 is refused by the kernel with EIO.
    with pytest.raises((PhotoUnreadable, PhotoVanished)):
        read_file("/proc/self/mem", DecodeLimits(1, 2**40))


def test_content_hash_is_blake3() -> None:
    assert content_hash(b"").startswith("af1349b9f5f9a1a6a0404dea36dcc949")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jpg", True), ("A.JPEG", True), ("x.HeIc", True), ("a.b.avif", True), ("a.tiff", True),
        (".a.jpg", False), (".jpg", False), ("a.txt", False), ("jpg", False), ("a.jpg.part", False),
        ("~a.jpg", False), ("a.mp4", False),
    ],
)  # fmt: skip
def test_candidates(name: str, expected: bool) -> None:
    assert is_candidate(name) is expected
