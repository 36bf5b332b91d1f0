"""What a change writes where the rules of what is excluded have changed since it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from crispd.errors import PhotoError
from crispd.ingest.raw_pairs import RawJpegPairs
from crispd.ingest.stages.apply_change import ChangeEffects, apply_change
from crispd.ingest.stages.jobs import (
    Change,
    FailedChange,
    HashedJob,
    Job,
    LinkedChange,
    MovedChange,
    RelocatedChange,
)
from crispd.store.database import Database
from crispd.types import PhotoMetadata, Root
from crispd.watch.walk import stamp_of

PACK = "p@1"
RAW, PICTURE = "c.dng", "C.jpg"

Ignored = Callable[[int, str], bool]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "crispd.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def root(tmp_path: Path, database: Database) -> Root:
    """A RAW and a picture of one name in each of two folders, of known contents."""
    photos = tmp_path / "photos"
    for folder in (photos, photos / "sub"):
        folder.mkdir()
        for name in (RAW, PICTURE):
            (folder / name).write_bytes(b"x")
    with database.write() as tx:
        for name in (RAW, PICTURE):
            tx.save_encoded(name, PACK, PhotoMetadata(4, 3, "jpeg"), np.ones(4, np.float32), None)
        return tx.ensure_root(str(photos))


def linked(root: Root, path: str) -> LinkedChange:
    stamp = stamp_of(root.path, path)
    assert stamp is not None
    return LinkedChange(HashedJob(Job(root, path), stamp, path.rpartition("/")[2]))


def failed(root: Root, path: str) -> FailedChange:
    return FailedChange(Job(root, path), stamp_of(root.path, path), PhotoError("damaged"))


def write(database: Database, change: Change, ignored: Ignored = lambda *_: False) -> ChangeEffects:
    effects = ChangeEffects(RawJpegPairs(ignored))
    with database.write() as tx:
        apply_change(change, tx, PACK, effects)
    return effects


def paths(database: Database, root: Root) -> set[str]:
    return set(database.read().known_files(root.id))


def only(*excluded: str) -> Ignored:
    return lambda _, path: path in excluded


@pytest.mark.parametrize(("first", "second"), [(RAW, PICTURE), (PICTURE, RAW)])
def test_the_other_of_a_pair_is_excluded_by_now(
    database: Database, root: Root, first: str, second: str
) -> None:
    """Its row waits for a scan that removes it, and no search finds both until then."""
    write(database, linked(root, first))
    effects = write(database, linked(root, second), only(first))
    assert paths(database, root) == {second}
    assert effects.removed == 1
    assert Job(root, first) in effects.look_again  # the rules may have changed again


@pytest.mark.parametrize("make", [linked, failed])
@pytest.mark.parametrize(("shown", "late"), [(RAW, PICTURE), (PICTURE, RAW)])
def test_what_was_excluded_while_it_was_read(
    database: Database, root: Root, make: Callable[[Root, str], Change], shown: str, late: str
) -> None:
    """The scan that follows the rules was there before: nothing would remove it."""
    write(database, linked(root, shown))
    write(database, make(root, late), only(late))
    assert paths(database, root) == {shown}


@pytest.mark.parametrize("kind", [MovedChange, RelocatedChange])
def test_what_was_moved_beside_the_other_of_a_pair(
    database: Database, root: Root, kind: type[MovedChange] | type[RelocatedChange]
) -> None:
    old, new = f"sub/{PICTURE}", PICTURE
    write(database, linked(root, old))
    write(database, linked(root, RAW), only(new))
    Path(root.path, old).replace(Path(root.path, new))
    moved = (
        MovedChange(root, old, new) if kind is MovedChange else RelocatedChange(root, ((old, new),))
    )
    write(database, moved, only(RAW))
    assert paths(database, root) == {new}


def test_rules_that_change_during_a_transaction(database: Database, root: Root) -> None:
    """Whether the RAW is excluded is asked once: it leaves, for one reason or the other."""
    for answers in ([False, True], [True, False]):
        write(database, linked(root, RAW))
        said = iter(answers)

        def ignored(_: int, path: str, said: Iterator[bool] = said) -> bool:
            return path == RAW and next(said)

        write(database, linked(root, PICTURE), ignored)
        assert paths(database, root) == {PICTURE}
        with database.write() as tx:
            tx.remove_photos(root.id, [PICTURE])
