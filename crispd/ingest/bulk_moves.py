"""Moves of many photos at once: rows get new paths, and no file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.images.metadata.file_dates import capture_time_of_file
from crispd.ingest.stages.jobs import Job
from crispd.store.stamps import restamp
from crispd.watch.walk import stamp_of

if TYPE_CHECKING:
    from crispd.ingest.stages.jobs import MovedFolderChange
    from crispd.store.writing.writes import WriteTransaction
    from crispd.types import FileStamp, Root
    from crispd.watch.volumes import StableStamps


def pairs_below(change: MovedFolderChange, tx: WriteTransaction) -> list[tuple[str, str]]:
    """(old, new) of every photo known below a folder that was moved."""
    start = len(change.old)
    return [
        (path, change.new + path[start:]) for path in tx.paths_under(change.root.id, change.old)
    ]


def relocate(
    root: Root, pairs: list[tuple[str, str]], tx: WriteTransaction, volumes: StableStamps
) -> tuple[list[str], list[Job]]:
    """Give rows new paths; the new paths, and jobs for what needs another look.

    A row goes along as soon as its old file is gone, even where the new one is not there: then a
    later move has taken it further, or a look at it finds that it is gone. A move changes the
    ctime of a file, which is kept then without reading it: size and time tell that it is the same.
    """
    gone = [(old, new) for old, new in pairs if stamp_of(root.path, old) is None]
    moved = tx.move_photos(root, gone, capture_time_of_file)
    news, again = [], []
    stamps: dict[str, FileStamp] = {}
    for old, new in pairs:
        if old in moved:
            news.append(new)
        else:  # it was not known, or is there again
            again.append(Job(root, old))
        before, now = moved.get(old), stamp_of(root.path, new)
        same = before is not None and now is not None and before.content == now.content
        if same and now is not None:
            stamps[new] = volumes.lasting(now)
        if not same or before is None or now is None or before.sidecar != now.sidecar:
            again.append(Job(root, new))
    restamp(tx.connection, root.id, stamps)
    return news, again
