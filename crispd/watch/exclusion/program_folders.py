"""Exclusion of folders that a program keeps for itself.

Walks ask with a listing at hand, which costs nothing more; events ask for a path, and the disk is
asked then, a few names for each folder on the way: every other second, and whenever a folder has
changed. A program that has just made its folder writes its marker next.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from crispd.watch.exclusion.app_folders import (
    CRISPD_DATA,
    CRISPD_OWN,
    entries_of,
    identify_by_content,
    identify_by_siblings,
    is_crispd_data,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.watch.exclusion.app_folders import Has

# Of the kernel: a root above them is the root of the whole machine.
_KERNEL = frozenset({"/proc", "/sys", "/dev"})
_BELIEVED_SECONDS = 2.0
# Clocks of file systems tick: the time of a folder that changed within the same tick is the same.
_SETTLED_NS = 2_000_000_000
_MOST_BELIEVED = 4096


class ExcludedFolders:
    """Of one root. Thread-safe. A root itself is never left out: somebody has named it.

    ``wanted``: folders that people want all the same (``!folder/`` in a ``.crispdignore``).
    """

    def __init__(self, root: str, wanted: Callable[[str], bool] = lambda _: False) -> None:
        self._root = root.rstrip("/")
        self._wanted = wanted
        self._believed: dict[str, tuple[float, int, str | None]] = {}

    def listed(self, folder: str, has: Has) -> str | None:
        """Whose a folder is that was just listed; None where it is to be walked."""
        whose = identify_by_content(_name(folder), self._full(folder), has) if folder else None
        # The data of a crispd is never wanted: its thumbnails would get thumbnails.
        return None if whose != CRISPD_DATA and whose and self._wanted(folder) else whose

    def child(self, path: str, beside: Has) -> str | None:
        """Whose the folder at ``path`` is, as far as its neighbours tell."""
        parent, _, name = path.rpartition("/")
        if self._full(path) in _KERNEL:
            return "files of the kernel"
        if not parent and name in CRISPD_OWN and is_crispd_data(beside):
            return f"{name} of crispd"
        whose = identify_by_siblings(_name(self._full(parent)), name, beside)
        return None if whose and self._wanted(path) else whose

    def folder(self, path: str) -> str | None:
        """Whose a relative folder is, or one that it lies in; None for those to be walked."""
        slash = path.find("/")
        while slash > 0:
            whose = self._ask(path[:slash])
            if whose is not None:
                return whose
            slash = path.find("/", slash + 1)
        return self._ask(path) if path else None

    def file(self, path: str) -> str | None:
        """Whose the folder is that a relative file lies in; None where it is to be taken."""
        return self.folder(path.rpartition("/")[0])

    def _ask(self, folder: str) -> str | None:
        now, changed = time.monotonic(), _changed_ns(self._full(folder))
        when, then, whose = self._believed.get(folder, (0.0, 0, None))
        if when and now - when < _BELIEVED_SECONDS and changed == then:
            return whose
        parent = folder.rpartition("/")[0]
        whose = self.child(folder, entries_of(self._full(parent) or "/"))
        whose = whose or self.listed(folder, entries_of(self._full(folder)))
        if 0 <= time.time_ns() - changed < _SETTLED_NS:
            return whose
        if len(self._believed) >= _MOST_BELIEVED:
            self._believed.clear()
        self._believed[folder] = now, changed, whose
        return whose

    def _full(self, folder: str) -> str:
        return f"{self._root}/{folder}" if folder else self._root


def _changed_ns(folder: str) -> int:
    """When something came into a folder or left it; 0 for one that is not there."""
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - names in any bytes
    except OSError:
        return 0


def _name(path: str) -> str:
    return path.rpartition("/")[2]
