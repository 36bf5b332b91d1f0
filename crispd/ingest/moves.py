"""Many photos that have moved at once: rows get new paths, nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.ingest.jobs import Job
from crispd.watch.walk import stamp_of

if TYPE_CHECKING:
    from crispd.ingest.jobs import MovedFolder
    from crispd.store.writes import WriteTransaction
    from crispd.types import Root


def pairs_below(change: MovedFolder, tx: WriteTransaction) -> list[tuple[str, str]]:
    """(old, new) of every photo known below a folder that was moved."""
    start = len(change.old)
    return [
        (path, change.new + path[start:]) for path in tx.paths_under(change.root.id, change.old)
    ]


def relocate(
    root: Root, pairs: list[tuple[str, str]], tx: WriteTransaction
) -> tuple[list[str], list[Job]]:
    """Give rows new paths; the new paths, and jobs for what needs another look.

    A row goes along as soon as its old file is gone, even where the new one is not there: then a
    later move has taken it further, or a look at it finds that it is gone.
    """
    gone = [(old, new) for old, new in pairs if stamp_of(root.path, old) is None]
    moved = tx.move_photos(root, gone)
    news, again = [], []
    for old, new in pairs:
        if old in moved:
            news.append(new)
        else:  # it was not known, or is there again
            again.append(Job(root, old))
        if moved.get(old) != stamp_of(root.path, new):
            again.append(Job(root, new))
    return news, again
