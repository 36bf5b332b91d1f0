"""Searching a large library must look rows up, never walk through all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from crispd.store.database import Database
from crispd.store.inspection.inspect import inspect_database
from crispd.store.reading.reads import Reader

CALLS: dict[str, Callable[[Reader], object]] = {
    "photos_of": lambda reader: reader.photos_of([1, 2, 3]),
    "photos_at": lambda reader: reader.photos_at([1, 2, 3]),
    "ids_at": lambda reader: reader.ids_at([1, 2, 3]),
    "tokens_of": lambda reader: reader.tokens_of([1, 2, 3]),
    "photo": lambda reader: reader.photo("a" * 24),
}
BY_KEY = ("PRIMARY KEY", "content_hash=?", "public_id=?")


def test_photos_with_text_are_told_by_an_index(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, lambda database: database.read().listings("p").with_any_word("text"))
    assert plan == ["SCAN photo_words USING INDEX photo_words_text"]


@pytest.mark.parametrize("name", CALLS)
def test_a_search_looks_rows_up(tmp_path: Path, name: str) -> None:
    plan = plan_of(tmp_path, lambda database: CALLS[name](database.read()))
    assert all(step.startswith("SEARCH") for step in plan), plan
    assert all(any(key in step for key in BY_KEY) for step in plan), plan


def test_what_is_live_is_looked_up_photo_by_photo(tmp_path: Path) -> None:
    def touched(database: Database) -> None:
        with database.write() as tx:
            tx._touched.add("a" * 64)
            tx.liveness("mini@1")

    at_start = plan_of(tmp_path, lambda database: database.read().live_labels("mini@1"))
    for plan in (at_start, plan_of(tmp_path, touched)):
        lookups = [step for step in plan if "photos" in step]
        assert lookups, plan
        assert all("content_hash=?" in step for step in lookups), plan


def test_a_look_at_a_database_passes_each_table_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photos that were walked through for each vector took hours of a million."""
    path, asked, connect = tmp_path / "crispd.sqlite3", [], sqlite3.connect
    Database.open(path).close()

    def traced(*args: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*args, **more)
        connection.set_trace_callback(asked.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    assert not inspect_database(path).wrong
    with closing(connect(path)) as connection:
        for statement in (one for one in asked if one.startswith("SELECT")):
            steps = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
            each_time = {step for step, _, _, what in steps if what.startswith("CORRELATED")}
            again = [what for _, parent, _, what in steps if parent in each_time]
            assert not [what for what in again if "state" in what or what.startswith("SCAN")], again


def plan_of(tmp_path: Path, call: Callable[[Database], object]) -> list[str]:
    """The steps of the first query of a call."""
    database = Database.open(tmp_path / "crispd.sqlite3")
    asked: list[str] = []

    def trace(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(asked.append)

    event.listen(Engine, "connect", trace)
    assert database._writer is not None
    trace(database._writer.raw_connection().driver_connection, None)
    try:
        call(database)
        statement = next(
            each
            for each in asked
            # every transaction asks first which change was the last
            if each.startswith("SELECT") and "FROM changes" not in each
        )
        with database.write() as tx:
            rows = tx._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
            return [str(row[3]) for row in rows if not _reads_what_is_given(row[3])]
    finally:
        event.remove(Engine, "connect", trace)
        database.close()


def _reads_what_is_given(step: str) -> bool:
    return step.startswith("LIST SUBQUERY") or "VIRTUAL TABLE" in step
