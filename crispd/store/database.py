"""Opening the database: pragmas, migration, one writer, many readers."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool, StaticPool

from crispd.errors import StorageDamaged, StorageReadOnly
from crispd.store.database_copy import copy_database, make_file
from crispd.store.inspection.read_only_uri import reading_address
from crispd.store.migrations.migrate import NEWEST, migrate, needs_migration, revision_of
from crispd.store.reading.read_connections import ReadConnections
from crispd.store.reading.reads import Reader
from crispd.store.sqlite_errors import DAMAGED, translated_errors
from crispd.store.words.filling import begin_filling, fill_some, photos_to_fill
from crispd.store.words.latest_change import latest_change
from crispd.store.words.upkeep import rebuild, refresh
from crispd.store.writing.writes import WriteTransaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from crispd.types import PlaceResolver

_BUSY_MS = 5000
_READERS = 8
# One row of region tokens (4.8 kB) fits a page, so a candidate costs one read.
PAGE_BYTES = 8192
_CACHE_KB = 8 * 1024
_LEAST_CACHE_KB = 512
_MEMORY_MB = 128.0
# Times that documents of 500 photos are made while a database is opened: about a second.
_FILLS_AT_OPENING = 4


class Database:
    """An open database. Reads may run in any thread; writes one at a time."""

    def __init__(
        self,
        path: Path,
        writer: Engine | None,
        readers: Engine,
        identity: str,
        resolver: PlaceResolver | None = None,
    ) -> None:
        self.path = path
        self.id = identity
        self._writer = writer
        self._readers = readers
        self._resolver = resolver
        self._writing = threading.Lock()
        self._connections = ReadConnections(readers)
        self._reader = Reader(self._connections)

    @classmethod
    def open(
        cls,
        path: str | Path,
        memory_mb: float = _MEMORY_MB,
        resolver: PlaceResolver | None = None,
    ) -> Database:
        """Open or create, and migrate; of what is migrated a copy is kept. Raises StorageError.

        ``memory_mb``: for the caches of all connections. ``resolver``: names places of photos for
        the index of words. Where that has to be made anew, it is for some photos, and for others
        by ``fill_words``.
        """
        path = Path(path)
        with contextlib.suppress(OSError):  # SQLite says what is wrong
            make_file(path)
        writer = _engine(path, memory_mb, read_only=False)
        try:
            with translated_errors():
                _keep_a_copy(path, writer)
                identity = _prepare(writer, resolver)
        except BaseException:
            writer.dispose()
            raise
        return cls(path, writer, _engine(path, memory_mb, read_only=True), identity, resolver)

    @classmethod
    def open_read_only(cls, path: str | Path, memory_mb: float = _MEMORY_MB) -> Database:
        """Open one that lies where nothing can be written. Raises StorageError.

        It has to have the newest schema: it cannot be brought forward there.
        """
        path = Path(path)
        address = reading_address(path)
        readers = _engine(path, memory_mb, read_only=True, address=address)
        try:
            with translated_errors(), readers.connect() as connection:
                if (revision := revision_of(connection)) != NEWEST:
                    raise StorageReadOnly(
                        f"The database {path} has schema {revision} and cannot be brought to "
                        f"{NEWEST}, since its folder is read-only. Mount that writable once."
                    )
                identity = _identity(connection)
        except BaseException:
            readers.dispose()
            raise
        return cls(path, None, readers, str(identity))

    def read(self) -> Reader:
        """The reader: thread-safe, sees what has been committed."""
        return self._reader

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that only reads, for tables that have a module of their own."""
        with translated_errors(), self._connections.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads of this thread see the database as it was at the first of them."""
        with translated_errors(), self._connections.snapshot():
            yield

    @contextmanager
    def write(self) -> Iterator[WriteTransaction]:
        """One transaction: all of it is committed, or nothing."""
        if self._writer is None:
            raise StorageReadOnly(f"The data folder {self.path.parent} is read-only.")
        with self._writing, translated_errors(), self._writer.begin() as connection:
            since = latest_change(connection)
            yield WriteTransaction(connection)
            refresh(connection, since, self._resolver)

    def fill_words(self) -> bool:
        """Index the words of some more photos, where an upgrade has left them to be indexed anew;
        whether there are more.
        """
        if self._writer is None:
            return False
        with self._writing, translated_errors(), self._writer.begin() as connection:
            return begin_filling(connection, self._resolver) and fill_some(
                connection, self._resolver
            )

    def words_to_fill(self) -> int:
        """Photos whose words are still to be indexed anew."""
        with self.reading() as connection:
            return photos_to_fill(connection)

    @contextmanager
    def erasing(self) -> Iterator[WriteTransaction]:
        """One transaction; what it deletes, and words that photos lose by it, can be read nowhere
        in the file or its log. Seconds for a large library.
        """
        if self._writer is None:
            raise StorageReadOnly(f"The data folder {self.path.parent} is read-only.")
        with self._writing, translated_errors():
            with self._writer.begin() as connection:
                connection.execute(text("PRAGMA secure_delete=ON"))
                try:
                    since = latest_change(connection)
                    yield WriteTransaction(connection)
                    refresh(connection, since, self._resolver)
                    rebuild(connection)
                finally:
                    connection.execute(text("PRAGMA secure_delete=OFF"))
            raw = self._writer.raw_connection()
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # outside of a transaction
            raw.close()

    def quick_check(self) -> None:
        """Read the file through once. Raises StorageDamaged."""
        with translated_errors(), self._readers.connect() as connection:
            found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            raise StorageDamaged(DAMAGED)

    def integrity_check(self) -> list[str]:
        """What SQLite finds wrong; empty where all is well."""
        with translated_errors(), self._readers.connect() as connection:
            rows = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        return [str(row) for row in rows if row != "ok"]

    def close(self) -> None:
        """Close every connection; SQLite folds the write-ahead log into the file."""
        self._readers.dispose()
        if self._writer is not None:
            self._writer.dispose()


def _engine(path: Path, memory_mb: float, *, read_only: bool, address: str | None = None) -> Engine:
    """``address``: a URI in place of the path."""
    url = URL.create("sqlite", database=str(path))
    if read_only:
        pool: dict[str, Any] = {
            "poolclass": QueuePool, "pool_size": _READERS, "max_overflow": _READERS,
            # the latest used: its cache has what was just read, and others need none
            "pool_use_lifo": True,
        }  # fmt: skip
    else:
        pool = {"poolclass": StaticPool}
    if address is not None:
        pool["creator"] = lambda: sqlite3.connect(address, uri=True, check_same_thread=False)
    engine = create_engine(url, connect_args={"check_same_thread": False}, **pool)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where sqlite3 does
        _pragmas(connection, memory_mb, read_only=read_only)

    if not read_only:

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            # Taking the write lock at once: a transaction never fails half-way for want of it.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _pragmas(connection: Any, memory_mb: float, *, read_only: bool) -> None:
    kb = int(memory_mb * 1024 / (2 * _READERS + 1))
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    if not read_only:
        cursor.execute(f"PRAGMA page_size={PAGE_BYTES}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # After a power cut the file is whole, at worst a few commits older; a scan redoes them.
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{min(max(kb, _LEAST_CACHE_KB), _CACHE_KB)}")
    # Mapped pages count as memory of every connection that maps them, and a search is no faster.
    cursor.execute("PRAGMA mmap_size=0")
    if read_only:
        cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _keep_a_copy(path: Path, engine: Engine) -> None:
    """Of a database that is about to be migrated, beside it and named for its old schema."""
    with engine.connect() as connection:
        revision = revision_of(connection)
    if needs_migration(revision):
        copy_database(path, path.with_name(f"{path.name}.{revision}"))


def _identity(connection: Connection) -> str | None:
    query = text("SELECT value FROM meta WHERE key = 'database_id'")
    found = connection.execute(query).scalar()
    return None if found is None else str(found)


def _prepare(engine: Engine, resolver: PlaceResolver | None) -> str:
    """Migrate, index words where that is to be done, and return the database's id, made with it.

    Words of a large library are left to ``fill_words``.
    """
    with engine.begin() as connection:
        migrate(connection)
        if begin_filling(connection, resolver):
            for _ in range(_FILLS_AT_OPENING):
                if not fill_some(connection, resolver):
                    break
        found = _identity(connection)
        if found is None:
            found = uuid.uuid4().hex
            now = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute(
                text(
                    "INSERT INTO meta (key, value) "
                    "VALUES ('database_id', :id), ('created_at', :now)"
                ),
                {"id": found, "now": now},
            )
    return str(found)
