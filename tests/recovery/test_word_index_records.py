"""FTS5's own records, told from tokens of photos."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from crispd.recovery.word_index_records import keeps_book

COLUMNS = (6, 9)


def records(seed: int, columns: int) -> Iterator[tuple[int, bytes]]:
    """Rows 1 and 10 of an index after each of many writes."""
    chance = random.Random(seed)
    with closing(sqlite3.connect(":memory:")) as database:
        names = [f"c{number}" for number in range(columns)]
        database.execute(f"CREATE VIRTUAL TABLE i USING fts5({', '.join(names)}, columnsize=0)")
        query = "SELECT id, block FROM i_data WHERE id IN (1, 10)"
        yield from database.execute(query).fetchall()
        marks = ", ".join("?" * columns)
        for _ in range(60):
            words = [
                [f"w{chance.randrange(10 ** chance.randrange(1, 6))}" for _ in range(columns)]
                for _ in range(chance.choice([1, 3, 200]))
            ]
            database.executemany(f"INSERT INTO i VALUES ({marks})", words)
            if chance.random() < 0.1:
                command = chance.choice(["optimize", "rebuild"])
                database.execute("INSERT INTO i(i) VALUES (?)", [command])
            database.commit()
            yield from database.execute(query).fetchall()


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("seed", range(3))
def test_own_records_are_known(seed: int, columns: int) -> None:
    found = list(records(seed, columns))
    assert len({len(data) for _, data in found}) > 5
    assert [row for row in found if not keeps_book(*row, COLUMNS)] == []


@pytest.mark.parametrize("length", [64, 4800, 9800])
def test_tokens_are_told_from_them(length: int) -> None:
    chance = random.Random(length)
    for _ in range(200):
        data = chance.randbytes(length)
        assert not keeps_book(1, data, COLUMNS)
        assert not keeps_book(10, data, COLUMNS)
    for data in (bytes(length), b"\x7f" * length, b"\xff" * length):
        assert not keeps_book(1, data, COLUMNS)


def test_other_numbers_are_never_theirs() -> None:
    assert not keeps_book(2, b"", COLUMNS)
    assert not keeps_book(11, bytes(7), COLUMNS)


def test_a_second_format_is_read() -> None:
    """As SQLite writes it where secure-delete is on: eight numbers a segment."""
    one = bytes([1, 1, 5, 0, 1, 1, 1, 2, 0, 0, 0, 0, 3])
    assert keeps_book(10, b"\0\0\0\7\xff\0\0\1" + one, COLUMNS)
    assert not keeps_book(10, b"\0\0\0\7\xff\0\0\1" + one[:-1], COLUMNS)
