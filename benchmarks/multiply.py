"""A library as many times as large, made inside of SQLite: a million photos in minutes.

``python -m benchmarks.multiply SMALL LARGE --times 10``: SMALL is a data folder that
``benchmarks.service_speed --keep`` has left. Photos, contents, words and tokens are those of SMALL
under other names; vectors are new ones.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.report import say
from benchmarks.synthetic import fill
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.store.database import Database

_FTS = ("word_index", "part_index")
_FIRST = 5000  # photos that are made one by one


def multiply(small: Path, large: Path, times: int) -> int:
    """How many photos there are then."""
    large.mkdir(mode=0o700, exist_ok=True)
    path = large / "crispd.sqlite3"
    shutil.copy(small / "crispd.sqlite3", path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    [(bytes_each,)] = connection.execute("SELECT length(vector) FROM embeddings LIMIT 1")
    rng = np.random.default_rng(1)

    def vector() -> bytes:
        found = rng.standard_normal(bytes_each // 4, np.float32)
        return (found / np.linalg.norm(found)).astype("<f4").tobytes()

    connection.create_function("new_vector", 0, vector)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = triggers.fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    [(size,)] = connection.execute("SELECT max(id) FROM photos")
    [(labels,)] = connection.execute("SELECT max(id) FROM embeddings")
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
    return int(count)


def make_library(folder: Path, size: int) -> None:
    """A library of about ``size`` photos in ``folder``, unless there is one."""
    if (folder / "crispd.sqlite3").exists():
        return
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=1)
    first = min(size, _FIRST)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        database = Database.open(Path(scratch) / "crispd.sqlite3")
        say(f"filling a library of {first}")
        fill(database, pack, first)
        database.close()
        folder.mkdir(mode=0o700, exist_ok=True)
        multiply(Path(scratch), folder, round(size / first))


def _copy(connection: sqlite3.Connection, number: int, size: int, labels: int) -> None:
    """Everything once more, with ids that go on and names that say which time it is."""
    first = number * size
    hashed = f"'{first} ' || content_hash"
    changed = {
        "contents": {"content_hash": hashed},
        "photos": {
            "id": f"id + {first}",
            "public_id": "lower(hex(randomblob(12)))",
            "path": f"CAST('{first}/' || path AS BLOB)",
            "content_hash": hashed,
        },
        "embeddings": {
            "id": f"id + {number * labels}", "content_hash": hashed, "vector": "new_vector()",
        },
        "tokens": {"embedding_id": f"embedding_id + {number * labels}"},
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
