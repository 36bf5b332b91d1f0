"""Many photos that have moved at once: rows get new paths, nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def relocate(root: Root, pairs: list[tuple[str, str]], tx: WriteTransaction) -> int:
    """Give rows new paths where the disk says so; how many.

    A pair whose new file is not there, or whose old one is, stays as it is: events come late, and a
    look at each path settles it.
    """
    moved = [
        (old, new)
        for old, new in pairs
        if stamp_of(root.path, new) is not None and stamp_of(root.path, old) is None
    ]
    return tx.move_photos(root, moved)
