"""Only the user that crispd runs as reads what it knows of a house: 0700 and 0600.

The command line sets the umask, so what is made is private however crispd was started. What an
older version made is mended here, at each start; where a file system or its owner does not allow
that, the doctor says so.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

FOLDER, FILE = 0o700, 0o600
_OTHERS = 0o077
_FOLDERS = frozenset({"thumbnails", "index", "tls", "evaluations", "packs"})
# Folders in these may hold links to files that others use, such as those of an installed pack.
_SHALLOW = frozenset({"packs"})
_FILES = ("crispd.", ".crispd-data", "decoding", "local-token", "signing-key")


def make_private(folder: Path) -> threading.Thread | None:
    """Mend what others may read of a data folder. Thumbnails, 180,000 of them, in the background.

    The thread that does so; None where there is nothing for it to do.
    """
    names = _entries(folder)
    if names and not _is_shared(folder, names):
        _close(folder, FOLDER)
    elif names and is_open(folder):
        log.warning("%s holds more than crispd's data: who may read it is left as it is", folder)
    for name, is_folder in names.items():
        path = os.path.join(folder, name)  # noqa: PTH118 - by its name
        if not is_folder and name.startswith(_FILES):
            _close(path, FILE)
        elif is_folder and name in _SHALLOW:
            _close_files(path)
        elif is_folder and name in _FOLDERS - {"thumbnails"}:
            _close_tree(path)
    thumbnails = folder / "thumbnails"
    if not is_open(thumbnails):  # its mode is set last: what is in it was mended before
        return None
    mending = threading.Thread(
        target=_close_tree, args=(str(thumbnails),), name="crispd-private", daemon=True
    )
    mending.start()
    return mending


def is_open(path: Path) -> bool:
    """Whether others than the owner may do anything with a file or folder. False: not there."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def open_files(folder: Path) -> list[str]:
    """Names of crispd's own files and folders in a data folder that others may read."""
    ours = (name for name in _entries(folder) if name.startswith(_FILES) or name in _FOLDERS)
    return sorted(name for name in ours if is_open(folder / name))


def _entries(folder: Path) -> dict[str, bool]:
    """Names, and whether each is a folder; links are neither."""
    try:
        with os.scandir(folder) as entries:
            return {
                entry.name: entry.is_dir(follow_symlinks=False)
                for entry in entries
                if not entry.is_symlink()
            }
    except OSError:
        return {}


def _is_shared(folder: Path, names: dict[str, bool]) -> bool:
    """Whether somebody else may need the folder: photos, or other programs, are in it as well."""
    known = (*_FILES, ".")
    foreign = [
        name
        for name, is_folder in names.items()
        if not name.startswith(known)
        and not (name in {*_FOLDERS, "lost+found"} if is_folder else ".sqlite3" in name)
    ]
    return bool(foreign) or bool(folder.stat().st_mode & stat.S_ISVTX)


def _close_tree(top: str) -> None:
    """Files first and folders after what is in them, so that a kill leaves what is begun again."""
    for path, is_folder in _below(top):
        _close(path, FOLDER if is_folder else FILE)
    _close(top, FOLDER)


def _close_files(folder: str) -> None:
    """A folder and the files right in it."""
    for name, is_folder in _entries(Path(folder)).items():
        if not is_folder:
            _close(os.path.join(folder, name), FILE)  # noqa: PTH118 - by its name
    _close(folder, FOLDER)


def _below(top: str) -> Iterator[tuple[str, bool]]:
    for place, _, names in os.walk(top, topdown=False):
        for name in names:
            yield os.path.join(place, name), False  # noqa: PTH118 - 180,000 of them
        if place != top:
            yield place, True


def _close(path: Path | str, mode: int) -> None:
    """Where it is open to others, and ours. Links are left alone."""
    with contextlib.suppress(OSError):
        found = os.lstat(path)
        if found.st_mode & _OTHERS and not stat.S_ISLNK(found.st_mode):
            os.chmod(path, mode)  # noqa: PTH101 - either kind of path
