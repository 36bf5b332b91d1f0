"""The photo folders of the settings: which are watched, and which are refused."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from crispd.default_data_dir import DATABASE
from crispd.errors import ConfigError
from crispd.store.data_dir.creation import make_data_folder
from crispd.store.inspection.known_roots import known_roots
from crispd.watch.identity import is_same
from crispd.watch.path_errors import why_no_folder
from crispd.watch.placement import (
    is_same_folder,
    lies_in,
    own_files_as_photos,
)
from crispd.watch.presence import why_absent

if TYPE_CHECKING:
    from collections.abc import Collection

    from crispd.config import Settings
    from crispd.store.database import Database
    from crispd.types import Root

log = logging.getLogger(__name__)

_NO_FOLDER = (
    "No photo folder is given. Name one or more: crispd serve ~/Pictures, or "
    "CRISPD_FOLDERS=/srv/photos:/srv/more"
)


def ensure_roots(database: Database, folders: list[str]) -> list[Root]:
    """Watch the given folders and no others; where none is given, those that were watched last.

    What is known of others is kept: named again, they are there as they were.

    A folder that is not there is refused when it is new, a slip of the pen most likely, and
    accepted when it is known: its drive may come back. A new one that has the files of a known one
    that is gone takes its place, and nothing is read again.
    """
    reader = database.read()
    if not folders:
        if not (watched := reader.watched()):
            raise ConfigError(_NO_FOLDER)
        return watched
    known = {root.path for root in reader.roots()}
    wanted = _once([_absolute(folder) for folder in folders])
    _refuse_nested(wanted)
    _refuse_wrong(wanted, known)
    moved = {path: _known_elsewhere(database, path, wanted) for path in wanted if path not in known}
    with database.write() as tx:
        for path, root in moved.items():
            if root is not None:
                log.info("%s is taken for %s, which has moved", path, root.path)
                tx.relocate_root(root, path)
        found = [tx.ensure_root(path) for path in wanted]
        dropped = tx.watch(found)
    for root in dropped:
        log.warning(
            "%s is not among the folders any more: its photos are kept, and seen nowhere until it "
            "is named again",
            root.path,
        )
    return found


def prepare_folders(settings: Settings) -> None:
    """The data folder is there, and the photo folders are right, before anything is opened.

    Raises ConfigError for what ``ensure_roots`` would refuse, and StorageLocked.
    """
    _refuse_wrong_folders(settings)
    make_data_folder(settings.data_dir)


def _refuse_wrong_folders(settings: Settings) -> None:
    """A database that cannot be asked now is asked when it is opened."""
    wanted = [_absolute(folder) for folder in settings.folders]
    try:
        known = known_roots(settings.data_dir / DATABASE)
    except OSError:  # a data folder of another user: opening it says so
        return
    if known is None:
        return
    if not wanted and not known:
        raise ConfigError(_NO_FOLDER)
    _refuse_wrong(wanted, known)


def _refuse_wrong(wanted: list[str], known: Collection[str]) -> None:
    for path in wanted:
        if (sentence := own_files_as_photos(path)) is not None:
            raise ConfigError(sentence)
        if path not in known and (why := why_no_folder(path)):
            raise ConfigError(why)


def _known_elsewhere(database: Database, path: str, wanted: list[str]) -> Root | None:
    """The root that a new folder was before: one that is gone and has the same files."""
    reader = database.read()
    for root in reader.roots():
        gone = root.path not in wanted and why_absent(root.path, had_photos=True) is not None
        if gone and is_same(path, reader.known_files(root.id)):
            return root
    return None


def _absolute(folder: str) -> str:
    return os.path.abspath(os.path.expanduser(folder))  # noqa: PTH100, PTH111 - links stay what they are


def _once(paths: list[str]) -> list[str]:
    """Each folder once, also where links or mounts give it several names."""
    found: list[str] = []
    for path in dict.fromkeys(paths):
        twin = next((other for other in found if is_same_folder(path, other)), None)
        if twin is None:
            found.append(path)
        else:
            log.warning(
                "%s is the same folder as %s, by another name; it is taken once", path, twin
            )
    return found


def _refuse_nested(paths: list[str]) -> None:
    for inner in paths:
        for outer in paths:
            if inner != outer and lies_in(inner, outer):
                raise ConfigError(
                    f"The folder {inner} lies inside {outer}; give only the outer one."
                )
