"""All checks, in the order in which they matter to a person."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crispd.doctor.data import check_database, check_index, check_pack
from crispd.doctor.findings import Finding, warning
from crispd.doctor.folders import check_dropped, check_folders, check_placement
from crispd.doctor.machine import check_machine
from crispd.doctor.thumbnail_cache import ThumbnailSettings, check_thumbnails
from crispd.pack_switch.places import PackPlaces
from crispd.store.inspection.inspect import inspect_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def examine(
    data_dir: Path,
    folders: Sequence[str],
    pack: str,
    thumbnails: ThumbnailSettings,
    exclude: Sequence[str] = (),
) -> Iterator[Finding]:
    """Findings one after the other. ``folders``: of the settings; without any, those known.

    ``exclude``: patterns of the settings.
    """
    found = inspect_database(data_dir / "crispd.sqlite3")
    wanted = [os.path.abspath(os.path.expanduser(path)) for path in folders]  # noqa: PTH100, PTH111
    watched = wanted or [path for path in found.known if path not in found.dropped]
    known = {path: found.known.get(path, {}) for path in watched}
    if not known:
        yield warning("folders", "none is given", "crispd serve ~/Pictures, or CRISPD_FOLDERS.")
    yield from check_placement(str(data_dir), known)
    yield from check_folders(known, exclude=exclude)
    yield from check_dropped({p: n for p, n in found.dropped.items() if p not in known})
    yield from check_machine(data_dir)
    finding, pack_id = check_pack(pack, found.choice, PackPlaces(data_dir / "packs"))
    yield finding
    yield check_database(found)
    yield from check_index(data_dir / "index", found, pack_id)
    yield from check_thumbnails(data_dir / "thumbnails", found, thumbnails)
