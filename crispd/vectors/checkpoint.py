"""Checkpoints of the index: a file, written beside and renamed, and a sidecar that names its
database and pack.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.errors import IndexCorrupt
from crispd.vectors.exact import ExactScorer
from crispd.vectors.graph import EF_CONSTRUCTION, Graph, M
from crispd.vectors.graph_file import stored_vectors
from crispd.vectors.index import VectorIndex

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
GRAPH_FILE = "index.hnsw"
SIDECAR_FILE = "index.json"
DUPLICATES_FILE = "duplicates.npz"  # of search/duplicates
# Files of the index's folder that mean nothing beside another database.
LABEL_FILES = (GRAPH_FILE, SIDECAR_FILE, DUPLICATES_FILE)


@dataclass(frozen=True, slots=True)
class IndexIdentity:
    """What an index file belongs to: with another database or pack its labels mean nothing."""

    database_id: str
    pack: str
    dim: int


def save(index: VectorIndex, folder: Path, identity: IndexIdentity) -> None:
    """Replace the saved index. A crash at any point leaves the old one, or one that ``load``
    refuses: the sidecar comes last and holds the checksum of the graph. Raises OSError and leaves
    no half file then: the disk may be full.
    """
    folder.mkdir(exist_ok=True)  # a data folder that was taken away is not made anew
    try:
        _save(index, folder, identity)
    except OSError:
        for name in (GRAPH_FILE, SIDECAR_FILE):
            (folder / f"{name}.part").unlink(missing_ok=True)
        raise


def _save(index: VectorIndex, folder: Path, identity: IndexIdentity) -> None:
    partial = folder / f"{GRAPH_FILE}.part"
    live, dead = index.save_graph(str(partial))
    sidecar = {
        "format": FORMAT,
        "identity": asdict(identity),
        "m": M,
        "ef_construction": EF_CONSTRUCTION,
        "live": live,
        "dead": dead,
        "bytes": partial.stat().st_size,
        "blake2b": _checksum(partial),
    }
    replace_durably(partial, folder / GRAPH_FILE)
    partial = folder / f"{SIDECAR_FILE}.part"
    partial.write_text(json.dumps(sidecar), encoding="utf-8")
    replace_durably(partial, folder / SIDECAR_FILE)


def load(folder: Path, identity: IndexIdentity, *, exact_below: int) -> VectorIndex:
    """The saved index. Raises IndexCorrupt where it is missing, stale or damaged.

    hnswlib trusts its file blindly, so it sees only one whose checksum holds.
    """
    sidecar = _read_sidecar(folder / SIDECAR_FILE)
    if sidecar.get("format") != FORMAT or sidecar.get("identity") != asdict(identity):
        raise IndexCorrupt("the saved index belongs to another database, pack or version")
    if (sidecar.get("m"), sidecar.get("ef_construction")) != (M, EF_CONSTRUCTION):
        raise IndexCorrupt("the saved index was built with other parameters")
    path = folder / GRAPH_FILE
    try:
        whole = path.stat().st_size == sidecar["bytes"] and _checksum(path) == sidecar["blake2b"]
        if not whole:
            raise IndexCorrupt("the saved index does not match its checksum")
        graph = Graph.load(str(path), identity.dim, set(sidecar["dead"]))
    except (OSError, RuntimeError, KeyError, TypeError) as error:
        raise IndexCorrupt(f"the saved index cannot be read: {error}") from error
    if len(graph.live) != sidecar.get("live"):
        raise IndexCorrupt("the saved index does not hold what its sidecar says")
    vectors = _vectors_of(path, graph, folder)
    return VectorIndex(
        identity.dim, exact_below=exact_below, graph=graph, vectors=vectors, folder=folder
    )


def _vectors_of(path: Path, graph: Graph, folder: Path) -> ExactScorer | None:
    """What ``graph`` holds alive, read from its file; None where the file is built otherwise."""
    try:
        stored = stored_vectors(path, graph.dim)
    except OSError:
        return None
    if stored is None:
        return None
    labels, vectors = stored
    live = np.isin(labels, np.fromiter(graph.live, dtype=np.int64, count=len(graph.live)))
    found = ExactScorer(graph.dim, folder)
    found.add(labels[live], vectors[live])
    sample = found.labels[:: max(len(found) // 8, 1)].copy()
    same = np.array_equal(found.vectors_of(sample), graph.vectors(sample))
    return found if same and len(found) == len(graph.live) else None


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
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


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
