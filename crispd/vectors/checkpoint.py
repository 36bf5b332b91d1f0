"""Checkpoints of the index: a file, written beside and renamed, and a sidecar that names its
database and pack.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from blake3 import blake3

from crispd.errors import IndexCorrupt
from crispd.vectors.block_storage import ROWS, VectorBlock
from crispd.vectors.index import VectorIndex
from crispd.vectors.matrix import QuantisedMatrix

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.vectors.workers import Workers

FORMAT = 2
VECTORS_FILE = "vectors.bin"
SIDECAR_FILE = "index.json"
DUPLICATES_FILE = "duplicates.npz"  # of search/duplicates
GRAPH_FILE = "index.hnsw"  # of format 1
# Files of the index's folder that mean nothing beside another database.
LABEL_FILES = (VECTORS_FILE, SIDECAR_FILE, DUPLICATES_FILE, GRAPH_FILE)


@dataclass(frozen=True, slots=True)
class IndexIdentity:
    """What an index file belongs to: with another database or pack its labels mean nothing."""

    database_id: str
    pack: str
    dim: int


def save(index: VectorIndex, folder: Path, identity: IndexIdentity) -> None:
    """Replace the saved index. A crash at any point leaves the old one, or one that ``load``
    refuses: the sidecar comes last and holds the checksum of the vectors. Raises OSError and leaves
    no half file then: the disk may be full.
    """
    folder.mkdir(exist_ok=True)  # a data folder that was taken away is not made anew
    try:
        _save(index, folder, identity)
    except OSError:
        for name in (VECTORS_FILE, SIDECAR_FILE):
            (folder / f"{name}.part").unlink(missing_ok=True)
        raise


def _save(index: VectorIndex, folder: Path, identity: IndexIdentity) -> None:
    partial, checksum = folder / f"{VECTORS_FILE}.part", blake3()

    with partial.open("wb") as file:

        def write(part: memoryview) -> None:
            checksum.update(part)
            file.write(part)

        live = index.save(write)
    sidecar = {
        "format": FORMAT,
        "identity": asdict(identity),
        "live": live,
        "blake3": checksum.hexdigest(),
    }
    replace_durably(partial, folder / VECTORS_FILE)
    partial = folder / f"{SIDECAR_FILE}.part"
    partial.write_text(json.dumps(sidecar), encoding="utf-8")
    replace_durably(partial, folder / SIDECAR_FILE)
    (folder / GRAPH_FILE).unlink(missing_ok=True)


def load(folder: Path, identity: IndexIdentity, workers: Workers | None = None) -> VectorIndex:
    """The saved index, mapped: the kernel reads of it what is used, and what changes stays in
    memory. ``workers``: as ``VectorIndex`` has them. Raises IndexCorrupt where it is missing, stale
    or damaged.
    """
    sidecar = _read_sidecar(folder / SIDECAR_FILE)
    if sidecar.get("format") != FORMAT or sidecar.get("identity") != asdict(identity):
        raise IndexCorrupt("the saved index belongs to another database, pack or version")
    path, live = folder / VECTORS_FILE, sidecar.get("live")
    try:
        if _checksum(path) != sidecar.get("blake3"):
            raise IndexCorrupt("the saved index does not match its checksum")
        record = np.dtype(np.int64).itemsize + np.dtype(np.float32).itemsize + 2 * identity.dim
        if not isinstance(live, int) or path.stat().st_size != live * record:
            raise IndexCorrupt("the saved index does not hold what its sidecar says")
        matrix = _matrix(path, live, identity.dim, folder, workers)
    except (OSError, ValueError) as error:
        raise IndexCorrupt(f"the saved index cannot be read: {error}") from error
    return VectorIndex(identity.dim, vectors=matrix, folder=folder)


def _matrix(
    path: Path, live: int, dim: int, folder: Path, workers: Workers | None
) -> QuantisedMatrix:
    if not live:
        return QuantisedMatrix(dim, folder, workers=workers)
    # a private mapping: what is written to it never reaches the file
    data = np.memmap(path, np.uint8, "c")
    labels, scales, numbers = np.split(data, [8 * live, 12 * live])
    coarse, residual = np.asarray(numbers).view(np.int8).reshape(2, live, dim)
    blocks = [
        VectorBlock(coarse[start : start + ROWS], residual[start : start + ROWS])
        for start in range(0, live, ROWS)
    ]
    return QuantisedMatrix(
        dim, folder, labels.view(np.int64).copy(), scales.view(np.float32).copy(), blocks, workers
    )


def _read_sidecar(path: Path) -> dict[str, Any]:
    try:
        sidecar = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise IndexCorrupt("there is no saved index") from error
    except (OSError, ValueError) as error:
        raise IndexCorrupt(f"the saved index has no readable sidecar: {error}") from error
    if not isinstance(sidecar, dict):
        raise IndexCorrupt("the saved index has no readable sidecar")
    return sidecar


def _checksum(path: Path) -> str:
    return blake3().update_mmap(path).hexdigest()


def replace_durably(partial: Path, final: Path) -> None:
    """Rename durably: the file's bytes reach the disk before its name, and the name before us."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(final)
    folder = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
