"""The data folder itself: made, marked, and told apart from folders of photos."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from crispd.errors import ConfigError
from crispd.store.data_dir.path_claim import PathClaim
from crispd.store.data_dir.permissions import FOLDER, make_private

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

# Walks of every crispd pass over a folder that has it (watch/exclusion/app_folders.py has the name
# as well).
MARKER = ".crispd-data"
_MARKED = (
    "This folder belongs to crispd: what it knows of photos, their index and thumbnails.\n"
    "Nothing in it is taken for a photo while this file is here.\n"
)
# As bford.info/cachedir has it: backups may pass over what is made again of the database.
_CACHE_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Made by crispd; it makes again what lies here. See https://bford.info/cachedir/\n"
)
_CACHES = ("thumbnails", "index")


def make_data_folder(folder: Path) -> None:
    """Make it where it is not there, mark it, and see that it is private.

    Raises ConfigError, and StorageLocked where a crispd runs whose folder was there: who puts that
    back must find the path free.
    """
    if not folder.exists():
        PathClaim(folder).close()
    try:
        folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The data folder {folder} cannot be made: {error.strerror}. "
            "Choose another one with CRISPD_DATA_DIR."
        ) from error
    with contextlib.suppress(OSError):  # read-only or full: it is told by its other files
        _write_once(folder / MARKER, _MARKED)
        for name in _CACHES:
            (folder / name).mkdir(mode=FOLDER, exist_ok=True)
            _write_once(folder / name / "CACHEDIR.TAG", _CACHE_TAG)
    make_private(folder)


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")
