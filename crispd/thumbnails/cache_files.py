"""The files of the thumbnail cache: ``480px/ab/abcd….jpg``, by size and hash."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = tuple(f"{number:02x}" for number in range(256))
_BLOCK = 4096


@dataclass(frozen=True, slots=True, order=True)
class CachedFile:
    """``used``: when it was last read, to about a day, in seconds since 1970."""

    used: float
    path: Path = field(compare=False)
    bytes: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Bytes of a file system: all, and those that are free for us."""

    whole: int
    free: int


class CacheFolders:
    """Paths, writing and listing. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = secrets.token_hex(4)  # of this process: a number of it comes again

    def path(self, size: int, content_hash: str) -> Path:
        """Where a JPEG lies or would lie."""
        return self._folder / f"{size}px" / content_hash[:2] / f"{content_hash}.jpg"

    def write(self, size: int, content_hash: str, jpeg: bytes) -> int:
        """Write a JPEG, whole or not at all; the bytes of the one that was there. OSError."""
        path = self.path(size, content_hash)
        # Two threads may make the same one: each has a temporary name of its own.
        temporary = path.with_name(f"{path.name}.{threading.get_ident()}-{self._mark}.part")
        try:
            try:
                temporary.write_bytes(jpeg)
            except FileNotFoundError:
                # Not what is above: the data folder may have been taken away, and is not made anew.
                for folder in (self._folder, path.parent.parent, path.parent):
                    folder.mkdir(exist_ok=True)
                temporary.write_bytes(jpeg)
            before = blocks(path.stat().st_size) if path.exists() else 0
            os.replace(temporary, path)  # noqa: PTH105 - the same call, named as POSIX names it
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        return before

    def sizes(self) -> list[int]:
        """Those that have a folder."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208
        except OSError:
            return []
        sizes = (name.removesuffix("px") for name in names if name.endswith("px"))
        return sorted(int(size) for size in sizes if size.isdecimal())

    def files(self, size: int, name: str) -> Iterator[CachedFile]:
        """What lies in one of the folders. Half files, left by a kill, are deleted on the way."""
        folder = self._folder / f"{size}px" / name
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # gone meanwhile
                    found = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(".part"):
                        if not entry.name.endswith(f"-{self._mark}.part"):
                            os.unlink(entry.path)  # noqa: PTH108
                    elif entry.is_file(follow_symlinks=False):
                        yield CachedFile(found.st_mtime, folder / entry.name, blocks(found.st_size))

    def adopt(self, size: int) -> None:
        """Take over what crispd kept before there were sizes: thumbnails/ab/abcd….jpg."""
        for name in FOLDERS:
            old, new = self._folder / name, self._folder / f"{size}px" / name
            with contextlib.suppress(OSError):
                if old.is_dir() and not new.exists():
                    new.parent.mkdir(exist_ok=True)
                    old.rename(new)

    def disk(self) -> DiskSpace:
        """The file system that it lies on."""
        for folder in (self._folder, *self._folder.parents):
            with contextlib.suppress(OSError):
                found = os.statvfs(folder)
                return DiskSpace(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)
        return DiskSpace(0, 0)


def blocks(size: int) -> int:
    """What a file of ``size`` bytes takes on the disk."""
    return -(-size // _BLOCK) * _BLOCK


def mebibytes(count: int) -> int:
    """Whole ones."""
    return round(count / 2**20)
