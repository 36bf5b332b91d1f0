"""A search in PostgreSQL as Immich asks it, beside crispd's.

``python -m benchmarks.searching.search_peers``.

The same vectors in both, and a page of photos as the answer: by pgvector's graph with Immich's
index and query, by pgvector without an index, and by crispd's index and its reads from SQLite. No
words are encoded, nothing is ranked again, and neither goes through HTTP. Milliseconds of the
processor (of PostgreSQL's process and of the client's) and of the clock, and how many of the
nearest are found.

PostgreSQL runs in a temporary folder: ``--postgres`` is a folder with its programs that has
pgvector (Debian 13: postgresql-17-pgvector); without it, that of the package pgserver is taken.
Needs ``benchmarks/requirements-peers.txt``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common.multiply import make_library
from benchmarks.common.report import keep, say, table
from benchmarks.searching.vector_peers import vectors
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.store.database import Database
from crispd.vectors.index import VectorIndex

PAGE = 31  # a page, and one that says whether there is another
_CONFIG = "fsync=off\nshared_buffers=1GB\nmaintenance_work_mem=1GB\nlisten_addresses=''\njit=off\n"
# Columns that Immich's query reads (server/src/queries/search.repository.sql, searchSmart).
_TABLES = """
CREATE EXTENSION vector;
CREATE TABLE asset (
  id uuid PRIMARY KEY, "updateId" uuid, "createdAt" timestamptz, "updatedAt" timestamptz,
  "deletedAt" timestamptz, status text, checksum bytea, "checksumAlgorithm" text,
  "duplicateId" uuid, duration integer, "fileCreatedAt" timestamptz, "fileModifiedAt" timestamptz,
  "isExternal" boolean, "isFavorite" boolean, "isOffline" boolean, "isEdited" boolean,
  visibility text, "libraryId" uuid, "livePhotoVideoId" uuid, "localDateTime" timestamptz,
  "originalFileName" text, "originalPath" text, "ownerId" uuid, "stackId" uuid, thumbhash bytea,
  type text, width integer, height integer);
CREATE TABLE asset_exif ("assetId" uuid PRIMARY KEY, "lensModel" text, city text);
CREATE TABLE smart_search ("assetId" uuid PRIMARY KEY, embedding vector({dim}));
ALTER TABLE smart_search ALTER COLUMN embedding SET STORAGE EXTERNAL;
INSERT INTO asset SELECT lpad(to_hex(n), 32, '0')::uuid, NULL, now(), now(), NULL, 'active',
  sha256(n::text::bytea), 'sha1', NULL, NULL, timestamptz '2010-01-01' + n * interval '1 hour',
  now(), true, false, false, false, 'timeline', NULL, NULL,
  timestamptz '2010-01-01' + n * interval '1 hour', n || '.jpg',
  '/photos/' || n / 5000 || '/' || n / 100 || '/' || n || '.jpg', lpad('1', 32, '0')::uuid, NULL,
  decode(md5(n::text), 'hex'), 'IMAGE', 4000, 3000 FROM generate_series(0, {size} - 1) n;
INSERT INTO asset_exif SELECT id, NULL, NULL FROM asset;
"""
_INDEX = """
CREATE INDEX clip_index ON smart_search USING hnsw (embedding vector_cosine_ops)
  WITH (ef_construction = 300, m = 16)
"""
_ASSET = (
    "id updateId createdAt updatedAt deletedAt status checksum checksumAlgorithm duplicateId"
    " duration fileCreatedAt fileModifiedAt isExternal isFavorite isOffline isEdited visibility"
    " libraryId livePhotoVideoId localDateTime originalFileName originalPath ownerId stackId"
    " thumbhash type width height"
)
_QUERY = f"""
SELECT {", ".join(f'asset."{name}"' for name in _ASSET.split())} FROM asset
  INNER JOIN smart_search ON asset.id = smart_search."assetId"
  WHERE asset.visibility IN ('archive', 'timeline') AND asset."ownerId" = any(%s::uuid[])
    AND asset."deletedAt" IS NULL
  ORDER BY smart_search.embedding <=> %s::vector LIMIT {PAGE} OFFSET 0
"""
_OWNER = "{00000000-0000-0000-0000-000000000001}"

Search = Callable[[np.ndarray], list[int]]


@contextmanager
def postgres(programs: Path, folder: Path) -> Iterator[str]:
    """A server over a new cluster in ``folder``; how to connect."""
    # it does not run as root
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "cluster"
    run: dict[str, Any] = {"user": user, "cwd": folder, "check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([str(programs / "initdb"), "-D", str(data), "-U", "me", "-A", "trust"], **run)
    with (data / "postgresql.conf").open("a") as file:
        file.write(f"{_CONFIG}unix_socket_directories='{folder}'\n")
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "120"]
    subprocess.run([*control, "-l", str(folder / "log"), "start"], **run)
    try:
        yield f"host={folder} user=me dbname=postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **run)


def fill(connection: Any, data: np.ndarray) -> None:
    """Photos and their vectors, by COPY in its binary form."""
    size, dim = data.shape
    connection.execute(_TABLES.format(size=size, dim=dim))
    wide = data.astype(">f4")
    with connection.cursor().copy("COPY smart_search FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for number, row in enumerate(wide):
            own = struct.pack(">hh", dim, 0) + row.tobytes()
            copy.write(
                struct.pack(">hi", 2, 16) + number.to_bytes(16, "big")
                + struct.pack(">i", len(own)) + own
            )  # fmt: skip
        copy.write(struct.pack(">h", -1))
    connection.execute("VACUUM ANALYZE")


def asked(connection: Any, reach: int | None) -> Search:
    """Immich's query; ``reach``: how many candidates the graph keeps, None: without the graph."""

    def search(query: np.ndarray) -> list[int]:
        text = "[" + ",".join(map(str, query.tolist())) + "]"
        with connection.transaction():
            if reach is None:
                connection.execute("SET LOCAL enable_indexscan = off")
            else:
                connection.execute(f"SET LOCAL hnsw.ef_search = {reach}")
            # a plan that was kept would be by the graph
            rows = connection.execute(_QUERY, [_OWNER, text], prepare=reach is not None).fetchall()
        return [row[0].int for row in rows]

    return search


