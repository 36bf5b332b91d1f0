"""The folders of a root that are watched: those that walks enter, and no others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crispd.watch.exclusion.app_folders import MARKERS
from crispd.watch.exclusion.excluded_names import in_excluded_folder, is_excluded_folder
from crispd.watch.exclusion.ignore_file import NAME as IGNORE_FILE
from crispd.watch.exclusion.program_folders import ExcludedFolders
from crispd.watch.walk import is_folder

if TYPE_CHECKING:
    from collections.abc import Callable


class FolderSelection:
    """Of one root. ``passed_over`` and ``left_out``: folders beside those that never are walked."""

    def __init__(
        self,
        root: str,
        passed_over: Callable[[str], bool] = lambda _: False,
        left_out: ExcludedFolders | None = None,
    ) -> None:
        self.root = root
        self._passed_over = passed_over
        self._left_out = left_out or ExcludedFolders(root)

    def full_path(self, folder: str) -> str:
        """The absolute path of a relative folder."""
        return f"{self.root}/{folder}" if folder else self.root

    def inside(self, folder: str) -> list[str]:
        """Folders in a relative folder, links to some among them. Raises OSError."""
        with os.scandir(self.full_path(folder)) as listing:
            entries = {entry.name: entry for entry in listing}
        if self._left_out.listed(folder, entries.__contains__):
            return []
        found = [
            (f"{folder}/{entry.name}" if folder else entry.name, entry.is_symlink())
            for entry in entries.values()
            if entry.is_symlink() or entry.is_dir(follow_symlinks=False)
        ]
        return [
            path
            for path, linked in found
            if self._is_entered(path)
            and not self._left_out.child(path, entries.__contains__)
            and (not linked or is_folder(self.root, path))
        ]

    def wants(self, folder: str) -> bool:
        """Of a folder that was not met in a listing: the disk is asked what lies around it."""
        return self._is_entered(folder) and not self._left_out.folder(folder)

    def _is_entered(self, folder: str) -> bool:
        name = folder.rpartition("/")[2]
        return not is_excluded_folder(name) and not self._passed_over(folder)


def is_visible(path: str) -> bool:
    """Whether a path is neither hidden nor in a folder that is never walked. What marks the folder
    of a program is seen, hidden or not.
    """
    if path == IGNORE_FILE:
        return True
    return not in_excluded_folder(path if is_marker(path) else path + "/")


def is_marker(path: str) -> bool:
    """Whether a file of that name says whose the folder is that it lies in."""
    return path.rpartition("/")[2] in MARKERS
