"""How many of the nearest of a library the coarse stage finds, with a graph and without."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common.report import say
from crispd.vectors import checkpoint
from crispd.vectors.checkpoint import IndexIdentity
from crispd.vectors.graph_building import GraphBuilding

if TYPE_CHECKING:
    from crispd.packs.pack import Pack
    from crispd.types import Floats, Labels
    from crispd.vectors.index import VectorIndex

_AT_ONCE = 8192
_GIGABYTE = 2**30


def measured(library: Path, pack: Pack, texts: list[str], count: int) -> dict[str, Any]:
    """``count`` nearest of each text, and of each of as many photos, by float32 from SQLite."""
    database = library / "crispd.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        (identity,) = connection.execute(
            "SELECT value FROM meta WHERE key = 'database_id'"
        ).fetchone()
        rng = np.random.default_rng(5)
        (last,) = connection.execute("SELECT max(id) FROM embeddings").fetchone()
        photos = rng.integers(1, last, len(texts)).tolist()
        pictures = np.stack([_vector(connection, label) for label in photos])
        sentences = np.stack([pack.text_encoder.encode(text).embedding for text in texts])
        asked = np.concatenate([sentences, pictures])
        say("comparing by float32")
        right = _nearest(connection, asked, count)
    kinds = {"texts": slice(0, len(texts)), "pictures": slice(len(texts), None)}
    index = checkpoint.load(library / "index", IndexIdentity(identity, pack.id, pack.dim))
    found: dict[str, Any] = {
        f"{kind}, everything compared": _measure(index, asked[part], right[part])
        for kind, part in kinds.items()
    }
    say("building the graph")
    begun = time.process_time()
    building = GraphBuilding(index, 2 * _GIGABYTE, lambda _: None, least=1)
    building._build()
    found["graph_built_processor_s"] = round(time.process_time() - begun)
    for kind, part in kinds.items():
        found[f"{kind}, with the graph"] = _measure(index, asked[part], right[part])
    return found


def _vector(connection: sqlite3.Connection, label: int) -> Floats:
    query = "SELECT vector FROM embeddings WHERE id >= ? ORDER BY id LIMIT 1"
    (data,) = connection.execute(query, [label]).fetchone()
    return np.frombuffer(data, "<f4")


def _nearest(connection: sqlite3.Connection, asked: Floats, count: int) -> Labels:
    """Labels int64 [n, count]."""
    labels = np.zeros((len(asked), 0), np.int64)
    scores = np.zeros((len(asked), 0), np.float32)
    rows = connection.execute("SELECT id, vector FROM embeddings ORDER BY id")
    while chunk := rows.fetchmany(_AT_ONCE):
        vectors = np.frombuffer(b"".join(row[1] for row in chunk), "<f4").reshape(len(chunk), -1)
        own = np.broadcast_to(np.array([row[0] for row in chunk]), (len(asked), len(chunk)))
        scores = np.concatenate([scores, asked @ vectors.T], axis=1)
        labels = np.concatenate([labels, own], axis=1)
        best = np.argpartition(-scores, count, axis=1)[:, :count]
        scores = np.take_along_axis(scores, best, 1)
        labels = np.take_along_axis(labels, best, 1)
    return labels


def _measure(index: VectorIndex, asked: Floats, right: Labels) -> dict[str, float]:
    """Recall, and ms of the processor a search for so many."""
    hits, took, exact = 0, [], 0
    for query, wanted in zip(asked, right, strict=True):
        begun = time.process_time()
        found = index.search(query, len(wanted))
        took.append(1000 * (time.process_time() - begun))
        hits += len(np.intersect1d(found.labels, wanted))
        exact += found.exact
    return {
        "recall": round(hits / right.size, 4),
        "processor_p50_ms": round(float(np.median(took)), 1),
        "exact": round(exact / len(asked), 2),
    }
