"""Searching a large library must look rows up, never walk through all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from crispd.store.database import Database
from crispd.store.reads import Reader

CALLS: dict[str, Callable[[Reader], object]] = {
    "photos_of": lambda reader: reader.photos_of([1, 2, 3]),
    "photos_at": lambda reader: reader.photos_at([1, 2, 3]),
    "ids_at": lambda reader: reader.ids_at([1, 2, 3]),
    "tokens_of": lambda reader: reader.tokens_of([1, 2, 3]),
    "photo": lambda reader: reader.photo("a" * 24),
}
BY_KEY = ("PRIMARY KEY", "content_hash=?", "public_id=?")


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


def plan_of(tmp_path: Path, call: Callable[[Database], object]) -> list[str]:
    """The steps of the first query of a call."""
    database = Database.open(tmp_path / "crispd.sqlite3")
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        call(database)
        (statement, values) = next(
            (asked_for, values)
            for asked_for, values in asked
            # every transaction asks first which change was the last
            if asked_for.startswith("SELECT") and "FROM changes" not in asked_for
        )
        with database.write() as tx:
            rows = tx._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            return [str(row[3]) for row in rows]
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        database.close()