def crispd(library: Path, data: np.ndarray) -> Search:
    """crispd's index, and the photos of the page from its database."""
    database = Database.open(library / "crispd.sqlite3")
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=1)
    reader = database.read().for_pack(pack.id)
    labels = reader.live_labels(pack.id)[: len(data)]
    index = VectorIndex(data.shape[1])
    index.add(labels, data)
    first = int(labels[0])
    assert len(labels) == len(data)
    assert int(labels[-1]) - first == len(data) - 1

    def search(query: np.ndarray) -> list[int]:
        with database.snapshot():
            found = index.search(query, PAGE).labels.tolist()
            photos = reader.photos_of(found)
        return [label - first for label in found if label in photos]

    return search


def processor_seconds(pid: int) -> float:
    """Of a process with one thread."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def measure(search: Search, queries: np.ndarray, right: np.ndarray, pid: int) -> dict[str, float]:
    """``pid``: of PostgreSQL's process that works for this one, or of this one itself."""
    clock, processor, hits, given = [], [], 0, 0
    for number, (query, wanted) in enumerate(zip(queries, right, strict=True)):
        before = processor_seconds(pid) if pid != os.getpid() else 0.0
        begun, own = time.perf_counter(), time.process_time()
        found = search(query)
        took, own = time.perf_counter() - begun, time.process_time() - own
        after = processor_seconds(pid) if pid != os.getpid() else 0.0
        if number >= len(queries) // 10:  # what came before is warming up
            clock.append(1000 * took)
            processor.append(1000 * (own + after - before))
        hits, given = hits + len(set(found) & set(wanted.tolist())), given + len(found)
    return {
        "clock_p50_ms": round(float(np.median(clock)), 2),
        "clock_p95_ms": round(float(np.percentile(clock, 95)), 2),
        "processor_p50_ms": round(float(np.median(processor)), 2),
        "photos": round(given / len(queries), 1),
        "recall": round(hits / right.size, 4),
    }


def programs_of(given: Path | None) -> Path:
    """Where PostgreSQL's programs lie."""
    if given is not None:
        return given
    import pgserver

    return Path(pgserver.__file__).parent / "pginstall" / "bin"


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--count", type=int, default=200, help="of queries")
    parser.add_argument("--library", type=Path, help="a data folder with so many photos")
    parser.add_argument("--postgres", type=Path, help="a folder with initdb and pg_ctl")
    given = parser.parse_args()
    import psycopg

    dim = load_pack(find_pack("mini"), index_threads=1, search_threads=1).dim
    data, queries = (
        vectors(given.size, dim, 0.02, None, 1),
        vectors(given.count, dim, 0.01, None, 2),
    )
    right = np.stack([np.argsort(-(data @ query))[:PAGE] for query in queries])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with postgres(programs_of(given.postgres), folder) as address:
            connection = psycopg.connect(address, autocommit=True)
            say("filling PostgreSQL")
            fill(connection, data)
            begun = time.perf_counter()
            say("building its graph")
            connection.execute(_INDEX)
            built = round(time.perf_counter() - begun)
            [version] = connection.execute(
                "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
            ).fetchone()
            [pid] = connection.execute("SELECT pg_backend_pid()").fetchone()
            found: dict[str, dict[str, float]] = {}
            for name, reach in (("pgvector, as it comes", 40), ("pgvector, ef_search 200", 200)):
                say(name)
                found[name] = measure(asked(connection, reach), queries, right, pid)
            say("pgvector, everything compared")
            found["pgvector, everything compared"] = measure(
                asked(connection, None), queries[:20], right[:20], pid
            )
            connection.close()
        library = given.library or folder / "library"
        if given.library is None:
            make_library(library, given.size)
        say("crispd")
        found["crispd"] = measure(crispd(library, data), queries, right, os.getpid())
    keep(
        "search_peers",
        {
            "size": given.size, "dim": dim, "pgvector": version, "graph_built_s": built,
            "load_average": os.getloadavg()[0], "ways": found,
        },
    )  # fmt: skip
    table(
        ["way", "clock, p50 ms", "p95", "processor, p50 ms", "photos", f"found of {PAGE}"],
        [[name, *values.values()] for name, values in found.items()],
    )
    draw(found)


def draw(found: dict[str, dict[str, float]]) -> None:
    """Time against recall."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5))
    axes = figure.subplots()
    for name, values in found.items():
        axes.scatter(values["processor_p50_ms"], values["recall"])
        axes.annotate(name, (values["processor_p50_ms"], values["recall"]))
    axes.set(xscale="log", xlabel="ms of the processor a search", ylabel=f"found of {PAGE}")
    figure.tight_layout()
    figure.savefig(Path(__file__).parent.parent / "results" / "search_peers.svg")


if __name__ == "__main__":
    main()
