"""Storage of a growing matrix: in memory while small, then in an unnamed file.

The kernel can drop a file's pages when memory is short and read them again later. A copy of all
vectors in anonymous memory would stay for good.
"""

from __future__ import annotations

import logging
import mmap
import tempfile
from typing import TYPE_CHECKING

import numpy as np

from crispd.platform.open_files import reserve

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.types import Floats

log = logging.getLogger(__name__)

_IN_MEMORY_BYTES = 8 * 2**20


def allocate_matrix(rows: int, dim: int, folder: Path | None) -> Floats:
    """float32 [rows, dim], of any content. In a file below ``folder`` where it is large.

    Without a folder, or where its disk has no room, in memory.
    """
    size = rows * dim * 4
    if folder is None or size <= _IN_MEMORY_BYTES:
        return np.empty((rows, dim), np.float32)
    try:
        return np.frombuffer(_mapped(size, folder), np.float32).reshape(rows, dim)
    except OSError as error:
        log.warning("the vectors are kept in memory: %s", error)
        return np.empty((rows, dim), np.float32)


def _mapped(size: int, folder: Path) -> mmap.mmap:
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        # Writing to a page that the disk has no room for would kill the process (SIGBUS).
        reserve(file.fileno(), size)
        return mmap.mmap(file.fileno(), size)
