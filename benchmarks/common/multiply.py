"""A library as many times as large, made inside of SQLite: a million photos in minutes.

``python -m benchmarks.common.multiply SMALL LARGE --times 10``: SMALL is a data folder that
``benchmarks.searching.service_speed --keep`` has left. Photos, contents, words and tokens are those
of SMALL under other names; vectors are new ones, random or those of
``benchmarks.million.neighbourhoods``, with the tokens of the real photo that each lies at.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import say
from benchmarks.common.synthetic import ROOT, fill
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.places.resolver import GazetteerResolver
from crispd.store.database import Database
from crispd.store.ids import public_id

if TYPE_CHECKING:
    from benchmarks.million.neighbourhoods import Neighbourhoods

_FTS = ("word_index", "part_index")
_FIRST = 5000  # photos that are made one by one


def multiply(
    small: Path, large: Path, times: int, neighbourhoods: Neighbourhoods | None = None
) -> int:
    """How many photos there are then. A run that was cut leaves no library."""
    large.mkdir(mode=0o700, exist_ok=True)
    path = large / "crispd.sqlite3.part"
    shutil.copy(small / "crispd.sqlite3", path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    [(bytes_each,)] = connection.execute("SELECT length(vector) FROM embeddings LIMIT 1")
    rng = np.random.default_rng(1)

    def vector(label: int) -> bytes:
        if neighbourhoods is not None:
            return neighbourhoods.vector(label).astype("<f4").tobytes()
        found = rng.standard_normal(bytes_each // 4, np.float32)
        return (found / np.linalg.norm(found)).astype("<f4").tobytes()

    def tokens(label: int, former: bytes) -> bytes:
        if neighbourhoods is None:
            return former
        return neighbourhoods.tokens_of(label)

    connection.create_function("id_of", 2, _id_of)
    connection.create_function("new_vector", 1, vector)
    connection.create_function("new_tokens", 2, tokens)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = triggers.fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    [(size,)] = connection.execute("SELECT max(id) FROM photos")
    [(labels,)] = connection.execute("SELECT max(id) FROM embeddings")
    if neighbourhoods is not None:
        connection.execute("UPDATE embeddings SET vector = new_vector(id)")
        connection.execute("UPDATE tokens SET data = new_tokens(embedding_id, data)")
    for number in range(1, times):
        say(f"{number + 1} times")
        _copy(connection, number, size, labels)
    for index in _FTS:
        say(f"rebuilding {index}")
        connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    for _, sql in triggers:
        connection.execute(sql)
    [(count,)] = connection.execute("SELECT count(*) FROM photos")
    connection.close()
    path.rename(large / "crispd.sqlite3")
    return int(count)


def _id_of(path: bytes, content_hash: str) -> str:
    return public_id(ROOT, os.fsdecode(path), content_hash)


def make_library(folder: Path, size: int, neighbourhoods: Neighbourhoods | None = None) -> None:
    """A library of about ``size`` photos in ``folder``, unless there is one."""
    if (folder / "crispd.sqlite3").exists():
        return
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=1)
    first = min(size, _FIRST)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        database = Database.open(Path(scratch) / "crispd.sqlite3", resolver=GazetteerResolver())
        say(f"filling a library of {first}")
        fill(database, pack, first)
        database.close()
        folder.mkdir(mode=0o700, exist_ok=True)
        multiply(Path(scratch), folder, round(size / first), neighbourhoods)


def _copy(connection: sqlite3.Connection, number: int, size: int, labels: int) -> None:
    """Everything once more, with ids that go on and names that say which time it is."""
    first = number * size
    hashed = f"'{first} ' || content_hash"
    changed = {
        "contents": {"content_hash": hashed},
        "photos": {
            "id": f"id + {first}",
            "public_id": f"id_of(CAST('{first}/' || path AS BLOB), {hashed})",
            "path": f"CAST('{first}/' || path AS BLOB)",
            "content_hash": hashed,
        },
        "embeddings": {
            "id": f"id + {number * labels}",
            "content_hash": hashed,
            "vector": f"new_vector(id + {number * labels})",
        },
        "tokens": {
            "embedding_id": f"embedding_id + {number * labels}",
            "data": f"new_tokens(embedding_id + {number * labels}, data)",
        },
        "photo_words": {"photo_id": f"photo_id + {first}"},
    }  # fmt: skip
    keys = {"contents": "rowid", "photos": "id", "embeddings": "id", "tokens": "embedding_id"}
    for table, values in changed.items():
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        chosen = ", ".join(values.get(name, name) for name in names)
        key = keys.get(table, "photo_id")
        last = labels if table in {"embeddings", "tokens"} else size
        connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) "
            f"SELECT {chosen} FROM {table} WHERE {key} <= {last} ORDER BY {key}"
        )


def main() -> None:
    """Make it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("small", type=Path)
    parser.add_argument("large", type=Path)
    parser.add_argument("--times", type=int, default=10)
    given = parser.parse_args()
    say(f"{multiply(given.small, given.large, given.times):,} photos")


if __name__ == "__main__":
    main()
