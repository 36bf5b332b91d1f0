"""XMP sidecars: which files they are, and how their changes show."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

from crispd.watch.links import folder_links, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_EXTENSION = ".xmp"
_SPELLINGS = (_EXTENSION, ".XMP")


def is_sidecar(name: str) -> bool:
    """Whether a file may belong to a photo, by its name."""
    return name.lower().endswith(_EXTENSION) and not name.startswith(".")


def sidecars_of(root: str, path: str) -> list[str]:
    """Paths of those of a photo that are there: ``NAME.jpg.xmp``, then ``NAME.xmp``."""
    return [name for name, _ in _present(root, path)]


def sidecar_stamp(root: str, path: str) -> int:
    """A number that changes when any sidecar of a photo comes, changes or goes; 0 without any."""
    found = [
        (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        for _, status in _present(root, path)
    ]
    if not found:
        return 0
    digest = hashlib.blake2b(repr(found).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1 or 1  # SQLite's integers have a sign


def photos_beside(root: str, path: str, extensions: Iterable[str]) -> Iterator[str]:
    """Paths that the sidecar at ``path``, there or not, may belong to; of those that are there."""
    whole = path[: -len(_EXTENSION)]
    names = [whole]
    for extension in extensions:
        names += [whole + extension, whole + extension.upper(), whole + extension.title()]
    for name in names:
        if os.path.lexists(f"{root.rstrip('/')}/{name}"):
            yield name


def file_status(root: str, path: str) -> os.stat_result | None:
    """Of a regular file that counts at this path, None where there is none.

    Through links only as a walk goes: one that was put on the way since must not lead out of the
    root, nor make a second photo of one that is there by itself.
    """
    try:
        status = os.lstat(f"{root.rstrip('/')}/{path}")
    except OSError:
        return None
    if stat.S_ISLNK(status.st_mode) or folder_links(root, path):
        target = target_of(root, path)
        if not target.shown_file or target.status is None:
            return None
        status = target.status
    return status if stat.S_ISREG(status.st_mode) else None


def _present(root: str, path: str) -> Iterator[tuple[str, os.stat_result]]:
    stem = path[: -len(path.rpartition("/")[2])] + path.rpartition("/")[2].rpartition(".")[0]
    for whole in (path, stem):
        for extension in _SPELLINGS:
            status = file_status(root, whole + extension)
            if status is not None:
                yield whole + extension, status
                break
