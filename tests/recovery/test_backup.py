"""Backups: what they count, and how often they read a library through."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from crispd.default_data_dir import DATABASE
from crispd.errors import QueryError, StorageError
from crispd.recovery.backup import back_up, known_photos
from crispd.store.database import Database
from crispd.store.inspection.counts import count_photos
from tests.test_library import photos


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with photos of two roots, one of which is not watched any more."""
    folder = tmp_path / "data"
    folder.mkdir()
    database = Database.open(folder / DATABASE)
    with database.write() as tx:
        one, two = (tx.ensure_root(str(tmp_path / name)) for name in ("one", "two"))
    for root in (one, two):
        Path(root.path).mkdir()
    photos(database, one, 3)
    photos(database, two, 5)
    with database.write() as tx:
        tx.watch([one])
    database.close()
    return folder


def test_what_a_backup_counts(data: Path, tmp_path: Path) -> None:
    made = back_up(data, tmp_path / "copy.sqlite3")
    assert (made.photos, made.bytes) == (8, (tmp_path / "copy.sqlite3").stat().st_size)
    assert count_photos(tmp_path / "copy.sqlite3")[:2] == (8, 3)
    assert known_photos(data) == 3


def test_a_library_is_read_through_once(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a million photos that takes minutes; a second time took a quarter of an hour."""
    asked: list[str] = []
    connect = sqlite3.connect

    def traced(*args: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*args, **more)
        connection.set_trace_callback(asked.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    back_up(data, tmp_path / "copy.sqlite3")
    back_up(data, tmp_path / "copy.sqlite3")  # in place of the former one
    checks = [one for one in asked if "_check" in one]
    assert len(checks) == 2
    assert not [one for one in asked if "EXISTS" in one or "DISTINCT" in one]


def test_what_is_no_backup_is_not_replaced(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "letter.txt"
    target.write_text("dear aunt")
    with pytest.raises(QueryError, match="no backup of crispd"):
        back_up(data, target)
    assert target.read_text() == "dear aunt"
    with pytest.raises(StorageError):
        count_photos(target)
    (data / DATABASE).write_bytes(b"x" * 5000)
    assert known_photos(data) == 0
