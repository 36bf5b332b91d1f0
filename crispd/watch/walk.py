"""A walk of a root: every candidate with its stamp, and what could not be seen."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.types import FileStamp, FoundFile
from crispd.watch.exclusions import is_excluded_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.watch.ignore import Ignore


@dataclass(slots=True)
class Walk:
    """One walk below ``folder`` of a root; iterate it once, then read ``unseen`` and ``folders``.

    What ``ignore`` matches is passed over.

    ``unseen`` holds relative folders that could not be listed, with the reason: what SQLite knows
    below them must not be taken for deleted.
    """

    root: str
    is_candidate: Callable[[str], bool]
    folder: str = ""
    ignore: Ignore | None = None
    unseen: dict[str, str] = field(default_factory=dict)
    folders: int = 0

    def __iter__(self) -> Iterator[FoundFile]:
        # A stack instead of recursion: folders nest deeper than Python's stack on some backups.
        waiting = [self.folder]
        while waiting:
            folder = waiting.pop()
            yield from self._list(folder, waiting)

    def _list(self, folder: str, waiting: list[str]) -> Iterator[FoundFile]:
        try:
            with os.scandir(_join(self.root, folder)) as entries:
                self.folders += 1
                for entry in entries:
                    found = self._visit(folder, entry, waiting)
                    if found is not None:
                        yield found
        except OSError as error:
            self.unseen[folder] = error.strerror or str(error)

    def _visit(self, folder: str, entry: os.DirEntry[str], waiting: list[str]) -> FoundFile | None:
        path = f"{folder}/{entry.name}" if folder else entry.name
        try:
            # Links are not followed: what they point to inside the root is found by itself, a
            # loop has no end, and what lies outside was not given to us to look at.
            if entry.is_dir(follow_symlinks=False):
                if not is_excluded_folder(entry.name) and not self._ignores_folder(path):
                    waiting.append(path)
                return None
            if not self.is_candidate(entry.name) or self._ignores_file(path):
                return None
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return None  # gone between listing and looking
        if not stat.S_ISREG(status.st_mode):
            return None
        return FoundFile(path, FileStamp.of(status))

    def _ignores_folder(self, path: str) -> bool:
        return self.ignore is not None and self.ignore.folder(path)

    def _ignores_file(self, path: str) -> bool:
        return self.ignore is not None and self.ignore.file(path)


def stamp_of(root: str, path: str) -> FileStamp | None:
    """Stamp of a regular file, None where there is none.

    Links are not followed, neither the file nor a folder on the way: one that became a link since
    it was walked must not lead out of the root.
    """
    try:
        status = os.lstat(_join(root, path))
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or _has_link(root, path):
        return None
    return FileStamp.of(status)


def _has_link(root: str, path: str) -> bool:
    """Whether any folder between the root and the file is a link."""
    slash = path.find("/")
    while slash > 0:
        if os.path.islink(f"{root}/{path[:slash]}"):  # noqa: PTH114 - names in any bytes
            return True
        slash = path.find("/", slash + 1)
    return False


def _join(root: str, path: str) -> str:
    return f"{root}/{path}" if path else root
