"""What of a stamp outlives the next mount, by the kind of file system."""

from __future__ import annotations

import pytest

from crispd.types import FileStamp
from crispd.watch.volumes import StableStamps


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("ext4", (3, 4)), ("btrfs", (3, 4)), ("nfs4", (3, 4)), ("", (3, 4)),
        ("exfat", (None, None)), ("vfat", (None, None)),
        ("cifs", (3, None)), ("fuse.mergerfs", (3, None)), ("fuseblk", (3, None)),
    ],
)  # fmt: skip
def test_what_is_kept(kind: str, kept: tuple[int | None, int | None]) -> None:
    found = StableStamps(lambda: {9: kind}).lasting(FileStamp(1, 2, 0, 3, 4, 9))
    assert (found.ctime_ns, found.inode) == kept
    assert (found.content, found.device) == ((1, 2), None)


def test_the_table_is_not_read_for_each_file() -> None:
    asked: list[int] = []

    def kinds() -> dict[int, str]:
        asked.append(1)
        return {9: "vfat"}

    volumes = StableStamps(kinds)
    for _ in range(3):
        volumes.lasting(FileStamp(1, 2, 0, 3, 4, 9))
        volumes.lasting(FileStamp(1, 2, 0, 3, 4, 77))  # of a subvolume: in no table
    assert len(asked) == 1


def test_what_is_not_known_fits() -> None:
    now = FileStamp(1, 2, 0, 3, 4, 5)
    assert FileStamp(1, 2).fits(now)
    assert FileStamp(1, 2, 0, 3, 4).fits(now)
    assert FileStamp(1, 2, 0, 3).fits(now)
    assert not FileStamp(1, 2, 0, 9, 4).fits(now)
    assert not FileStamp(1, 2, 0, 3, 9).fits(now)
    assert not FileStamp(1, 9, 0, 3, 4).fits(now)
    assert not FileStamp(1, 2, 7, 3, 4).fits(now)
    assert FileStamp(1, 2, 7, 3, 4).alone_fits(now)
