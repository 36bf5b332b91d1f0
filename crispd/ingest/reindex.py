"""Reindexing of a photo or a folder on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import NotFound
from crispd.images.formats import is_candidate
from crispd.ingest.stages.jobs import Job
from crispd.store.stamps import ask_to_reread
from crispd.types import displayable
from crispd.watch.walk import is_folder, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.store.database import Database
    from crispd.types import Root


def reindex(
    database: Database,
    root: Root,
    path: str,
    *,
    request_scan: Callable[[int, str], None],
    look_again: Callable[[Job, float], None],
    ignored: Callable[[int, str], bool],
) -> int:
    """How many photos are read anew at or below a path of a root.

    They are noted in the database, so a restart or a drive that is away loses none. Raises NotFound
    where nothing is known and nothing is there that may be taken.
    """
    with database.write() as tx:
        known = ask_to_reread(tx.connection, root.id, path)
    if not path or is_folder(root.path, path):
        request_scan(root.id, path)
        return known
    there = stamp_of(root.path, path) is not None
    if there and is_candidate(path.rpartition("/")[2]) and not ignored(root.id, path):
        look_again(Job(root, path, again=True), 0.0)
        return max(known, 1)
    if not known:
        shown = displayable(f"{root.path.rstrip('/')}/{path}")
        raise NotFound(f"{shown} is not there, or is nothing that crispd takes.")
    return known
