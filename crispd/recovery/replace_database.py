"""Another database in place of the one that is there, which is kept beside it."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from typing import TYPE_CHECKING

from crispd.store.database_copy import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

_LOGS = ("-wal", "-shm")


def name_beside(database: Path, why: str) -> Path:
    """``crispd.sqlite3.damaged-20261124-135032``: nothing that is there is ever overwritten."""
    moment = datetime.now().strftime("%Y%m%d-%H%M%S")  # noqa: DTZ005 - for people, local time
    beside = database.with_name(f"{database.name}.{why}-{moment}")
    number = 1
    while beside.exists():
        number += 1
        beside = database.with_name(f"{database.name}.{why}-{moment}-{number}")
    return beside


def replace_database(database: Path, new: Path, beside: Path) -> None:
    """``new`` takes the place of ``database``, which with its logs goes to ``beside``.

    There is a database under that name at every moment. Raises OSError.
    """
    if database.exists():
        # Logs first: they would be taken for those of the new one.
        for log in _LOGS:
            path = database.with_name(database.name + log)
            if path.exists():
                path.replace(beside.with_name(beside.name + log))
        try:
            os.link(database, beside)
        except OSError:  # file systems without hard links
            shutil.copy2(database, beside)
    new.replace(database)
    sync_folder(database.parent)
