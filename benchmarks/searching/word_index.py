"""What the index of words takes on disk and in time.

``python -m benchmarks.searching.word_index [PHOTOS]``.

Photos have names of cameras, folders by year and event, and of a part of them what people write:
keywords for every second, people for every third, a place for two of three, a title or a
description for every fifth.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from crispd.store.database import Database
from crispd.types import CaptureTime, FileStamp, PhotoMetadata, PlaceNames

PACK = "words@1"
AT_ONCE = 500
BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")
SYLLABLES = ("ba", "ler", "mon", "ti", "sa", "ver", "kin", "do", "ra", "nel", "pu", "schi", "ort")
TABLES = ("photo_words", "word_index", "part_index")


def vocabulary(rng: random.Random, count: int) -> list[str]:
    """Words of two to four syllables."""
    return ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(count)]


def photo(rng: random.Random, words: list[str], number: int) -> tuple[str, PhotoMetadata]:
    """Path and what the file says; frequent words as frequent as in a language."""

    def some(count: int) -> list[str]:
        return [words[min(int(rng.paretovariate(0.7)) - 1, len(words) - 1)] for _ in range(count)]

    year, event = 2005 + number // 5000, number // 150
    folder = f"{year}/{year}-{event % 12 + 1:02} {words[event % len(words)].title()} {some(1)[0]}"
    keywords = tuple(some(rng.randint(2, 6))) if number % 2 == 0 else ()
    place = PlaceNames(*(word.title() for word in some(3))) if number % 3 else None
    return f"{folder}/IMG_{year}0703_{number:06}.jpg", PhotoMetadata(
        4000,
        3000,
        "jpeg",
        camera=("Google Pixel 8", "Canon EOS R5", "Apple iPhone 13 Pro")[number % 3],
        lens="RF24-105mm F4 L IS USM" if number % 3 == 1 else None,
        keywords=keywords,
        keyword_paths=tuple(f"Things/{word}" for word in keywords[:2]),
        people=tuple(f"{name.title()} Berg" for name in some(rng.randint(1, 3)))
        if number % 3 == 0
        else (),
        location=place,
        title=" ".join(some(4)).capitalize() if number % 5 == 0 else None,
        description=" ".join(some(14)).capitalize() if number % 5 == 1 else None,
    )


def bytes_of_tables(path: Path) -> dict[str, int]:
    """Bytes of the pages of each table with what belongs to it; needs SQLite's dbstat."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
    return {
        table: sum(size for name, size in rows if name == table or name.startswith(f"{table}_"))
        for table in TABLES
    }


def timed_ms(call: Callable[[], object], times: int = 20) -> float:
    """Median of a call."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)[times // 2]


def main() -> None:
    """Print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    rng = random.Random(0)
    words = vocabulary(rng, 4000)
    photos = [photo(rng, words, number) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crispd.sqlite3"
        database = Database.open(path)
        start = time.perf_counter()
        for first in range(0, count, AT_ONCE):
            with database.write() as tx:
                root = tx.ensure_root("/srv/photos")
                for name, metadata in photos[first : first + AT_ONCE]:
                    tx.save_encoded(name, PACK, metadata, np.ones(4, np.float32), None)
                    tx.save_photo(root, name, FileStamp(1, 1), name, BY_FILE)
        print(f"{count} photos written, ms each: {(time.perf_counter() - start) / count * 1e3:.2f}")
        database.close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DELETE FROM meta WHERE key = 'words_version'")
            connection.commit()
        start = time.perf_counter()
        database = Database.open(path)
        print(f"all words indexed anew, s: {time.perf_counter() - start:.1f}")
        index = database.read().words(PACK)
        for title, asked in (
            ("a rare word", [words[3999]]),
            ("a frequent one", [words[0]]),
            ("every photo", ["img"]),
            ("five words", [*words[:4], "berg"]),
            ("none", ["nothing"]),
        ):
            found = [len(rows) for word in asked for rows in index.lookup([word])[0].values()]
            known = sum(found)
            whole = timed_ms(partial(index.search, asked, 100))
            inside = timed_ms(partial(index.search, asked, 100, parts=True))
            print(f"{title}: in {known}, ms {whole:.1f}, with parts {inside:.1f}")
        database.close()
        sizes = bytes_of_tables(path)
    print({table: round(size / count) for table, size in sizes.items()}, "bytes a photo")
    print("together, bytes a photo:", round(sum(sizes.values()) / count))


if __name__ == "__main__":
    main()
