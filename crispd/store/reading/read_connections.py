"""Connections that only read: a pool, and one view of the database for all reads of a search."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import namedtuple
from contextlib import contextmanager
from itertools import starmap
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from crispd.store.words.latest_change import latest_change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, Select

_row_type: Any = namedtuple  # whose fields mypy wants to know
_PATIENCE_SECONDS, _RETRY_SECONDS = 2.0, 0.02
_DIALECT = sqlite.dialect(paramstyle="named")


class ReadConnections:
    """Thread-safe. Within ``snapshot`` a thread reads through one connection: taking another for
    each of a search's ten reads took a tenth of its time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held = threading.local()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """The connection that the thread holds, or one of the pool."""
        held: Connection | None = getattr(self._held, "connection", None)
        if held is not None:
            yield held
            return
        with self._open() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads of this thread see what had been committed at the first of them."""
        if getattr(self._held, "connection", None) is not None:
            yield
            return
        with self._open() as connection:
            connection.exec_driver_sql("BEGIN")
            self._held.connection, self._held.change = connection, None
            try:
                yield
            finally:
                self._held.connection = None
        # the pool ends the transaction

    def _open(self) -> Connection:
        """One of the pool. Where no further one can be opened, since the data folder was taken
        away, those that are open still read: wait for one.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self._engine.connect()
            except OperationalError as error:
                code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
                if code != sqlite3.SQLITE_CANTOPEN or not self._others_are_open(until):
                    raise
            time.sleep(_RETRY_SECONDS)

    def _others_are_open(self, until: float) -> bool:
        pool = self._engine.pool
        return (
            isinstance(pool, QueuePool)
            and pool.checkedin() + pool.checkedout() > 0
            and time.monotonic() < until
        )

    def latest_change(self, connection: Connection) -> int:
        """Number of the last change of a photo; read once in a snapshot."""
        if getattr(self._held, "connection", None) is not connection:
            return latest_change(connection)
        if self._held.change is None:
            self._held.change = latest_change(connection)
        return int(self._held.change)


class CompiledQuery:
    """A query as text, asked of SQLite's own module: SQLAlchemy takes longer for the way there and
    for its rows than SQLite for some dozen photos.
    """

    def __init__(self, query: Select[Any]) -> None:
        compiled = query.compile(dialect=_DIALECT)
        self._sql, self._fixed = str(compiled), dict(compiled.params)
        self._row = _row_type("Row", query.selected_columns.keys())

    def all(self, connection: Connection, **values: object) -> list[Any]:
        """Rows whose values have the names of the query's columns. Raises sqlite3.DatabaseError."""
        return list(starmap(self._row, self._rows(connection, values).fetchall()))

    def _rows(self, connection: Connection, values: dict[str, object]) -> sqlite3.Cursor:
        raw = connection.connection.driver_connection
        assert raw is not None
        cursor: sqlite3.Cursor = raw.execute(self._sql, self._fixed | values)
        return cursor
