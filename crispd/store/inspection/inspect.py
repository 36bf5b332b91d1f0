"""A look at a database without opening it for work: nothing is migrated, locked or written."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.store.inspection.odd_tokens import odd_tokens
from crispd.store.inspection.read_only_uri import reading_address
from crispd.store.migrations.migrate import NEWEST, needs_migration
from crispd.store.pack_vectors import PACK_CHOICE, PackChoice, pack_choice_of
from crispd.types import FileStamp, KnownFile, PhotoState

if TYPE_CHECKING:
    from pathlib import Path


_SHUT = {
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH
}  # fmt: skip


@dataclass(slots=True)
class DatabaseInspection:
    """``wrong``: what SQLite finds wrong, or why it could not be asked. ``known``: by root.

    ``vectors``: of photos that are searchable, by pack; ``encoded``: all that are stored.
    ``contents``: of searchable photos, copies of one counted once. ``choice``: which pack answers.
    ``dropped``: photos that are kept of roots that are not watched, by root; ``unseen``: contents
    that only those have.
    ``busy``: nothing is known to be wrong; another process holds the database. ``shut``: nor is it
    where the file cannot be opened, and why not.
    """

    there: bool = False
    revision: str = ""
    wrong: list[str] = field(default_factory=list)
    busy: bool = False
    shut: str = ""
    ready: int = 0
    failed: int = 0
    contents: int = 0
    encoded: int = 0
    vectors: dict[str, int] = field(default_factory=dict)
    known: dict[str, dict[str, KnownFile]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    choice: PackChoice = field(default_factory=PackChoice)

    @property
    def is_old(self) -> bool:
        """The next start migrates it."""
        return needs_migration(self.revision)

    @property
    def is_newer(self) -> bool:
        """A newer crispd wrote it."""
        return bool(self.revision) and self.revision != NEWEST and not self.is_old


def inspect_database(path: Path, *, thorough: bool = False) -> DatabaseInspection:
    """Never raises. ``thorough`` compares indexes with tables, tokens with their pack's."""
    found = DatabaseInspection(there=path.exists())
    if not found.there:
        return found
    try:
        with closing(sqlite3.connect(reading_address(path), uri=True, timeout=5)) as connection:
            _read(connection, found, thorough=thorough)
    except sqlite3.Error as error:
        found.wrong.append(str(error))
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        found.busy = code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
        if code in _SHUT:
            found.shut = str(error)
    return found


def _read(connection: sqlite3.Connection, found: DatabaseInspection, *, thorough: bool) -> None:
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    check = "PRAGMA integrity_check" if thorough else "PRAGMA quick_check"
    rows = connection.execute(check).fetchall()
    found.wrong += [row[0] for row in rows if row[0] != "ok"]
    odd = len(odd_tokens(connection)) if thorough and not found.wrong else 0
    if odd:
        found.wrong.append(f"{odd} photos have tokens that are none of their pack's")
    found.revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    seen = watched_condition(connection)
    counts = dict(
        connection.execute(f"SELECT state, count(*) FROM photos p WHERE {seen} GROUP BY state")
    )
    found.ready, found.failed = counts.get("ready", 0), counts.get("failed", 0)
    ready = f"p.state = 'ready' AND {seen}"
    query = f"SELECT count(DISTINCT content_hash) FROM photos p WHERE {ready}"
    found.contents = connection.execute(query).fetchone()[0]
    found.encoded = connection.execute("SELECT count(*) FROM embeddings").fetchone()[0]
    # As EXISTS it would walk through all that are ready for each of them.
    query = f"""SELECT pack, count(*) FROM embeddings WHERE content_hash IN
                (SELECT p.content_hash FROM photos p WHERE {ready}) GROUP BY pack"""
    found.vectors = dict(connection.execute(query))
    chosen = connection.execute("SELECT value FROM meta WHERE key = ?", (PACK_CHOICE,)).fetchone()
    found.choice = PackChoice() if chosen is None else pack_choice_of(chosen[0])
    _read_dropped(connection, found, seen)
    for root_id, root in connection.execute("SELECT id, path FROM roots ORDER BY id").fetchall():
        query = "SELECT path, size, mtime_ns, state FROM photos WHERE root_id = ?"
        found.known[os.fsdecode(root)] = {
            os.fsdecode(name): KnownFile(FileStamp(size, mtime_ns), PhotoState(state))
            for name, size, mtime_ns, state in connection.execute(query, (root_id,))
        }


def watched_condition(connection: sqlite3.Connection) -> str:
    """Whether the root of a photo ``p`` is watched, as SQL; in older schemas all are."""
    columns = {row[1] for row in connection.execute("PRAGMA table_info(roots)")}
    if "watched" not in columns:
        return "1"
    return "(SELECT watched FROM roots WHERE id = p.root_id) != 0"


def _read_dropped(connection: sqlite3.Connection, found: DatabaseInspection, seen: str) -> None:
    if seen == "1":
        return
    query = """SELECT r.path, count(p.id) FROM roots r LEFT JOIN photos p
               ON p.root_id = r.id AND p.state = 'ready' WHERE r.watched = 0 GROUP BY r.id"""
    found.dropped = {os.fsdecode(path): count for path, count in connection.execute(query)}
    query = f"""SELECT DISTINCT content_hash FROM photos p WHERE p.state = 'ready' AND NOT {seen}
                EXCEPT SELECT content_hash FROM photos p WHERE p.state = 'ready' AND {seen}"""
    found.unseen = frozenset(row[0] for row in connection.execute(query))
