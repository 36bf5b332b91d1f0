"""The effect of each change on the database.

Every change is checked against the disk at the moment it is committed, so the order in which
events and finished work arrive can neither resurrect a deleted photo nor delete one that came
back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.images.formats import is_raw
from crispd.images.metadata.file_dates import capture_time_of_file
from crispd.ingest.bulk_moves import pairs_below, relocate
from crispd.ingest.raw_pairs import RawJpegPairs, is_pair
from crispd.ingest.stages.jobs import (
    Change,
    EncodedChange,
    FailedChange,
    HashedJob,
    Job,
    LinkedChange,
    MovedChange,
    MovedFolderChange,
    PairedChange,
    RelocatedChange,
    RemovedChange,
    StampedChange,
)
from crispd.store.stamps import restamp
from crispd.watch.presence import why_absent
from crispd.watch.volumes import StableStamps
from crispd.watch.walk import is_folder, stamp_of

if TYPE_CHECKING:
    from crispd.store.writing.writes import WriteTransaction
    from crispd.types import CaptureKey, Root


@dataclass(slots=True)
class ChangeEffects:
    """Work for after the commit; dropped if the transaction fails.

    ``siblings``: what lies beside what, as it was when the transaction began. ``volumes``: what
    of a stamp is kept.
    """

    siblings: RawJpegPairs
    volumes: StableStamps = field(default_factory=StableStamps)
    settled: list[str | None] = field(default_factory=list)
    look_again: list[Job] = field(default_factory=list)
    rescan: list[tuple[int, str]] = field(default_factory=list)
    moved: int = 0
    removed: int = 0


def apply_change(change: Change, tx: WriteTransaction, pack: str, effects: ChangeEffects) -> None:
    """Write one change of any kind."""
    match change:
        case EncodedChange():
            _encoded(change, tx, pack, effects)
        case LinkedChange():
            _linked(change, tx, effects)
        case PairedChange():
            _paired(change, tx, effects)
        case FailedChange():
            _failed(change, tx, effects)
        case MovedChange():
            _moved(change, tx, effects)
        case MovedFolderChange():
            _relocated(change.root, pairs_below(change, tx), tx, effects)
            effects.rescan.append((change.root.id, change.new))
        case RelocatedChange():
            _relocated(change.root, list(change.pairs), tx, effects)
        case StampedChange():
            restamp(tx.connection, change.root.id, dict(change.stamps))
        case RemovedChange(unwanted=True):
            effects.removed += tx.remove_photos(change.root.id, change.paths)
        case RemovedChange():
            _removed(change.root, change.paths, tx, effects, confirmed=change.confirmed)


def _encoded(
    change: EncodedChange, tx: WriteTransaction, pack: str, effects: ChangeEffects
) -> None:
    hashed, photo = change.decoded.hashed, change.decoded.photo
    encoded = change.encoded
    tx.save_encoded(hashed.content_hash, pack, photo.metadata, encoded.embedding, encoded.tokens)
    _link(hashed, tx, "encoded", effects)


def _linked(change: LinkedChange, tx: WriteTransaction, effects: ChangeEffects) -> None:
    if change.metadata is None:
        _link(change.hashed, tx, "linked", effects)
        return
    tx.save_metadata(change.hashed.content_hash, change.metadata)
    _link(change.hashed, tx, None, effects)


def _link(
    hashed: HashedJob, tx: WriteTransaction, what: str | None, effects: ChangeEffects
) -> None:
    job = hashed.job
    effects.settled.append(what)
    if stamp_of(job.root.path, job.path) == hashed.stamp:
        by_file = capture_time_of_file(job.path, hashed.stamp.mtime_ns)
        stamp = effects.volumes.lasting(hashed.stamp)
        tx.save_photo(job.root, job.path, stamp, hashed.content_hash, by_file, hashed.sidecar)
        _count_once(job.root, job.path, tx, effects)
    else:  # changed, moved or deleted since it was read
        effects.look_again.append(Job(job.root, job.path))


def _failed(change: FailedChange, tx: WriteTransaction, effects: ChangeEffects) -> None:
    job = change.job
    effects.settled.append("failed")
    if stamp_of(job.root.path, job.path) is not None:
        stamp = change.stamp and effects.volumes.lasting(change.stamp)
        tx.save_failure(job.root, job.path, stamp, change.error.code, str(change.error))
        _count_once(job.root, job.path, tx, effects)


def _moved(change: MovedChange, tx: WriteTransaction, effects: ChangeEffects) -> None:
    stamp = stamp_of(change.root.path, change.new)
    if stamp is not None:
        by_file = capture_time_of_file(change.new, stamp.mtime_ns)
        effects.moved += tx.move_photo(change.root, change.old, change.new, by_file)
        restamp(tx.connection, change.root.id, {change.new: effects.volumes.lasting(stamp)})
        _count_once(change.root, change.new, tx, effects)
    # Whatever the event said, the disk decides: a look at the stamp is cheap and settles it.
    effects.look_again.append(Job(change.root, change.new))
    _removed(change.root, (change.old,), tx, effects)


def _relocated(
    root: Root, pairs: list[tuple[str, str]], tx: WriteTransaction, effects: ChangeEffects
) -> None:
    news, again = relocate(root, pairs, tx, effects.volumes)
    effects.moved += len(news)
    effects.look_again += again
    for new in news:
        _count_once(root, new, tx, effects)


def _removed(
    root: Root,
    paths: tuple[str, ...],
    tx: WriteTransaction,
    effects: ChangeEffects,
    *,
    confirmed: bool = False,
) -> None:
    if why_absent(root.path, had_photos=not confirmed) is not None:
        return  # the root itself is gone, or its drive is: offline, not deleted
    gone = [path for path in paths if stamp_of(root.path, path) is None]
    effects.removed += tx.remove_photos(root.id, gone)
    for path in gone:
        if is_raw(path):
            tx.forget_paired(root.id, path)
        if not is_folder(root.path, path):
            effects.removed += tx.remove_under(root.id, path)
        # A RAW that the path stood for is a photo of its own now.
        effects.look_again += [Job(root, raw) for raw in effects.siblings.raws(root, path)]
    came_back = set(paths).difference(gone)
    effects.look_again.extend(Job(root, path) for path in came_back)


def _paired(change: PairedChange, tx: WriteTransaction, effects: ChangeEffects) -> None:
    """Whatever was true when the RAW was read, it stays where nothing stands for it now."""
    job = change.job
    if stamp_of(job.root.path, job.path) is None:
        tx.forget_paired(job.root.id, job.path)
    elif _stands_for(job.root, job.path, change.capture, tx, effects):
        tx.save_paired(job.root.id, job.path, change.stamp, change.capture)
    else:
        effects.look_again.append(job)


def _count_once(root: Root, path: str, tx: WriteTransaction, effects: ChangeEffects) -> None:
    """After the row of ``path`` was written: of a RAW and the picture beside it, one stays.

    In the same transaction, so no search finds both. What is excluded leaves here, too: the rules
    hold from when they are read, and the scan that follows them may have been before this row, or
    is still to come.
    """
    excluded = effects.siblings.excluded(root, path)
    if excluded:
        effects.removed += tx.remove_photos(root.id, excluded)
        # A scan that no longer finds them excluded may still have seen their rows.
        effects.look_again += [Job(root, each) for each in excluded]
    if path in excluded:
        return
    if is_raw(path):
        _remove_paired(root, path, tx, effects)
        return
    for raw in effects.siblings.raws(root, path):
        # One without a row was kept back until this was read; where this cannot be read, better the
        # RAW than nothing.
        if not _remove_paired(root, raw, tx, effects):
            effects.look_again.append(Job(root, raw))


def _remove_paired(root: Root, raw: str, tx: WriteTransaction, effects: ChangeEffects) -> bool:
    """Whether a RAW had a row; it has none any more where a picture stands for it."""
    capture, stamp = tx.capture_of(root.id, raw), stamp_of(root.path, raw)
    if capture is None or stamp is None:
        return False
    if _stands_for(root, raw, capture, tx, effects):
        tx.save_paired(root.id, raw, stamp, capture)
    return True


def _stands_for(
    root: Root, raw: str, capture: CaptureKey, tx: WriteTransaction, effects: ChangeEffects
) -> bool:
    pictures = effects.siblings.developed(root, raw)
    found = (tx.capture_of(root.id, picture) for picture in pictures)
    return any(each is not None and is_pair(capture, each) for each in found)
