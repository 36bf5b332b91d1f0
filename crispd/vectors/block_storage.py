"""Storage of blocks of vectors: in memory, or in a file without a name.

The kernel can drop a file's pages when memory is short and read them again later. A copy of all
vectors in anonymous memory would stay for good.
"""

from __future__ import annotations

import logging
import mmap
import tempfile
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crispd.platform.open_files import reserve

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.vectors.quantise import Bytes

log = logging.getLogger(__name__)

ROWS = 16_384  # a block: 15 MB of mini


class VectorBlock(NamedTuple):
    """``coarse`` and ``residual`` numbers int8 [n, dim], n at most ``ROWS``."""

    coarse: Bytes
    residual: Bytes


def allocate_block(dim: int, folder: Path | None) -> VectorBlock:
    """``ROWS`` rows, of any content. In a file below ``folder``.

    Without a folder, or where its disk has no room, in memory.
    """
    size = 2 * ROWS * dim
    if folder is not None:
        try:
            return _block(np.frombuffer(_mapped(size, folder), np.int8), dim)
        except OSError as error:
            log.warning("the vectors are kept in memory: %s", error)
    return _block(np.empty(size, np.int8), dim)


def _block(numbers: Bytes, dim: int) -> VectorBlock:
    coarse, residual = numbers.reshape(2, ROWS, dim)
    return VectorBlock(coarse, residual)


def _mapped(size: int, folder: Path) -> mmap.mmap:
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        # Writing to a page that the disk has no room for would kill the process (SIGBUS).
        reserve(file.fileno(), size)
        return mmap.mmap(file.fileno(), size)
