"""Repair: everything readable of a damaged database, put in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.default_data_dir import DATABASE
from crispd.errors import NotFound, StorageLocked
from crispd.recovery.data_folder import exclusive_use, too_new
from crispd.recovery.replace_database import put_in_place
from crispd.recovery.salvage import salvage
from crispd.store.inspection.inspect import inspect_database

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.recovery.data_folder import BackupResult


def repair(data_dir: Path) -> BackupResult | None:
    """Save what can be read of a damaged database; None where nothing is wrong with it.

    The damaged one is kept. Raises CrispdError.
    """
    database = data_dir / DATABASE
    if not database.exists():
        raise NotFound(f"There is no database in {data_dir}.")
    with exclusive_use(data_dir):
        found = inspect_database(database, thorough=True)
        if found.is_newer and not found.wrong:
            raise too_new(database, found)
        if found.busy:
            raise StorageLocked(f"Another process holds {database}. Close it first.")
        if not found.wrong:
            return None
        new = database.with_name(f"{DATABASE}.saved")
        salvage(database, new)
        return put_in_place(database, new, "damaged")
